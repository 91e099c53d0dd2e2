"""What is injected when: expressions and blinks of a rendition, and their truth."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from napari_mespot.learning.injection_fields import MovementField, draw_field, lid_closure
from napari_mespot.learning.injection_params import InjectionParams, OccurrenceParams
from napari_mespot.model import Annotation, Expression, ExpressionKind, Interval

__all__ = [
    "Content",
    "DrawField",
    "InjectionPlan",
    "PlannedBlink",
    "PlannedExpression",
    "draw_course",
    "draw_plan",
    "draw_times",
    "strength_at",
]

Content = Literal["expressions", "blinks", "untouched"]
"""What a rendition holds: expressions and blinks, blinks alone, or nothing."""

DrawField = Callable[[np.random.Generator, float], MovementField]
"""Draws how the skin moves, given the part of movements that are shown on one side only."""

_DRAWS = 20
_SHORTEST_FRAMES = 3


@dataclass(frozen=True, eq=False, slots=True)
class PlannedExpression:
    """An expression to inject.

    Parameters
    ----------
    expression
        Onset, apex, offset, kind and action units: the truth.
    hold
        Frames after the apex for which it stays at full strength.
    field
        How the skin moves.
    size_px
        By how much at the apex, mean of the moved region, in crop pixels.
    abrupt
        Whether rise and fall are minimum-jerk curves, steeper in the middle than a cosine.
    """

    expression: Expression
    hold: int
    field: MovementField
    size_px: float
    abrupt: bool

    def strength(self, frame: int) -> float:
        """Return the part of the full size at a frame: above 0 from onset to offset only."""
        return strength_at(frame, self.expression, self.hold, abrupt=self.abrupt)


@dataclass(frozen=True, eq=False, slots=True)
class PlannedBlink:
    """A blink to inject; `back` is where the skin comes from when the lids are shut."""

    interval: Interval
    back: NDArray[np.float32]

    def strength(self, frame: int) -> float:
        """Return how far the lids are shut, 0 to 1; they shut faster than they open."""
        first, last = self.interval.onset, self.interval.offset
        shut = first + (last - first) / 3
        rise = (frame - first + 1) / (shut - first + 1)
        return _course(min(rise, (last + 1 - frame) / (last + 1 - shut)), abrupt=False)


@dataclass(frozen=True, eq=False, slots=True)
class InjectionPlan:
    """All that is injected into one rendition."""

    n_frames: int
    frame_rate: Fraction
    expressions: tuple[PlannedExpression, ...] = ()
    blinks: tuple[PlannedBlink, ...] = ()

    def truth(self, video_id: str) -> Annotation:
        """Return the labels; a blink is no expression and is not among them."""
        return Annotation(
            video_id,
            self.n_frames,
            self.frame_rate,
            tuple(planned.expression for planned in self.expressions),
            reviewed=(Interval(0, self.n_frames - 1),),
        )

    def backward(self, frame: int) -> NDArray[np.float32] | None:
        """Return from where the skin of a frame comes, in crop pixels; None if nothing moves."""
        parts = [
            planned.field.backward(planned.size_px * planned.strength(frame))
            for planned in self.expressions
            if frame in planned.expression.interval
        ]
        parts += [
            blink.back * np.float32(blink.strength(frame))
            for blink in self.blinks
            if frame in blink.interval
        ]
        return np.sum(parts, axis=0, dtype=np.float32) if parts else None


def draw_plan(
    params: InjectionParams,
    rng: np.random.Generator,
    n_frames: int,
    frame_rate: Fraction,
    content: Content = "expressions",
    draw: DrawField = draw_field,
) -> InjectionPlan:
    """Draw what happens in a rendition of `n_frames` frames.

    What finds no room is left out, so that gaps never get shorter than they should. How the skin
    moves is drawn by `draw`.
    """
    expressions: tuple[PlannedExpression, ...] = ()
    blinks: tuple[PlannedBlink, ...] = ()
    if content == "expressions":
        expressions = _draw_expressions(params, rng, n_frames, frame_rate, draw)
    if content != "untouched":
        taken = [planned.expression.interval for planned in expressions]
        blinks = _draw_blinks(params, rng, n_frames, frame_rate, taken)
    return InjectionPlan(n_frames, frame_rate, expressions, blinks)


def draw_times(
    params: OccurrenceParams, rng: np.random.Generator, n_frames: int, frame_rate: Fraction
) -> tuple[tuple[ExpressionKind, int, int], ...]:
    """Draw kind, onset and number of frames of every expression in `n_frames` frames.

    The longest are left out where not all find room.
    """
    minutes = n_frames / float(frame_rate) / 60
    kinds = [ExpressionKind.MICRO] * round(params.me_per_minute * minutes)
    kinds += [ExpressionKind.MACRO] * round(params.mae_per_minute * minutes)
    order = [kinds[i] for i in rng.permutation(len(kinds))]
    durations = {
        ExpressionKind.MICRO: params.me_duration_s,
        ExpressionKind.MACRO: params.mae_duration_s,
    }
    lengths = [_frames(durations[kind], rng, frame_rate) for kind in order]
    gap = round(params.min_gap_s * float(frame_rate))
    while order and sum(lengths) + gap * (len(order) + 1) > n_frames:
        drop = int(np.argmax(lengths))
        del order[drop], lengths[drop]
    spare = n_frames - sum(lengths) - gap * (len(order) + 1)
    ends = np.sort(rng.integers(0, max(spare, 0) + 1, len(order)))
    times, start = [], 0
    for kind, length, extra in zip(order, lengths, ends, strict=True):
        start += gap
        times.append((kind, start + int(extra), length))
        start += length
    return tuple(times)


def draw_course(
    params: OccurrenceParams, rng: np.random.Generator, kind: ExpressionKind, length: int
) -> tuple[int, int]:
    """Draw after how many frames the apex of an expression comes, and for how many it is held."""
    last = length - 1
    apex = round(rng.uniform(*params.apex_share) * last)
    if kind is ExpressionKind.MICRO:
        return apex, 0
    return apex, round(rng.uniform(*params.plateau_share) * (last - apex))


def strength_at(frame: int, expression: Expression, hold: int, *, abrupt: bool) -> float:
    """Return the part of the full size at a frame: above 0 from onset to offset only.

    Parameters
    ----------
    frame
        The frame.
    expression
        Its apex is where full size is reached.
    hold
        For how many frames after the apex it is kept.
    abrupt
        Whether rise and fall are minimum-jerk curves, steeper in the middle than a cosine.
    """
    onset, offset = expression.onset, expression.offset
    top = expression.apex if expression.apex is not None else onset
    rise = (frame - onset + 1) / (top - onset + 1)
    fall = (offset + 1 - frame) / (offset + 1 - top - hold)
    return _course(min(rise, fall), abrupt=abrupt)


def _course(share: float, *, abrupt: bool) -> float:
    share = min(max(share, 0.0), 1.0)
    if abrupt:
        return share**3 * (10 - 15 * share + 6 * share**2)
    return float(0.5 - 0.5 * np.cos(np.pi * share))


def _draw_expressions(
    params: InjectionParams,
    rng: np.random.Generator,
    n_frames: int,
    frame_rate: Fraction,
    draw: DrawField,
) -> tuple[PlannedExpression, ...]:
    times = draw_times(params, rng, n_frames, frame_rate)
    return tuple(_draw_expression(params, rng, time, draw) for time in times)


def _draw_expression(
    params: InjectionParams,
    rng: np.random.Generator,
    time: tuple[ExpressionKind, int, int],
    draw: DrawField,
) -> PlannedExpression:
    kind, onset, length = time
    apex, hold = draw_course(params, rng, kind, length)
    low, high = params.mae_size_px if kind is ExpressionKind.MACRO else params.me_size_px
    field = draw(rng, params.unilateral_share)
    for _ in range(_DRAWS):
        if params.steepest / field.slope >= low:
            break
        field = draw(rng, params.unilateral_share)
    size = min(float(rng.uniform(low, high)), params.steepest / field.slope)
    expression = Expression(
        Interval(onset, onset + length - 1), kind, onset + apex, action_units=field.code
    )
    return PlannedExpression(expression, hold, field, size, abrupt=bool(rng.random() < 0.5))


def _draw_blinks(
    params: InjectionParams,
    rng: np.random.Generator,
    n_frames: int,
    frame_rate: Fraction,
    taken: Sequence[Interval],
) -> tuple[PlannedBlink, ...]:
    wanted = round(params.blinks_per_minute * n_frames / float(frame_rate) / 60)
    held = list(taken)
    apart = round(0.1 * float(frame_rate))
    blinks: list[PlannedBlink] = []
    for _ in range(_DRAWS * wanted):
        length = _frames(params.blink_duration_s, rng, frame_rate)
        if len(blinks) == wanted or length >= n_frames:
            break
        first = int(rng.integers(n_frames - length))
        interval = Interval(first, first + length - 1)
        if all(not other.overlap(interval) and other.gap(interval) > apart for other in held):
            held.append(interval)
            blinks.append(PlannedBlink(interval, lid_closure(rng)))
    return tuple(sorted(blinks, key=lambda blink: blink.interval))


def _frames(seconds: tuple[float, float], rng: np.random.Generator, frame_rate: Fraction) -> int:
    return max(_SHORTEST_FRAMES, round(rng.uniform(*seconds) * float(frame_rate)))
