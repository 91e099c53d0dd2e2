"""Drawn faces that move in known ways, for training data, samples and tests."""

from napari_mespot.frames.synthetic.action_units import ACTION_UNITS, Side, action_unit_field
from napari_mespot.frames.synthetic.distractors import (
    blink_field,
    gaze_field,
    head_turn_field,
    sniff_field,
    speech_field,
    swallow_field,
)
from napari_mespot.frames.synthetic.dynamics import (
    TimeCourse,
    blink_course,
    profile,
    random_course,
    speech_course,
)
from napari_mespot.frames.synthetic.warping import warp_image

__all__ = [
    "ACTION_UNITS",
    "Side",
    "TimeCourse",
    "action_unit_field",
    "blink_course",
    "blink_field",
    "gaze_field",
    "head_turn_field",
    "profile",
    "random_course",
    "sniff_field",
    "speech_course",
    "speech_field",
    "swallow_field",
    "warp_image",
]
