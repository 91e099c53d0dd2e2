"""Doubtful labels are neither to be found nor to be missed."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_mespot import Annotation, Expression, ExpressionKind, Interval, ReviewStatus
from napari_mespot.evaluation import (
    SpottingCounts,
    is_doubtful,
    match_clear,
    match_expressions,
    of_any_kind,
)

ME, MAE = ExpressionKind.MICRO, ExpressionKind.MACRO


def label(onset, offset, kind=MAE, doubt=""):
    extras = (("confidence", doubt),) if doubt else ()
    return Expression(Interval(onset, offset), kind, extras=extras)


def video(*expressions):
    return Annotation("v", expressions=expressions)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (label(0, 9), False),
        (label(0, 9, doubt="clear"), False),
        (label(0, 9, doubt=" Doubtful "), True),
        (replace(label(0, 9), extras=(("Certainty", "low"),)), True),
        (replace(label(0, 9), extras=(("remark", "doubtful"),)), False),
        (replace(label(0, 9), status=ReviewStatus.UNCERTAIN), True),
    ],
)
def test_what_is_doubtful(expression, expected):
    assert is_doubtful(expression) is expected


def test_a_find_that_hits_a_doubtful_label_is_neither_right_nor_wrong():
    labels = video(label(0, 9), label(20, 29, doubt="doubtful"), label(40, 49))
    found = video(label(0, 9), label(20, 29), label(60, 69))
    matching = match_clear(labels, found)
    assert matching.counts.mae == SpottingCounts(1, 1, 1)
    assert [e.onset for e in matching.false_alarms] == [60]
    assert [e.onset for e in matching.missed] == [40]


def test_of_two_finds_on_a_doubtful_label_only_one_is_taken_out():
    labels = video(label(0, 9, doubt="doubtful"))
    assert match_clear(labels, video(label(0, 9), label(0, 7))).counts.mae.fp == 1


def test_a_find_of_the_other_kind_does_not_hit_a_doubtful_label():
    labels = video(label(0, 9, doubt="doubtful"))
    counts = match_clear(labels, video(label(0, 9, ME))).counts
    assert counts.me == SpottingCounts(0, 1, 0)
    assert counts.mae == SpottingCounts()


def test_a_clear_label_comes_first():
    """The find fits the doubtful label best, and answers for the clear one all the same."""
    labels = video(label(0, 9, doubt="doubtful"), label(2, 11))
    assert match_clear(labels, video(label(0, 9))).counts.mae == SpottingCounts(1, 0, 0)


SPANS = st.tuples(st.integers(0, 40), st.integers(0, 12)).map(lambda s: (s[0], s[0] + s[1]))
LABELS = st.builds(
    lambda span, kind, doubt: label(*span, kind, doubt),
    SPANS,
    st.sampled_from([ME, MAE]),
    st.sampled_from(["", "clear", "doubtful"]),
)
VIDEOS = st.lists(LABELS, max_size=6).map(lambda found: video(*found))


@given(VIDEOS, VIDEOS)
def test_doubtful_labels_change_nothing_but_false_alarms(labels, found):
    found = replace(found, expressions=tuple(replace(e, extras=()) for e in found.expressions))
    doubtful = [e for e in labels.expressions if is_doubtful(e)]
    without = match_expressions(labels.without(*doubtful), found)
    matching = match_clear(labels, found)
    assert matching.hits == without.hits
    assert matching.missed == without.missed
    assert 0 <= len(without.false_alarms) - len(matching.false_alarms) <= len(doubtful)
    assert matching.counts.overall.fp == len(matching.false_alarms)
    if not doubtful:
        assert matching == match_expressions(labels, found)


def test_kinds_can_be_put_aside():
    labels, found = video(label(0, 9, ME)), video(label(0, 9, MAE))
    assert match_clear(labels, found).counts.overall.tp == 0
    assert match_clear(*map(of_any_kind, (labels, found))).counts.overall == SpottingCounts(1)
