"""Hits under every rule: drawn cases, slow references, and properties."""

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.reference import evaluation as slow

from napari_mespot import Annotation, Expression, ExpressionKind, Interval, ReviewStatus
from napari_mespot.evaluation import RULES, SpottingCounts, match_expressions

ME, MAE = ExpressionKind.MICRO, ExpressionKind.MACRO
SPANS = st.tuples(st.integers(0, 25), st.integers(0, 25)).map(lambda s: tuple(sorted(s)))
SPAN_LISTS = st.lists(SPANS, max_size=6)
IOUS = st.sampled_from(["0.1", "0.3", "0.5", "0.75", "1"])
EXPRESSIONS = st.builds(
    lambda span, kind: Expression(Interval(*span), kind), SPANS, st.sampled_from([ME, MAE])
)
ANNOTATIONS = st.lists(EXPRESSIONS, max_size=7).map(
    lambda found: Annotation("v", frame_rate=Fraction(20), expressions=tuple(found))
)


def macros(spans: list[slow.Span]) -> Annotation:
    # Sorted as an annotation sorts them, so that both sides see ties in the same order.
    return Annotation("v", expressions=tuple(Expression(Interval(*s), MAE) for s in sorted(spans)))


def mae(*args: object) -> SpottingCounts:
    return match_expressions(*args).counts.mae


@pytest.mark.parametrize(
    ("rule", "count_hits"),
    [
        ("strict", slow.greedy_hits),
        ("megc2020", slow.labels_hit_by_any),
        ("softnet", slow.labels_claimed_as_best),
        ("class-agnostic", slow.labels_hit_by_the_first),
        ("lgsnet", slow.labels_hit_by_any),
        ("abpn", slow.predictions_claimed_as_best),
    ],
)
@given(labels=SPAN_LISTS, predictions=SPAN_LISTS, iou=IOUS)
def test_counts_equal_the_slow_reference(rule, count_hits, labels, predictions, iou):
    n_hits = count_hits(sorted(labels), sorted(predictions), Fraction(iou))
    n_false = len(predictions) - n_hits
    if not RULES[rule].kinds_by_own_length:
        n_false = max(0, n_false)
    if rule == "softnet":
        n_false = len(predictions) - n_hits if labels else 0
        n_false += bool(labels) and not predictions  # the one that is added
    expected = SpottingCounts(n_hits, n_false, len(labels) - n_hits)
    assert mae(macros(labels), macros(predictions), rule, float(iou)) == expected


# ---------------------------------------------------------------- drawn cases


def test_half_is_enough_and_less_is_not(drawn):
    label = drawn("..MMMMMMMM..")
    assert mae(label, drawn("..MMMM......")) == SpottingCounts(1, 0, 0)
    assert mae(label, drawn("..MMM.......")) == SpottingCounts(0, 1, 1)


def test_kind_must_be_right(drawn):
    matching = match_expressions(drawn("..mmmm...MMMM"), drawn("..MMMM...MMMM"))
    assert matching.counts.me == SpottingCounts(0, 0, 1)
    assert matching.counts.mae == SpottingCounts(1, 1, 0)
    assert matching.counts.overall == SpottingCounts(1, 1, 1)
    assert [e.onset for e in matching.missed] == [2]
    assert [e.onset for e in matching.false_alarms] == [2]
    assert [(h.reference.onset, h.hypothesis.onset) for h in matching.hits] == [(9, 9)]


def test_two_predictions_on_one_label(drawn):
    label = drawn("..MMMMMMMMMM..")
    two = drawn("..MMMMMM......", "....MMMMMMMM..")
    for rule in RULES:
        assert mae(label, two, rule) == SpottingCounts(1, 1, 0), rule
        (hit,) = match_expressions(label, two, rule).hits
        first_decides = rule == "class-agnostic"
        assert hit.hypothesis.onset == (2 if first_decides else 4), "the better of the two answers"


