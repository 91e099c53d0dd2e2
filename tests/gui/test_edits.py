"""What a person does to a review, and what it says of the frames looked at."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.gui.reviews import MAE, ME, N_FRAMES, prediction, review_of, reviews

from napari_mespot.gui import edits
from napari_mespot.model import Interval, ReviewStatus


def only(review):
    (item,) = review.items
    return item


def test_accepting_marks_the_frames_as_looked_at():
    item = prediction(10, 20)
    review = edits.set_status(review_of(item), [item.uid], ReviewStatus.ACCEPTED)
    assert only(review).status is ReviewStatus.ACCEPTED
    assert review.reviewed == (Interval(10, 20),)


def test_moving_makes_it_corrected_and_keeps_the_original():
    item = prediction(10, 20)
    review = edits.move_interval(review_of(item), item.uid, 8, 25)
    assert only(review).status is ReviewStatus.CORRECTED
    assert only(review).original == item.expression
    assert review.reviewed == (Interval(8, 25),)


def test_moving_back_makes_it_accepted():
    item = prediction(10, 20)
    review = edits.move_interval(review_of(item), item.uid, 8, 25)
    assert only(edits.move_interval(review, item.uid, 10, 20)).status is ReviewStatus.ACCEPTED


@given(st.integers(-50, 400), st.integers(-50, 400))
def test_an_interval_stays_inside_the_video(onset, offset):
    item = prediction(10, 20)
    moved = only(edits.move_interval(review_of(item), item.uid, onset, offset))
    assert 0 <= moved.onset <= moved.offset < N_FRAMES
    assert moved.onset <= moved.expression.apex <= moved.offset


def test_an_apex_outside_extends_the_interval():
    item = prediction(10, 20)
    moved = only(edits.set_apex(review_of(item), item.uid, 25)).expression
    assert (moved.onset, moved.apex, moved.offset) == (10, 25, 20 + 5)


def test_uncertain_settles_nothing():
    item = prediction(10, 20)
    review = edits.set_status(review_of(item), [item.uid], ReviewStatus.UNCERTAIN)
    assert not review.reviewed
    assert not only(review).is_decided


def test_deleting_a_prediction_rejects_it_and_a_drawn_one_goes():
    item = prediction(10, 20)
    review, uid = edits.add_interval(review_of(item), Interval(40, 50), MAE, coder="AB")
    assert review.by_uid[uid].expression.coder == "AB"
    left = only(edits.remove_items(review, [item.uid, uid]))
    assert left.status is ReviewStatus.REJECTED
    assert left.original == item.expression


def test_splitting_covers_the_same_frames():
    item = prediction(10, 20)
    review, uid = edits.split_item(review_of(item), item.uid, 14)
    first, second = review.items
    assert (first.onset, first.offset, second.onset, second.offset) == (10, 13, 14, 20)
    assert second.uid == uid
    assert second.expression.apex == 15
    assert first.expression.apex is None
    with pytest.raises(ValueError, match="11 to 20"):
        edits.split_item(review_of(item), item.uid, 10)


def test_merging_keeps_texts_and_the_better_peak():
    a, b = prediction(10, 20, score=0.5), prediction(25, 40, score=0.9)
    review = edits.annotate(review_of(a, b), a.uid, action_units="4B", notes="left brow")
    review = edits.annotate(review, b.uid, action_units="7C", notes="both lids")
    merged = only(edits.merge_items(review, [b.uid, a.uid])).expression
    assert merged.interval == Interval(10, 40)
    assert (merged.apex, merged.score) == (32, 0.9)
    assert merged.action_units == "4B+7C"
    assert merged.notes == "left brow; both lids"


def test_another_kind():
    item = prediction(10, 20)
    changed = only(edits.set_kind(review_of(item), item.uid, MAE))
    assert (changed.kind, changed.original.kind) == (MAE, ME)


@given(reviews(), st.data())
def test_no_edit_loses_an_original(review, data):
    originals = {i.original for i in review.items if i.original}
    for item in review.items:
        review = data.draw(
            st.sampled_from(
                [
                    edits.move_interval(review, item.uid, 5, 9),
                    edits.set_kind(review, item.uid, MAE),
                    edits.remove_items(review, [item.uid]),
                    edits.set_status(review, [item.uid], ReviewStatus.REJECTED),
                ]
            )
        )
    assert {i.original for i in review.items if i.original} == originals


def test_typed_text_that_no_file_can_hold_is_marked():
    review = review_of(prediction(1, 9))
    (item,) = edits.annotate(review, review.items[0].uid, notes="cut \ud83d", coder="A\0B").items
    assert (item.expression.notes, item.expression.coder) == ("cut \ufffd", "A\ufffdB")
