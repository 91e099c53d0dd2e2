"""The nouns: intervals, expressions, action units, annotations, clocks and score signals."""

from napari_mespot.model.annotation import Annotation, FrameState
from napari_mespot.model.clock import Clock
from napari_mespot.model.expression import Expression, ExpressionKind, ReviewStatus
from napari_mespot.model.facs import ACTION_UNIT_NAMES, ActionUnit, FacsCode, parse_facs
from napari_mespot.model.interval import Interval, merged
from napari_mespot.model.signal import ScoreSignal
from napari_mespot.model.text import sound_text

__all__ = [
    "ACTION_UNIT_NAMES",
    "ActionUnit",
    "Annotation",
    "Clock",
    "Expression",
    "ExpressionKind",
    "FacsCode",
    "FrameState",
    "Interval",
    "ReviewStatus",
    "ScoreSignal",
    "merged",
    "parse_facs",
    "sound_text",
]
