"""From smoothed scores to expressions."""

import time
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.reference.spotting import slow_runs

from napari_mespot.model import ExpressionKind, ReviewStatus, ScoreSignal
from napari_mespot.spotting import (
    DetectionParams,
    KindDetectionParams,
    find_expressions,
    search_of_kind,
)

OPEN = KindDetectionParams(
    threshold=0.5, low_threshold=0.3, merge_gap_s=0, min_duration_s=0, max_duration_s=1e9
)


def signal(scores, rate=10, mae=None, first_frame=0):
    scores = np.asarray(scores, dtype=np.float32)
    other = np.zeros_like(scores) if mae is None else np.asarray(mae, dtype=np.float32)
    values = np.stack([scores, other], axis=1)
    return ScoreSignal(
        values, ~np.isnan(values).any(axis=1), Fraction(rate), first_frame=first_frame
    )


def find(scores, rate=10, **changes):
    rules = DetectionParams(me=OPEN.model_copy(update=changes), mae=OPEN)
    found = find_expressions(signal(scores, rate), rules)
    return [(e.onset, e.apex, e.offset) for e in found if e.kind is ExpressionKind.MICRO]


def rules():
    levels = st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0])
    seconds = st.sampled_from([0.0, 0.1, 0.2, 0.3, 0.5, 1.0])
    shifts = st.sampled_from([-0.3, -0.1, 0.0, 0.1, 0.25])
    return st.builds(
        lambda levels, gap, durations, onset, offset: KindDetectionParams(
            threshold=max(levels),
            low_threshold=min(levels),
            merge_gap_s=gap,
            min_duration_s=min(durations),
            max_duration_s=max(durations) + 0.1,
            onset_shift_s=onset,
            offset_shift_s=offset,
        ),
        st.tuples(levels, levels),
        seconds,
        st.tuples(seconds, seconds),
        shifts,
        shifts,
    )


@given(
    st.lists(st.sampled_from([0.0, 0.2, 0.25, 0.4, 0.5, 0.6, 0.75, 1.0, np.nan]), max_size=40),
    st.sampled_from([1, 7, 10, 30, 200]),
    rules(),
)
def test_it_equals_the_obvious_walk(scores, rate, params):
    found = find_expressions(signal(scores, rate), DetectionParams(me=params, mae=OPEN))
    fast = [(e.onset, e.apex, e.offset) for e in found if e.kind is ExpressionKind.MICRO]
    assert fast == slow_runs(np.asarray(scores, np.float32), rate, params)


@given(
    st.lists(st.sampled_from([0.0, 0.2, 0.25, 0.4, 0.5, 0.6, 0.75, 1.0, np.nan]), max_size=40),
    st.sampled_from([1, 7, 10, 30, 200]),
    rules(),
)
def test_what_is_too_long_is_handed_out_and_not_lost(scores, rate, params):
    found = search_of_kind(signal(scores, rate), ExpressionKind.MICRO, params)
    endless = search_of_kind(
        signal(scores, rate),
        ExpressionKind.MICRO,
        params.model_copy(update={"max_duration_s": 1e9}),
    )
    assert endless.too_long == ()
    assert sorted((*found.expressions, *found.too_long), key=lambda e: e.sort_key) == sorted(
        endless.expressions, key=lambda e: e.sort_key
    )
    longest = max((e.interval.n_frames for e in found.expressions), default=0)
    assert all(e.interval.n_frames > longest for e in found.too_long)


def test_a_lower_threshold_never_loses_a_peak_without_a_word():
    scores = [0.1, 0.2, 0.2, 0.9, 0.95, 0.2, 0.2, 0.2, 0.1]
    for low in (0.9, 0.5, 0.2, 0.1):
        rules = OPEN.model_copy(update={"low_threshold": low, "max_duration_s": 0.3})
        found = search_of_kind(signal(scores), ExpressionKind.MICRO, rules, source="a")
        (one,) = (*found.expressions, *found.too_long)
        assert (one.apex, one.source) == (4, "a")
        assert bool(found.too_long) == (low < 0.5)


def test_hysteresis_starts_high_and_goes_on_low():
    assert find([0, 0.35, 0.6, 0.35, 0.2, 0.35, 0.35, 0]) == [(1, 2, 3)]


