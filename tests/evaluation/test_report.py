"""Counts, reports over many videos, timing, and the comparison of two runs."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.reference import evaluation as slow

from napari_mespot import Annotation, Expression, ExpressionKind, Interval
from napari_mespot.errors import AnnotationFormatError
from napari_mespot.evaluation import (
    KindCounts,
    SpottingCounts,
    compare_runs,
    evaluate,
    recognition_f1,
    spot_then_recognise,
)
from napari_mespot.model import Clock

NUMBERS = st.integers(0, 50)
COUNTS = st.builds(SpottingCounts, NUMBERS, NUMBERS, NUMBERS)


@given(COUNTS, COUNTS)
def test_counts_are_values_that_add(a, b):
    total = a + b
    assert (total.tp, total.fp, total.fn) == (a.tp + b.tp, a.fp + b.fp, a.fn + b.fn)
    assert (KindCounts(a, b) + KindCounts(b, a)).me == total == KindCounts(a, b).overall


@given(COUNTS)
def test_f1_is_the_harmonic_mean(counts):
    p, r = counts.precision, counts.recall
    assert counts.f1 == pytest.approx(2 * p * r / (p + r) if p + r else 0.0)


def test_undefined_figures_are_zero():
    nothing = SpottingCounts()
    assert nothing.precision == nothing.recall == nothing.f1 == 0.0
    assert SpottingCounts(fp=3).precision == SpottingCounts(fn=3).recall == 0.0
    with pytest.raises(ValueError, match="Expected"):
        SpottingCounts(tp=-1)


def test_the_published_overall_figure_follows_from_its_counts():
    """10 hits, 81 predictions, 67 labels: .1351 (Table 3), not the abstract's .1531."""
    assert SpottingCounts(10, 71, 57).f1 == pytest.approx(0.1351, abs=5e-5)


# ------------------------------------------------------------------ many videos


def test_every_video_counts(drawn):
    references = [
        drawn("..mm..MMMM", video="a"),
        drawn("..........", video="b"),
        drawn("..mm......", video="only labelled"),
    ]
    hypotheses = [
        drawn("..mm..MMMM", video="a"),
        drawn("..mm......", video="b"),
        drawn("......MMMM", video="only predicted"),
    ]
    report = evaluate(references, hypotheses)
    assert report.counts.me == SpottingCounts(1, 1, 1)
    assert report.counts.mae == SpottingCounts(1, 1, 0)
    assert [v.video_id for v in report.videos] == ["a", "b", "only labelled", "only predicted"]


def test_figures_come_from_summed_counts(drawn):
    references = [drawn("MMMM......", video=v) for v in "ab"]
    hypotheses = [drawn("MMMM......", video="a"), drawn("....MM..MM", video="b")]
    assert evaluate(references, hypotheses).counts.mae == SpottingCounts(1, 2, 1)
    assert evaluate(references, hypotheses).counts.mae.f1 == 0.4


def test_the_form_that_other_programs_read(drawn):
    report = evaluate([drawn("MMMM")], [drawn("MMMM")], "softnet", 0.4)
    figures = {"precision": 1.0, "recall": 1.0, "f1": 1.0}
    nothing = {"tp": 0, "fp": 0, "fn": 0, "precision": 0.0, "recall": 0.0, "f1": 0.0}
    assert report.as_dict() == {
        "rule": "softnet",
        "iou": 0.4,
        "ME": nothing,
        "MaE": {"tp": 1, "fp": 0, "fn": 0, **figures},
        "overall": {"tp": 1, "fp": 0, "fn": 0, **figures},
    }


def test_one_video_name_for_several_subjects(drawn):
    references = [drawn("MMMM....", video="anger1", subject_id=s) for s in ("1", "2")]
    hypotheses = [
        drawn("....MMMM", video="anger1", subject_id="1"),
        drawn("MMMM....", video="anger1", subject_id="2"),
    ]
    report = evaluate(references, hypotheses)
    assert report.per_subject() == {
        "1": KindCounts(mae=SpottingCounts(0, 1, 1)),
        "2": KindCounts(mae=SpottingCounts(1, 0, 0)),
    }


