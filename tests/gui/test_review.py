"""A review is a value: it sorts itself, keeps originals, and goes into tables and back."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.gui.reviews import ME, N_FRAMES, RATE, prediction, review_of, reviews

from napari_mespot.errors import AnnotationFormatError
from napari_mespot.gui.review import Item, Review
from napari_mespot.io import read_table, write_table
from napari_mespot.model import Annotation, Expression, Interval, ReviewStatus


def test_items_are_sorted_and_keys_are_unique():
    late, early = prediction(50, 60), prediction(10, 20)
    review = review_of(late, early)
    assert [item.onset for item in review.items] == [10, 50]
    with pytest.raises(ValueError, match="distinct keys"):
        replace(review, items=(*review.items, review.items[0]))


def test_nothing_lies_outside_the_video():
    with pytest.raises(ValueError, match="n_frames=10"):
        Review("v", 10, RATE, items=(Item("a", Expression(Interval(5, 10), ME)),))


@given(reviews())
def test_a_table_keeps_the_corrections_and_their_originals(tmp_path_factory, review):
    path = tmp_path_factory.mktemp("tables") / "v.intervals.csv"
    write_table(path, [review.annotation()])
    (annotation,) = read_table(path)
    again = Review("v", N_FRAMES, RATE, rules=review.rules).with_annotation(annotation)
    ours = {(i.expression, i.original) for i in review.items}
    assert {(i.expression, i.original) for i in again.items} == ours
    assert again.reviewed == review.reviewed


def test_adding_the_same_table_twice_adds_nothing():
    review = review_of(prediction(10, 20), prediction(30, 44))
    assert review.with_annotation(review.annotation()) == review


def test_a_table_of_a_longer_video_is_refused():
    long = Annotation("v", expressions=(Expression(Interval(0, N_FRAMES), ME),))
    with pytest.raises(AnnotationFormatError, match="belongs to this video"):
        review_of().with_annotation(long)


def test_labels_of_a_person_have_no_original():
    labels = Annotation("v", expressions=(Expression(Interval(3, 9), ME),))
    (item,) = review_of().with_annotation(labels).items
    assert item.original is None
    assert item.status is ReviewStatus.LABELLED


@given(st.lists(st.tuples(st.integers(0, 90), st.integers(0, 9)), max_size=6), st.data())
def test_unmarking_reviewed_frames(spans, data):
    review = review_of().with_reviewed(*(Interval(a, a + n) for a, n in spans))
    start = data.draw(st.integers(0, 90))
    part = Interval(start, data.draw(st.integers(start, 99)))
    left = {f for r in review.without_reviewed(part).reviewed for f in r.frames}
    assert left == {f for r in review.reviewed for f in r.frames} - set(part.frames)


def test_the_rate_of_a_review_is_exact():
    assert Review("v", 9, Fraction(30_000, 1001)).annotation().frame_rate == Fraction(30_000, 1001)


@given(reviews(), st.integers(0, N_FRAMES - 1))
def test_the_items_at_a_frame(review, frame):
    assert review.at(frame) == tuple(i for i in review.items if frame in i.expression.interval)
