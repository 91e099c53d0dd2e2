"""Drawn faces that move in known ways, for training data, samples and tests."""

from napari_mespot.frames.synthetic.action_units import ACTION_UNITS, Side, action_unit_field
from napari_mespot.frames.synthetic.creases import crease_picture
from napari_mespot.frames.synthetic.distractors import (
    blink_field,
    gaze_field,
    head_turn_field,
    sniff_field,
    speech_field,
    swallow_field,
)
from napari_mespot.frames.synthetic.drawing import FaceState, draw_aligned_face, draw_face
from napari_mespot.frames.synthetic.dynamics import (
    TimeCourse,
    blink_course,
    profile,
    random_course,
    speech_course,
)
from napari_mespot.frames.synthetic.head_motion import HeadMotion, Turn
from napari_mespot.frames.synthetic.identity import FaceIdentity, face_points
from napari_mespot.frames.synthetic.population import random_identity
from napari_mespot.frames.synthetic.sample import SAMPLE_RATES, sample_path, sample_sequence
from napari_mespot.frames.synthetic.script import (
    Blink,
    FaceScript,
    GazeShift,
    ScriptedExpression,
    ScriptedUnit,
    Speech,
)
from napari_mespot.frames.synthetic.sequence import Scene, SyntheticSequence
from napari_mespot.frames.synthetic.warping import inverse_displacement, warp_image

__all__ = [
    "ACTION_UNITS",
    "SAMPLE_RATES",
    "Blink",
    "FaceIdentity",
    "FaceScript",
    "FaceState",
    "GazeShift",
    "HeadMotion",
    "Scene",
    "ScriptedExpression",
    "ScriptedUnit",
    "Side",
    "Speech",
    "SyntheticSequence",
    "TimeCourse",
    "Turn",
    "action_unit_field",
    "blink_course",
    "blink_field",
    "crease_picture",
    "draw_aligned_face",
    "draw_face",
    "face_points",
    "gaze_field",
    "head_turn_field",
    "inverse_displacement",
    "profile",
    "random_course",
    "random_identity",
    "sample_path",
    "sample_sequence",
    "sniff_field",
    "speech_course",
    "speech_field",
    "swallow_field",
    "warp_image",
]
