"""Targets of frames, with what is known and what is not."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.reference.clips import slow_frame_targets

from napari_mespot.clips import frame_targets
from napari_mespot.model import Annotation, Expression, ExpressionKind, Interval, ReviewStatus

N_FRAMES = 30


def intervals():
    frame = st.integers(0, N_FRAMES - 1)
    return st.builds(lambda a, b: Interval(min(a, b), max(a, b)), frame, frame)


def annotations():
    expression = st.builds(
        Expression,
        interval=intervals(),
        kind=st.sampled_from(ExpressionKind),
        status=st.sampled_from(ReviewStatus),
    )
    return st.builds(
        Annotation,
        video_id=st.just("v"),
        n_frames=st.just(N_FRAMES),
        expressions=st.lists(expression, max_size=6).map(tuple),
        reviewed=st.lists(intervals(), max_size=3).map(tuple),
    )


@given(annotations())
def test_targets_equal_the_slow_ones(annotation):
    targets, known = frame_targets(annotation)
    slow_targets, slow_known = slow_frame_targets(annotation)
    assert targets.dtype == np.float32
    assert np.array_equal(targets, slow_targets)
    assert np.array_equal(known, slow_known)


def test_without_reviewed_ranges_only_what_is_present_is_known():
    smile = Expression(Interval(10, 12), ExpressionKind.MACRO)
    targets, known = frame_targets(Annotation("v", N_FRAMES, expressions=(smile,)))
    assert np.flatnonzero(known[:, 1]).tolist() == [10, 11, 12]
    assert np.flatnonzero(targets[:, 1]).tolist() == [10, 11, 12]
    assert not known[:, 0].any()


def test_micro_and_macro_may_coincide():
    both = tuple(Expression(Interval(3, 5), kind) for kind in ExpressionKind)
    targets, _ = frame_targets(Annotation("v", 8, expressions=both))
    assert targets[4].tolist() == [1, 1]


def test_a_reviewed_frame_without_expression_is_a_known_absence():
    targets, known = frame_targets(Annotation("v", 8, reviewed=(Interval(0, 3),)))
    assert known[:4].all()
    assert not known[4:].any()
    assert not targets.any()


def test_an_annotation_of_unknown_length_is_refused():
    with pytest.raises(ValueError, match="n_frames"):
        frame_targets(Annotation("v"))
