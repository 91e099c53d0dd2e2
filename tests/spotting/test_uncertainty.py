from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_mespot.model import (
    Annotation,
    Expression,
    ExpressionKind,
    Interval,
    ReviewStatus,
    ScoreSignal,
)
from napari_mespot.spotting.detection import find_expressions
from napari_mespot.spotting.params import DetectionParams, KindDetectionParams, SpottingParams
from napari_mespot.spotting.uncertainty import Reason, find_doubts
from napari_mespot.spotting.uncertainty_params import UncertaintyParams

ME, MAE = ExpressionKind.MICRO, ExpressionKind.MACRO
RATE, N = Fraction(30), 600
RULES = SpottingParams(
    detection=DetectionParams(
        me=KindDetectionParams(threshold=0.2, low_threshold=0.1, max_duration_s=0.7),
        mae=KindDetectionParams(threshold=0.4, low_threshold=0.2, max_duration_s=4.5),
    )
)


def scores(*bumps: tuple[ExpressionKind, int, int, float], n: int = N) -> ScoreSignal:
    """Scores near 0 with smooth bumps (kind, first frame, last frame, height)."""
    values = np.full((n, 2), 0.002, np.float32)
    for kind, first, last, height in bumps:
        t = np.linspace(0, np.pi, last - first + 1)
        column = values[first : last + 1, 0 if kind is ME else 1]
        np.maximum(column, height * np.sin(t), out=column)
    return ScoreSignal(values, np.ones(n, np.bool_), RATE, "v")


def spotted(signal: ScoreSignal, **more) -> Annotation:
    found = find_expressions(signal, RULES.detection)
    return Annotation("v", signal.n_frames, RATE, found, **more)


def doubts(signal: ScoreSignal, **more):
    return find_doubts(signal, spotted(signal, **more), RULES)


def test_a_peak_just_below_the_threshold_may_be_missed():
    (doubt,) = doubts(scores((ME, 100, 112, 0.18)))
    assert doubt.reason is Reason.WEAK
    assert doubt.found is None
    assert doubt.frame == 106
    assert doubt.why == "a weak ME, 0.18 against threshold 0.20"
    assert Interval(103, 109).overlap(doubt.interval) == 7
    assert doubt.interval.n_frames <= 13


def test_a_prediction_just_above_the_threshold_may_be_false():
    signal = scores((ME, 100, 112, 0.22))
    (doubt,) = doubts(signal)
    assert doubt.reason is Reason.DOUBTFUL
    assert doubt.found == spotted(signal).expressions[0]
    assert doubt.why == "a doubtful ME, 0.22 at threshold 0.20"


def test_a_sure_expression_and_a_quiet_video_leave_no_doubt():
    assert not doubts(scores((ME, 100, 112, 0.9)))
    assert not doubts(scores())


def test_numbers_that_round_to_the_same_are_told_apart():
    (doubt,) = doubts(scores((ME, 100, 112, 0.1972)))
    assert doubt.why == "a weak ME, 0.197 against threshold 0.200"


def test_a_slow_end_is_unclear_and_looked_at_first():
    signal = scores((MAE, 100, 160, 0.97))
    values = signal.values.copy()
    values[160:230, 1] = 0.19  # hangs just below the low threshold
    values[150:160, 1] = np.maximum(values[150:160, 1], 0.21)
    signal = signal.with_values(values)
    (found,) = spotted(signal).of_kind(MAE)
    (doubt,) = [d for d in doubts(signal) if d.found == found]
    assert doubt.why == "MaE whose end is unclear"
    assert doubt.frame == found.offset


def test_what_was_left_out_for_its_length_is_asked_about():
    signal = scores((ME, 100, 102, 0.5))  # one frame at 0.5: too short
    assert not spotted(signal).expressions
    (doubt,) = doubts(signal)
    assert doubt.why == "an ME left out for its length, 0.50 at threshold 0.20"


def test_what_lasts_long_is_asked_about():
    (doubt,) = doubts(scores((MAE, 100, 300, 0.97)))
    assert doubt.reason is Reason.LONG
    assert doubt.why == "MaE that lasts long, perhaps several"


