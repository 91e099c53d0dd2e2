"""When one walks along an expression, and where in the clip each frame is taken."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from napari_mespot.learning.injection_plan import draw_course, draw_times, strength_at
from napari_mespot.learning.own_motions import OwnMotion
from napari_mespot.learning.walk_params import WalkParams
from napari_mespot.model import Expression, ExpressionKind, Interval

__all__ = ["PlannedWalk", "draw_walks", "walk_rows"]

_SAGGING = 0.15
_NO_WAY = 1e-9


@dataclass(frozen=True, slots=True)
class PlannedWalk:
    """A walk from rest into an expression and back.

    Parameters
    ----------
    expression
        Onset, apex, offset, kind and action units: the truth.
    hold
        Frames after the apex for which one stays there.
    size_px
        How far the skin has moved at the apex, in pixels of the 112 px crop.
    abrupt
        Whether rise and fall are minimum-jerk curves, steeper in the middle than a cosine.
    """

    expression: Expression
    hold: int
    size_px: float
    abrupt: bool

    def size_at(self, frame: int) -> float:
        """Return the displacement at a frame, above 0 from onset to offset only.

        While an expression is held it sinks a little and comes back: nobody holds a face quite
        still, and the noise of a frame held would stand still too.
        """
        share = strength_at(frame, self.expression, self.hold, abrupt=self.abrupt)
        apex = self.expression.apex
        if apex is not None and apex < frame < apex + self.hold:
            share *= 1 - _SAGGING * np.sin(np.pi * (frame - apex) / self.hold) ** 2
        return float(self.size_px * share)


def draw_walks(
    motion: OwnMotion,
    params: WalkParams,
    rng: np.random.Generator,
    n_frames: int,
    frame_rate: Fraction,
) -> tuple[PlannedWalk, ...]:
    """Draw the walks of a rendition; MaE only where the clip holds large enough movements."""
    largest = motion.largest_px
    if largest < params.mae_size_px[0]:
        params = params.model_copy(update={"mae_per_minute": 0.0})
    walks = []
    for kind, onset, length in draw_times(params, rng, n_frames, frame_rate):
        apex, hold = draw_course(params, rng, kind, length)
        low, high = params.me_size_px if kind is ExpressionKind.MICRO else params.mae_size_px
        expression = Expression(
            Interval(onset, onset + length - 1),
            kind,
            onset + apex,
            action_units=motion.label.action_units,
        )
        size = float(rng.uniform(min(low, largest), min(high, largest)))
        walks.append(PlannedWalk(expression, hold, size, abrupt=bool(rng.random() < 0.5)))
    return tuple(walks)


def walk_rows(
    motion: OwnMotion,
    walks: Sequence[PlannedWalk],
    rng: np.random.Generator,
    n_frames: int,
    frame_rate: Fraction,
) -> NDArray[np.float64]:
    """Return where in the clip of a motion each frame is taken, shape (n_frames,).

    Between walks the still frames are played to and fro. Each such stretch begins and ends at
    the last of them, or one before it; the way there and back is as long as the stretch.
    """
    step = float(motion.frame_rate / frame_rate)
    rows = np.empty(n_frames)
    start = 0
    for walk in walks:
        interval = walk.expression.interval
        n_still = interval.onset - start
        still = _still_rows(motion.base, n_still, step, rng, returns=start > 0)
        # The first one comes from anywhere: read backwards, it ends at the last still frame.
        rows[start : interval.onset] = still if start else still[::-1]
        for frame in interval.frames:
            rows[frame] = motion.row_at(walk.size_at(frame))
        start = interval.offset + 1
    rows[start:] = _still_rows(motion.base, n_frames - start, step, rng, returns=False)
    return rows


def _still_rows(
    base: int, n_frames: int, step: float, rng: np.random.Generator, *, returns: bool
) -> NDArray[np.float64]:
    """Return rows that start at `base` and go to and fro below it, and back where it `returns`."""
    way = max(0, n_frames - 1) * step
    at, gone = [0.0], [0.0]
    while (left := way - at[-1]) > _NO_WAY:
        if returns and left <= 2 * base:
            # Whole frames of the clip where they can be had: the video's own, bit for bit.
            depth = max(1.0, left // 2) if step == 1 else left / 2
        else:
            depth = float(rng.integers((base + 1) // 2, base + 1))
        at += [at[-1] + depth, at[-1] + 2 * depth]
        gone += [depth, 0.0]
    return np.asarray(base - np.interp(np.arange(n_frames) * step, at, gone))
