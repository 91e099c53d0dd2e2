import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_mespot.frames.synthetic.dynamics import (
    TimeCourse,
    blink_course,
    profile,
    random_course,
    speech_course,
)
from napari_mespot.model import Interval


@st.composite
def courses(draw):
    onset = draw(st.integers(-50, 200))
    rise, hold, fall = draw(st.tuples(*[st.integers(0, 60)] * 3))
    return TimeCourse(onset, onset + rise, hold, onset + rise + hold + fall)


@given(courses())
def test_moves_exactly_from_onset_to_offset_and_peaks_at_the_apex(course):
    frames = np.arange(course.onset - 20, course.offset + 21)
    strength = course.strength(frames)
    np.testing.assert_array_equal(
        strength > 0, (frames >= course.onset) & (frames <= course.offset)
    )
    assert course.strength(course.apex) == 1
    assert course.strength(course.apex + course.hold) == 1
    rising = strength[frames <= course.apex]
    falling = strength[frames >= course.apex + course.hold]
    assert np.all(np.diff(rising) >= 0)
    assert np.all(np.diff(falling) <= 0)


def test_courses_are_broadcast():
    frames = np.arange(40)
    together = profile(frames, [[5], [10]], [[8], [20]], [[0], [4]], [[20], [39]])
    assert together.shape == (2, 40)
    np.testing.assert_array_equal(together[0], profile(frames, 5, 8, 0, 20))
    np.testing.assert_array_equal(together[1], profile(frames, 10, 20, 4, 39))


def test_rise_may_be_faster_than_fall():
    course = TimeCourse(0, 4, 0, 24)
    assert course.strength(2) > 0.5
    assert course.strength(22) < 0.1
    assert course.interval == Interval(0, 24)
    assert course.n_frames == 25


@pytest.mark.parametrize("broken", [(5, 4, 0, 9), (0, 4, 6, 9), (0, 4, -1, 9)])
def test_broken_order_is_refused(broken):
    with pytest.raises(ValueError, match="Expected onset <= apex"):
        TimeCourse(*broken)


@given(st.integers(1, 900), st.integers(0, 99))
def test_random_course_has_the_wanted_length(n_frames, seed):
    course = random_course(np.random.default_rng(seed), n_frames, onset=7)
    assert course.onset == 7
    assert course.n_frames == n_frames
    with pytest.raises(ValueError, match="n_frames >= 1"):
        random_course(np.random.default_rng(seed), 0)


@pytest.mark.parametrize("frame_rate", [25, 30, 200])
def test_blink_closes_faster_than_it_opens(frame_rate):
    course = blink_course(10, frame_rate)
    assert course.apex - course.onset < course.offset - course.apex
    assert course.n_frames == pytest.approx(0.3 * frame_rate, abs=1)
    assert blink_course(0, 5, 0.1).n_frames >= 3


def test_speech_goes_up_and_down_at_the_rate_of_syllables():
    wave = speech_course(np.arange(400), 100, np.random.default_rng(0))
    assert wave.min() < -0.3
    assert wave.max() > 0.3
    crossings = np.count_nonzero(np.diff(np.sign(wave)))
    assert 12 <= crossings <= 60