def test_what_rises_on_the_track_of_the_other_kind_is_not_in_doubt_for_that():
    signal = scores((ME, 100, 160, 0.9))  # 2 s: an MaE, of which the track of MaE knows nothing
    assert [e.kind for e in spotted(signal).expressions] == [MAE]
    assert not doubts(signal)
    (weak,) = doubts(scores((ME, 100, 160, 0.22)))
    assert weak.reason is Reason.DOUBTFUL


@pytest.mark.parametrize("height", [0.18, 0.22])
def test_reviewed_frames_leave_no_doubt(height):
    signal = scores((ME, 100, 112, height), (ME, 300, 312, height))
    assert len(doubts(signal)) == 2
    (doubt,) = doubts(signal, reviewed=(Interval(90, 120),))
    assert doubt.frame == 306
    assert not doubts(signal, reviewed=(Interval(0, N - 1),))


@pytest.mark.parametrize("status", [s for s in ReviewStatus if s is not ReviewStatus.PREDICTED])
def test_what_a_person_has_said_anything_of_is_settled(status):
    signal = scores((ME, 100, 112, 0.22))
    annotation = spotted(signal)
    (found,) = annotation.expressions
    touched = annotation.replaced(found, replace(found, status=status))
    assert not find_doubts(signal, touched, RULES)


def test_an_interval_drawn_at_a_weak_peak_settles_it():
    signal = scores((ME, 100, 112, 0.18))
    drawn = spotted(signal).with_added(Expression(Interval(99, 113), ME))
    assert not find_doubts(signal, drawn, RULES)


def test_without_scores_the_predictions_have_their_own():
    expression = Expression(
        Interval(100, 109), ME, apex=104, score=0.21, status=ReviewStatus.PREDICTED
    )
    sure = replace(expression, interval=Interval(200, 209), apex=204, score=0.9)
    unknown = replace(expression, interval=Interval(300, 309), apex=304, score=None)
    annotation = Annotation("v", N, RATE, (expression, sure, unknown))
    (doubt,) = find_doubts(None, annotation, RULES)
    assert doubt.found == expression
    assert doubt.frame == 104


def test_frames_without_a_face_are_no_doubt():
    signal = scores((ME, 100, 112, 0.18))
    values = signal.values.copy()
    values[90:120] = np.nan
    assert not doubts(signal.with_values(values))


@given(st.floats(0.001, 0.999), st.floats(0.01, 0.3))
def test_the_lowest_score_proposed_is_that_of_the_least_gain(height, least):
    signal = scores((ME, 100, 112, height))
    params = UncertaintyParams(min_gain=least)
    for doubt in find_doubts(signal, spotted(signal), RULES, params):
        assert least <= doubt.gain <= 1.5
        assert doubt.frame in doubt.interval


@given(st.integers(0, 2**32 - 1), st.integers(0, 500))
def test_any_scores_are_taken_and_first_frames_only_shift(seed, start):
    rng = np.random.default_rng(seed)
    values = rng.beta(0.5, 3, (200, 2)).astype(np.float32)
    values[rng.random(200) < 0.05] = np.nan
    signal = ScoreSignal(values, np.ones(200, np.bool_), RATE, "v")
    later = replace(signal, first_frame=start)
    here = find_doubts(signal, Annotation("v", 200, RATE), RULES)
    there = find_doubts(later, Annotation("v", 200 + start, RATE), RULES)
    assert [(d.frame + start, d.gain) for d in here] == [(d.frame, d.gain) for d in there]


def test_a_long_video_is_searched_in_no_time():
    import time

    rng = np.random.default_rng(0)
    n = 100_000
    noise = np.convolve(rng.normal(-3, 9, n), np.hanning(31) / 15, "same")
    values = np.repeat((1 / (1 + np.exp(-noise)))[:, np.newaxis], 2, axis=1).astype(np.float32)
    signal = ScoreSignal(values, np.ones(n, np.bool_), Fraction(200), "v")
    annotation = spotted(signal)
    assert len(annotation.expressions) > 200

    def seconds() -> float:
        start = time.perf_counter()
        assert len(find_doubts(signal, annotation, RULES)) > 200
        return time.perf_counter() - start

    assert min(seconds() for _ in range(3)) < 0.2  # 0.02 s on a quiet machine
