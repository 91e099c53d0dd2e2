"""From smoothed scores to expressions."""

import re
import time
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from tests.reference.spotting import slow_search
from tests.spotting.tracks import rules, signal, signals

from napari_mespot.model import ExpressionKind, ReviewStatus, ScoreSignal
from napari_mespot.spotting import (
    DetectionParams,
    KindDetectionParams,
    SmoothingParams,
    SpottingParams,
    find_expressions,
    find_in_scores,
    is_long,
    search_expressions,
)

MICRO, MACRO = ExpressionKind.MICRO, ExpressionKind.MACRO
OPEN = KindDetectionParams(
    threshold=0.5, low_threshold=0.3, merge_gap_s=0, min_duration_s=0, max_duration_s=0.5
)
BOTH = DetectionParams(me=OPEN, mae=OPEN.model_copy(update={"max_duration_s": 4.0}))


def with_rules(**changes):
    """Rules for tracks of 10 fps: 5 frames are an ME, 6 an MaE; `changes` for both kinds."""
    both = {"cut_depth": changes.pop("cut_depth", 0.25)}
    for name in ("me", "mae"):
        own = changes.pop(name, {})
        both[name] = getattr(BOTH, name).model_copy(update={**changes, **own})
    return DetectionParams(**both)


def plain(expressions):
    return [(e.kind.value, e.onset, e.apex, e.offset) for e in expressions]


def find(scores, other=None, rate=10, **changes):
    """Return onset and offset of what is found on the track of ME, or on both."""
    found = find_expressions(signal(scores, rate, other), with_rules(**changes))
    return [(e.onset, e.offset) for e in found]


def kinds(scores, other=None, rate=10, **changes):
    found = find_expressions(signal(scores, rate, other), with_rules(**changes))
    return [(e.kind.value, e.onset, e.offset) for e in found]


def hump(n, top=0.9):
    """`n` frames that rise from 0.35 and fall back to it."""
    return list(0.35 + (top - 0.35) * np.sin(np.linspace(0, np.pi, n)))


@given(signals(), rules())
@settings(max_examples=300, deadline=None)
def test_it_equals_the_obvious_walk(scores, params):
    found = search_expressions(scores, params)
    expected, short = slow_search(scores, params)
    assert plain(found.expressions) == expected
    assert plain(found.too_short) == short


@given(signals(), rules())
@settings(max_examples=200, deadline=None)
def test_no_frame_that_reaches_a_threshold_is_lost(scores, params):
    """Each lies in an interval of the result, or in a stretch that a warning names."""
    raw = SpottingParams(
        smoothing=SmoothingParams(cutoff_me_hz=1000, cutoff_mae_hz=1000), detection=params
    )
    result = find_in_scores(scores, raw)
    known = {f for e in result.annotation.expressions for f in e.interval.frames}
    for first, last in re.findall(r"(\d+)–(\d+) \(", " ".join(result.warnings)):
        known |= set(range(int(first), int(last) + 1))
    for kind in scores.kinds:
        reached = result.smoothed.of_kind(kind) >= params.of_kind(kind).threshold
        assert set(scores.frames[reached].tolist()) <= known


@given(signals(), rules())
@settings(max_examples=200, deadline=None)
def test_what_is_found_hangs_together(scores, params):
    found = find_expressions(scores, params)
    assert list(found) == sorted(found, key=lambda e: e.sort_key)
    for one in found:
        assert not any(one.onset < frame <= one.offset for frame in scores.breaks)
        rows = scores.values[one.onset - scores.first_frame : one.offset + 1 - scores.first_frame]
        assert not np.isnan(rows).all(axis=1).any()
        assert one.score in rows[one.apex - one.onset]
    for earlier, later in pairwise(found):
        if later.onset <= earlier.offset:  # an ME inside an MaE, and nothing else
            shorter, longer = sorted((earlier, later), key=lambda e: e.interval.n_frames)
            assert (shorter.kind, longer.kind) == (MICRO, MACRO)
            assert shorter.interval.iou(longer.interval) < 0.5


@given(signals(), rules())
@settings(max_examples=100, deadline=None)
def test_a_shallower_cut_only_adds_pieces(scores, params):
    still = {"onset_shift_s": 0.0, "offset_shift_s": 0.0, "min_duration_s": 0.0}
    changes = {name: getattr(params, name).model_copy(update=still) for name in ("me", "mae")}
    few, many = (
        search_expressions(scores, params.model_copy(update={**changes, "cut_depth": depth}))
        for depth in (0.5, 0.2)
    )
    assert few.too_short == many.too_short == ()
    homes = [e.interval for e in few.expressions]
    for one in many.expressions:  # of a home that was narrowed to an ME they may stand out
        assert any(h.overlap(one.interval) for h in homes)


def test_hysteresis_starts_high_and_goes_on_low():
    assert find([0, 0.35, 0.6, 0.35, 0.2, 0.35, 0.35, 0]) == [(1, 3)]


def test_a_threshold_that_is_just_reached_counts():
    assert find([0, 0.5, 0]) == [(1, 1)]