def test_one_prediction_on_two_labels(drawn):
    two = drawn("..MMMMMM......", "..MMMMMMMMMM..")
    one = drawn("..MMMMMMMM....")
    assert mae(two, one, "strict") == SpottingCounts(1, 0, 1)
    assert mae(two, one, "softnet") == SpottingCounts(1, 0, 1)
    assert mae(two, one, "abpn") == SpottingCounts(1, 0, 1)
    assert mae(two, one, "megc2020") == SpottingCounts(2, 0, 0)
    for rule in ("class-agnostic", "lgsnet"):  # N - A, as published; figures take it as 0
        assert mae(two, one, rule) == SpottingCounts(2, -1, 0)
        assert mae(two, one, rule).precision == mae(two, one, rule).f1 == 1.0


def test_softnet_does_not_fall_back_to_the_second_best(drawn):
    labels = drawn("MMMMMMMMMM......", "....MMMMMMMMMM..")
    predictions = drawn(".MMMMMMMMM......", "..MMMMMMMM......")
    assert mae(labels, predictions, "strict", 0.3) == SpottingCounts(2, 0, 0)
    assert mae(labels, predictions, "softnet", 0.3) == SpottingCounts(1, 1, 1)


def test_softnet_leaves_out_videos_without_the_kind(drawn):
    matching = match_expressions(drawn("..mmm......"), drawn("..mmm..MMMM"), "softnet")
    assert matching.counts.me == SpottingCounts(1, 0, 0)
    assert matching.counts.mae == SpottingCounts()
    assert mae(drawn("..mmm......"), drawn("..mmm..MMMM"), "strict") == SpottingCounts(0, 1, 0)


def test_abpn_wants_more_than_half(drawn):
    assert mae(drawn("MMMMMMMMM"), drawn("MMMMM"), "abpn") == SpottingCounts(0, 1, 1)
    assert mae(drawn("MMMMMMMMM"), drawn("MMMMMM"), "abpn") == SpottingCounts(1, 0, 0)


def test_plus_one_decides(drawn):
    """Frames 0..3 and 2..5: 2 of 6 frames, but only 1 of 5 steps."""
    label, prediction = drawn("MMMM.."), drawn("..MMMM")
    assert mae(label, prediction, "megc2020", 0.3) == SpottingCounts(1, 0, 0)
    assert mae(label, prediction, "class-agnostic", 0.3) == SpottingCounts(0, 1, 1)


def test_class_agnostic_counts_kinds_by_length(drawn):
    """At 10 fps six frames last half a second from onset to offset: the longest ME."""
    label = drawn("..mmmmmmm...MMMMMM..", frame_rate=Fraction(10))
    prediction = drawn("..mmmmmm....MMMMMMM.")
    counts = match_expressions(label, prediction, "class-agnostic").counts
    assert counts.mae == SpottingCounts(1, 0, 0), "the label of 0.6 s is MaE, whatever it says"
    assert counts.me == SpottingCounts(1, 0, 0), "and the label of 0.5 s is ME"


def test_class_agnostic_counts_a_false_alarm_by_its_own_length(drawn):
    label = drawn("...............", frame_rate=Fraction(10))
    prediction = drawn("..MMM..mmmmmmmm")
    counts = match_expressions(label, prediction, "class-agnostic").counts
    assert counts.me == counts.mae == SpottingCounts(0, 1, 0)


def test_class_agnostic_without_a_frame_rate_takes_the_stated_kind(drawn):
    counts = match_expressions(drawn("..mmmmmmmm"), drawn("..MMMMMMMM"), "class-agnostic").counts
    assert counts.me == SpottingCounts(1, -1, 0), "the label is found by a prediction of MaE"
    assert counts.mae == SpottingCounts(0, 1, 0), "which is counted as the MaE that it is"
    assert counts.overall == SpottingCounts(1, 0, 0)


@pytest.mark.parametrize("rule", ["class-agnostic", "lgsnet"])
def test_a_hit_across_half_a_second_is_counted_on_both_sides(drawn, rule):
    """At 10 fps: a label of 0.5 s is found by a prediction of 0.7 s; a MaE is missed."""
    label = drawn("..MMMMMM............", "..........MMMMMMMMMM", frame_rate=Fraction(10))
    counts = match_expressions(label, drawn("..MMMMMMMM.........."), rule).counts
    assert counts.me == SpottingCounts(1, -1, 0)
    assert counts.mae == SpottingCounts(0, 1, 1)
    assert counts.overall == SpottingCounts(1, 0, 1)


