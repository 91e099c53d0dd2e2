"""Smoothing: what it keeps, what it takes away, and that it never fails."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from napari_mespot.model import ScoreSignal
from napari_mespot.spotting import SmoothingParams, smooth

NONE = SmoothingParams()


def signal(values, rate=30):
    values = np.asarray(values, dtype=np.float32)
    if values.ndim == 1:
        values = np.stack([values, values], axis=1)
    return ScoreSignal(values, np.isfinite(values).all(axis=1), Fraction(rate))


def wave(hertz, rate=200, seconds=8):
    times = np.arange(seconds * rate) / rate
    return 0.5 + 0.4 * np.sin(2 * np.pi * hertz * times)


@given(
    hnp.arrays(
        np.float32,
        st.tuples(st.integers(0, 60), st.just(2)),
        elements=st.one_of(st.floats(0, 1, width=32), st.just(np.nan)),
    ),
    st.fractions(Fraction(1, 10), Fraction(500)),
    st.floats(1e-9, 1e4),
    st.integers(1, 8),
    st.sampled_from(["none", "minmax"]),
)
def test_it_never_fails_and_stays_in_bounds(values, rate, cutoff, order, normalisation):
    params = SmoothingParams(
        cutoff_me_hz=cutoff, cutoff_mae_hz=cutoff / 2, order=order, normalisation=normalisation
    )
    smoothed = smooth(signal(values, rate), params).values
    assert np.array_equal(np.isnan(smoothed), np.isnan(values))
    kept = smoothed[np.isfinite(smoothed)]
    assert ((kept >= 0) & (kept <= 1)).all()


def test_slow_changes_stay_and_fast_ones_go():
    slow, fast = wave(0.3), wave(40)
    assert np.abs(smooth(signal(slow, 200), NONE).values[:, 0] - slow).max() < 0.03
    assert np.abs(smooth(signal(fast, 200), NONE).values[200:-200] - 0.5).max() < 0.02


def test_the_cut_off_is_in_hertz_at_any_frame_rate():
    # Forwards and backwards, the power at the cut-off falls to a quarter.
    for rate in (60, 200):
        out = smooth(signal(wave(4, rate), rate), NONE).values[:, 0]
        middle = out[2 * rate : -2 * rate]
        assert np.ptp(middle) / 0.8 == pytest.approx(0.5, abs=0.02)


def test_a_peak_is_not_moved():
    bump = np.exp(-(((np.arange(300) - 150) / 20) ** 2))
    smoothed = smooth(signal(bump, 100), NONE).values
    assert smoothed.argmax(axis=0).tolist() == [150, 150]
    np.testing.assert_allclose(smoothed, smoothed[::-1][np.r_[299, 0:299]], atol=1e-3)


def test_a_constant_stays_constant_to_its_ends():
    assert np.allclose(smooth(signal(np.full(50, 0.7)), NONE).values, 0.7, atol=1e-6)


def test_nothing_is_carried_over_a_gap_without_a_face():
    values = np.r_[np.zeros(40), np.nan, np.ones(40)]
    smoothed = smooth(signal(values), NONE).values[:, 0]
    assert np.allclose(smoothed[:40], 0, atol=1e-6)
    assert np.isnan(smoothed[40])
    assert np.allclose(smoothed[41:], 1, atol=1e-6)


def test_a_cut_off_above_half_the_frame_rate_changes_nothing():
    values = np.random.default_rng(0).random(40).astype(np.float32)
    smoothed = smooth(signal(values, 8), SmoothingParams(cutoff_me_hz=4, cutoff_mae_hz=9))
    assert np.array_equal(smoothed.values, signal(values).values)


@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_very_short_signals_pass(n):
    assert smooth(signal(np.full((n, 2), 0.4)), NONE).values == pytest.approx(0.4, abs=1e-6)


def test_minmax_uses_the_whole_range_of_each_kind():
    values = np.array([[0.2, 0.5], [0.3, 0.5], [0.4, 0.5], [np.nan, np.nan]])
    params = SmoothingParams(cutoff_me_hz=100, cutoff_mae_hz=100, normalisation="minmax")
    out = smooth(signal(values), params).values
    np.testing.assert_allclose(out[:3], [[0, 0], [0.5, 0], [1, 0]], atol=1e-6)


def test_without_normalisation_a_neutral_video_stays_neutral():
    low = 0.05 + 0.01 * np.random.default_rng(0).random(200)
    assert smooth(signal(low), NONE).values.max() < 0.07


def test_the_signal_given_is_not_changed():
    values = np.random.default_rng(0).random((40, 2)).astype(np.float32)
    before = values.copy()
    smooth(ScoreSignal(values, np.ones(40, bool), Fraction(30)), NONE)
    assert np.array_equal(values, before)
