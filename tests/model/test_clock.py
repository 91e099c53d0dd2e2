"""A clock knows when each frame is shown, in steady videos and in others."""

import pickle
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_mespot.model import Annotation, Clock, Interval, ScoreSignal

MS = Fraction(1, 1000)
RATES = st.sampled_from(
    [Fraction(25), Fraction(30), Fraction(30000, 1001), Fraction(1000, 3), Fraction(200)]
)
LATES = st.fractions(0, 100, max_denominator=90_000)
TIME_BASES = st.sampled_from([MS, Fraction(1, 90_000), Fraction(1, 15_360), Fraction(1001, 30_000)])


@st.composite
def clocks(draw) -> Clock:
    gaps = draw(st.lists(st.integers(1, 5_000), min_size=1, max_size=60))
    stamps = np.cumsum([draw(st.integers(-(10**9), 10**9)), *gaps])
    last = draw(st.none() | st.integers(1, 10_000))
    return Clock.of_stamps(
        stamps, draw(TIME_BASES), draw(RATES), starts_late_s=draw(LATES), last=last
    )


def test_frames_of_a_steady_video_are_counted():
    clock = Clock(Fraction(30000, 1001))
    assert clock.is_even
    assert clock.is_plain
    assert clock.second_of(30) == Fraction(1001, 1000)
    assert clock.end_of(29) == Fraction(1001, 1000)
    assert clock.frame_at(1.001) == 30
    assert clock.duration_of(Interval(10, 12)) == Fraction(3003, 30000)
    assert clock.seconds_of([0, 30]).tolist() == [0, 30 / float(Fraction(30000, 1001))]


def test_frames_of_a_call_are_shown_when_their_stamps_say():
    stamps = [500, 540, 580, 1580, 2580, 2620]
    clock = Clock.of_stamps(stamps, MS, Fraction(25, 10), last=80)
    assert not clock.is_even
    assert clock.n_frames == 6
    assert [clock.second_of(i) * 1000 for i in range(7)] == [0, 40, 80, 1080, 2080, 2120, 2200]
    assert clock.duration_of(Interval(3, 4)) == Fraction(1040, 1000)
    assert clock.duration_of(Interval(5, 5)) == Fraction(80, 1000)
    assert clock.frame_at(Fraction(579, 1000)) == 2
    assert clock.frame_at(Fraction(580, 1000)) == 3
    assert clock.frame_at(Fraction(2159, 1000)) == 5
    assert clock.frame_at(Fraction(2161, 1000)) == 6


def test_without_a_last_duration_the_usual_one_is_taken():
    assert Clock.of_stamps([0, 40, 80, 1080], MS, Fraction(25)).end_of(3) == Fraction(1120, 1000)


def test_times_beyond_either_end_go_on_at_the_average_rate():
    clock = Clock.of_stamps([0, 40, 1040], MS, Fraction(2), starts_late_s=Fraction(3), last=500)
    assert clock.second_of(5) == 3 + Fraction(1540, 1000) + 1
    assert clock.second_of(-2) == 2
    assert clock.frame_at(2) == -2
    assert clock.frame_at(Fraction(5540, 1000)) == 5


def test_pictures_that_start_after_the_sound():
    clock = Clock(Fraction(25), starts_late_s=Fraction(24, 10))
    assert clock.is_even
    assert not clock.is_plain
    assert clock.second_of(10) == Fraction(28, 10)
    assert clock.frame_at(2.8) == 10
    assert clock.duration_of(Interval(0, 24)) == 1
    assert clock.shifted(Fraction(-24, 10)) == Clock(Fraction(25))


@pytest.mark.parametrize("rate", [30, Fraction(30000, 1001), Fraction(60000, 1001), 600, 960])
@pytest.mark.parametrize("round_", [np.floor, np.round, np.ceil])
def test_stamps_rounded_to_milliseconds_are_a_steady_beat(rate, round_):
    stamps = round_(np.arange(5_000) * 1000 / float(rate) + 17.3).astype(np.int64)
    assert Clock.of_stamps(stamps, MS, Fraction(rate)) == Clock(Fraction(rate))


def test_a_dropped_frame_is_no_rounding():
    for time_base, gap in ((Fraction(1, 30), 1), (Fraction(1, 15_360), 512), (MS, 33.333)):
        places = np.delete(np.arange(1000), 400)
        clock = Clock.of_stamps((places * gap).astype(np.int64), time_base, Fraction(30))
        assert not clock.is_even
        assert float(clock.second_of(900)) == pytest.approx(901 / 30, abs=1e-3)


def test_drift_is_told_from_rounding():
    stamps = np.round(np.arange(100_000) * 1001 / 30).astype(np.int64)
    assert Clock.of_stamps(stamps, MS, Fraction(30000, 1001)).is_even
    clock = Clock.of_stamps(stamps, MS, Fraction(30))
    assert float(clock.second_of(99_999)) == pytest.approx(99_999 * 1.001 / 30, abs=1e-3)


@given(clocks(), st.integers(0, 30), st.fractions(0, 50, max_denominator=99))
def test_as_many_frames_as_a_time_takes(clock, start, seconds):
    n = clock.least_frames(start, seconds)
    assert clock.duration_of(Interval(start, start + n - 1)) >= seconds
    assert n == 1 or clock.duration_of(Interval(start, start + n - 2)) < seconds


def test_one_frame_has_the_duration_of_the_rate():
    assert Clock.of_stamps([1234], MS, Fraction(10)) == Clock(Fraction(10))