def test_a_subject_named_on_one_side_only_is_enough(drawn):
    report = evaluate([drawn("MMMM", subject_id="7")], [drawn("MMMM")])
    assert report.per_subject() == {"7": KindCounts(mae=SpottingCounts(1, 0, 0))}


def test_a_video_given_twice_is_refused(drawn):
    with pytest.raises(AnnotationFormatError, match="'v' 2 times"):
        evaluate([drawn("MM"), drawn("MM")], [])
    with pytest.raises(AnnotationFormatError, match="hypothesis"):
        evaluate([], [drawn("MM"), drawn("MM")])


def test_subjects_are_summed_and_sorted(drawn):
    references = [
        drawn("MM", video="b", subject_id="2"),
        drawn("MM", video="a", subject_id="1"),
        drawn("mm", video="c", subject_id="1"),
    ]
    assert list(evaluate(references, []).per_subject().items()) == [
        ("1", KindCounts(SpottingCounts(fn=1), SpottingCounts(fn=1))),
        ("2", KindCounts(SpottingCounts(), SpottingCounts(fn=1))),
    ]


# ----------------------------------------------------------------------- timing


def with_apex(annotation: Annotation, apex: int) -> Annotation:
    expressions = tuple(replace(e, apex=apex) for e in annotation.expressions)
    return replace(annotation, expressions=expressions)


def test_timing_is_signed_and_late_is_positive(drawn):
    reference = with_apex(drawn("..MMMMMMMM..", frame_rate=Fraction(200)), 5)
    hypothesis = with_apex(drawn("...MMMMMMMMM"), 4)
    timing = evaluate([reference], [hypothesis]).timing()
    assert timing.onset.frames == (1,)
    assert timing.apex.frames == (-1,)
    assert timing.offset.frames == (2,)
    assert timing.offset.milliseconds == (10.0,)
    assert timing.as_dict()["apex"] == {
        "n": 1,
        "mean_frames": -1.0,
        "median_frames": -1.0,
        "mean_absolute_frames": 1.0,
        "mean_ms": -5.0,
        "median_ms": -5.0,
        "mean_absolute_ms": 5.0,
    }


def test_timing_without_hits_apexes_or_rates_is_none(drawn):
    timing = evaluate([drawn("..MMMM")], [drawn("..MMMM")]).timing(ExpressionKind.MACRO)
    assert timing.onset.frames == (0,)
    assert timing.apex.as_dict()["mean_frames"] is None
    assert timing.onset.as_dict()["mean_ms"] is None
    assert evaluate([drawn("MM")], [drawn("MM")]).timing(ExpressionKind.MICRO).onset.frames == ()


# ------------------------------------------------------------ comparison of runs


def runs(drawn, n_subjects: int):
    videos = [f"v{i}" for i in range(n_subjects)]
    references = [drawn("MMMM....mm", video=v, subject_id=v) for v in videos]
    good = [drawn("MMMM....mm", video=v) for v in videos]
    poor = [drawn("....MM..mm" if i % 2 else "MMMM......", video=v) for i, v in enumerate(videos)]
    return evaluate(references, poor), evaluate(references, good)


def test_comparison_equals_the_slow_bootstrap(drawn):
    first, second = runs(drawn, 6)
    comparison = compare_runs(first, second, n_resamples=500, seed=3)
    rows = [
        [(c.overall.tp, c.overall.fp, c.overall.fn) for c in run.per_subject().values()]
        for run in (first, second)
    ]
    draws = np.random.default_rng(3).multinomial(6, np.full(6, 1 / 6), size=500).tolist()
    expected = slow.f1_of_resamples(*rows, draws)
    assert comparison.low == pytest.approx(np.quantile(expected, 0.025))
    assert comparison.high == pytest.approx(np.quantile(expected, 0.975))
    assert comparison.difference == pytest.approx(slow.f1_of_resamples(*rows, [[1] * 6])[0])


