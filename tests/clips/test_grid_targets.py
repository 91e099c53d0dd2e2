"""Targets on a grid: each expression in its column, with a dip between two that are close."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_mespot.clips import frame_targets, grid_targets
from napari_mespot.model import Annotation, Expression, ExpressionKind, Interval, ReviewStatus

ME, MAE = ExpressionKind.MICRO, ExpressionKind.MACRO
TIMES = np.arange(300) / 30


def expression(onset, offset, kind=MAE, status=ReviewStatus.LABELLED):
    return Expression(Interval(onset, offset), kind, status=status)


def test_an_expression_alone_is_present_from_onset_to_offset():
    targets = grid_targets([expression(30, 60), expression(100, 108, ME)], TIMES, TIMES)
    assert np.flatnonzero(targets[:, 1]).tolist() == list(range(30, 61))
    assert np.flatnonzero(targets[:, 0]).tolist() == list(range(100, 109))


def test_the_grid_may_be_coarser_or_finer_than_the_frames():
    steps = np.arange(100) / 10
    targets = grid_targets([expression(30, 60)], TIMES, steps)
    assert np.flatnonzero(targets[:, 1]).tolist() == list(range(10, 21))
    fine = grid_targets([expression(30, 60)], TIMES, np.arange(1200) / 120)
    assert np.flatnonzero(fine[:, 1]).tolist() == list(range(120, 241))


@pytest.mark.parametrize(("gap", "width"), [(1, 4), (3, 6), (4, 3), (10, 9)])
def test_between_close_expressions_the_target_dips(gap, width):
    """Beside the gap itself, 0.06 s on either side where it is below 0.12 s."""
    pair = [expression(30, 60), expression(60 + gap, 100, ME)]
    either = grid_targets(pair, TIMES, TIMES).max(axis=1)
    assert np.sum(either[30:101] == 0) == width


def test_expressions_that_overlap_a_little_dip_in_the_middle():
    targets = grid_targets([expression(30, 62), expression(59, 100)], TIMES, TIMES)
    inside = targets[30:101, 1]
    assert 3 <= np.sum(inside == 0) <= 4
    assert targets[55, 1] == targets[66, 1] == 1


def test_an_me_inside_an_mae_cuts_neither():
    targets = grid_targets([expression(30, 120), expression(60, 68, ME)], TIMES, TIMES)
    assert targets[30:121, 1].all()
    assert targets[60:69, 0].all()


def test_very_brief_expressions_keep_a_step_in_a_chain():
    chain = [expression(30 + 3 * i, 32 + 3 * i, ME) for i in range(5)]
    targets = grid_targets(chain, TIMES, TIMES)
    assert [targets[30 + 3 * i : 33 + 3 * i, 0].any() for i in range(5)] == [True] * 5


def test_an_expression_between_two_steps_counts_at_the_nearest():
    fast = np.arange(2400) / 240
    targets = grid_targets([expression(13, 14, ME)], fast, np.arange(300) / 30)
    assert np.flatnonzero(targets[:, 0]).tolist() == [2]


def test_what_nobody_confirmed_is_absent():
    given_ = [expression(30, 60, status=s) for s in ReviewStatus if not s.is_present]
    assert not grid_targets(given_, TIMES, TIMES).any()


def test_nothing_and_no_steps():
    assert grid_targets([], TIMES, TIMES).shape == (300, 2)
    assert grid_targets([expression(3, 5)], TIMES, np.empty(0)).shape == (0, 2)


@given(
    st.lists(
        st.tuples(st.integers(0, 290), st.integers(0, 9), st.sampled_from([ME, MAE])), max_size=6
    )
)
def test_without_notches_frames_as_steps_are_the_targets_of_frames(drawn):
    expressions = tuple(expression(a, a + n, kind) for a, n, kind in drawn)
    annotation = Annotation("v", n_frames=300, expressions=expressions)
    expected, _ = frame_targets(annotation)
    assert np.array_equal(grid_targets(expressions, TIMES, TIMES, notch_s=0, close_s=-10), expected)
    notched = grid_targets(expressions, TIMES, TIMES)
    assert (notched <= expected).all()
