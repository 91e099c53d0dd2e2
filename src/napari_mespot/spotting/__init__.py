"""From faces to scores to expressions.

Importing this room imports neither torch nor scipy; using one of its functions does.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from napari_mespot.spotting.params import (
    DetectionParams,
    KindDetectionParams,
    SmoothingParams,
    SpottingParams,
)

if TYPE_CHECKING:
    from napari_mespot.spotting.detection import find_expressions, find_of_kind
    from napari_mespot.spotting.inference import ScoresCallback, score_faces
    from napari_mespot.spotting.smoothing import smooth
    from napari_mespot.spotting.spotter import (
        SpottingResult,
        find_in_scores,
        spot_faces,
        spot_video,
    )

__all__ = [
    "DetectionParams",
    "KindDetectionParams",
    "ScoresCallback",
    "SmoothingParams",
    "SpottingParams",
    "SpottingResult",
    "find_expressions",
    "find_in_scores",
    "find_of_kind",
    "score_faces",
    "smooth",
    "spot_faces",
    "spot_video",
]

_HOMES = {
    "ScoresCallback": "inference",
    "SpottingResult": "spotter",
    "find_expressions": "detection",
    "find_in_scores": "spotter",
    "find_of_kind": "detection",
    "score_faces": "inference",
    "smooth": "smoothing",
    "spot_faces": "spotter",
    "spot_video": "spotter",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