def test_comparison_tells_a_difference_and_none(drawn):
    first, second = runs(drawn, 12)
    better = compare_runs(first, second)
    assert better.low > 0
    assert better.p_value < 0.01
    assert better.n_subjects == 12
    same = compare_runs(second, second, ExpressionKind.MICRO)
    assert (same.difference, same.low, same.high, same.p_value) == (0, 0, 0, 1)
    worse = compare_runs(second, first)
    assert worse.difference == -better.difference


def test_only_like_is_compared_with_like(drawn):
    first, _ = runs(drawn, 3)
    for other in (replace(first, rule="abpn"), replace(first, videos=first.videos[:2])):
        with pytest.raises(ValueError, match="Expected"):
            compare_runs(first, other)


# ------------------------------------------------------------- spot, then recognise


def with_emotions(annotation: Annotation, *emotions: str) -> Annotation:
    named = zip(annotation.expressions, emotions, strict=True)
    return replace(annotation, expressions=tuple(replace(e, emotion=x) for e, x in named))


def test_recognition_is_judged_on_the_hits_alone(drawn):
    reference = with_emotions(drawn("MMMM..MMMM..MMMM..MMMM"), "joy", "joy", "Fear", "fear")
    hypothesis = with_emotions(drawn("MMMM..MMMM..MMMM......"), "joy ", "fear", "fear")
    report = evaluate([reference], [hypothesis])
    assert recognition_f1(report) == pytest.approx(3 / 4), "precision 1, 1/2; recall 1/2, 1"
    assert spot_then_recognise(report) == pytest.approx(6 / 7 * 3 / 4)
    assert spot_then_recognise(report, ExpressionKind.MICRO) == 0.0
    assert recognition_f1(evaluate([drawn("MM")], [drawn("MM")])) == 0.0


def test_recognition_averages_precision_and_recall_before_their_mean(drawn):
    """Found: joy as joy, joy, fear; fear as fear. Precision 1 and 1/2, recall 2/3 and 1."""
    reference = with_emotions(drawn("MM.MM.MM.MM"), "joy", "joy", "joy", "fear")
    hypothesis = with_emotions(drawn("MM.MM.MM.MM"), "joy", "joy", "fear", "fear")
    report = evaluate([reference], [hypothesis])
    precision, recall = (1 + 1 / 2) / 2, (2 / 3 + 1) / 2
    assert recognition_f1(report) == pytest.approx(2 * precision * recall / (precision + recall))
    assert recognition_f1(report) != pytest.approx((4 / 5 + 2 / 3) / 2), "not the mean of F1"


def test_an_emotion_of_which_nothing_was_found_counts(drawn):
    reference = with_emotions(drawn("MM.MM......"), "joy", "fear")
    report = evaluate([reference], [with_emotions(drawn("MM........."), "joy")])
    assert recognition_f1(report) == pytest.approx(1 / 2)
    assert spot_then_recognise(report) == pytest.approx(2 / 3 * 1 / 2)


def test_milliseconds_are_those_between_the_pictures():
    clock = Clock.of_stamps([0, 40, 80, 1080, 2080, 2120], Fraction(1, 1000), Fraction(3))
    label = Annotation("a", 6, expressions=(Expression(Interval(1, 3), ExpressionKind.MICRO),))
    found = Annotation("a", 6, clock.rate, (Expression(Interval(1, 4), ExpressionKind.MICRO),))
    report = evaluate([label.with_clock(clock)], [found])
    assert report.timing().offset.milliseconds == (1000.0,)
    # Two frames may be a second apart.
    (hit,) = evaluate([label.with_clock(clock)], [found], "class-agnostic").videos[0].matching.hits
    counts = evaluate([label.with_clock(clock)], [found], "class-agnostic").counts
    assert hit.reference.kind is ExpressionKind.MICRO
    assert (counts.mae.tp, counts.me.tp) == (1, 0)
