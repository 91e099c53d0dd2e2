"""Going about in time: seek, zoom, pan, page, overview; and the keys that are not ours."""

import pytest
from qtpy.QtCore import QEvent, QPointF, Qt
from qtpy.QtGui import QKeyEvent
from qtpy.QtTest import QTest
from tests.gui.timeline.desk import KEY, MAE, ME, MIDDLE, SHIFT, A, B, C, Desk

from napari_mespot.model import Interval

RULER_Y, OVERVIEW_Y = 36, 12


@pytest.fixture
def desk(qtbot):
    return Desk(qtbot, A, B, C)


@pytest.mark.parametrize("frame", [0, 1, 137, 298, 299])
@pytest.mark.parametrize("y", [RULER_Y, OVERVIEW_Y])
def test_a_click_on_ruler_or_overview_goes_to_the_frame_under_it(desk, frame, y):
    desk.playhead.seek(17)
    desk.click(QPointF(desk.lane(ME, frame).x(), y))
    assert desk.playhead.frame == frame


def test_a_drag_on_the_ruler_scrubs_and_stays_in_the_video(desk):
    start = QPointF(desk.lane(ME, 100).x(), RULER_Y)
    seen = []
    desk.playhead.moved.connect(seen.append)
    desk.drag(start, desk.px(50))
    assert desk.playhead.frame == 150
    assert len(seen) >= 3
    desk.drag(start, QPointF(-3000, 0))
    assert desk.playhead.frame == 0


@pytest.mark.parametrize("steps", [1, 3, -1, 0.25])
@pytest.mark.parametrize("frame", [10, 150, 290])
def test_the_wheel_zooms_about_the_frame_under_the_cursor(desk, steps, frame):
    desk.timeline.fit(Interval(100, 200))
    desk.timeline.fit(None)
    desk.wheel(desk.lane(ME, 150), 2)
    place = desk.lane(ME, max(frame, 60))
    view = desk.timeline.view
    if not view.start < max(frame, 60) < view.end:
        return
    before, span = view.place(place.x()), view.span
    desk.wheel(place, steps)
    after = desk.timeline.view
    assert (after.span < span) == (steps > 0)
    inside = after.start > -0.5 and after.end < 299.5
    if inside:
        assert after.place(place.x()) == pytest.approx(before)


def test_zooming_out_ends_at_the_whole_video_and_in_at_a_few_frames(desk):
    for _ in range(60):
        desk.wheel(desk.lane(ME, 150), 1)
    assert 4 <= desk.timeline.view.span <= 20
    for _ in range(80):
        desk.wheel(desk.lane(ME, 150), -1)
    assert desk.timeline.view.is_whole


@pytest.mark.parametrize(("steps", "sideways", "modifiers"), [(-1, 0, SHIFT), (0, -1, None)])
def test_shift_and_wheel_or_a_wheel_sideways_pan(desk, steps, sideways, modifiers):
    desk.timeline.fit(Interval(120, 160))
    before = desk.timeline.view
    desk.wheel(desk.lane(ME, 140), steps, sideways, modifiers or Qt.KeyboardModifier.NoModifier)
    after = desk.timeline.view
    assert after.span == pytest.approx(before.span)
    assert after.start > before.start


def test_the_middle_button_pulls_the_sheet_along(desk):
    desk.timeline.fit(Interval(120, 160))
    place = desk.lane(ME, 140)
    desk.drag(place, desk.px(-10), MIDDLE)
    assert desk.lane(ME, 150).x() == pytest.approx(place.x())
    assert not desk.steps


def test_the_window_in_the_overview_can_be_dragged(desk):
    whole = desk.timeline.view
    desk.timeline.fit(Interval(120, 160))
    span = desk.timeline.view.span
    start = QPointF(whole.x(140), OVERVIEW_Y)
    desk.drag(start, QPointF(whole.x(200) - whole.x(140), 0))
    after = desk.timeline.view
    assert after.span == pytest.approx(span)
    assert (after.start + after.end) / 2 == pytest.approx(200, abs=2)


