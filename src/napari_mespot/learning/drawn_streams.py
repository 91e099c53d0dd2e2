"""The logits of the two-stream network on a drawn person, by how it behaves on real ones.

The two streams compare each frame with frames at fixed distances. So the logit of MaE rises with
any movement against those, an echo included, and that of ME where something small and brief
stands alone. The context network learns from drawn logits how far it may trust real ones.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from napari_mespot.learning.drawn_shape_courses import (
    ease,
    log_uniform,
    occasions,
    plateau,
    smooth_noise,
    uniform,
)
from napari_mespot.learning.drawn_shape_events import DrawnExpression, Situation
from napari_mespot.learning.drawn_shape_params import StreamParams
from napari_mespot.learning.drawn_shape_units import N_FORM, columns_of

__all__ = ["draw_logits"]

_Array = NDArray[np.float64]
_Random = np.random.Generator

# How well a movement shows in the picture; that of the mouth is large for what it shows.
_SHOWN = np.ones(N_FORM)
_SHOWN[11:N_FORM] = 0.6
_SHOWN[columns_of("mouth_to_left")] = 1.0
_SHOWN[columns_of("mouth_forward")] = 0.5
_MOST_MOVED = 4
_BESIDE_S = 1.3


def draw_logits(
    params: StreamParams,
    situation: Situation,
    motion: _Array,
    expressions: tuple[DrawnExpression, ...],
    rng: _Random,
) -> _Array:
    """Draw the logits of ME and MaE.

    Parameters
    ----------
    params
        How the two streams behave.
    situation
        Frames and their times.
    motion
        Shape (n, 26): all that the face does, in pixels and degrees, before it is measured.
    expressions
        Those of the sequence.
    rng
        Where draws come from.

    Returns
    -------
    Shape (n, 2), raw logits of ME and MaE, before calibration.
    """
    shown = motion.copy()
    shown[:, :N_FORM] *= _SHOWN
    # The crop turns with the head, so that little of the pose is left.
    shown[:, N_FORM:] *= rng.uniform(0.05, 0.25)
    moved = _against_references(shown, params, situation.frame_rate)
    macro = _macro(params, situation, moved, expressions, rng)
    micro = _micro(params, situation, moved, rng)
    for expression in expressions:
        if rng.random() >= params.me_missed_share:
            _add_micro(micro, shown, expression, (params, situation), rng)
    return np.stack([micro, macro], axis=1)


def _against_references(shown: _Array, params: StreamParams, frame_rate: float) -> _Array:
    """Return how much the signals that moved most differ from a reference frame, (n,)."""
    frames = np.arange(len(shown))
    moved = np.zeros(len(shown))
    for skip_s in params.skips_s:
        skip = max(1, round(skip_s * frame_rate))
        later = np.minimum(frames + skip, len(shown) - 1)
        earlier = np.maximum(frames - skip, 0)
        for other in (later, earlier):
            squares = np.partition((shown - shown[other]) ** 2, -_MOST_MOVED, axis=1)
            moved = np.maximum(moved, squares[:, -_MOST_MOVED:].sum(axis=1))
    return np.sqrt(moved)


def _macro(
    params: StreamParams,
    situation: Situation,
    moved: _Array,
    expressions: tuple[DrawnExpression, ...],
    rng: _Random,
) -> _Array:
    truth = np.zeros(len(moved))
    for expression in expressions:
        truth[expression.seen.onset : expression.seen.offset + 1] = 1
    gain, knows = np.exp(rng.normal(0, 0.35)), uniform(rng, params.mae_knows)
    rise = params.mae_logit * _sated((moved * gain - 0.35) / 1.8)
    told = knows * np.where(truth > 0, 1.6, -1.0) * _sated(moved)
    wander = _wander(rng, situation, 0.25) * rng.uniform(0.1, 0.5)
    wander += _wander(rng, situation, 0.25) * _sated(moved / 1.5) * rng.uniform(0.3, 1.3)
    return np.asarray(params.rest_logits[1] + rise + told + wander)


def _micro(params: StreamParams, situation: Situation, moved: _Array, rng: _Random) -> _Array:
    """Return the logit of ME beside brief small expressions: other movement lowers it."""
    logit = params.rest_logits[0] - rng.uniform(1, 4) * _sated(moved / 4)
    restless = 0.15 + _sated(moved / 2) * rng.uniform(0.3, 1.2)
    logit = logit + _wander(rng, situation, 0.2) * restless
    for onset in occasions(rng, params.me_false_hz, (0, situation.end_s)):
        length = log_uniform(rng, (0.1, 0.5))
        bump = plateau(situation.times, (onset, onset + length), length / 2, length / 2)
        logit[bump.frames] += rng.uniform(1, 5) * bump.values
    return np.asarray(logit)


def _add_micro(
    logit: _Array,
    shown: _Array,
    expression: DrawnExpression,
    setting: tuple[StreamParams, Situation],
    rng: _Random,
) -> None:
    """Add the rise of the logit of ME at an expression, if it is brief and small."""
    params, situation = setting
    onset, offset = expression.span_s
    size, rate = expression.size_px, situation.frame_rate
    if offset - onset > params.me_longest_s or size >= params.me_largest_px:
        return
    height = rng.normal(*params.me_logit) * np.tanh(size / 1.1)
    height *= np.exp(-max(0.0, size - 2.8) * rng.uniform(0.4, 1.2))
    beside = _range_beside(shown, expression, rate)
    height *= np.exp(-max(0.0, beside - 1.0) * rng.uniform(0.15, 0.6))
    sigma = max(0.3, rng.uniform(0.01, 0.05) * rate)
    margin = int(4 * sigma) + 1
    values = expression.course.values
    bump = np.pad(ease(1.8 * values / max(1e-6, values.max())), margin)
    bump = height * gaussian_filter1d(bump, sigma)
    first = expression.course.first - margin
    inside = slice(max(0, -first), len(bump) - max(0, first + len(bump) - len(logit)))
    logit[first + inside.start : first + inside.stop] += bump[inside]


def _range_beside(shown: _Array, expression: DrawnExpression, frame_rate: float) -> float:
    """Return how much the signals that move most vary just before and after an expression."""
    frames, around = expression.course.frames, round(_BESIDE_S * frame_rate)
    before = shown[max(0, frames.start - around) : frames.start]
    after = shown[frames.stop : frames.stop + around]
    beside = np.concatenate([before, after])
    if len(beside) <= 2:
        return 0.0
    squares = np.sort(np.ptp(beside, axis=0) ** 2)
    return float(np.sqrt(squares[-_MOST_MOVED:].sum()))


def _wander(rng: _Random, situation: Situation, scale_s: float) -> _Array:
    return smooth_noise(rng, len(situation.times), scale_s * situation.frame_rate)[:, 0]


def _sated(values: _Array) -> _Array:
    """Return a rise that ends at 1; 0 below 0."""
    return np.asarray(np.tanh(np.maximum(values, 0)))
