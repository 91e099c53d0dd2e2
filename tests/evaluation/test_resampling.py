"""The bootstrap interval of F1."""

import math

import pytest

from napari_mespot.evaluation import SpottingCounts, f1_interval


def test_equal_videos_leave_no_room():
    assert f1_interval([SpottingCounts(1, 1, 1)] * 5) == (0.5, 0.5)


def test_one_good_and_one_bad_video_span_everything():
    """Both of a draw are the bad one in a quarter of the draws, and the good one in another."""
    assert f1_interval([SpottingCounts(4, 0, 0), SpottingCounts(0, 0, 4)]) == (0.0, 1.0)


def test_the_interval_holds_the_figure_and_shrinks_with_more_videos():
    few = [SpottingCounts(3, 1, 0), SpottingCounts(1, 2, 2), SpottingCounts(2, 0, 1)]
    total = sum(few, start=SpottingCounts()).f1
    (low, high), (lower, higher) = f1_interval(few * 10), f1_interval(few)
    assert lower < low < total < high < higher


def test_seeds_repeat_and_no_video_has_no_interval():
    counts = [SpottingCounts(1, 1, 0), SpottingCounts(0, 1, 2), SpottingCounts(5, 0, 0)]
    assert f1_interval(counts, seed=[3, 7]) == f1_interval(counts, seed=[3, 7])
    assert all(math.isnan(value) for value in f1_interval([]))
    assert f1_interval([SpottingCounts()]) == (0.0, 0.0)


def test_more_hits_than_predictions_count_no_negative_false_alarm():
    assert f1_interval([SpottingCounts(2, -1, 0)])[0] == pytest.approx(1.0)
