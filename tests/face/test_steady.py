import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import savgol_filter

from napari_mespot.face.steady import smoothing_window, steady
from napari_mespot.face.tracker import TrackedFrame


def tracked(runs, seed=0):
    """Frames in runs: (length, found, segment)."""
    rng = np.random.default_rng(seed)
    for length, found, segment in runs:
        for _ in range(length):
            yield None, TrackedFrame(found, 1.0, rng.normal(size=(2, 3)), segment)


def smoothed(runs, window, seed=0):
    return np.array([frame.transform for _, frame in steady(tracked(runs, seed), window)])


@settings(deadline=None, max_examples=50)
@given(st.integers(1, 60), st.sampled_from([5, 7, 21]), st.integers(0, 2**31))
def test_equals_scipys_filter(n, window, seed):
    raw = np.array([frame.transform for _, frame in tracked([(n, True, 1)], seed)])
    out = smoothed([(n, True, 1)], window, seed)
    if n >= window:
        expected = savgol_filter(raw, window, 2, axis=0, mode="interp")
        np.testing.assert_allclose(out, expected, atol=1e-9)
    elif n <= 3:
        np.testing.assert_array_equal(out, raw)
    assert len(out) == n


def test_nothing_is_smoothed_across_a_break():
    first, second = [(15, True, 1)], [(12, True, 2)]
    both = smoothed(first + second, 7)
    np.testing.assert_allclose(both[:15], smoothed(first, 7))
    raw = np.array([frame.transform for _, frame in tracked(first + second)])
    np.testing.assert_allclose(both[15:], savgol_filter(raw[15:], 7, 2, axis=0, mode="interp"))


def test_frames_without_a_face_keep_what_they_had_and_break_the_run():
    runs = [(3, False, 0), (10, True, 1), (1, False, 1), (10, True, 1)]
    raw = np.array([frame.transform for _, frame in tracked(runs)])
    out = smoothed(runs, 5)
    lost = [0, 1, 2, 13]
    np.testing.assert_array_equal(out[lost], raw[lost])
    np.testing.assert_allclose(out[14:], savgol_filter(raw[14:], 5, 2, axis=0, mode="interp"))


def test_a_parabola_passes_unchanged():
    t = np.arange(40.0)
    path = np.array([0.5, -2, 30]) + np.outer(t, [0.1, 0, 1]) + np.outer(t**2, [0.01, 0.02, -0.01])
    frames = ((None, TrackedFrame(True, 1.0, np.stack([row, row]), 1)) for row in path)
    out = np.array([frame.transform[0] for _, frame in steady(frames, 11)])
    np.testing.assert_allclose(out, path, atol=1e-8)


def test_few_frames_are_held_back():
    taken = 0

    def counted():
        nonlocal taken
        for item in tracked([(500, True, 1)]):
            taken += 1
            yield item

    for given_out, _ in enumerate(steady(counted(), 21)):
        assert taken - given_out <= 21


@pytest.mark.parametrize(
    ("seconds", "rate", "expected"), [(0.1, 200, 21), (0.1, 30, 1), (0.1, 60, 7), (0.0, 200, 1)]
)
def test_the_window_follows_the_frame_rate(seconds, rate, expected):
    assert smoothing_window(seconds, rate, from_rate=60) == expected
