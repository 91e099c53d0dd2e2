"""Intervals under the mouse: drag, draw, delete, undo."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from qtpy.QtCore import QPointF, Qt
from tests.gui.reviews import prediction
from tests.gui.timeline.desk import KEY, MAE, ME, SHIFT, A, B, C, Desk

from napari_mespot.model import Interval, ReviewStatus

EDGE, ARROW = Qt.CursorShape.SizeHorCursor, Qt.CursorShape.ArrowCursor


@pytest.fixture
def desk(qtbot):
    return Desk(qtbot, A, B, C)


@pytest.mark.parametrize(
    ("part", "by", "span", "frame"),
    [
        ("onset", -10, (50, 79), 50),
        ("onset", 5, (65, 79), 65),
        ("offset", 20, (60, 99), 99),
        ("offset", -7, (60, 72), 72),
    ],
)
def test_an_edge_follows_the_mouse_and_the_video_the_edge(desk, part, by, span, frame):
    desk.drag(desk.place(A.uid, part), desk.px(by))
    assert desk.span(A.uid) == span
    assert desk.playhead.frame == frame
    assert desk.item(A.uid).status is ReviewStatus.CORRECTED
    assert desk.item(A.uid).original == A.original
    assert desk.steps == [f"move {part}"]


def test_while_an_edge_is_dragged_it_is_shown_but_no_step(desk):
    with desk.held(desk.place(A.uid, "offset")) as move:
        move(desk.px(12))
        assert desk.span(A.uid, shown=True) == (60, 91)
        assert desk.span(A.uid) == (60, 79)
        assert not desk.steps
    assert desk.span(A.uid) == (60, 91)


def test_an_edge_taken_a_few_pixels_beside_does_not_jump(desk):
    beside = desk.place(A.uid, "offset") + QPointF(4, 0)
    desk.drag(beside, desk.px(10))
    assert desk.span(A.uid) == (60, 89)


def test_an_edge_never_passes_the_other_one(desk):
    desk.drag(desk.place(A.uid, "onset"), desk.px(200))
    assert desk.span(A.uid) == (79, 79)
    desk.session.undo()
    desk.drag(desk.place(A.uid, "offset"), desk.px(-200))
    assert desk.span(A.uid) == (60, 60)


def test_edges_stop_at_the_ends_of_the_video(desk):
    desk.drag(desk.place(A.uid, "onset"), desk.px(-400))
    desk.drag(desk.place(C.uid, "offset"), desk.px(400))
    assert desk.span(A.uid) == (0, 79)
    assert desk.span(C.uid) == (240, 299)
    assert desk.playhead.frame == 299


def test_a_moved_interval_keeps_its_length_and_its_apex_its_place_in_it(desk):
    desk.drag(desk.place(A.uid, "body"), desk.px(30))
    assert desk.span(A.uid) == (90, 109)
    assert desk.item(A.uid).expression.apex == A.expression.apex + 30


def test_a_moved_interval_stays_in_the_video(desk):
    desk.drag(desk.place(C.uid, "body"), desk.px(300))
    assert desk.span(C.uid) == (280, 299)
    desk.drag(desk.place(A.uid, "body"), desk.px(-300))
    assert desk.span(A.uid) == (0, 19)


def test_dragged_into_the_other_lane_it_becomes_the_other_kind(desk):
    start = desk.place(A.uid, "body")
    down = QPointF(0, desk.lane(MAE, 70).y() - start.y())
    desk.drag(start, down)
    assert desk.item(A.uid).kind is MAE
    assert desk.span(A.uid) == (60, 79)
    assert len(desk.steps) == 1
    desk.drag(desk.place(A.uid, "body"), -down)
    assert desk.item(A.uid).kind is ME


def test_the_apex_is_dragged_inside_its_interval(desk):
    start = desk.place(B.uid, "apex")
    desk.drag(start, desk.px(10))
    assert desk.item(B.uid).expression.apex == B.expression.apex + 10
    desk.drag(desk.place(B.uid, "apex"), desk.px(200))
    assert desk.item(B.uid).expression.apex == B.offset
    assert desk.span(B.uid) == (150, 209)


def test_a_click_selects_and_goes_to_the_clicked_frame_and_changes_nothing(desk):
    before = desk.session.review
    desk.click(desk.place(B.uid, "body") + desk.px(5))
    assert desk.session.selected_uid == B.uid
    assert desk.playhead.frame == 185
    assert desk.session.review is before


def test_a_hand_that_trembles_moves_nothing(desk):
    before = desk.session.review
    desk.drag(desk.place(B.uid, "body"), QPointF(2, 1))
    assert desk.session.review is before


def test_undo_takes_a_whole_drag_back(desk):
    desk.drag(desk.place(A.uid, "onset"), desk.px(-30))
    desk.session.undo()
    assert desk.span(A.uid) == (60, 79)
    assert not desk.item(A.uid).is_touched
    desk.session.redo()
    assert desk.span(A.uid) == (30, 79)


def test_escape_gives_a_drag_up(desk):
    before = desk.session.review
    with desk.held(desk.place(A.uid, "offset")) as move:
        move(desk.px(40))
        assert desk.span(A.uid, shown=True) == (60, 119)
        desk.key(KEY.Key_Escape)
        assert desk.session.shown is before
        move(desk.px(60))
    assert desk.session.review is before
    assert desk.session.shown is before
    assert not desk.steps


def test_a_step_that_comes_while_a_drag_lasts_is_not_undone_by_it(desk):
    with desk.held(desk.place(A.uid, "offset")) as move:
        move(desk.px(10))
        desk.actions.add_interval(Interval(10, 20), MAE)
        move(desk.px(20))
    assert "h1" in desk.session.review.by_uid


def test_delete_removes_what_a_person_drew_and_rejects_a_prediction(desk):
    desk.click(desk.place(A.uid, "body"))
    desk.key(KEY.Key_Delete)
    assert desk.item(A.uid).status is ReviewStatus.REJECTED
    desk.actions.add_interval(Interval(100, 120), ME)
    desk.key(KEY.Key_Backspace)
    assert "h1" not in desk.session.review.by_uid
    desk.session.undo()
    assert desk.span("h1") == (100, 120)


@pytest.mark.parametrize("lane", [ME, MAE])
@pytest.mark.parametrize(("frames", "kind"), [(13, ME), (14, MAE), (30, MAE)])
def test_shift_and_a_drag_in_a_lane_draw_an_interval_of_the_kind_of_its_length(
    desk, lane, frames, kind
):
    with desk.held(desk.lane(lane, 100), modifiers=SHIFT) as move:
        move(desk.px(frames))
        assert desk.timeline._hand.drawn == (kind, Interval(100, 100 + frames))
    new = desk.session.selected
    assert (new.onset, new.offset, new.kind) == (100, 100 + frames, kind)
    assert new.status is ReviewStatus.LABELLED
    assert new.expression.coder == "XY"


def test_it_can_be_drawn_backwards_and_not_out_of_the_video(desk):
    desk.drag(desk.lane(ME, 20), desk.px(-60), modifiers=SHIFT)
    assert desk.span("h1") == (0, 20)
    desk.drag(desk.lane(MAE, 280), desk.px(60), modifiers=SHIFT)
    assert desk.span("h2") == (280, 299)


def test_in_draw_mode_a_plain_drag_draws(desk):
    desk.timeline.draw_mode = True
    desk.drag(desk.lane(MAE, 20), desk.px(10))
    assert desk.span("h1") == (20, 30)
    desk.drag(desk.place("h1", "offset"), desk.px(5))
    assert desk.span("h1") == (20, 35)


def test_a_double_click_in_an_empty_lane_draws_a_short_interval_there(desk):
    desk.double_click(desk.lane(MAE, 40))
    new = desk.session.selected
    assert (new.onset, new.kind) == (40, MAE)
    assert new.expression.interval.n_frames == 15  # 0.5 s, the shortest MaE
    desk.double_click(desk.lane(ME, 120))
    assert desk.session.selected.kind is ME
    assert desk.session.selected.expression.interval.n_frames == 6  # 0.2 s


def test_escape_while_drawing_draws_nothing(desk):
    with desk.held(desk.lane(ME, 100), modifiers=SHIFT) as move:
        move(desk.px(30))
        desk.key(KEY.Key_Escape)
    assert len(desk.session.review.items) == 3


def test_the_cursor_says_what_would_be_dragged(desk):
    shape = desk.timeline.cursor
    desk.move(desk.place(A.uid, "onset"))
    desk.move(desk.place(A.uid, "onset"), held=Qt.MouseButton.NoButton)
    assert shape().shape() == EDGE
    desk.move(desk.place(A.uid, "body"), held=Qt.MouseButton.NoButton)
    assert shape().shape() == Qt.CursorShape.OpenHandCursor
    desk.move(desk.lane(ME, 120), held=Qt.MouseButton.NoButton)
    assert shape().shape() == ARROW


@pytest.mark.parametrize(
    ("dx", "dy", "becomes"),
    [
        (0, 34, MAE),
        (20, 34, MAE),
        (0, 26, ME),  # a lane is 30 pixels high
        (90, 34, ME),  # moved in time by a hand that slipped
        (-180, 40, ME),
    ],
)
def test_only_a_clear_move_across_changes_the_kind(desk, dx, dy, becomes):
    start = desk.place(A.uid, "body")
    desk.drag(start, QPointF(dx, dy))
    assert desk.item(A.uid).kind is becomes
    assert desk.item(A.uid).onset == 60 + round(dx / desk.px(1).x())


def test_a_kind_that_was_changed_across_stays_while_it_is_then_moved_along(desk):
    start = desk.place(A.uid, "body")
    with desk.held(start) as move:
        move(QPointF(0, 36))
        move(QPointF(120, 36))
        assert desk.session.shown.by_uid[A.uid].kind is MAE
        move(QPointF(120, 0))
        assert desk.session.shown.by_uid[A.uid].kind is ME
        desk.move(start + QPointF(120, 36))
        assert desk.session.shown.by_uid[A.uid].kind is ME
    assert desk.span(A.uid) == (100, 119)


@pytest.mark.parametrize("part", ["onset", "offset"])
def test_an_interval_narrower_than_its_handles_can_be_resized_and_moved(qtbot, part):
    tiny = prediction(5000, 5009)
    desk = Desk(qtbot, tiny, n_frames=10_000)
    body, edge = desk.place(tiny.uid, "body"), desk.place(tiny.uid, part)
    outside = QPointF(-3 if part == "onset" else 3, 0)
    desk.drag(edge + outside, desk.px(-400 if part == "onset" else 400))
    onset, offset = desk.span(tiny.uid)
    assert (onset, offset) == ((4600, 5009) if part == "onset" else (5000, 5409))
    desk.session.undo()
    desk.drag(body, desk.px(1000))
    assert desk.span(tiny.uid) == (6000, 6009)


def test_overlapping_intervals_of_one_kind_can_each_be_reached(qtbot):
    inner, outer, third = prediction(100, 119), prediction(90, 140), prediction(110, 130)
    desk = Desk(qtbot, inner, outer, third)
    for item in (inner, outer, third):
        desk.session.select(None)
        desk.click(desk.place(item.uid, "body"))
        assert desk.session.selected_uid == item.uid
    places = {desk.place(item.uid, "body").y() for item in (inner, outer, third)}
    assert len(places) == 3


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    part=st.sampled_from(["onset", "offset", "body", "apex"]),
    uid=st.sampled_from([A.uid, B.uid, C.uid]),
    dx=st.integers(-1200, 1200),
    dy=st.integers(-80, 80),
    zooms=st.integers(0, 6),
)
def test_no_drag_makes_an_interval_that_cannot_be(qtbot, part, uid, dx, dy, zooms):
    desk = Desk(qtbot, A, B, C)
    for _ in range(zooms):
        desk.wheel(desk.place(uid, "body"))
    desk.drag(desk.place(uid, part), QPointF(dx, dy))
    item = desk.item(uid)
    assert 0 <= item.onset <= item.expression.apex <= item.offset < 300
    assert len(desk.steps) <= 1
    if part in {"body", "apex"} and desk.session.selected_uid == uid:
        same = item.expression.interval.n_frames
        assert same == item.original.interval.n_frames
    desk.timeline.close()
