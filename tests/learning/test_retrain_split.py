"""What is learned from, chosen by and judged by never overlaps, and only what is known counts."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_mespot.clips import frame_targets
from napari_mespot.learning import Corpus, LabelledFaces
from napari_mespot.learning.retrain_params import RetrainParams
from napari_mespot.learning.retrain_split import (
    SplitUnit,
    divide,
    judged,
    restricted,
    split_corrections,
)
from napari_mespot.model import Annotation, Expression, ExpressionKind, Interval, ReviewStatus

N = 900
KINDS = st.sampled_from(list(ExpressionKind))


@st.composite
def intervals(draw, longest=80):
    onset = draw(st.integers(0, N - 1))
    return Interval(onset, min(N - 1, onset + draw(st.integers(0, longest))))


@st.composite
def annotations(draw):
    shown = draw(
        st.lists(st.tuples(intervals(), KINDS, st.sampled_from(list(ReviewStatus))), max_size=8)
    )
    return Annotation(
        "v",
        N,
        Fraction(30),
        tuple(Expression(i, kind, status=status) for i, kind, status in shown),
        tuple(draw(st.lists(intervals(400), max_size=3))),
    )


def video(name, subject, n_me=2, n_mae=2):
    kinds = [ExpressionKind.MICRO] * n_me + [ExpressionKind.MACRO] * n_mae
    shown = [Expression(Interval(50 + 60 * i, 60 + 60 * i), kind) for i, kind in enumerate(kinds)]
    annotation = Annotation(
        name, N, Fraction(30), tuple(shown), (Interval(0, N - 1),), subject_id=subject
    )
    return LabelledFaces(np.zeros((N, 2, 2), np.uint8), annotation)


@pytest.mark.parametrize("seed", range(5))
def test_no_person_is_in_two_parts(seed):
    corpus = Corpus(tuple(video(f"v{i}", f"s{i % 6}") for i in range(12)))
    learned, check, outer = split_corrections(corpus, RetrainParams(seed=seed))
    parts = [set(part.subjects) for part in (learned, check, outer.second)]
    assert outer.unit is SplitUnit.SUBJECT
    assert all(parts)
    assert sum(map(len, parts)) == len(set.union(*parts)) == 6


def test_videos_of_nobody_known_are_divided_by_video():
    unknown = Corpus(tuple(video(f"v{i}", "") for i in range(6)))
    assert divide(unknown, 0.4, 2.0, 0).unit is SplitUnit.VIDEO
    # Those of one person who is known stay together all the same.
    some = Corpus(tuple(video(f"v{i}", "anna" if i < 3 else "") for i in range(6)))
    division = divide(some, 0.4, 2.0, 0)
    assert division.unit is SplitUnit.VIDEO
    anna = [
        any(v.annotation.subject_id for v in part.videos)
        for part in (division.first, division.second)
    ]
    assert sum(anna) == 1


def test_the_parts_have_their_share_of_each_kind():
    corpus = Corpus(tuple(video(f"v{i}", f"s{i}", n_me=i % 3, n_mae=3) for i in range(10)))
    division = divide(corpus, 0.4, 2.0, 0)
    for kind in ExpressionKind:
        share = division.second.count(kind) / corpus.count(kind)
        assert 0.25 < share < 0.55


def test_one_video_is_cut_with_a_gap():
    division = divide(Corpus((video("v", "s", 6, 6),)), 0.4, 2.0, 0)
    (early,), (late,) = division.first.videos, division.second.videos
    last, first = early.annotation.reviewed[-1].offset, late.annotation.reviewed[0].onset
    assert division.unit is SplitUnit.STRETCH
    assert first - last >= 2 * 2 * 30
    assert all(e.offset <= last for e in early.annotation.expressions)
    assert all(e.onset >= first for e in late.annotation.expressions)


@given(annotations(), intervals(400))
def test_what_is_restricted_says_nothing_new(annotation, inside):
    part = restricted(annotation, (inside,))
    targets, known = frame_targets(part)
    all_targets, all_known = frame_targets(annotation)
    outside = np.ones(N, bool)
    outside[inside.onset : inside.offset + 1] = False
    assert not known[outside].any()
    assert (known <= all_known).all()
    assert (targets[known] == all_targets[known]).all()


@given(annotations())
def test_only_settled_frames_are_judged_by(annotation):
    settled = judged(annotation)
    assert all(e.status.is_present for e in settled.expressions)
    _, known = frame_targets(settled)
    _, all_known = frame_targets(annotation)
    assert (known <= all_known).all()


@given(annotations())
def test_settling_twice_changes_nothing(annotation):
    assert judged(judged(annotation)) == judged(annotation)


def test_rejected_predictions_stay_hard_negatives_in_their_part():
    base = video("v", "s", 6, 6)
    rejected = Expression(Interval(5, 15), ExpressionKind.MICRO, status=ReviewStatus.REJECTED)
    marked = replace(base, annotation=base.annotation.with_added(rejected))
    division = divide(Corpus((marked,)), 0.4, 2.0, 0)
    (early,), (late,) = division.first.videos, division.second.videos
    assert early.hard_frames().sum() == 11
    assert not late.hard_frames().any()
