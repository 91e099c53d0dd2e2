"""Thresholds and temperature follow the labels as far as these are many."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from napari_mespot.learning import Corpus, LabelledFaces
from napari_mespot.learning.calibration import Platt
from napari_mespot.learning.labelled_logits import probabilities
from napari_mespot.learning.retrain_params import RetrainParams
from napari_mespot.learning.retrain_scores import Calibration, calibrate, rescaled
from napari_mespot.model import Annotation, Expression, ExpressionKind, Interval
from napari_mespot.spotting import (
    DetectionParams,
    KindDetectionParams,
    SmoothingParams,
    SpottingParams,
)

ME, MAE = ExpressionKind.MICRO, ExpressionKind.MACRO
RATE, EVERY, LONG = 30, 240, 45
OLD = 0.12
STEADY = SmoothingParams(cutoff_me_hz=10.0, cutoff_mae_hz=10.0)


def rules(threshold=OLD):
    kinds = {
        "me": KindDetectionParams(threshold=0.9, low_threshold=0.9),
        "mae": KindDetectionParams(threshold=threshold, low_threshold=threshold),
    }
    return SpottingParams(smoothing=STEADY, detection=DetectionParams(**kinds))


def logit(p):
    return float(np.log(p / (1 - p)))


def hump(peak):
    """Logits that rise and fall over 0.3 s, as those of a network do."""
    ramp = np.linspace(-6, logit(peak), 10)[1:]
    return np.concatenate([ramp, np.full(LONG - 2, logit(peak)), ramp[::-1]])


def material(n_expressions, shown=0.97, alarm=0.45):
    """An MaE every 8 s, and between any two of them a hump that is none."""
    n = n_expressions * EVERY
    logits = np.full((n, 2), -6.0, np.float32)
    shown_at = [EVERY * i + 30 for i in range(n_expressions)]
    for at in shown_at:
        logits[at - 8 : at + LONG + 8, 1] = hump(shown)
        logits[at + 112 : at + 112 + LONG + 16, 1] = hump(alarm)
    labels = tuple(Expression(Interval(at, at + LONG - 1), MAE) for at in shown_at)
    annotation = Annotation("v", n, Fraction(RATE), labels, (Interval(0, n - 1),))
    images = np.broadcast_to(np.uint8(0), (n, 2, 2))
    return Corpus((LabelledFaces(images, annotation),)), {"v": logits}


def operating_point(calibration, column=1):
    """The threshold before calibration."""
    platt = calibration.platts[column]
    threshold = calibration.spotting.detection.of_kind((ME, MAE)[column]).threshold
    return platt.temperature * logit(threshold) - platt.bias


def chosen(n, params=None, **changes):
    start = Calibration((Platt(), Platt()), rules())
    return calibrate(*material(n, **changes), params or RetrainParams(), start)


def test_with_three_expressions_the_threshold_hardly_moves():
    assert abs(operating_point(chosen(3)) - logit(OLD)) < 0.5


def test_with_three_hundred_it_follows():
    new = chosen(300)
    # Above the humps that are no expressions, below those that are.
    assert logit(0.45) < operating_point(new) < logit(0.97)


def test_without_a_prior_three_are_enough():
    params = RetrainParams(prior_expressions=0)
    assert operating_point(chosen(3, params)) > logit(0.45)


def test_evidence_moves_it_step_by_step():
    moved = [operating_point(chosen(n)) - logit(OLD) for n in (3, 10, 100)]
    assert moved[0] <= moved[1] + 1e-6 <= moved[2] + 2e-6


def test_a_kind_with_too_few_keeps_everything():
    new = chosen(3)
    assert new.platts[0] == Platt()
    assert new.spotting.detection.me == rules().detection.me
    none = chosen(2)
    assert none == Calibration((Platt(), Platt()), rules())


@pytest.mark.parametrize(
    ("temperature", "bias", "n"), [(0.4, 1.0, 5), (1.0, -2.0, 5), (2.5, 3.0, 12)]
)
def test_the_scale_of_the_logits_does_not_matter(temperature, bias, n):
    """New weights may give other logits for the same probabilities."""
    corpus, logits = material(n, alarm=0.9)
    logits["v"][:, 1] += np.random.default_rng(n).normal(0, 1.5, len(logits["v"]))
    start = Calibration((Platt(), Platt()), rules())
    params = RetrainParams(thresholds=(OLD,))  # those of the grid are another choice
    plain = calibrate(corpus, logits, params, start)
    other = {"v": logits["v"] * temperature - bias}
    scaled = calibrate(
        corpus, other, params, replace(start, platts=(Platt(), Platt(temperature, bias)))
    )
    assert operating_point(scaled) == pytest.approx(
        temperature * operating_point(plain) - bias, abs=0.15 * temperature
    )


def test_rules_are_carried_over_to_other_logits():
    """An old temperature that was chosen elsewhere keeps what it means."""
    corpus, before = material(6, alarm=0.9)
    before["v"][:, 1] += np.random.default_rng(0).normal(0, 1.5, len(before["v"]))
    old = Calibration((Platt(2.0), Platt(2.0, 0.4)), rules())
    now = {"v": before["v"] * 1.7 - 0.6}
    carried = rescaled(corpus.videos, now, before, old)
    then = probabilities(before["v"], old.platts)[:, 1]
    np.testing.assert_allclose(probabilities(now["v"], carried.platts)[:, 1], then, atol=1e-3)
    assert carried.platts[0] == old.platts[0], "of ME nothing is known there"
    assert carried.spotting == old.spotting
