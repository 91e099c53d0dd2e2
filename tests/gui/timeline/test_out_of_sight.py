"""What is beside the view: the overview's window, edges dragged out of sight, moved originals."""

import pytest
from qtpy.QtCore import QPointF
from tests.gui.timeline.desk import MAE, ME, A, B, C, Desk

from napari_mespot.model import Interval

OVERVIEW_Y = 12


@pytest.fixture
def desk(qtbot):
    return Desk(qtbot, A, B, C)


def colours(desk, frames, ys):
    """Colours seen in a picture of the timeline."""
    picture = desk.picture()
    xs = [round(desk.lane(ME, frame).x()) for frame in frames]
    return {picture.pixelColor(x, round(y)).name() for x in xs for y in ys}


def test_the_window_in_the_overview_is_taken_where_it_is(desk):
    whole = desk.timeline.view
    desk.timeline.fit(Interval(120, 160))
    view, frame = desk.timeline.view, desk.playhead.frame
    desk.drag(QPointF(whole.x(view.start + 5), OVERVIEW_Y), QPointF(60, 0))
    assert desk.timeline.view.start == pytest.approx(view.start + 20, abs=0.5)
    assert desk.playhead.frame == frame


def test_where_an_interval_was_of_the_other_kind_is_still_seen(desk):
    desk.actions.mark_all_reviewed()
    lane = desk.lane(ME, 0).y()
    ys = [lane + dy for dy in range(-15, 15)]
    desk.session.select(A.uid)
    desk.actions.set_kind(MAE)
    desk.session.select(None)
    desk.playhead.seek(5)
    assert colours(desk, range(57, 83), ys) != colours(desk, range(100, 120), ys)


def test_an_edge_dragged_out_of_sight_takes_the_view_along(desk):
    desk.timeline.fit(Interval(60, 79))
    view = desk.timeline.view
    with desk.held(desk.place(A.uid, "offset")) as move:
        move(QPointF(700, 0))
        assert desk.timeline.view.start > view.start
        for _ in range(30):
            move(QPointF(700, 0))
    assert desk.span(A.uid) == (60, 299)
