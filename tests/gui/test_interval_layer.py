"""The strip of shapes under the picture: dragged, drawn and deleted with mouse and keys."""

import numpy as np
import pytest
from qtpy.QtCore import Qt
from tests.gui.reviews import MAE, ME, N_FRAMES, RATE, prediction, review_of
from tests.gui.viewers import drag_in_world, press, settle

from napari_mespot.gui.interval_layer import MOST_SHAPES, IntervalLayer
from napari_mespot.gui.playhead import Playhead
from napari_mespot.gui.session import Session
from napari_mespot.model import ReviewStatus

H, W = 240, 320


@pytest.fixture
def strip(make_napari_viewer_proxy):
    """A viewer with a picture and the strip of two intervals under it."""
    viewer = make_napari_viewer_proxy(show=True)
    viewer.add_image(np.zeros((H, W), np.uint8))
    session = Session(review_of(prediction(60, 100), prediction(150, 220, MAE)))
    made = IntervalLayer(viewer, (H, W), session, Playhead(N_FRAMES, RATE))
    viewer.reset_view()
    settle(100)
    yield viewer, made, session
    made.close()


def world(made, frame: float, kind) -> tuple[float, float]:
    """Where a frame (of its pixel's middle) lies in a lane."""
    row = made.lanes.top(kind) + made.lanes.height / 2
    return tuple(np.asarray(made.layer.data_to_world((row, frame)))[-2:])


def corners(made, uid: str) -> np.ndarray:
    return made.layer.data[made.layer.features["uid"].tolist().index(uid)]


def spans(session):
    return [(i.onset, i.offset, i.kind) for i in session.review.items]


def test_it_shows_the_intervals_with_their_features(strip):
    _, made, _ = strip
    assert made.layer.features["uid"].tolist() == ["ME:60-100", "MaE:150-220"]
    assert made.layer.features["onset"].tolist() == [60, 150]
    left, right = made.layer.data[0][:, 1].min(), made.layer.data[0][:, 1].max()
    assert (left, right) == (59.5, 100.5)


def test_dragging_a_shape_moves_the_interval_by_whole_frames(strip):
    viewer, made, session = strip
    made.layer.mode = "select"
    drag_in_world(viewer, world(made, 80, ME), world(made, 80, ME))
    drag_in_world(viewer, world(made, 80, ME), world(made, 100.3, ME))
    (first, _) = session.review.items
    assert first.offset - first.onset == 40
    assert 78 <= first.onset <= 82
    assert first.status is ReviewStatus.CORRECTED
    assert first.original.onset == 60
    assert made.lanes.is_canonical(corners(made, first.uid), first.expression.interval, ME)
    session.undo()
    settle()
    assert spans(session)[0] == (60, 100, ME)
    assert corners(made, first.uid)[:, 1].min() == 59.5


def test_dragging_into_the_other_lane_changes_the_kind(strip):
    viewer, made, session = strip
    made.layer.mode = "select"
    drag_in_world(viewer, world(made, 80, ME), world(made, 80, ME))
    drag_in_world(viewer, world(made, 80, ME), world(made, 80, MAE))
    assert spans(session)[0][2] is MAE


def test_a_drag_that_slips_across_changes_no_kind(strip):
    viewer, made, session = strip
    made.layer.mode = "select"
    drag_in_world(viewer, world(made, 80, ME), world(made, 80, ME))
    y, x = world(made, 80, ME)
    slip = 0.7 * (world(made, 80, MAE)[0] - y)
    drag_in_world(viewer, (y, x), (y + slip, world(made, 120, ME)[1]))
    onset, offset, kind = spans(session)[0]
    assert (offset - onset, kind) == (40, ME)
    assert onset > 90


def test_dragging_out_of_the_video_stays_inside(strip):
    viewer, made, session = strip
    made.layer.mode = "select"
    drag_in_world(viewer, world(made, 80, ME), world(made, 80, ME))
    drag_in_world(viewer, world(made, 80, ME), world(made, 10, ME))
    assert spans(session)[0][0] == 0


def test_drawing_a_rectangle_makes_an_interval(strip):
    viewer, made, session = strip
    made.layer.mode = "add_rectangle"
    top = made.lanes.top(ME)
    start = tuple(np.asarray(made.layer.data_to_world((top + 1, 200)))[-2:])
    end = tuple(np.asarray(made.layer.data_to_world((top + made.lanes.height - 1, 240)))[-2:])
    drag_in_world(viewer, start, end)
    settle()
    drawn = [i for i in session.review.items if i.original is None]
    assert len(drawn) == 1
    assert drawn[0].kind is MAE, "of its length, whichever lane it was drawn in"
    assert abs(drawn[0].onset - 200) <= 2
    assert abs(drawn[0].offset - 240) <= 2
    assert drawn[0].status is ReviewStatus.LABELLED
    assert session.selected_uid == drawn[0].uid
    assert sorted(made.layer.features["uid"]) == sorted(session.review.by_uid)


def test_delete_rejects_a_prediction(strip):
    viewer, made, session = strip
    made.layer.mode = "select"
    drag_in_world(viewer, world(made, 80, ME), world(made, 80, ME))
    assert session.selected_uid == "ME:60-100"
    press(viewer, Qt.Key.Key_Delete)
    assert session.review.by_uid["ME:60-100"].status is ReviewStatus.REJECTED
    assert len(made.layer.data) == 2, "a rejected prediction stays in sight"


def test_copy_and_paste_makes_a_second_interval(strip):
    viewer, made, session = strip
    made.layer.mode = "select"
    drag_in_world(viewer, world(made, 80, ME), world(made, 80, ME))
    press(viewer, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    press(viewer, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert spans(session).count((60, 100, ME)) == 2
    assert len(set(made.layer.features["uid"])) == 3


def test_of_thousands_the_nearest_are_shown(strip):
    _, made, session = strip
    many = [prediction(n, n, ME if n % 2 else MAE) for n in range(N_FRAMES)]
    more = [prediction(n, n + 1, MAE if n % 2 else ME) for n in range(N_FRAMES - 1)]
    session.commit(review_of(*many, *more), "many")
    settle(50)
    assert len(made.layer.data) == MOST_SHAPES
    made._playhead.seek(N_FRAMES - 1)
    settle(500)
    assert made.layer.features["offset"].max() == N_FRAMES - 1
    assert session.review == review_of(*many, *more), "what is not shown is not gone"