def test_a_threshold_that_is_just_reached_counts():
    assert find([0, 0.5, 0]) == [(1, 1, 1)]


def test_runs_at_both_ends_are_whole():
    assert find([0.6, 0.9, 0, 0, 0.7]) == [(0, 1, 1), (4, 4, 4)]


def test_a_gap_up_to_the_limit_is_closed():
    scores = [0.9, 0.1, 0.1, 0.8, 0]
    assert find(scores, merge_gap_s=0.2) == [(0, 0, 3)]
    assert find(scores, merge_gap_s=0.1) == [(0, 0, 0), (3, 3, 3)]


def test_a_frame_without_a_face_ends_a_run_and_is_never_bridged():
    scores = [0.9, 0.9, np.nan, 0.9, 0.9]
    assert find(scores, merge_gap_s=1) == [(0, 0, 1), (3, 3, 4)]


def test_durations_count_frames_with_both_ends():
    three = [0, 0.6, 0.7, 0.6, 0]
    assert find(three, min_duration_s=0.3, max_duration_s=0.3) == [(1, 2, 3)]
    assert find(three, min_duration_s=0.31) == []
    assert find(three, max_duration_s=0.29) == []


@pytest.mark.parametrize(("frames", "kept"), [(14, True), (15, True), (16, False)])
def test_half_a_second_at_30_fps_is_15_frames(frames, kept):
    scores = np.r_[0, np.full(frames, 0.9), 0]
    assert bool(find(scores, rate=30, max_duration_s=0.5)) is kept


def test_gaps_are_closed_before_short_runs_are_dropped():
    scores = [0.9, 0.1, 0.9, 0, 0, 0, 0.9]
    assert find(scores, merge_gap_s=0.1, min_duration_s=0.3) == [(0, 0, 2)]


def test_shifts_move_the_ends_but_not_out_of_the_video_or_into_a_gap():
    scores = [0, 0.9, 0.9, 0, 0, np.nan, 0, 0.9]
    assert find(scores, onset_shift_s=-0.3, offset_shift_s=0.3) == [(0, 1, 4), (6, 7, 7)]


def test_runs_that_shifts_bring_together_become_one():
    assert find([0.9, 0, 0, 0.8], offset_shift_s=0.3) == [(0, 0, 3)]


def test_a_run_that_shifts_turn_inside_out_is_dropped():
    assert find([0, 0.9, 0, 0], onset_shift_s=0.2) == []


def test_what_an_expression_says():
    one = signal([0, 0.6, 0.8, 0.8, 0], first_frame=100)
    (found,) = find_expressions(one, DetectionParams(me=OPEN, mae=OPEN), source="model-1")
    assert found.interval.frames == range(101, 104)
    assert (found.apex, found.status, found.source) == (102, ReviewStatus.PREDICTED, "model-1")
    assert found.score == pytest.approx(0.8)


def test_both_kinds_are_found_by_their_own_rules_in_order_of_time():
    macro = KindDetectionParams(threshold=0.9, low_threshold=0.9, min_duration_s=0)
    both = signal([0, 0.6, 0, 0], mae=[0.95, 0.6, 0, 0.95])
    found = find_expressions(both, DetectionParams(me=OPEN.model_copy(), mae=macro))
    assert [(e.kind.value, e.onset) for e in found] == [("MaE", 0), ("ME", 1), ("MaE", 3)]


@pytest.mark.parametrize("n", [0, 1])
def test_next_to_nothing(n):
    assert find([0.0] * n) == []
    assert find([0.9] * n) == [(0, 0, 0)] * n


def test_no_score_at_all():
    assert find([np.nan] * 5) == []


def test_an_hour_at_200_fps_takes_a_moment():
    rng = np.random.default_rng(0)
    knots = rng.random(7200)
    scores = np.interp(np.arange(720_000), np.arange(7200) * 100, knots)
    hour = signal(scores, 200, mae=1 - scores)
    best = min(_timed(hour) for _ in range(5))
    assert best < 0.15  # 0.02 on an idle machine


def _timed(hour):
    start = time.thread_time()
    find_expressions(hour, DetectionParams())
    return time.thread_time() - start
