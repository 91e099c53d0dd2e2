"""Which expressions a drawn person shows, and when: the truth is what can be seen of them."""

from dataclasses import dataclass, replace
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from napari_mespot.learning.drawn_shape_courses import (
    Course,
    draw_course,
    log_uniform,
    shaken,
    uniform,
)
from napari_mespot.learning.drawn_shape_params import (
    ChainParams,
    DrawnExpressionParams,
    DrawnShapeParams,
    Mode,
)
from napari_mespot.learning.drawn_shape_units import N_FORM, draw_expression_effect
from napari_mespot.model import Expression, ExpressionKind, Interval

__all__ = ["DrawnExpression", "Situation", "draw_expressions", "draw_situation", "form_of"]

_Array = NDArray[np.float64]

LONGEST_ME_S = 0.5


@dataclass(frozen=True, eq=False, slots=True)
class Situation:
    """What holds for a whole sequence.

    Parameters
    ----------
    mode
        What the person does.
    calm
        Whether the person holds still.
    talking
        Whether the person talks, if only now and then.
    times
        Shape (n,), of the frames, in seconds.
    frame_rate
        Frames to a second.
    """

    mode: Mode
    calm: bool
    talking: bool
    times: _Array
    frame_rate: float

    @property
    def end_s(self) -> float:
        """When the sequence ends."""
        return len(self.times) / self.frame_rate


@dataclass(frozen=True, eq=False, slots=True)
class DrawnExpression:
    """One expression and its movement.

    Parameters
    ----------
    span_s
        When the movement begins and ends, in seconds: a little longer than what is seen of it.
    course
        Its strength in time.
    effect
        Shape (23,): movement of each signal at strength 1, in pixels.
    unseen
        Part of the movement that the mesh does not measure.
    seen
        The frames in which it can be seen: the truth.
    """

    span_s: tuple[float, float]
    course: Course
    effect: _Array
    unseen: float
    seen: Interval

    @property
    def size_px(self) -> float:
        """Movement of the signal that moves most."""
        return float(np.abs(self.effect).max())

    def truth(self, frame_rate: float) -> Expression:
        """Return what a perfect coder would say: frames, and the kind by length."""
        brief = self.seen.n_frames <= LONGEST_ME_S * frame_rate + 1e-9
        apex = round(self.course.apex_s * frame_rate)
        return Expression(
            self.seen,
            ExpressionKind.MICRO if brief else ExpressionKind.MACRO,
            apex=min(max(apex, self.seen.onset), self.seen.offset),
        )


def draw_situation(params: DrawnShapeParams, rng: np.random.Generator) -> Situation:
    """Draw how long a sequence is, its frame rate, and what the person does."""
    shares = params.modes.model_dump()
    names: tuple[Mode, ...] = get_args(Mode)
    weights = np.array([shares[name] for name in names])
    mode = names[rng.choice(len(names), p=weights / weights.sum())]
    rate = float(rng.choice(params.frame_rates))
    n = max(1, round(min(params.longest_s, log_uniform(rng, params.length_s)) * rate))
    still = mode in ("apart", "still") and rng.random() < params.calm_share
    talks = mode == "mixed" and rng.random() < params.speech.mixed_share
    return Situation(
        mode, mode == "calm" or still, mode == "talk" or talks, np.arange(n) / rate, rate
    )


def draw_expressions(
    params: DrawnShapeParams, situation: Situation, rng: np.random.Generator
) -> tuple[DrawnExpression, ...]:
    """Draw the expressions of a sequence.

    Parameters
    ----------
    params
        Their lengths, sizes and distances.
    situation
        What the person does.
    rng
        Where draws come from.

    Returns
    -------
    In order. The frames in which they are seen do not overlap; where one begins before the one
    before has gone, they meet.
    """
    if situation.mode == "still":
        return ()
    drawn: list[DrawnExpression] = []
    chained = situation.mode == "chain"
    at = uniform(rng, params.expressions.first_s)
    while at < situation.end_s - 0.3:
        length = _draw_length(params.expressions, situation, rng)
        one = _draw_expression(params.expressions, situation, (at, length), rng)
        chained = _goes_on(chained, params.chains, situation.mode, rng)
        rest = log_uniform(rng, params.expressions.rest_s)
        after = _draw_gap(params.chains, length, rng) if chained else rest
        offset = min(at + length, situation.end_s + rng.uniform(0, 1))
        at = max(offset + after, at + 0.05)
        if one is not None:
            drawn.append(one)
    return _apart(drawn, params.expressions.shortest_s * situation.frame_rate)


