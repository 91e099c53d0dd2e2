"""The nouns: intervals, expressions, annotations and score signals."""

from napari_mespot.model.annotation import Annotation, FrameState
from napari_mespot.model.expression import Expression, ExpressionKind, ReviewStatus
from napari_mespot.model.interval import Interval, merged
from napari_mespot.model.signal import ScoreSignal

__all__ = [
    "Annotation",
    "Expression",
    "ExpressionKind",
    "FrameState",
    "Interval",
    "ReviewStatus",
    "ScoreSignal",
    "merged",
]
