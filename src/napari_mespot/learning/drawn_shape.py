"""Drawn people: signals of the shape of a face over time, with exact truth.

What the context network learns from. No picture is drawn, only what the mesh would measure of a
face and what the two-stream network would say of it, so that thousands of minutes cost little.
"""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from napari_mespot.face.shape import SHAPE_SIGNALS
from napari_mespot.learning.drawn_shape_disturbances import (
    add_blinks,
    add_gazes,
    add_hands,
    add_head,
    add_measurement,
    add_person,
    add_speech,
    add_swallows,
    draw_head,
)
from napari_mespot.learning.drawn_shape_events import draw_expressions, draw_situation, form_of
from napari_mespot.learning.drawn_shape_params import DrawnShapeParams, Mode
from napari_mespot.learning.drawn_shape_units import PAIRS
from napari_mespot.learning.drawn_streams import draw_logits
from napari_mespot.model import Annotation, Expression, Interval

__all__ = ["DrawnShape", "draw_shape_sequence", "mirrored"]


@dataclass(frozen=True, eq=False, slots=True)
class DrawnShape:
    """One drawn person over some seconds.

    Parameters
    ----------
    mode
        What the person does.
    frame_rate
        Frames to a second.
    times
        Shape (n,), of the frames, in seconds; the first is 0.
    shape
        Shape (n, 26), float32, as :data:`napari_mespot.face.shape.SHAPE_SIGNALS`.
    logits
        Shape (n, 2), float32: those of the two-stream network, ME and MaE.
    expressions
        The truth, in order and apart; the kind goes by length (ME up to 0.5 s).
    """

    mode: Mode
    frame_rate: float
    times: NDArray[np.float64]
    shape: NDArray[np.float32]
    logits: NDArray[np.float32]
    expressions: tuple[Expression, ...]

    @property
    def annotation(self) -> Annotation:
        """The truth as of a video that somebody has gone through."""
        return Annotation(
            "drawn",
            n_frames=len(self.times),
            frame_rate=Fraction(self.frame_rate).limit_denominator(1001),
            expressions=self.expressions,
            reviewed=(Interval(0, len(self.times) - 1),),
        )


def draw_shape_sequence(params: DrawnShapeParams, rng: np.random.Generator) -> DrawnShape:
    """Draw one person over some seconds.

    Parameters
    ----------
    params
        What people do, how often and how much.
    rng
        Where all draws come from: the same state gives the same sequence.

    Returns
    -------
    Signals, logits and truth, all finite.
    """
    situation = draw_situation(params, rng)
    expressions = draw_expressions(params, situation, rng)
    form, missed = form_of(expressions, len(situation.times))
    add_speech(form, situation, params.speech, rng)
    for add in (add_blinks, add_gazes, add_swallows):
        add(form, situation, params.eyes, rng)
    angles = draw_head(situation, params.head, rng)
    add_head(form, angles, situation, params.head, rng)
    motion = np.concatenate([form, angles], axis=1)
    logits = draw_logits(params.streams, situation, motion, expressions, rng)
    form -= missed
    add_measurement(form, situation, params.disturbances, rng)
    add_hands(form, situation, params.disturbances, rng)
    add_person(form, params.disturbances, rng)
    return DrawnShape(
        mode=situation.mode,
        frame_rate=situation.frame_rate,
        times=situation.times,
        shape=np.concatenate([form, angles], axis=1).astype(np.float32),
        logits=logits.astype(np.float32),
        expressions=tuple(one.truth(situation.frame_rate) for one in expressions),
    )


_SWAPPED = np.arange(len(SHAPE_SIGNALS))
for _right, _left in PAIRS:
    _SWAPPED[_right], _SWAPPED[_left] = _left, _right
_TURNED = ("mouth_to_left", "yaw_deg", "roll_deg")
_SIGN = np.array([-1 if name in _TURNED else 1 for name in SHAPE_SIGNALS], np.float32)


def mirrored(shape: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the signals, (..., 26), of the face as a mirror shows it."""
    return np.asarray(shape[..., _SWAPPED] * _SIGN, dtype=np.float32)