def test_runs_at_both_ends_are_whole():
    assert find([0.6, 0.9, 0, 0, 0.7]) == [(0, 1), (4, 4)]


def test_a_chain_is_cut_where_the_expression_returns():
    chain = [0, *hump(8), *hump(8), *hump(8), 0]
    assert kinds(chain) == [("MaE", 1, 7), ("MaE", 8, 15), ("MaE", 16, 24)]
    assert kinds(chain, cut_depth=0.7) == [("MaE", 1, 24)]


def test_seven_humps_are_seven_intervals():
    rate = 30
    track = [0] * 9 + (hump(20) + [0.33] * 6) * 7 + [0] * 9
    found = kinds([0] * len(track), track, rate=rate)
    assert len(found) == 7
    assert all(kind == "MaE" for kind, _, _ in found)


def test_how_deep_a_dip_is_depends_on_the_lower_peak_beside_it():
    track = [0, 0.9, 0.9, 0.45, 0.55, 0.55, 0]  # falls by half, but rises by a fifth only
    assert find(track, cut_depth=0.3) == [(1, 5)]
    assert find(track, cut_depth=0.15) == [(1, 2), (3, 5)]


def test_a_piece_that_does_not_reach_the_threshold_is_none():
    assert find([0, 0.9, 0.9, 0.3, 0.45, 0.45, 0]) == [(1, 2)]


def test_a_dip_up_to_the_limit_is_no_end():
    scores = [0.9, 0.1, 0.1, 0.8, 0]
    assert find(scores, merge_gap_s=0.2) == [(0, 3)]
    assert find(scores, merge_gap_s=0.1) == [(0, 0), (3, 3)]


def test_what_would_last_too_long_is_cut_at_short_dips_too():
    track = [0.9] * 25 + [0.1] + [0.9] * 25
    assert find(track, merge_gap_s=0.2, mae={"max_duration_s": 6.0}) == [(0, 50)]
    assert find(track, merge_gap_s=0.2) == [(0, 24), (26, 50)]


def test_a_frame_without_a_face_ends_a_run_and_is_never_bridged():
    scores = [0.9, 0.9, np.nan, 0.9, 0.9]
    assert find(scores, merge_gap_s=1) == [(0, 1), (3, 4)]


@pytest.mark.parametrize(("frames", "kind"), [(14, "ME"), (15, "ME"), (16, "MaE")])
@pytest.mark.parametrize("column", [0, 1])
def test_half_a_second_at_30_fps_is_15_frames_on_either_track(frames, kind, column):
    tracks = [np.zeros(frames + 2), np.zeros(frames + 2)]
    tracks[column][1:-1] = 0.9
    assert kinds(*tracks, rate=30) == [(kind, 1, frames)]


def test_where_both_tracks_claim_a_stretch_there_is_one_interval():
    me = [0, 0.6, 0.9, 0.6, 0.4, 0, 0, 0]
    mae = [0, 0, 0.6, 0.9, 0.9, 0.6, 0, 0]
    assert kinds(me, mae) == [("ME", 1, 5)]
    longer = [0.9] * 3 + [0] * 9
    assert kinds(longer, [0, 0] + [0.9] * 9 + [0]) == [("MaE", 0, 10)]


def test_an_me_inside_a_longer_mae_is_found():
    me = np.zeros(30)
    me[12:15] = 0.8
    mae = np.zeros(30)
    mae[2:28] = 0.9
    assert kinds(me, mae) == [("MaE", 2, 27), ("ME", 12, 14)]
    mae[13] = 0  # what only the one or the other track shows is one expression
    assert kinds(me, mae) == [("MaE", 2, 27)]
    short = np.zeros(30)
    short[10:17] = 0.9
    assert kinds(me[3:], short[3:]) == [("MaE", 7, 13), ("ME", 9, 11)]
    assert kinds(me[:16], short[:16]) == [("MaE", 10, 15)]


def test_each_kind_has_thresholds_of_its_own():
    me, mae = [0, 0.6, 0, 0, 0, 0.9], [0, 0, 0, 0.6, 0, 0]
    changes = {"me": {"threshold": 0.8}}
    assert kinds(me, mae, **changes) == [("ME", 3, 3), ("ME", 5, 5)]


def test_what_is_too_short_is_handed_out():
    track = signal([0, 0.9, 0, 0.9, 0.9, 0])
    found = search_expressions(track, with_rules(min_duration_s=0.2), source="a")
    assert [(e.onset, e.offset) for e in found.expressions] == [(3, 4)]
    (short,) = found.too_short
    assert (short.onset, short.offset, short.source) == (1, 1, "a")


def test_what_only_the_track_of_mae_sees_must_last_as_long_as_an_mae():
    brief, nothing = [0, 0.9, 0.9, 0.9, 0.9, 0], [0] * 6
    must_last = with_rules(mae={"min_duration_s": 0.5})
    found = search_expressions(signal(nothing, 10, brief), must_last)
    assert found.expressions == ()
    (short,) = found.too_short
    assert (short.kind, short.onset, short.offset) == (MACRO, 1, 4)
    assert kinds(brief, brief, mae={"min_duration_s": 0.5}) == [("ME", 1, 4)]
    assert kinds(nothing, brief, mae={"min_duration_s": 0.4}) == [("ME", 1, 4)]


