"""One writer, undo as the previous value, and live rules that respect a person's work."""

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tests.gui.reviews import (
    MAE,
    ME,
    prediction,
    review_of,
    reviews,
    scores_with_peaks,
)

from napari_mespot.gui import edits
from napari_mespot.gui.session import Session
from napari_mespot.model import Interval, ReviewStatus
from napari_mespot.spotting import DetectionParams, KindDetectionParams, SmoothingParams
from napari_mespot.spotting.params import SpottingParams


def rules(threshold: float) -> SpottingParams:
    kind = KindDetectionParams(threshold=threshold, low_threshold=threshold, min_duration_s=0)
    return SpottingParams(
        smoothing=SmoothingParams(cutoff_me_hz=15, cutoff_mae_hz=15),
        detection=DetectionParams(me=kind, mae=kind),
    )


def spotted() -> Session:
    session = Session(review_of())
    scores = scores_with_peaks((10, 19, 0.9), (50, 59, 0.6), (100, 109, 0.3))
    session.set_scores(scores, rules(0.5), "synthetic-v1")
    return session


def onsets(session, kind=ME):
    return [i.onset for i in session.shown.items if i.kind is kind]


def test_equal_values_are_no_step():
    session, told = Session(review_of(prediction(1, 5))), []
    session.changed.connect(lambda old, new: told.append(new))
    session.commit(review_of(prediction(1, 5)), "nothing")
    assert not told
    assert not session.undo_label


@given(st.lists(reviews(), min_size=1, max_size=6))
def test_undo_and_redo_walk_the_same_way(steps):
    session = Session(review_of())
    values = [session.review]
    for step in steps:
        if step != values[-1]:
            values.append(step)
        session.commit(step, "step")
    for value in reversed(values[:-1]):
        session.undo()
        assert session.review == value
    session.undo()
    for value in values[1:]:
        session.redo()
        assert session.review == value


def test_thresholds_are_live_and_undone_in_one_step():
    session = spotted()
    assert onsets(session) == [10, 50]
    for threshold in (0.4, 0.3, 0.25):
        session.preview_rules(rules(threshold))
    assert onsets(session) == [10, 50, 100]
    assert session.review.items != session.shown.items, "a drag is no step yet"
    session.commit_rules(rules(0.25))
    assert onsets(session) == [10, 50, 100]
    session.undo()
    assert onsets(session) == [10, 50]
    assert session.shown.rules == rules(0.5)


def test_no_threshold_touches_what_a_person_did():
    session = spotted()
    first, second = (i.uid for i in session.shown.items if i.kind is ME)
    session.commit(edits.move_interval(session.review, first, 5, 14), "move")
    session.commit(edits.set_status(session.review, [second], ReviewStatus.REJECTED), "reject")
    drawn, uid = edits.add_interval(session.review, Interval(200, 210), ME)
    session.commit(drawn, "draw")
    kept = [session.review.by_uid[u] for u in (first, second, uid)]
    for threshold in (0.2, 0.95, 0.5):
        session.commit_rules(rules(threshold))
        assert [session.review.by_uid[u] for u in (first, second, uid)] == kept
        inside = [i for i in session.review.items if i.kind is ME and i.uid not in (first, second)]
        assert all(i.onset >= 60 for i in inside), "no second prediction where a person decided"


def test_a_place_that_is_settled_is_not_predicted_as_the_other_kind():
    session = spotted()
    first = next(i for i in session.shown.items if i.onset == 10)
    changed = edits.set_kind(session.review, first.uid, MAE)
    session.commit(edits.set_status(changed, [first.uid], ReviewStatus.ACCEPTED), "an MaE")
    session.commit_rules(rules(0.2))
    assert onsets(session, ME) == [50, 100]
    assert onsets(session, MAE) == [10]


def test_a_much_longer_one_of_the_other_kind_is_still_predicted_there():
    session = Session(review_of())
    session.set_scores(scores_with_peaks((0, 39, 0.3), (10, 19, 0.9)), rules(0.5), "a")
    (first,) = session.shown.items
    session.commit(edits.set_status(session.review, [first.uid], ReviewStatus.ACCEPTED), "accept")
    session.commit_rules(rules(0.2))
    assert [(i.kind, i.onset, i.offset) for i in session.shown.items] == [
        (MAE, 0, 39),
        (ME, 10, 19),
    ]


