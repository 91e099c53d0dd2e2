"""Times before the video and intervals that are none: left out or cut, and counted."""

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.io.other_tools import RATES

from napari_mespot import Interval
from napari_mespot.errors import AnnotationFormatError
from napari_mespot.io.times import MILLISECOND, FrameClock, milliseconds, start_stop
from napari_mespot.model import Clock

FILE = Path("coded.eaf")


def told(clock: FrameClock) -> list[str]:
    said: list[str] = []
    clock.give_notice(said.append)
    return said


@given(st.sampled_from(RATES), st.integers(-300, 300), st.integers(1, 300))
def test_only_the_part_inside_the_video_is_left(rate, onset, n_frames):
    """Frames counted from the start of a file that begins earlier or later than the video."""
    clock = FrameClock(FILE, Clock(rate), MILLISECOND)
    times = [milliseconds(f / rate) * MILLISECOND for f in (onset, onset + n_frames)]
    inside = range(max(onset, 0), onset + n_frames)
    found = clock.interval(*times)
    assert found == (Interval(inside[0], inside[-1]) if inside else None)
    said = "".join(told(clock))
    assert ("left out" in said) == (not inside or onset < 0)
    if onset < 0:
        assert f"before the first frame of the video: {int(not inside)}; cut" in said


@given(st.sampled_from(RATES), st.integers(-300, 300))
def test_a_single_time_before_the_video_is_no_frame(rate, frame):
    clock = FrameClock(FILE, Clock(rate))
    assert clock.frame(frame / rate) == (frame if frame >= 0 else None)
    assert len(told(clock)) == (frame < 0)


def test_a_rounded_time_just_below_zero_is_the_first_frame():
    clock = FrameClock(FILE, Clock(Fraction(30)), MILLISECOND)
    assert clock.frame(Fraction(-1, 1000)) == 0
    assert clock.interval(Fraction(-1, 1000), Fraction(100, 1000)) == Interval(0, 2)
    assert not told(clock)


@given(st.sampled_from(RATES), st.integers(0, 300), st.integers(0, 300))
def test_an_interval_that_stops_before_it_starts_is_left_out(rate, onset, offset):
    start, stop = start_stop(Interval(min(onset, offset), max(onset, offset)), Clock(rate))
    clock = FrameClock(FILE, Clock(rate))
    assert clock.interval(stop, start) is None
    assert told(clock) == [
        "coded.eaf: left out, as they stop before they start: 1; correct them where they were made"
    ]


@pytest.mark.parametrize("time", [Fraction(10**11), Fraction(10**400), -Fraction(10**400)])
def test_a_time_that_no_video_reaches_is_refused(tmp_path, time):
    with pytest.raises(AnnotationFormatError, match="times within a video"):
        FrameClock(tmp_path / "a.eaf", Clock(Fraction(30))).frame(time)
