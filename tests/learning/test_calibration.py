from fractions import Fraction

import numpy as np
import pytest

from napari_mespot.learning import CalibrationParams, calibrate_spotting, fit_platt
from napari_mespot.learning.calibration import count_hits
from napari_mespot.model import Annotation, Expression, ExpressionKind, Interval, ScoreSignal


def test_platt_scaling_finds_temperature_and_bias(rng):
    logits = rng.normal(0, 3, 20_000)
    chance = 1 / (1 + np.exp(-(logits - 1.5) / 2))
    targets = (rng.random(20_000) < chance).astype(float)
    platt = fit_platt(logits, targets)
    assert platt.temperature == pytest.approx(2, rel=0.1)
    assert platt.bias == pytest.approx(-1.5, abs=0.15)


def test_platt_scaling_refuses_what_it_cannot_fit(rng):
    with pytest.raises(ValueError, match="positives and negatives"):
        fit_platt(rng.normal(size=50), np.zeros(50))
    logits = rng.normal(size=500)
    with pytest.raises(ValueError, match="rise"):
        fit_platt(logits, (logits < 0).astype(float))


def sequence(rng, rate, late_s=0.0):
    """Scores that are high inside each expression, shifted by `late_s`, and noise elsewhere."""
    n_frames = 40 * rate
    values = np.clip(rng.normal(0.1, 0.03, (n_frames, 2)), 0, 1)
    expressions = []
    for second in range(2, 36, 6):
        for kind, start, length in (
            (ExpressionKind.MICRO, second, 0.4),
            (ExpressionKind.MACRO, second + 2, 2.0),
        ):
            onset, n = round(start * rate), round(length * rate)
            expressions.append(Expression(Interval(onset, onset + n - 1), kind))
            begin = onset + round(late_s * rate)
            values[begin : begin + n, int(kind is ExpressionKind.MACRO)] = 0.8
    truth = Annotation(
        "x", n_frames, Fraction(rate), tuple(expressions), (Interval(0, n_frames - 1),)
    )
    found = np.ones(n_frames, dtype=np.bool_)
    return truth, ScoreSignal(values.astype(np.float32), found, Fraction(rate), "x")


def test_thresholds_find_what_is_plain_to_see(rng):
    sequences = [sequence(rng, 30), sequence(rng, 200)]
    chosen = calibrate_spotting(sequences, CalibrationParams())
    for kind in ExpressionKind:
        counts = count_hits(sequences, chosen, kind)
        assert (counts.tp, counts.fp, counts.fn) == (12, 0, 0)


def test_a_delay_of_the_scores_is_measured_and_corrected(rng):
    chosen = calibrate_spotting([sequence(rng, 200, late_s=0.1)], CalibrationParams())
    assert chosen.detection.me.onset_shift_s == pytest.approx(-0.1, abs=0.04)
    assert chosen.detection.mae.offset_shift_s == pytest.approx(-0.1, abs=0.1)