def test_class_agnostic_lets_the_first_overlapping_prediction_decide(drawn):
    label = drawn("..MMMMMMMMMM..")
    poor_then_good = drawn("MMMMMM........", "...MMMMMMMM...")
    assert mae(label, poor_then_good, "class-agnostic") == SpottingCounts(0, 2, 1)
    assert mae(label, poor_then_good, "lgsnet") == SpottingCounts(1, 1, 0)
    barely = drawn("MMM...........", "...MMMMMMMM...")
    assert mae(label, barely, "class-agnostic") == SpottingCounts(1, 1, 0), "below 0.2 is no say"


def test_softnet_adds_a_false_alarm_where_nothing_is_predicted(drawn):
    label = drawn("..MMMM..mm", "......MM..")
    assert mae(label, drawn("........mm"), "softnet") == SpottingCounts(0, 1, 2)
    assert mae(label, drawn("..MMMM...."), "softnet") == SpottingCounts(1, 0, 1)
    silent = match_expressions(label, drawn(".........."), "softnet").counts
    assert silent.me == SpottingCounts(0, 1, 1)
    assert silent.mae == SpottingCounts(0, 1, 2)
    for rule in set(RULES) - {"softnet"}:
        assert mae(label, drawn("........mm"), rule) == SpottingCounts(0, 0, 2)


def at(rate: int, *spans: tuple[int, int], kind: ExpressionKind = MAE) -> Annotation:
    found = tuple(Expression(Interval(*span), kind) for span in spans)
    return Annotation("v", frame_rate=Fraction(rate), expressions=found)


def test_softnet_leaves_out_mae_that_begin_in_the_first_frame_of_samm():
    spans = [(0, 900), (1000, 1300)]
    assert mae(at(200, *spans), at(200, (1000, 1300)), "softnet") == SpottingCounts(1, 0, 0)
    assert mae(at(30, *spans), at(30, (1000, 1300)), "softnet") == SpottingCounts(1, 0, 1)
    micro = match_expressions(at(200, (0, 60), kind=ME), at(200, (0, 60), kind=ME), "softnet")
    assert micro.counts.me == SpottingCounts(1, 0, 0)


def test_lgsnet_leaves_out_labels_of_more_than_800_frames_of_samm():
    spans = [(0, 800), (1000, 1801)]
    assert mae(at(200, *spans), at(200), "lgsnet") == SpottingCounts(0, 0, 1)
    assert mae(at(30, *spans), at(30), "lgsnet") == SpottingCounts(0, 0, 2)


def test_abpn_counts_samm_in_steps_of_eight_frames():
    """Frames 0..127 and 63..127: 64 of 127 steps; of 8 frames each, 0..15 and 7..15: 8 of 15."""
    assert mae(at(200, (0, 127)), at(200, (63, 127)), "abpn", 0.52) == SpottingCounts(1, 0, 0)
    assert mae(at(30, (0, 127)), at(30, (63, 127)), "abpn", 0.52) == SpottingCounts(0, 1, 1)
    (hit,) = match_expressions(at(200, (0, 127)), at(200, (63, 127)), "abpn").hits
    assert hit.hypothesis.interval == Interval(63, 127), "reported in its own frames"


# ------------------------------------------------- rejected, and not looked at


def test_rejected_expressions_do_not_exist(drawn):
    for rule in RULES:
        assert match_expressions(drawn("..xxxx.."), drawn("........"), rule).counts.overall == (
            SpottingCounts()
        )
        assert mae(drawn("MM......"), drawn("MM..xxxx"), rule, 1.0 if rule != "abpn" else 0.5) == (
            SpottingCounts(1, 0, 0)
        )
    assert mae(drawn("..xxxx.."), drawn("..MMMM..")) == SpottingCounts(0, 1, 0)


def test_what_nobody_has_looked_at_is_not_wrong(drawn):
    label = drawn("==========..........", "..MMMM..............")
    assert mae(label, drawn("..MMMM....MMMMMM....")) == SpottingCounts(1, 0, 0)
    assert mae(label, drawn("..MMMM..MM..........")) == SpottingCounts(1, 1, 0)
    assert mae(label, drawn("..MMMM...MMM........")) == SpottingCounts(1, 0, 0)
    assert mae(label, drawn("..MMMM..MMMM........")) == SpottingCounts(1, 1, 0)


