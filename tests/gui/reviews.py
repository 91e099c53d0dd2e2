"""Reviews to test with."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
from hypothesis import strategies as st

from napari_mespot.gui.review import Item, Review, prediction_uid
from napari_mespot.model import Expression, ExpressionKind, Interval, ReviewStatus, ScoreSignal

ME, MAE = ExpressionKind.MICRO, ExpressionKind.MACRO
RATE = Fraction(30)
N_FRAMES = 300


def prediction(onset: int, offset: int, kind=ME, score: float = 0.75) -> Item:
    expression = Expression(
        Interval(onset, offset),
        kind,
        apex=(onset + offset) // 2,
        score=score,
        status=ReviewStatus.PREDICTED,
        source="synthetic-v1",
    )
    return Item(prediction_uid(expression), expression, expression)


def review_of(*items: Item, n_frames: int = N_FRAMES) -> Review:
    return Review("v", n_frames, RATE, items=items)


def scores_with_peaks(*spans: tuple[int, int, float], n_frames: int = N_FRAMES) -> ScoreSignal:
    """Scores near 0 but in the spans (first, last, height), which hold for ME and for MaE."""
    values = np.full((n_frames, 2), 0.01, np.float32)
    for first, last, height in spans:
        values[first : last + 1] = height
    return ScoreSignal(values, np.ones(n_frames, np.bool_), RATE, "v")


def only(kind: ExpressionKind, scores: ScoreSignal) -> ScoreSignal:
    """The scores of one kind; the track of the other knows of nothing."""
    values = np.full_like(scores.values, 0.01)
    values[:, scores.kinds.index(kind)] = scores.of_kind(kind)
    return scores.with_values(values)


@st.composite
def intervals(draw, n_frames: int = N_FRAMES) -> Interval:
    onset = draw(st.integers(0, n_frames - 1))
    return Interval(onset, draw(st.integers(onset, min(n_frames - 1, onset + 40))))


_TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=12).map(
    str.strip
)


@st.composite
def items(draw, uid: str) -> Item:
    kind = draw(st.sampled_from(ExpressionKind))
    predicted = draw(st.booleans())
    status = draw(st.sampled_from(ReviewStatus if predicted else [ReviewStatus.LABELLED]))
    interval = draw(intervals())
    expression = Expression(
        interval,
        kind,
        apex=draw(st.none() | st.integers(interval.onset, interval.offset)),
        score=draw(st.none() | st.floats(0, 1)),
        status=status,
        source="synthetic-v1" if predicted else "manual",
        action_units=draw(_TEXT),
        notes=draw(_TEXT),
    )
    if not predicted:
        return Item(uid, expression)
    place = draw(intervals())
    original = Expression(
        place,
        draw(st.sampled_from(ExpressionKind)),
        apex=place.onset,
        score=expression.score,
        status=ReviewStatus.PREDICTED,
        source="synthetic-v1",
    )
    return Item(uid, expression, original)


@st.composite
def reviews(draw) -> Review:
    n = draw(st.integers(0, 5))
    made = {}
    for number in range(n):
        item = draw(items(f"h{number + 1}"))
        made[item.expression, item.original] = item
    ranges = draw(st.lists(intervals(), max_size=3))
    return replace(review_of(*made.values()), reviewed=tuple(ranges))
