"""Expressions and annotations: values, and three states of knowledge."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from napari_mespot import Annotation, Expression, ExpressionKind, Interval, ReviewStatus
from napari_mespot.model import FrameState

ME, MAE = ExpressionKind.MICRO, ExpressionKind.MACRO
SMILE = Expression(Interval(10, 19), MAE, apex=15)


def test_expressions_are_values():
    assert Expression(Interval(10, 19), "MaE", apex=15, status="labelled") == SMILE
    assert len({SMILE, replace(SMILE), replace(SMILE, notes="again")}) == 2


def test_extras_are_compared_by_content():
    one = replace(SMILE, extras=(("b", "2"), ("a", "1"), ("empty", "")))
    assert one == replace(SMILE, extras=(("a", "1"), ("b", "2")))


@pytest.mark.parametrize(
    "wrong",
    [
        {"apex": 9},
        {"apex": 20},
        {"score": float("nan")},
        {"kind": "smile"},
        {"status": "perhaps"},
        {"extras": (("a", "1"), ("a", "2"))},
        {"extras": (("", "1"),)},
    ],
)
def test_impossible_expressions_are_refused(wrong):
    with pytest.raises(ValueError, match=r"Expected|is not a valid"):
        replace(SMILE, **wrong)


@pytest.mark.parametrize(
    ("status", "reviewed", "state"),
    [
        ("predicted", False, FrameState.UNKNOWN),
        ("predicted", True, FrameState.UNKNOWN),
        ("uncertain", True, FrameState.UNKNOWN),
        ("rejected", False, FrameState.UNKNOWN),
        ("rejected", True, FrameState.ABSENT),
        ("accepted", False, FrameState.PRESENT),
        ("corrected", False, FrameState.PRESENT),
        ("labelled", True, FrameState.PRESENT),
    ],
)
def test_state_of_a_frame_inside_an_expression(status, reviewed, state):
    expression = replace(SMILE, status=ReviewStatus(status))
    annotation = Annotation("v", n_frames=40, expressions=(expression,))
    if reviewed:
        annotation = annotation.with_reviewed(Interval(0, 39))
    assert annotation.state_at(12, MAE) is state


def test_not_looked_at_is_not_absent():
    annotation = Annotation("v", expressions=(SMILE,), reviewed=(Interval(0, 29),))
    assert annotation.state_at(5, MAE) is FrameState.ABSENT
    assert annotation.state_at(12, ME) is FrameState.ABSENT
    assert annotation.state_at(30, MAE) is FrameState.UNKNOWN


def test_a_confirmed_expression_wins_over_a_doubtful_one():
    doubtful = Expression(Interval(12, 30), MAE, status=ReviewStatus.UNCERTAIN)
    annotation = Annotation("v", expressions=(SMILE, doubtful))
    assert annotation.state_at(15, MAE) is FrameState.PRESENT
    assert annotation.state_at(25, MAE) is FrameState.UNKNOWN


def test_expressions_stay_sorted_and_ranges_joined():
    brow = Expression(Interval(2, 5), ME)
    annotation = Annotation("v").with_added(SMILE, brow)
    assert annotation.expressions == (brow, SMILE)
    assert annotation.of_kind(ME) == (brow,)
    looked = annotation.with_reviewed(Interval(5, 9)).with_reviewed(Interval(0, 4))
    assert looked.reviewed == (Interval(0, 9),)


def test_editing_makes_a_new_annotation():
    before = Annotation("v", expressions=(SMILE, SMILE))
    after = before.replaced(SMILE, replace(SMILE, apex=12))
    assert len(before.expressions) == 2
    assert after.expressions == (SMILE, replace(SMILE, apex=12))
    assert after.without(replace(SMILE, apex=12)).without(SMILE).expressions == ()
    with pytest.raises(ValueError, match="not in"):
        Annotation("v").without(SMILE)


@pytest.mark.parametrize(
    "wrong",
    [
        {"n_frames": 19},
        {"n_frames": -1},
        {"frame_rate": Fraction(0)},
        {"n_frames": 20, "reviewed": (Interval(0, 20),)},
    ],
)
def test_impossible_annotations_are_refused(wrong):
    with pytest.raises(ValueError, match="Expected"):
        replace(Annotation("v", expressions=(SMILE,)), **wrong)


def test_numpy_frames_become_plain_integers():
    expression = Expression(Interval(0, 3), ME, apex=np.int64(2), score=np.float32(0.5))
    assert type(expression.apex) is int
    assert type(expression.score) is float
