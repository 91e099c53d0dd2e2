"""Data sets as laboratories receive them: folders of frames and label sheets, read only."""

from napari_mespot.io.datasets.dataset import (
    DatasetKind,
    DatasetVideo,
    LabelProblem,
    MissingOffset,
    SpottingDataset,
    kth_frame,
)
from napari_mespot.io.datasets.doubts import doubts_of
from napari_mespot.io.datasets.labels import DatasetLabels
from napari_mespot.io.datasets.reading import read_dataset, read_labels
from napari_mespot.io.datasets.summary import KindSummary, summary_of

__all__ = [
    "DatasetKind",
    "DatasetLabels",
    "DatasetVideo",
    "KindSummary",
    "LabelProblem",
    "MissingOffset",
    "SpottingDataset",
    "doubts_of",
    "kth_frame",
    "read_dataset",
    "read_labels",
    "summary_of",
]