def test_a_high_hump_that_only_me_sees_is_an_me_where_it_is_narrow_enough():
    wide, nothing = [0, 0.32, 0.4, 0.9, 0.95, 0.9, 0.45, 0.32, 0], [0] * 9
    assert kinds(wide, nothing) == [("ME", 2, 6)]
    assert kinds(wide, [0.6 * (i == 4) for i in range(9)]) == [("MaE", 1, 7)]
    held = [0, 0.35, *[0.9] * 6, 0.35, 0]  # reaches the threshold for longer than an ME
    assert kinds(held, [0] * 10) == [("MaE", 1, 8)]


def test_what_is_too_long_is_found_and_marked():
    rules = with_rules()
    for n_frames, long in ((40, False), (41, True)):
        track = signal([0, *[0.9] * n_frames, 0])
        (one,) = find_expressions(track, rules)
        assert (one.kind, one.onset, one.offset) == (MACRO, 1, n_frames)
        assert is_long(one, track.clock, rules) is long


def test_a_lower_threshold_never_loses_a_peak():
    scores = [0.1, 0.2, 0.2, 0.9, 0.95, 0.2, 0.2, 0.2, 0.1]
    for low in (0.5, 0.2, 0.1, 0.0):
        found = find_expressions(signal(scores), with_rules(low_threshold=low))
        assert [e.apex for e in found] == [4]


def test_durations_count_frames_with_both_ends():
    three = [0, 0.6, 0.7, 0.6, 0]
    assert find(three, min_duration_s=0.3) == [(1, 3)]
    assert find(three, min_duration_s=0.31) == []


def test_shifts_move_the_ends_but_not_out_of_the_video_or_into_a_gap():
    scores = [0, 0.9, 0.9, 0, 0, np.nan, 0, 0.9]
    shifts = {"onset_shift_s": -0.3, "offset_shift_s": 0.3}
    assert find(scores, **shifts) == [(0, 4), (6, 7)]


def test_shifts_stop_at_a_neighbour_and_at_what_reaches_the_threshold():
    assert find([0.9, 0, 0, 0.8], offset_shift_s=0.3) == [(0, 2), (3, 3)]
    assert find([0.9, 0, 0, 0, 0, 0.8], offset_shift_s=0.3, onset_shift_s=-0.3) == [(0, 2), (3, 5)]
    assert find([0.35, 0.35, 0.9, 0.35, 0], onset_shift_s=0.5, offset_shift_s=-0.5) == [(2, 2)]


def test_kind_follows_the_length_that_is_reported():
    track = [0, 0, *[0.9] * 5, 0, 0]
    assert kinds(track) == [("ME", 2, 6)]
    assert kinds(track, offset_shift_s=0.1) == [("MaE", 2, 7)]


def test_what_an_expression_says():
    one = signal([0, 0.6, 0.8, 0.8, 0], first_frame=100)
    (found,) = find_expressions(one, BOTH, source="model-1")
    assert found.interval.frames == range(101, 104)
    assert (found.apex, found.status, found.source) == (102, ReviewStatus.PREDICTED, "model-1")
    assert found.score == pytest.approx(0.8)


def test_the_score_is_that_of_the_kind_which_is_higher_beside_its_threshold():
    both = signal([0, 0.6, 0.3, 0], mae=[0, 0.7, 0.8, 0])
    rules = with_rules(me={"threshold": 0.3}, mae={"threshold": 0.6})
    (found,) = find_expressions(both, rules)
    assert (found.apex, found.score) == (1, pytest.approx(0.6))


@pytest.mark.parametrize("n", [0, 1])
def test_next_to_nothing(n):
    assert find([0.0] * n) == []
    assert find([0.9] * n) == [(0, 0)] * n


def test_no_score_at_all():
    assert find([np.nan] * 5) == []


@pytest.mark.parametrize("kind", ExpressionKind)
def test_scores_of_one_kind_only(kind):
    one = ScoreSignal(
        np.array([[0, 0.9, 0.9, 0]], np.float32).T, np.ones(4, bool), Fraction(10), kinds=(kind,)
    )
    assert [(e.kind, e.onset, e.offset) for e in find_expressions(one, BOTH)] == [(MICRO, 1, 2)]


def test_rules_written_before_there_were_cuts_are_read():
    old = BOTH.model_dump()
    del old["cut_depth"]
    assert DetectionParams.model_validate(old) == BOTH


def test_an_hour_at_200_fps_takes_a_moment():
    rng = np.random.default_rng(0)
    knots = rng.random(7200)
    scores = np.interp(np.arange(720_000), np.arange(7200) * 100, knots)
    hour = signal(scores, 200, mae=1 - scores)
    best = min(_timed(hour) for _ in range(5))
    assert best < 0.3  # 0.06 on an idle machine


def _timed(hour):
    start = time.thread_time()
    find_expressions(hour, DetectionParams())
    return time.thread_time() - start
