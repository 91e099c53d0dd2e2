"""Parameters from raw scores to intervals. Free of torch and scipy.

They are defined beside the checkpoint that carries them, one floor below.
"""

from napari_mespot.network.spotting_params import (
    DetectionParams,
    KindDetectionParams,
    SmoothingParams,
    SpottingParams,
)

__all__ = ["DetectionParams", "KindDetectionParams", "SmoothingParams", "SpottingParams"]
