"""Data sets as laboratories receive them: folders of frames and label sheets, read only."""

from napari_mespot.io.datasets.dataset import (
    DatasetKind,
    DatasetVideo,
    LabelProblem,
    MissingOffset,
    SpottingDataset,
    kth_frame,
)

__all__ = [
    "DatasetKind",
    "DatasetVideo",
    "LabelProblem",
    "MissingOffset",
    "SpottingDataset",
    "kth_frame",
]
