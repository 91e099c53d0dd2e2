"""What people also do to shapes: half-drawn, turned, many at once, from the table, by code."""

import numpy as np
import pytest
from qtpy.QtCore import QEvent, Qt
from tests.gui.reviews import MAE, ME, N_FRAMES, prediction, review_of
from tests.gui.test_interval_layer import corners, spans, strip, world  # noqa: F401
from tests.gui.viewers import (
    LEFT,
    NONE,
    at_world,
    drag_in_world,
    mouse,
    native_canvas,
    press,
    settle,
)

from napari_mespot.gui import edits
from napari_mespot.model import Interval


def click(viewer, place):
    native, at = native_canvas(viewer), at_world(viewer, *place)
    mouse(native, QEvent.Type.MouseMove, at, NONE, NONE)
    settle(5)
    mouse(native, QEvent.Type.MouseButtonPress, at)
    mouse(native, QEvent.Type.MouseButtonRelease, at, LEFT, NONE)
    settle()


def follows(made, session):
    """Whether the strip still shows what the session does."""
    session.commit(edits.move_interval(session.review, "ME:60-100", 61, 99), "move")
    settle(50)
    xs = corners(made, "ME:60-100")[:, 1]
    return (xs.min(), xs.max()) == (60.5, 99.5)


@pytest.mark.parametrize("mode", ["add_polygon", "add_polyline", "add_path", "add_line"])
@pytest.mark.parametrize("key", [Qt.Key.Key_Escape, Qt.Key.Key_Return])
@pytest.mark.parametrize("n_clicks", [1, 2, 3])
def test_after_a_drawing_that_is_broken_off_the_strip_goes_on(strip, mode, key, n_clicks):  # noqa: F811
    viewer, made, session = strip
    made.layer.mode = mode
    for n in range(n_clicks):
        click(viewer, world(made, 240 + 15 * n, ME))
    press(viewer, key)
    settle(50)
    assert follows(made, session)
    assert sorted(made.layer.features["uid"]) == sorted(session.review.by_uid)


@pytest.mark.parametrize("mode", ["add_polygon", "add_path"])
def test_changing_the_tool_in_the_middle_of_a_drawing(strip, mode):  # noqa: F811
    viewer, made, session = strip
    made.layer.mode = mode
    click(viewer, world(made, 240, ME))
    click(viewer, world(made, 260, ME))
    made.layer.mode = "select"
    settle(50)
    assert follows(made, session)


def test_a_click_that_draws_nothing(strip):  # noqa: F811
    viewer, made, session = strip
    made.layer.mode = "add_rectangle"
    click(viewer, world(made, 240, ME))
    settle(50)
    assert follows(made, session)


def test_a_polygon_becomes_an_interval(strip):  # noqa: F811
    viewer, made, session = strip
    made.layer.mode = "add_polygon"
    for frame in (200, 240, 220):
        click(viewer, world(made, frame, MAE))
    press(viewer, Qt.Key.Key_Escape)
    settle(50)
    drawn = [i for i in session.review.items if i.original is None]
    assert len(drawn) == 1
    assert drawn[0].kind is MAE
    assert abs(drawn[0].onset - 200) <= 2
    assert corners(made, drawn[0].uid).shape == (4, 2)


def test_several_are_dragged_as_one_step(strip):  # noqa: F811
    viewer, made, session = strip
    made.layer.mode = "select"
    made.layer.selected_data = {0, 1}
    settle()
    drag_in_world(viewer, world(made, 80, ME), world(made, 90, ME))
    moved = [(o - 60, f) for o, f, _ in spans(session)]
    assert [o for o, _, _ in spans(session)] != [60, 150]
    assert len({spans(session)[0][0] - 60, spans(session)[1][0] - 150}) == 1, moved
    session.undo()
    assert spans(session) == [(60, 100, ME), (150, 220, MAE)]


def test_several_are_deleted_as_one_step(strip):  # noqa: F811
    viewer, made, session = strip
    drawn, _ = edits.add_interval(session.review, Interval(250, 260), ME)
    session.commit(drawn, "draw")
    settle(50)
    made.layer.mode = "select"
    made.layer.selected_data = {0, 1, 2}
    press(viewer, Qt.Key.Key_Delete)
    settle(50)
    assert len(session.review.items) == 2
    assert all(item.status.value == "rejected" for item in session.review.items)
    session.undo()
    settle(50)
    assert len(made.layer.data) == len(session.review.items) == 3


def test_a_turned_shape_is_straight_again(strip):  # noqa: F811
    _, made, session = strip
    data = list(made.layer.data)
    middle = data[0].mean(axis=0)
    data[0] = (data[0] - middle) @ np.array([[0.8, -0.6], [0.6, 0.8]]) + middle
    made.layer.data = data
    settle(60)
    uid = session.review.items[0].uid
    assert made.lanes.is_canonical(
        corners(made, uid), session.review.items[0].expression.interval, ME
    )


def test_a_layer_emptied_by_code_is_filled_again(strip):  # noqa: F811
    _, made, session = strip
    before = session.review
    made.layer.data = []
    settle(60)
    assert session.review == before
    assert made.layer.features["uid"].tolist() == [item.uid for item in before.items]
    assert len(made.layer.data) == 2


def test_a_uid_overwritten_in_the_table_harms_nothing(strip):  # noqa: F811
    _, made, session = strip
    before = session.review
    features = made.layer.features.copy()
    features.loc[0, "onset"] = 3
    made.layer.features = features
    settle(60)
    assert {i.uid for i in before.items} <= set(session.review.by_uid)
    assert sorted(made.layer.features["uid"]) == sorted(session.review.by_uid)


def test_an_undo_in_the_middle_of_a_drag_waits_for_its_end(strip):  # noqa: F811
    viewer, made, session = strip
    session.commit(edits.move_interval(session.review, "ME:60-100", 50, 110), "move")
    settle(50)
    made.layer.mode = "select"
    native = native_canvas(viewer)
    start, end = at_world(viewer, *world(made, 80, ME)), at_world(viewer, *world(made, 90, ME))
    click(viewer, world(made, 80, ME))
    mouse(native, QEvent.Type.MouseMove, start, NONE, NONE)
    mouse(native, QEvent.Type.MouseButtonPress, start)
    mouse(native, QEvent.Type.MouseMove, (start + end) / 2, NONE)
    mouse(native, QEvent.Type.MouseMove, end, NONE)
    session.undo()
    settle(30)
    mouse(native, QEvent.Type.MouseButtonRelease, end, LEFT, NONE)
    settle(400)
    item = session.review.by_uid["ME:60-100"]
    assert made.lanes.is_canonical(corners(made, item.uid), item.expression.interval, ME)


def test_what_lies_beyond_those_shown_is_never_deleted(strip):  # noqa: F811
    _, made, session = strip
    many = [prediction(n, n) for n in range(N_FRAMES)]
    more = [prediction(n, n + 1) for n in range(N_FRAMES - 1)]
    session.commit(review_of(*many, *more), "many")
    settle(400)
    made.layer.selected_data = {0}
    made.layer.remove_selected()
    settle(400)
    rejected = [i for i in session.review.items if i.status.value == "rejected"]
    assert len(rejected) == 1
    assert len(session.review.items) == 2 * N_FRAMES - 1