@given(clocks())
def test_the_time_of_a_frame_leads_back_to_it(clock):
    for frame in range(-3, (clock.n_frames or 20) + 4):
        assert clock.frame_at(clock.second_of(frame)) == frame
    ends = range((clock.n_frames or 20) + 1)
    np.testing.assert_array_equal(clock.frames_at(clock.seconds_of(ends)), ends)


@given(clocks())
def test_time_goes_on(clock):
    times = [clock.second_of(frame) for frame in range(-3, (clock.n_frames or 20) + 4)]
    assert all(a < b for a, b in pairwise(times))
    assert clock.duration_of(Interval(0, 4)) == sum(
        clock.duration_of(Interval(i, i)) for i in range(5)
    )


@given(clocks(), st.fractions(-5, 400, max_denominator=999))
def test_the_frame_in_view_is_the_last_that_has_started(clock, second):
    frame = clock.shown_at(second)
    assert clock.second_of(frame) <= second < clock.end_of(frame)


@given(clocks(), st.lists(st.fractions(-50, 400, max_denominator=999), max_size=20))
def test_many_are_as_one_by_one(clock, seconds):
    frames = np.arange(-3, (clock.n_frames or 20) + 4)
    np.testing.assert_allclose(
        clock.seconds_of(frames), [float(clock.second_of(int(f))) for f in frames], atol=1e-9
    )
    for second, frame in zip(seconds, clock.frames_at([float(s) for s in seconds]), strict=True):
        nearest = clock.frame_at(second)
        assert abs(clock.second_of(int(frame)) - second) <= abs(
            clock.second_of(nearest) - second
        ) + Fraction(1, 10**6)


@given(clocks(), st.lists(st.floats(-5, 70), max_size=20))
def test_places_between_frames_have_times_too(clock, places):
    seconds = clock.seconds_at(places)
    np.testing.assert_allclose(clock.places_at(seconds), places, atol=1e-5)
    assert (np.diff(clock.seconds_at(sorted(places))) >= -1e-9).all()
    frames = np.arange(-3, 30)
    np.testing.assert_allclose(clock.seconds_at(frames), clock.seconds_of(frames), atol=1e-9)


@given(RATES, LATES, st.integers(0, 10**7))
def test_a_steady_clock_is_frame_over_rate(rate, late, frame):
    clock = Clock(rate, late)
    assert clock.second_of(frame) == late + frame / rate
    assert clock.frame_at(late + frame / rate) == frame


@given(clocks())
def test_clocks_are_values(clock):
    again = pickle.loads(pickle.dumps(clock))
    assert again == clock
    assert hash(again) == hash(clock)
    assert clock != clock.shifted(Fraction(1))
    assert clock != Clock(clock.rate + 1)
    if clock.ticks is not None:
        assert not again.ticks.flags.writeable
        assert Clock(clock.rate, clock.starts_late_s, clock.ticks * 6, clock.tick_s / 6) == clock
        assert clock.clipped(1).end_of(0) == clock.end_of(0)
        assert clock.clipped(10**6) is clock


@given(clocks())
def test_a_shorter_video_keeps_its_times(clock):
    for frame in range(4):
        assert clock.clipped(4).second_of(frame) == clock.second_of(frame)


@given(clocks(), st.integers(0, 80))
def test_a_stretch_keeps_its_times(clock, first):
    for frame in range(4):
        assert clock.from_frame(first).second_of(frame) == clock.second_of(first + frame)


def test_what_is_no_clock_is_refused():
    with pytest.raises(ValueError, match="rate above 0"):
        Clock(Fraction(0))
    for ticks in ([0], [1, 2], [0, 2, 2], [0, 5, 3]):
        with pytest.raises(ValueError, match="rising from 0"):
            Clock(Fraction(1), ticks=np.array(ticks))
    with pytest.raises(ValueError, match="rising from 0"):
        Clock.of_stamps([0, 40, 900], MS, Fraction(25), last=0)


LATE = Clock(Fraction(25), Fraction(2))


@pytest.mark.parametrize("holder", ["annotation", "signal"])
def test_what_holds_frames_knows_their_times(holder):
    one = (
        Annotation("clip", 3, Fraction(25))
        if holder == "annotation"
        else ScoreSignal(np.zeros((3, 2), np.float32), np.ones(3, np.bool_), Fraction(25))
    )
    assert one.clock == Clock(Fraction(25))
    assert one.with_clock(Clock(Fraction(25))) == one
    late = one.with_clock(LATE)
    assert late != one
    assert (late.clock, late.frame_rate) == (LATE, Fraction(25))
    assert pickle.loads(pickle.dumps(late)) == late
    assert replace(late, video_id="other").clock == LATE
    # A rate that a person states in its place comes without other times.
    assert replace(late, frame_rate=Fraction(200)).clock == Clock(Fraction(200))


def test_an_annotation_without_rate_has_no_clock():
    assert Annotation("clip").clock is None
    assert Annotation("clip", frame_rate=Fraction(25)).with_clock(None) == Annotation("clip")
    assert Annotation("clip").with_clock(LATE).frame_rate == 25


def test_scores_have_the_times_of_their_frames():
    signal = ScoreSignal(
        np.zeros((2, 2), np.float32), np.ones(2, np.bool_), Fraction(25), first_frame=50
    )
    assert signal.with_clock(LATE).times_s.tolist() == [4.0, 4.04]
