"""What keys and buttons do to the interval that is meant, and what they say."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.gui.reviews import (
    MAE,
    ME,
    N_FRAMES,
    intervals,
    prediction,
    review_of,
    reviews,
    scores_with_peaks,
)

from napari_mespot.gui import edits
from napari_mespot.gui.action_table import ACTIONS
from napari_mespot.gui.actions import ReviewActions
from napari_mespot.gui.playhead import Playhead
from napari_mespot.gui.session import Session
from napari_mespot.gui.step_text import step_text
from napari_mespot.model import Interval, ReviewStatus

EARLY, LATE = prediction(35, 72, MAE), prediction(118, 219, MAE)
BY_NAME = {action.name: action for action in ACTIONS}


class StillPlayer:
    """A player that nobody watches."""

    def __getattr__(self, name):
        return lambda *arguments: None


def desk_of(*items, selected=None, frame=0, review=None):
    session = Session(review or review_of(*items))
    playhead = Playhead(session.review.n_frames, session.review.frame_rate)
    actions = ReviewActions(session, playhead, StillPlayer())
    desk = SimpleNamespace(session=session, playhead=playhead, actions=actions, lines=[])
    session.stepped.connect(lambda *step: desk.lines.append(str(step_text(*step))))
    session.said.connect(lambda line: desk.lines.append(str(line)))
    session.select(None if selected is None else selected.uid)
    playhead.seek(frame)
    return desk


def do(desk, *names, held=False):
    for name in names:
        desk.actions.perform(BY_NAME[name], held=held)


def spans(desk):
    return [(i.onset, i.offset, i.kind) for i in desk.session.review.items]


# -- edges ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["onset", "offset", "apex"])
def test_an_interval_far_from_the_playhead_is_not_changed(name):
    desk = desk_of(EARLY, selected=EARLY, frame=250)
    before = desk.session.review
    do(desk, name)
    assert desk.session.review is before
    assert desk.lines == [
        "Frame 250 is not near MaE 35–72: select an interval, or press M to draw one"
    ]


def test_the_interval_under_the_playhead_is_meant_where_the_selected_one_is_far():
    desk = desk_of(EARLY, LATE, selected=EARLY, frame=164)
    do(desk, "onset")
    assert spans(desk) == [(35, 72, MAE), (164, 219, MAE)]
    assert desk.session.selected_uid == LATE.uid
    assert "MaE 118–219 → MaE 164–219" in desk.lines[-1]
    assert "not near MaE 35–72" in desk.lines[-1]
    assert desk.session.review.reviewed == (Interval(118, 219),)


@pytest.mark.parametrize(("name", "frame"), [("onset", 80), ("offset", 30)])
def test_no_edge_is_turned_over(name, frame):
    desk = desk_of(EARLY, selected=EARLY, frame=frame)
    before = desk.session.review
    do(desk, name)
    assert desk.session.review is before
    assert f"Frame {frame} lies" in desk.lines[-1]


@pytest.mark.parametrize(
    ("name", "frame", "expected"),
    [
        ("onset", 5, (5, 72)),  # exactly a second away
        ("onset", 40, (40, 72)),
        ("offset", 102, (35, 102)),
        ("apex", 90, (35, 90)),
    ],
)
def test_near_the_interval_its_edges_follow(name, frame, expected):
    desk = desk_of(EARLY, LATE, selected=EARLY, frame=frame)
    do(desk, name)
    assert spans(desk)[0][:2] == expected


@pytest.mark.parametrize(("name", "frame"), [("onset", 4), ("offset", 103)])
def test_a_frame_more_than_a_second_away_is_far(name, frame):
    desk = desk_of(EARLY, selected=EARLY, frame=frame)
    do(desk, name)
    assert spans(desk) == [(35, 72, MAE)]


def test_no_edge_reaches_over_a_neighbour():
    near = prediction(80, 95, MAE)
    desk = desk_of(EARLY, near, selected=EARLY, frame=90)
    do(desk, "offset")
    assert spans(desk) == [(35, 72, MAE), (80, 90, MAE)]


def test_a_neighbour_of_the_other_kind_or_a_rejected_one_is_no_wall():
    other, rejected = prediction(80, 95, ME), prediction(76, 84, MAE)
    desk = desk_of(EARLY, other, rejected, selected=rejected)
    do(desk, "reject")
    desk.session.select(EARLY.uid)
    desk.playhead.seek(90)
    do(desk, "offset")
    assert desk.session.review.by_uid[EARLY.uid].offset == 90


def test_without_a_selection_the_only_interval_here_is_meant():
    desk = desk_of(EARLY, LATE, frame=60)
    do(desk, "offset")
    assert spans(desk)[0] == (35, 60, MAE)
    assert "nothing was selected" in desk.lines[-1]
    assert desk.session.selected_uid == EARLY.uid


def test_of_several_intervals_here_one_must_be_selected():
    desk = desk_of(EARLY, prediction(50, 60), frame=55)
    before = desk.session.review
    do(desk, "offset")
    assert desk.session.review is before
    assert "2 intervals" in desk.lines[-1]


@given(reviews(), st.data())
def test_only_frames_of_the_old_and_the_new_interval_become_reviewed(review, data):
    desk = desk_of(review=review, frame=data.draw(st.integers(0, N_FRAMES - 1)))
    if review.items:
        desk.session.select(data.draw(st.sampled_from(review.items)).uid)
    do(desk, data.draw(st.sampled_from(["onset", "offset", "apex"])))
    after = desk.session.review
    meant = {i.uid for i in after.items if review.by_uid[i.uid] != i}
    assert len(meant) <= 1
    allowed = [*review.reviewed]
    for uid in meant:
        for item in (review.by_uid[uid], after.by_uid[uid]):
            allowed += [span for _, span in item.places]
            assert item.onset <= item.offset
        assert after.seconds(after.by_uid[uid].expression.interval) <= (
            review.seconds(review.by_uid[uid].expression.interval) + 1
        )
    if desk.session.selected is not None:  # what is so already is looked at nonetheless
        allowed += [span for _, span in desk.session.selected.places]
    inside = {f for span in allowed for f in range(span.onset, span.offset + 1)}
    assert all(f in inside for r in after.reviewed for f in range(r.onset, r.offset + 1))


def test_nudges_need_the_interval_in_view():
    desk = desk_of(EARLY, selected=EARLY, frame=200)
    desk.actions.nudge(-1, 0)
    assert spans(desk) == [(35, 72, MAE)]
    assert "not near" in desk.lines[-1]
    desk.playhead.seek(35)
    desk.actions.nudge(-1, 0)
    assert spans(desk) == [(34, 72, MAE)]


def test_a_nudge_stops_at_one_frame_and_at_the_ends_of_the_video():
    one, last = prediction(40, 40), prediction(290, N_FRAMES - 1)
    desk = desk_of(one, last, selected=one, frame=40)
    desk.actions.nudge(1, 0)
    assert "one frame long" in desk.lines[-1]
    desk.session.select(last.uid)
    desk.playhead.seek(295)
    desk.actions.nudge(0, 1)
    assert "end of the video" in desk.lines[-1]
    assert [i.expression for i in desk.session.review.items] == [one.expression, last.expression]


# -- kinds and lengths ---------------------------------------------------------------------


@pytest.mark.parametrize(("last", "kind"), [(113, ME), (114, MAE), (131, MAE)])
def test_an_interval_drawn_by_a_held_key_has_the_kind_of_its_length(last, kind):
    desk = desk_of(frame=100)
    desk.actions.press_new()
    desk.playhead.seek(last)
    desk.actions.release_new()
    assert spans(desk) == [(100, last, kind)]


def test_a_kind_that_contradicts_the_length_is_made_and_told():
    desk = desk_of(LATE, selected=LATE)
    do(desk, "me")
    assert spans(desk) == [(118, 219, ME)]
    assert desk.lines == [
        "make it ME: MaE 118–219 → ME 118–219 (3.40 s: an ME lasts 0.5 s at most)"
    ]
    do(desk, "mae")
    assert "lasts" not in desk.lines[-1]


# -- split and merge -----------------------------------------------------------------------


@given(st.data())
def test_splitting_and_merging_give_the_old_interval_back(data):
    interval = data.draw(intervals())
    if interval.n_frames < 2:
        return
    item = prediction(interval.onset, interval.offset, data.draw(st.sampled_from([ME, MAE])))
    coded = edits.annotate(review_of(item), item.uid, action_units="4B+7C", notes="left")
    others = [prediction(a, a + 3, item.kind) for a in (2, 90, 200) if a > interval.offset + 1]
    review = replace(coded, items=(*coded.items, *others))
    desk = desk_of(review=review, selected=item)
    desk.playhead.seek(data.draw(st.integers(interval.onset + 1, interval.offset)))
    do(desk, "split")
    assert desk.session.selected_uid == item.uid, "the first half stays selected"
    assert len(desk.session.review.items) == len(review.items) + 1
    do(desk, "merge")
    again = desk.session.review
    assert replace(again.by_uid[item.uid].expression, status=ReviewStatus.PREDICTED) == (
        review.by_uid[item.uid].expression
    )
    assert [i for i in again.items if i.uid != item.uid] == others


@pytest.mark.parametrize(("onset", "merges"), [(73, True), (70, True), (79, True), (80, False)])
def test_only_what_touches_or_nearly_so_is_merged(onset, merges):
    after = prediction(onset, onset + 30, MAE)  # up to 0.2 s: 6 frames
    desk = desk_of(EARLY, after, selected=EARLY)
    do(desk, "merge")
    if merges:
        assert spans(desk) == [(35, onset + 30, MAE)]
    else:
        assert len(spans(desk)) == 2
        assert "more than 0.2 s" in desk.lines[-1]
        assert not desk.session.review.reviewed


def test_a_rejected_interval_is_not_merged_into_another():
    after = prediction(73, 80, MAE)
    desk = desk_of(EARLY, after, selected=after)
    desk.actions.set_status(ReviewStatus.REJECTED)
    desk.session.select(EARLY.uid)
    do(desk, "merge")
    assert "No MaE comes after" in desk.lines[-1]
    assert len(spans(desk)) == 2


# -- back and forth ------------------------------------------------------------------------


def spotted():
    desk = desk_of()
    rules = desk.session.review.rules
    desk.session.set_scores(scores_with_peaks((50, 57, 0.9)), rules, "a")
    return desk


def test_a_held_undo_stops_at_the_spotting_and_says_so():
    desk = spotted()
    found = desk.session.review
    item = found.items[0]
    desk.session.select(item.uid)
    desk.playhead.seek(item.onset)
    for _ in range(3):
        desk.actions.nudge(0, 1)
    do(desk, "undo")
    for _ in range(9):
        do(desk, "undo", held=True)
    assert desk.session.review == found
    assert desk.lines[-1] == "Nothing more to undo: spot with a stays, for the rest builds on it"
    do(desk, "undo")
    assert desk.session.review == found, "a press of its own does not take it away either"


def test_the_undo_of_a_second_run_takes_a_press_of_its_own():
    desk = spotted()
    first = desk.session.review
    desk.session.set_scores(scores_with_peaks((150, 157, 0.9)), first.rules, "b")
    second = desk.session.review
    desk.session.select(second.items[0].uid)
    desk.actions.set_status(ReviewStatus.ACCEPTED)
    do(desk, "undo")
    do(desk, "undo", "undo", held=True)
    assert desk.session.review == second
    assert "spot with b" in desk.lines[-1]
    do(desk, "undo")
    assert desk.session.review == first
    do(desk, "redo")
    assert desk.session.review == second


def test_with_nothing_to_undo_or_redo_it_says_so():
    desk = desk_of(EARLY)
    do(desk, "undo", "redo")
    assert desk.lines == ["Nothing more to undo: this is the beginning", "Nothing to redo"]


def test_undo_goes_to_where_it_was():
    desk = desk_of(EARLY, LATE, selected=LATE, frame=150)
    do(desk, "offset")
    desk.session.select(EARLY.uid)
    desk.playhead.seek(0)
    do(desk, "undo")
    assert desk.session.selected_uid == LATE.uid
    assert desk.playhead.frame == LATE.onset
    assert desk.lines[-1] == "undo set offset: MaE 118–150 → MaE 118–219"
    desk.playhead.seek(10)
    do(desk, "redo")
    assert desk.playhead.frame == LATE.onset


def test_undo_of_a_drawn_or_split_interval_shows_its_place():
    desk = desk_of(EARLY, frame=200)
    do(desk, "new")
    desk.actions.release_new()
    desk.playhead.seek(0)
    do(desk, "undo")
    assert 200 <= desk.playhead.frame <= 205
    desk.session.select(EARLY.uid)
    desk.playhead.seek(50)
    do(desk, "split")
    do(desk, "undo")
    assert desk.session.selected_uid == EARLY.uid


# -- nothing selected, nothing left ----------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["accept", "reject", "uncertain", "me", "none", "split", "merge", "fit", "flicker"]
)
def test_without_a_selection_it_says_so(name):
    desk = desk_of(EARLY, frame=40)
    before = desk.session.review
    do(desk, name)
    assert desk.session.review is before
    assert desk.lines == ["Nothing is selected: click an interval, or press N for the next"]


def test_every_decision_is_said():
    desk = desk_of(EARLY, LATE, selected=EARLY)
    do(desk, "accept")
    assert "accepted: MaE 35–72" in desk.lines
    do(desk, "none")
    assert "remove: MaE 118–219" in desk.lines


def test_the_end_of_the_candidates_is_said():
    desk = desk_of(EARLY, LATE, selected=EARLY)
    do(desk, "next")
    assert desk.lines == []
    do(desk, "next")
    assert desk.session.selected_uid == EARLY.uid
    assert desk.lines == ["That was the last candidate: on from the first"]
    do(desk, "previous")
    assert desk.lines[-1] == "That was the first candidate: on from the last"
    do(desk, "accept", "accept")
    assert desk.lines[-1] == "No candidate is left: all intervals are settled"