def test_playing_on_pages_and_playing_back_pages_back(desk):
    desk.timeline.fit(Interval(120, 160))
    view = desk.timeline.view
    desk.playhead.seek(round(view.end) + 1)
    page = desk.timeline.view
    assert page.start > view.start
    assert page.start < desk.playhead.frame < page.start + page.span / 4
    desk.playhead.seek(round(page.start) - 1)
    assert desk.timeline.view.start < page.start
    assert desk.timeline.view.start < desk.playhead.frame < desk.timeline.view.end


def test_inside_the_view_a_step_does_not_move_it(desk):
    desk.timeline.fit(Interval(120, 160))
    view = desk.timeline.view
    desk.playhead.seek(140)
    desk.playhead.step(3)
    assert desk.timeline.view == view


def test_a_selected_interval_out_of_sight_comes_into_view_and_one_in_sight_does_not_move(desk):
    desk.timeline.fit(Interval(150, 209))
    desk.session.select(A.uid)
    view = desk.timeline.view
    assert view.start < A.onset < view.end
    desk.timeline.fit(Interval(180, 200))
    view = desk.timeline.view
    desk.click(desk.lane(MAE, 190))
    assert desk.session.selected_uid == B.uid
    assert desk.timeline.view == view


def test_zoom_to_the_interval_shows_all_of_it(desk):
    desk.session.select(B.uid)
    desk.actions.fit_selected()
    view = desk.timeline.view
    assert view.start < B.onset < B.offset < view.end < 299
    desk.actions.fit_all()
    assert desk.timeline.view.is_whole


def test_wheel_and_zoom_while_an_edge_is_dragged_do_not_pull_it_away(desk):
    start = desk.place(A.uid, "body")
    with desk.held(start) as move:
        move(desk.px(10))
        desk.wheel(start, 3)
        desk.move(QPointF(desk.lane(ME, 90).x(), start.y()))
        onset, offset = desk.span(A.uid, shown=True)
        assert offset - onset == 19
        assert abs((onset + offset) / 2 - 90) <= 1


@pytest.mark.parametrize("key", [KEY.Key_Space, KEY.Key_N, KEY.Key_Escape, KEY.Key_1])
def test_keys_that_it_has_no_use_for_go_on_to_the_window(desk, key):
    event = QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier)
    desk.timeline.keyPressEvent(event)
    assert not event.isAccepted()


def test_pointing_at_an_interval_says_what_it_is(desk):
    desk.move(desk.place(B.uid, "body"), held=Qt.MouseButton.NoButton)
    tip = desk.timeline.toolTip()
    assert "MaE 150–209" in tip
    assert "predicted" in tip


@pytest.mark.parametrize("size", [(320, 200), (1280, 260), (2560, 320)])
@pytest.mark.parametrize("n_frames", [1, 2, 300, 100_000])
def test_videos_of_any_length_can_be_drawn_at_any_width(qtbot, size, n_frames):
    desk = Desk(qtbot, n_frames=n_frames, size=size)
    desk.drag(desk.lane(ME, 0), QPointF(40, 0), modifiers=SHIFT)
    desk.wheel(desk.lane(ME, 0), 5)
    picture = desk.picture()
    assert picture.width() == size[0] * picture.devicePixelRatio()
    assert len(desk.session.review.items) == 1


def test_pictures_are_sharp_on_a_dense_screen(desk):
    picture = desk.picture()
    assert picture.width() == round(desk.timeline.width() * desk.timeline.devicePixelRatioF())


def test_it_stops_listening_when_it_is_taken_away(desk):
    desk.timeline.disconnect_all()
    view = desk.timeline.view
    desk.timeline.fit(Interval(0, 10))
    desk.playhead.seek(250)
    desk.session.select(C.uid)
    assert desk.timeline.view.start < 10
    assert view.is_whole


def test_no_second_playhead_is_left_where_the_page_turns(desk):
    """What is on the screen after some frames is what a window drawn anew would show."""
    desk.timeline.fit(Interval(100, 140))
    desk.playhead.seek(100)
    settle()
    start = desk.timeline.view.start
    while desk.timeline.view.start == start:
        desk.playhead.step(1)
        settle()
    for _ in range(3):
        desk.playhead.step(1)
        settle()
    on_screen = desk.on_screen()
    desk.timeline.update()
    settle()
    assert on_screen == desk.on_screen()


def settle():
    QTest.qWait(40)
