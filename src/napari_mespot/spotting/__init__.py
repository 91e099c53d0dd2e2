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
from napari_mespot.spotting.uncertainty_params import UncertaintyParams

if TYPE_CHECKING:
    from napari_mespot.spotting.detection import (
        Found,
        find_expressions,
        search_expressions,
    )
    from napari_mespot.spotting.evidence import Evidence
    from napari_mespot.spotting.inference import (
        ScoresCallback,
        evidence_logits,
        gather_evidence,
        score_evidence,
        score_faces,
    )
    from napari_mespot.spotting.lengths import is_long
    from napari_mespot.spotting.review_order import (
        ScoredVideo,
        Stretch,
        find_stretches,
        rank_stretches,
    )
    from napari_mespot.spotting.smoothing import smooth
    from napari_mespot.spotting.spotter import (
        SpottingResult,
        find_in_scores,
        spot_faces,
        spot_video,
    )
    from napari_mespot.spotting.uncertainty import Doubt, Reason, find_doubts

__all__ = [
    "DetectionParams",
    "Doubt",
    "Evidence",
    "Found",
    "KindDetectionParams",
    "Reason",
    "ScoredVideo",
    "ScoresCallback",
    "SmoothingParams",
    "SpottingParams",
    "SpottingResult",
    "Stretch",
    "UncertaintyParams",
    "evidence_logits",
    "find_doubts",
    "find_expressions",
    "find_in_scores",
    "find_stretches",
    "gather_evidence",
    "is_long",
    "rank_stretches",
    "score_evidence",
    "score_faces",
    "search_expressions",
    "smooth",
    "spot_faces",
    "spot_video",
]

_HOMES = {
    "Doubt": "uncertainty",
    "Evidence": "evidence",
    "Found": "detection",
    "Reason": "uncertainty",
    "ScoredVideo": "review_order",
    "ScoresCallback": "inference",
    "SpottingResult": "spotter",
    "Stretch": "review_order",
    "evidence_logits": "inference",
    "find_doubts": "uncertainty",
    "find_expressions": "detection",
    "find_in_scores": "spotter",
    "find_stretches": "review_order",
    "gather_evidence": "inference",
    "is_long": "lengths",
    "rank_stretches": "review_order",
    "score_evidence": "inference",
    "score_faces": "inference",
    "search_expressions": "detection",
    "smooth": "smoothing",
    "spot_faces": "spotter",
    "spot_video": "spotter",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
