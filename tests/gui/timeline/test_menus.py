"""Menus and buttons of the timeline: every entry does what it says."""

import numpy as np
import pytest
from qtpy.QtCore import QPoint, QPointF, Qt, QTimer
from qtpy.QtGui import QContextMenuEvent
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication, QMenu, QToolButton
from tests.gui.timeline.desk import MAE, ME, A, B, C, Desk

from napari_mespot.model import ReviewStatus


@pytest.fixture
def desk(qtbot):
    return Desk(qtbot, A, B, C)


def choose(desk, place, *texts):
    """Press the right button and choose an entry by its text; return all texts seen."""
    seen = []

    def pick():
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        found = menu
        for text in texts:
            seen.extend(action.text() for action in found.actions() if action.text())
            action = next(a for a in found.actions() if a.text() == text)
            found = action.menu() or action
        if texts:
            found.trigger()
        menu.close()

    QTimer.singleShot(0, pick)
    at = QPoint(round(place.x()), round(place.y()))
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, desk.timeline.mapToGlobal(at))
    QApplication.sendEvent(desk.timeline, event)
    return seen


@pytest.mark.parametrize(
    ("entry", "status"),
    [
        ("Accept", ReviewStatus.ACCEPTED),
        ("Reject", ReviewStatus.REJECTED),
        ("Uncertain", ReviewStatus.UNCERTAIN),
        ("Remove", ReviewStatus.REJECTED),
    ],
)
def test_the_interval_under_the_cursor_is_decided_on(desk, entry, status):
    choose(desk, desk.place(B.uid, "body"), entry)
    assert desk.session.selected_uid == B.uid
    assert desk.item(B.uid).status is status
    assert desk.item(A.uid).status is ReviewStatus.PREDICTED


def test_the_kind_is_changed_there(desk):
    choose(desk, desk.place(B.uid, "body"), "Make it ME")
    assert desk.item(B.uid).kind is ME
    choose(desk, desk.place(B.uid, "body"), "Make it MaE")
    assert desk.item(B.uid).kind is MAE


def test_it_is_split_at_the_playhead_and_merged_again(desk):
    desk.playhead.seek(180)
    choose(desk, desk.place(B.uid, "body"), "Split at the playhead")
    assert desk.span(B.uid) == (150, 179)
    choose(desk, desk.place(B.uid, "body"), "Merge with the next")
    assert desk.span(B.uid) == (150, 209)


def test_zoom_to_it_and_loop_it(desk):
    choose(desk, desk.place(B.uid, "body"), "Zoom to it")
    assert desk.timeline.view.span < 120
    choose(desk, desk.place(B.uid, "body"), "Loop it")
    assert desk.player.loop == B.expression.interval
    desk.player.pause()


def test_tracks_are_shown_and_hidden_by_the_menu(desk):
    desk.timeline.set_extra_tracks([("AU12_r", np.zeros(300))])
    choose(desk, desk.lane(ME, 120), "Tracks", "AU12_r")
    assert not desk.timeline.tracks["AU12_r"]
    choose(desk, desk.lane(ME, 120), "Tracks", "AU12_r")
    assert desk.timeline.tracks["AU12_r"]


def test_a_plain_drag_draws_once_it_is_chosen(desk):
    choose(desk, desk.lane(ME, 120), "Draw with a plain drag")
    desk.drag(desk.lane(ME, 100), desk.px(12))
    assert desk.span("h1") == (100, 112)
    choose(desk, desk.lane(ME, 20), "Draw with a plain drag")
    assert not desk.timeline.draw_mode


@pytest.mark.parametrize(
    ("entry", "signal"),
    [
        ("Show action units of OpenFace …", "tracks_asked"),
        ("Open labels or predictions …", "import_asked"),
        ("Export intervals …", "export_asked"),
    ],
)
def test_what_the_window_must_do_is_asked_of_it(desk, qtbot, entry, signal):
    with qtbot.waitSignal(getattr(desk.timeline, signal), timeout=60_000):
        choose(desk, desk.lane(ME, 120), entry)


def test_no_menu_opens_while_something_is_dragged(desk):
    with desk.held(desk.place(A.uid, "offset")) as move:
        move(desk.px(10))
        at = QPoint(500, 200)
        event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, desk.timeline.mapToGlobal(at))
        QApplication.sendEvent(desk.timeline, event)
        assert QApplication.activePopupWidget() is None
        move(desk.px(12))
    assert desk.span(A.uid) == (60, 91)


def button(desk, text):
    return next(b for b in desk.timeline.findChildren(QToolButton) if b.text() == text)


def test_the_buttons_zoom_about_the_playhead_and_show_all_again(desk):
    desk.playhead.seek(100)
    x = desk.lane(ME, 100).x()
    QTest.mouseClick(button(desk, "+"), Qt.MouseButton.LeftButton)
    assert desk.timeline.view.span < 300
    assert desk.lane(ME, 100).x() == pytest.approx(x)
    span = desk.timeline.view.span
    QTest.mouseClick(button(desk, "−"), Qt.MouseButton.LeftButton)
    assert desk.timeline.view.span > span
    QTest.mouseClick(button(desk, "+"), Qt.MouseButton.LeftButton)
    QTest.mouseClick(button(desk, "⤢"), Qt.MouseButton.LeftButton)
    assert desk.timeline.view.is_whole


def test_the_cursor_over_an_empty_lane_is_a_pen_when_a_drag_draws(desk):
    desk.timeline.draw_mode = True
    desk.move(desk.lane(ME, 120) + QPointF(0, 0), held=Qt.MouseButton.NoButton)
    assert desk.timeline.cursor().shape() == Qt.CursorShape.CrossCursor