def test_a_label_outside_the_reviewed_ranges_can_be_hit_and_missed(drawn):
    label = drawn("====................", "..........MMMM......")
    assert mae(label, drawn("..........MMMM......")) == SpottingCounts(1, 0, 0)
    assert mae(label, drawn("....................")) == SpottingCounts(0, 0, 1)


def test_a_reference_without_ranges_holds_everywhere(drawn):
    assert mae(drawn("........"), drawn("..MMMM..")) == SpottingCounts(0, 1, 0)


# ------------------------------------------------------------------ properties


def _apart(expressions: Iterable[Expression]) -> list[Expression]:
    kept: list[Expression] = []
    for expression in sorted(expressions, key=lambda e: e.sort_key):
        if not any(expression.interval.overlap(other.interval) for other in kept):
            kept.append(expression)
    return kept


@pytest.mark.parametrize("rule", RULES)
@given(annotation=ANNOTATIONS)
def test_a_perfect_hypothesis_is_perfect(rule, annotation):
    # Without +1 an interval of one frame has no length, and a best match can be ambiguous.
    distinct = {e.interval: e for e in annotation.expressions if e.interval.n_frames > 1}
    if rule == "class-agnostic":  # where labels overlap, the first prediction can be another's
        distinct = {e.interval: e for e in _apart(distinct.values())}
    annotation = replace(annotation, expressions=tuple(distinct.values()))
    overall = match_expressions(annotation, annotation, rule).counts.overall
    assert overall.fp == overall.fn == 0
    assert overall.tp == len(distinct)
    assert overall.f1 == (1.0 if distinct else 0.0)


@given(ANNOTATIONS, ANNOTATIONS, IOUS)
def test_strict_does_not_know_which_side_is_which(a, b, iou):
    forth = match_expressions(a, b, "strict", float(iou)).counts
    back = match_expressions(b, a, "strict", float(iou)).counts
    for kind in (ME, MAE):
        one, other = forth.of_kind(kind), back.of_kind(kind)
        assert (one.tp, one.fp, one.fn) == (other.tp, other.fn, other.fp)


@pytest.mark.parametrize("rule", RULES)
@given(a=ANNOTATIONS, b=ANNOTATIONS, iou=IOUS)
def test_counts_add_up(rule, a, b, iou):
    matching = match_expressions(a, b, rule, float(iou))
    overall = matching.counts.overall
    assert overall.tp == len(matching.hits)
    assert overall.fn == len(matching.missed)
    assert 0 <= overall.precision <= 1
    assert 0 <= overall.recall <= 1
    assert 0 <= overall.f1 <= 1
    if rule != "softnet":
        assert overall.tp + overall.fn == len(a.expressions)
    if rule in {"strict", "abpn"}:
        assert overall.tp + overall.fp == len(b.expressions)
        assert overall.fp == len(matching.false_alarms)


@given(ANNOTATIONS, ANNOTATIONS)
def test_a_prediction_far_from_all_labels_never_raises_precision(a, b):
    far = Expression(Interval(100, 120), MAE)
    for rule in RULES:
        before = match_expressions(a, b, rule).counts
        after = match_expressions(a, b.with_added(far), rule).counts
        assert after.overall.precision <= before.overall.precision
        assert after.overall.tp == before.overall.tp


@given(ANNOTATIONS, ANNOTATIONS)
def test_a_lower_threshold_never_loses_labels_for_any_prediction(a, b):
    counts = [match_expressions(a, b, "megc2020", iou).counts.overall.tp for iou in (0.8, 0.5, 0.2)]
    assert counts == sorted(counts)


@given(ANNOTATIONS, st.sampled_from(list(ReviewStatus)))
def test_only_rejection_takes_a_prediction_away(annotation, status):
    marked = tuple(replace(e, status=status) for e in annotation.expressions)
    counts = match_expressions(Annotation("v"), replace(annotation, expressions=marked)).counts
    assert counts.overall.fp == (0 if status is ReviewStatus.REJECTED else len(marked))


@pytest.mark.parametrize(("rule", "iou"), [("loose", 0.5), ("strict", 0.0), ("strict", 1.1)])
def test_unknown_rules_and_thresholds_are_refused(rule, iou):
    with pytest.raises(ValueError, match="Expected"):
        match_expressions(Annotation("v"), Annotation("v"), rule, iou)