def form_of(expressions: tuple[DrawnExpression, ...], n_frames: int) -> tuple[_Array, _Array]:
    """Return what expressions do to the form of a face, and what of that the mesh misses.

    Returns
    -------
    Twice shape (n_frames, 23), in pixels.
    """
    whole, missed = np.zeros((n_frames, N_FORM)), np.zeros((n_frames, N_FORM))
    for expression in expressions:
        expression.course.add_to(whole, expression.effect)
        if expression.unseen:
            expression.course.add_to(missed, expression.effect * expression.unseen)
    return whole, missed


def _draw_length(
    params: DrawnExpressionParams, situation: Situation, rng: np.random.Generator
) -> float:
    chance = rng.random()
    if chance < params.brief_share:
        length = log_uniform(rng, params.brief_s)
    elif chance < 1 - params.held_share:
        length = log_uniform(rng, params.usual_s)
    else:
        length = log_uniform(rng, params.held_s)
    if situation.calm and rng.random() < params.calm_brief_share:
        length = log_uniform(rng, params.brief_s)
    if situation.talking and length < params.talk_shortest_s:
        length = log_uniform(rng, params.talk_short_s)
    return length


def _draw_strength(
    params: DrawnExpressionParams, situation: Situation, brief: bool, rng: np.random.Generator
) -> float:
    if situation.talking:
        # Against speech, nobody sees less.
        return log_uniform(rng, params.talk_strength)
    if situation.calm and brief:
        return log_uniform(rng, params.calm_brief_strength)
    if brief and rng.random() < params.brief_faint_share:
        return log_uniform(rng, params.brief_faint_strength)
    faint = rng.random() < params.faint_share
    return log_uniform(rng, params.faint_strength if faint else params.strength)


def _draw_expression(
    params: DrawnExpressionParams,
    situation: Situation,
    placed: tuple[float, float],
    rng: np.random.Generator,
) -> DrawnExpression | None:
    """Draw an expression that begins at a time and has a length; None if no frame shows it."""
    at, length = placed
    brief = length <= LONGEST_ME_S
    effect = draw_expression_effect(rng, params.one_sided_share)
    effect = effect * _draw_strength(params, situation, brief, rng)
    least = log_uniform(rng, params.brief_least_px if brief else params.least_px)
    effect = effect * max(1.0, least / np.abs(effect).max())
    size = float(np.abs(effect).max())
    span = (at, min(at + length, situation.end_s + rng.uniform(0, 1)))
    course = draw_course(situation.times, span, rng, params.wobble)
    if length > 0.6 and rng.random() < params.laughter_share:
        course = shaken(course, situation.times, rng)
    low, high = params.visible_part
    seen = course.first + np.flatnonzero(
        course.values > min(high, max(low, params.visible_px / max(params.visible_px, size)))
    )
    small = size < params.unseen_small_px
    blind = rng.random() < (params.unseen_share if small else params.unseen_share_large)
    unseen = uniform(rng, params.unseen_part) if blind else 0.0
    if not len(seen):
        return None
    return DrawnExpression(span, course, effect, unseen, Interval(int(seen[0]), int(seen[-1])))


def _goes_on(chained: bool, params: ChainParams, mode: Mode, rng: np.random.Generator) -> bool:
    """Whether the next expression follows at once."""
    if not chained:
        return mode in ("mixed", "talk") and rng.random() < params.start_share
    return not (mode == "mixed" and rng.random() < params.end_share)


def _draw_gap(params: ChainParams, length: float, rng: np.random.Generator) -> float:
    """Draw the seconds between expressions of a chain; negative: they overlap."""
    if rng.random() < params.unreturned_share:
        return -min(uniform(rng, params.overlap_s), params.overlap_part * length)
    return uniform(rng, params.gap_s)


def _apart(drawn: list[DrawnExpression], shortest: float) -> tuple[DrawnExpression, ...]:
    """Let expressions that overlap meet halfway, and leave out what is then hardly seen.

    What is left out does not move the face either: the truth stays whole.
    """
    kept: list[DrawnExpression] = []
    for one in sorted(drawn, key=lambda e: e.seen.onset):
        before = kept[-1] if kept else None
        if before is not None and before.seen.offset >= one.seen.onset:
            middle = (before.seen.offset + one.seen.onset) // 2
            first = Interval(before.seen.onset, max(middle, before.seen.onset))
            second = _from(middle + 1, one)
            if second is None or min(first.n_frames, second.seen.n_frames) < shortest:
                continue
            kept[-1] = replace(before, seen=first)
            one = second
        if one.seen.n_frames >= shortest:
            kept.append(one)
    return tuple(kept)


def _from(onset: int, one: DrawnExpression) -> DrawnExpression | None:
    if onset > one.seen.offset:
        return None
    return replace(one, seen=Interval(onset, one.seen.offset))