def test_unchanged_predictions_stay_the_same_objects():
    session = spotted()
    before = session.shown.by_uid
    session.preview_rules(rules(0.25))
    assert all(session.shown.by_uid[uid] is item for uid, item in before.items())


def test_a_selection_that_vanishes_is_given_up():
    session = spotted()
    session.select("ME:50-59")
    session.preview_rules(rules(0.7))
    assert session.selected_uid is None


def test_scores_of_a_run_under_way_are_shown_but_not_searched():
    session = Session(review_of())
    told = []
    session.scores_changed.connect(lambda: told.append(session.scores))
    half = scores_with_peaks((40, 52, 0.9))
    half.values[150:] = np.nan
    session.stream_scores(half)
    assert session.scores is half
    assert session.smoothed is not None
    assert session.whole_scores is None
    session.commit_rules(session.review.rules)
    assert session.review.items == ()
    session.stream_scores(None)
    assert session.scores is None
    assert session.smoothed is None
    assert told == [half, None]


def test_whole_scores_end_the_stream_and_stay_when_the_next_is_cancelled():
    session = Session(review_of())
    session.stream_scores(scores_with_peaks((3, 9, 0.4)))
    whole = scores_with_peaks((40, 52, 0.9))
    session.set_scores(whole, SpottingParams(), "synthetic-v1")
    assert session.scores is session.whole_scores is whole
    found = session.review.items
    session.stream_scores(scores_with_peaks((100, 120, 0.9)))
    session.stream_scores(None)
    assert session.scores is whole
    assert session.review.items == found


def run_of(session):
    """What belongs together: intervals, rules, scores and the name of their checkpoint."""
    review = session.review
    return review.items, review.rules, session.whole_scores, session.checkpoint


def test_undo_of_a_second_run_brings_the_first_back_whole():
    session, told = spotted(), []
    first = run_of(session)
    other = scores_with_peaks((200, 209, 0.9))
    session.set_scores(other, rules(0.4), "another")
    second = run_of(session)
    assert (onsets(session), session.checkpoint) == ([200], "another")
    session.scores_changed.connect(lambda: told.append(session.scores))
    session.undo()
    assert run_of(session) == first
    assert session.whole_scores is first[2]
    session.preview_rules(rules(0.25))
    assert onsets(session) == [10, 50, 100], "found in the scores that were brought back"
    assert {i.expression.source for i in session.shown.items} == {"synthetic-v1"}
    session.cancel_preview()
    session.redo()
    assert run_of(session) == second
    session.commit_rules(rules(0.9))
    assert {i.expression.source for i in session.review.items} <= {"another"}
    assert told == [first[2], other]


def test_a_run_with_equal_scores_is_no_step():
    session = spotted()
    again = replace(session.whole_scores, values=session.whole_scores.values.copy())
    before = session.review
    session.set_scores(again, rules(0.5), "synthetic-v1")
    assert session.review is before


def test_what_rules_leave_out_as_too_short_is_known_until_most_of_it_is_seen():
    session = Session(review_of())
    limited = at_least(0.4)
    session.set_scores(scores_with_peaks((10, 19, 0.9), (100, 114, 0.8)), limited, "a")
    assert onsets(session) == [100]
    (left_out,) = session.left_out
    assert (left_out.kind, left_out.onset, left_out.offset) == (ME, 10, 19)
    session.preview_rules(at_least(0.3))
    assert session.left_out == ()
    session.cancel_preview()
    seen = session.review.with_reviewed(Interval(0, 14))
    session.commit(seen, "half of it is seen")
    assert len(session.left_out) == 1
    session.commit(seen.with_reviewed(Interval(15, 15)), "more is seen")
    assert session.left_out == ()


def at_least(seconds):
    whole = rules(0.5)
    kind = whole.detection.me.model_copy(update={"min_duration_s": seconds})
    return whole.model_copy(update={"detection": DetectionParams(me=kind, mae=kind)})
