"""Giving up, clicking, and other hands: what a gesture must not change."""

import pytest
from qtpy.QtCore import QEvent, QPointF, Qt
from tests.gui.timeline.desk import (
    KEY,
    MAE,
    ME,
    MIDDLE,
    SHIFT,
    A,
    B,
    C,
    Desk,
    peaks,
    peaks_of_me,
    rules,
)

from napari_mespot.gui import edits
from napari_mespot.model import Interval, ReviewStatus

RIGHT = Qt.MouseButton.RightButton


@pytest.fixture
def desk(qtbot):
    made = Desk(qtbot, A, B, C)
    made.session.select(C.uid)
    made.playhead.seek(7)
    return made


@pytest.mark.parametrize("part", ["onset", "offset", "apex", "body"])
def test_escape_puts_playhead_and_selection_back_too(desk, part):
    before = desk.session.review
    with desk.held(desk.place(B.uid, part)) as move:
        move(desk.px(20))
        assert desk.playhead.frame != 7
        desk.key(KEY.Key_Escape)
    assert desk.session.shown is before
    assert desk.session.selected_uid == C.uid
    assert desk.playhead.frame == 7


def test_escape_ends_scrubbing_panning_and_the_overview_where_they_began(desk):
    desk.timeline.fit(Interval(0, 100))
    view = desk.timeline.view
    for start, button in (
        (QPointF(desk.lane(ME, 30).x(), 36), Qt.MouseButton.LeftButton),
        (desk.lane(ME, 30), MIDDLE),
        (QPointF(700, 12), Qt.MouseButton.LeftButton),
    ):
        with desk.held(start, button) as move:
            move(QPointF(-100, 0))
            desk.key(KEY.Key_Escape)
        assert desk.timeline.view == view
        assert desk.playhead.frame == 7


def test_a_selection_that_a_dragged_threshold_hid_is_back_after_escape(qtbot):
    desk = Desk(qtbot, scores=peaks_of_me((60, 79, 0.6)))
    desk.session.commit_rules(rules())
    uid = desk.session.review.items[0].uid
    desk.session.select(uid)
    with desk.held(desk.timeline.threshold_position(ME)) as move:
        move(QPointF(0, -300))
        assert desk.session.selected_uid is None
        desk.key(KEY.Key_Escape)
    assert desk.session.selected_uid == uid


def test_a_click_on_a_threshold_changes_nothing(qtbot):
    desk = Desk(qtbot, scores=peaks((60, 79, 0.6)))
    desk.session.commit_rules(rules())
    before = desk.session.review
    for beside in (-3, 0, 3):
        place = desk.timeline.threshold_position(ME) + QPointF(0, beside)
        desk.playhead.seek(7)
        desk.click(place)
        assert desk.playhead.frame == desk.timeline.view.frame(place.x()), "it goes there"
    assert desk.session.review is before


def test_a_threshold_taken_beside_its_line_does_not_jump(qtbot):
    desk = Desk(qtbot, scores=peaks((60, 79, 0.6)))
    desk.session.commit_rules(rules())
    line = desk.timeline.threshold_position(ME)
    desk.drag(line + QPointF(0, 3), QPointF(0, -10))
    assert desk.timeline.threshold_position(ME).y() == pytest.approx(line.y() - 10, abs=0.2)


def test_where_both_thresholds_are_one_line_each_can_be_moved(qtbot):
    desk = Desk(qtbot, scores=peaks((60, 79, 0.6)))
    desk.session.commit_rules(rules(0.5, 0.5))
    line, low = (desk.timeline.threshold_position(ME, low=is_low) for is_low in (False, True))
    assert line.y() == low.y()
    desk.drag(low, QPointF(0, 12))
    me = desk.session.review.rules.detection.me
    assert me.low_threshold < me.threshold == 0.5
    desk.session.undo()
    desk.drag(line, QPointF(0, 12))
    me = desk.session.review.rules.detection.me
    assert me.low_threshold == me.threshold < 0.5


def test_a_dragged_threshold_never_touches_what_was_accepted(qtbot):
    desk = Desk(qtbot, scores=peaks_of_me((60, 79, 0.6), (150, 189, 0.9)))
    desk.session.commit_rules(rules())
    uid = next(i.uid for i in desk.session.review.items if i.kind is ME)
    accepted = edits.set_status(desk.session.review, [uid], ReviewStatus.ACCEPTED)
    desk.session.commit(accepted, "accept")
    kept = desk.item(uid)
    with desk.held(desk.timeline.threshold_position(ME)) as move:
        for by in (-30, 20, -300):
            move(QPointF(0, by))
            assert desk.session.shown.by_uid[uid] == kept
    assert [i.uid for i in desk.session.review.items if i.kind is ME] == [uid]


@pytest.mark.parametrize("mode", ["shift", "draw mode"])
def test_a_click_where_one_can_draw_only_goes_there(desk, mode):
    desk.timeline.draw_mode = mode == "draw mode"
    keys = SHIFT if mode == "shift" else Qt.KeyboardModifier.NoModifier
    place = desk.lane(MAE, 40)
    desk.press(place, modifiers=keys)
    desk.release(place, modifiers=keys)
    assert len(desk.session.review.items) == 3
    assert desk.playhead.frame == 40


def test_another_button_does_not_end_a_drag(desk):
    start = desk.place(A.uid, "offset")
    with desk.held(start) as move:
        move(desk.px(10))
        desk.press(start, RIGHT)
        desk.release(start, RIGHT)
        assert not desk.steps
        move(desk.px(20))
    assert desk.span(A.uid) == (60, 99)


def test_an_edge_taken_twice_in_a_row_is_dragged_and_not_zoomed_to(desk):
    view = desk.timeline.view
    place = desk.place(A.uid, "offset")
    desk.click(place)
    desk.mouse(QEvent.Type.MouseButtonDblClick, place)
    desk.move(place + desk.px(12))
    desk.release(place + desk.px(12))
    assert desk.timeline.view == view
    assert desk.span(A.uid) == (60, 91)


def test_a_double_click_on_an_interval_shows_it_whole(desk):
    desk.double_click(desk.place(A.uid, "body") + desk.px(2))
    view = desk.timeline.view
    assert view.span < 60
    assert view.start < A.onset < A.offset < view.end


def test_delete_while_a_drag_lasts_does_nothing(desk):
    with desk.held(desk.place(A.uid, "offset")) as move:
        move(desk.px(10))
        desk.key(KEY.Key_Delete)
        move(desk.px(15))
    assert desk.span(A.uid) == (60, 94)
    assert desk.item(A.uid).status is ReviewStatus.CORRECTED


def test_scrubbing_goes_on_when_the_review_changes_meanwhile(desk):
    with desk.held(QPointF(desk.lane(ME, 30).x(), 36)) as move:
        desk.actions.add_interval(Interval(200, 205), MAE)
        move(desk.px(50))
    assert desk.playhead.frame == 80


def test_a_timeline_that_is_hidden_in_a_drag_leaves_the_review_as_it_was(desk):
    before = desk.session.review
    with desk.held(desk.place(A.uid, "offset")) as move:
        move(desk.px(10))
        desk.timeline.hide()
    assert desk.session.shown is desk.session.review is before


def test_an_apex_that_is_dragged_back_to_its_place_is_no_step(desk):
    with desk.held(desk.place(B.uid, "apex")) as move:
        move(desk.px(10))
        move(QPointF(0, 0))
    assert desk.item(B.uid) == B
    assert not desk.steps
