from fractions import Fraction

import numpy as np
import pytest

from napari_mespot.learning import (
    CalibrationParams,
    KindCalibrationParams,
    calibrate_spotting,
    fit_platt,
)
from napari_mespot.learning.calibration import count_hits
from napari_mespot.model import Annotation, Expression, ExpressionKind, Interval, ScoreSignal
from napari_mespot.spotting import find_expressions, smooth

FEW = CalibrationParams(
    me=KindCalibrationParams(
        cutoffs_hz=(8.0,),
        low_shares=(0.5,),
        merge_gaps_s=(0.0,),
        thresholds=(0.2, 0.4, 0.6, 0.9),
        min_duration_s=0.1,
        max_duration_s=0.7,
    ),
    mae=KindCalibrationParams(
        cutoffs_hz=(2.5,),
        low_shares=(0.5,),
        merge_gaps_s=(0.1,),
        thresholds=(0.2, 0.4, 0.6, 0.9),
        min_duration_s=0.5,
        max_duration_s=5.0,
    ),
)


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
    chosen = calibrate_spotting(sequences, FEW)
    for kind in ExpressionKind:
        counts = count_hits(sequences, chosen, kind)
        assert (counts.tp, counts.fp, counts.fn) == (12, 0, 0)


def test_a_delay_of_the_scores_is_corrected(rng):
    truth, signal = sequence(rng, 200, late_s=0.1)
    chosen = calibrate_spotting([(truth, signal)], FEW)
    found = find_expressions(smooth(signal, chosen.smoothing), chosen.detection)
    for kind in ExpressionKind:
        labels = truth.of_kind(kind)
        spotted = [e for e in found if e.kind is kind]
        assert len(spotted) == len(labels)
        late = [(s.onset - e.onset) / 200 for s, e in zip(spotted, labels, strict=True)]
        assert abs(np.median(late)) < 0.03


def test_nothing_to_find_gives_the_strictest_threshold(rng):
    truth, signal = sequence(rng, 30)
    flat = signal.with_values(np.full_like(signal.values, 0.05))
    chosen = calibrate_spotting([(truth, flat)], FEW)
    assert chosen.detection.me.threshold == 0.9
