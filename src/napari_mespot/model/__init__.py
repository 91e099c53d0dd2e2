"""The nouns: intervals, expressions, action units, annotations, clocks and score signals."""

from napari_mespot.model.annotation import Annotation, FrameState
from napari_mespot.model.clock import Clock, uncommon_clock
from napari_mespot.model.expression import Expression, ExpressionKind, ReviewStatus
from napari_mespot.model.facs import ACTION_UNIT_NAMES, ActionUnit, FacsCode, parse_facs
from napari_mespot.model.interval import Interval, merged
from napari_mespot.model.lengths import kind_of_length, length_remark
from napari_mespot.model.name_numbers import usual_step
from napari_mespot.model.picture_names import IMAGE_ENDINGS, PictureOrder, picture_order
from napari_mespot.model.rates import exact_rate, same_rate
from napari_mespot.model.signal import ScoreSignal
from napari_mespot.model.text import sound_text
from napari_mespot.model.video_names import (
    VIDEO_ENDINGS,
    VideoNames,
    composed,
    is_video_file,
    same_video,
    video_name,
    without_ending,
)

__all__ = [
    "ACTION_UNIT_NAMES",
    "IMAGE_ENDINGS",
    "VIDEO_ENDINGS",
    "ActionUnit",
    "Annotation",
    "Clock",
    "Expression",
    "ExpressionKind",
    "FacsCode",
    "FrameState",
    "Interval",
    "PictureOrder",
    "ReviewStatus",
    "ScoreSignal",
    "VideoNames",
    "composed",
    "exact_rate",
    "is_video_file",
    "kind_of_length",
    "length_remark",
    "merged",
    "parse_facs",
    "picture_order",
    "same_rate",
    "same_video",
    "sound_text",
    "uncommon_clock",
    "usual_step",
    "video_name",
    "without_ending",
]
