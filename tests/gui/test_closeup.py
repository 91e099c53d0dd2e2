"""The close-up dock: shows what is selected, keeps up with edits, and leaves no thread behind."""

import threading
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from qtpy.QtCore import QPoint, Qt
from qtpy.QtTest import QTest
from tests.fixtures.face_clip import write_face_video
from tests.gui.reviews import prediction, review_of

from napari_mespot.errors import NoFaceError
from napari_mespot.face import AlignParams
from napari_mespot.face.closeup import interval_faces
from napari_mespot.frames import open_frames
from napari_mespot.gui.closeup import CloseupWidget
from napari_mespot.gui.closeup_loader import CloseupLoader
from napari_mespot.gui.closeup_pictures import Closeup, loop_row, usual_speed
from napari_mespot.gui.playhead import Playhead
from napari_mespot.gui.session import Session
from napari_mespot.model import Interval

N_FRAMES = 24


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    path = write_face_video(tmp_path_factory.mktemp("clip") / "face.mp4", N_FRAMES)
    with open_frames(path) as frames:
        yield frames


@pytest.fixture
def faces_of(source):
    asked = []

    def faces(first, last, progress):
        asked.append((first, last))
        return interval_faces(source, AlignParams(), first, last, progress=progress)

    faces.asked = asked
    return faces


@pytest.fixture
def session():
    return Session(review_of(prediction(2, 8), prediction(12, 20), n_frames=N_FRAMES))


@pytest.fixture
def playhead():
    return Playhead(N_FRAMES, Fraction(30))


@pytest.fixture
def open_widget(qtbot, session, playhead):
    made = []

    def make(faces_of):
        widget = CloseupWidget(session, playhead, faces_of)
        qtbot.addWidget(widget)
        widget.resize(360, 560)
        widget.show()
        made.append(widget)
        return widget

    yield make
    for widget in made:
        widget.disconnect_all()


def captions(widget):
    return [tile.caption for tile in widget.tiles.tiles]


def shown(tile):
    image = tile.picture()
    return None if image is None else (image.width(), image.pixelColor(56, 56).name())


def wait(qtbot, widget):
    qtbot.waitUntil(lambda: not widget.is_busy, timeout=60_000)


def test_nothing_selected_says_what_to_do(open_widget, faces_of):
    widget = open_widget(faces_of)
    assert not widget.is_busy
    assert captions(widget) == ["onset", "apex", "change", "here"]
    assert not any(tile.has_picture for tile in widget.tiles.tiles)
    assert not widget.controls.isEnabled()


def test_the_selected_interval_is_shown(qtbot, open_widget, session, playhead, faces_of):
    widget = open_widget(faces_of)
    playhead.seek(6)
    session.select("ME:2-8")
    wait(qtbot, widget)
    assert captions(widget) == ["onset 2", "apex 5", "change", "here 6"]
    assert all(tile.has_picture for tile in widget.tiles.tiles)
    assert widget.status == ""
    playhead.seek(4)
    assert captions(widget)[3] == "here 4"
    playhead.seek(20)
    assert captions(widget)[3] == "here 8 (nearest)"
    session.select(None)
    assert not any(tile.has_picture for tile in widget.tiles.tiles)


def test_looking_again_computes_nothing_again(qtbot, open_widget, session, faces_of):
    widget = open_widget(faces_of)
    for uid in ("ME:2-8", "ME:12-20", "ME:2-8"):
        session.select(uid)
        wait(qtbot, widget)
    assert faces_of.asked == [(2, 8), (12, 20)]
    assert captions(widget)[0] == "onset 2"


def test_a_drag_asks_once_when_it_rests(qtbot, open_widget, session, faces_of):
    widget = open_widget(faces_of)
    session.select("ME:2-8")
    wait(qtbot, widget)
    item = session.selected
    for offset in range(9, 16):
        interval = Interval(2, offset)
        moved = replace(item, expression=replace(item.expression, interval=interval))
        session.preview(session.review.with_items(moved))
        assert all(tile.has_picture for tile in widget.tiles.tiles)
    wait(qtbot, widget)
    assert faces_of.asked == [(2, 8), (2, 15)]


def test_results_of_an_earlier_selection_are_dropped(qtbot, open_widget, session, source):
    go_on, began = threading.Event(), threading.Event()

    def slow(first, last, progress):
        if first == 2:
            began.set()
            go_on.wait(10)
        return interval_faces(source, AlignParams(), first, last)

    widget = open_widget(slow)
    session.select("ME:2-8")
    qtbot.waitUntil(began.is_set, timeout=60_000)
    session.select("ME:12-20")
    wait(qtbot, widget)
    assert captions(widget)[0] == "onset 12"
    go_on.set()
    qtbot.wait(300)
    assert captions(widget)[0] == "onset 12"


def test_the_apex_may_be_unknown(qtbot, open_widget, session, faces_of):
    item = session.review.by_uid["ME:2-8"]
    session.commit(
        session.review.with_items(replace(item, expression=replace(item.expression, apex=None))),
        "remove apex",
    )
    widget = open_widget(faces_of)
    session.select("ME:2-8")
    wait(qtbot, widget)
    assert captions(widget)[1].startswith("most motion ")


def test_moving_the_apex_needs_no_new_faces(qtbot, open_widget, session, faces_of):
    widget = open_widget(faces_of)
    session.select("ME:2-8")
    wait(qtbot, widget)
    item = session.selected
    moved = replace(item, expression=replace(item.expression, apex=7))
    session.commit(session.review.with_items(moved), "move apex")
    assert captions(widget)[1] == "apex 7"
    assert not widget.is_busy
    assert faces_of.asked == [(2, 8)]


def test_a_loop_plays_and_stops_when_hidden(qtbot, open_widget, session, faces_of):
    widget = open_widget(faces_of)
    session.select("ME:2-8")
    wait(qtbot, widget)
    widget.controls.show_loop(True)
    widget.controls.set_speed(1)
    seen = set()
    qtbot.waitUntil(lambda: seen.add(captions(widget)[0]) or len(seen) > 3, timeout=60_000)
    assert all(text.startswith("frame ") and text.endswith(" of 7") for text in seen)
    assert shown(widget.tiles.tiles[0]) is not None
    widget.hide()
    before = captions(widget)
    qtbot.wait(150)
    assert captions(widget) == before
    widget.controls.show_loop(False)
    widget.show()
    assert captions(widget)[0] == "onset 2"


def test_magnification_changes_the_picture_and_says_so(qtbot, open_widget, session, faces_of):
    widget = open_widget(faces_of)
    session.select("ME:2-8")
    wait(qtbot, widget)
    apex = widget.tiles.tiles[1]
    before = apex.picture()
    widget.controls.set_factor(12)
    assert apex.caption == "apex 5 · 12×"
    assert apex.picture() != before
    widget.controls.set_factor(1)
    assert apex.picture() == before
    change = widget.tiles.tiles[2]
    before = change.picture()
    widget.controls.set_gain(16)
    assert change.picture() != before


def test_a_click_goes_to_the_frame(qtbot, open_widget, session, playhead, faces_of):
    widget = open_widget(faces_of)
    session.select("ME:12-20")
    wait(qtbot, widget)
    for number, frame in ((0, 12), (1, 16)):
        tile = widget.tiles.tiles[number]
        QTest.mouseClick(tile, Qt.MouseButton.LeftButton, pos=QPoint(30, 60))
        assert playhead.frame == frame


def test_an_error_is_one_line_and_the_next_selection_works(qtbot, open_widget, session, source):
    def faces(first, last, progress):
        if first == 2:
            raise NoFaceError("No face in frames 2 to 8 of v: choose another interval")
        return interval_faces(source, AlignParams(), first, last)

    widget = open_widget(faces)
    session.select("ME:2-8")
    wait(qtbot, widget)
    assert widget.status == "⚠ No face in frames 2 to 8 of v: choose another interval"
    assert not any(tile.has_picture for tile in widget.tiles.tiles)
    session.select("ME:12-20")
    wait(qtbot, widget)
    assert widget.status == ""
    assert captions(widget)[0] == "onset 12"


def test_a_programming_error_keeps_its_traceback(qtbot, open_widget, session):
    def faces(first, last, progress):
        raise KeyError("oops")

    with qtbot.captureExceptions() as caught:
        widget = open_widget(faces)
        session.select("ME:2-8")
        wait(qtbot, widget)
        qtbot.waitUntil(lambda: bool(caught), timeout=60_000)
    assert caught[0][0] is KeyError


def test_an_interval_too_long_is_not_asked_for(open_widget, faces_of):
    session = Session(review_of(prediction(0, 1500), n_frames=2000))
    widget = CloseupWidget(session, Playhead(2000, Fraction(30)), faces_of)
    widget.show()
    session.select("ME:0-1500")
    assert "1,501 frames are too many" in widget.status
    assert not widget.is_busy
    widget.disconnect_all()
    widget.deleteLater()


def test_nothing_is_computed_while_hidden(qtbot, open_widget, session, faces_of):
    widget = open_widget(faces_of)
    widget.hide()
    session.select("ME:2-8")
    qtbot.wait(250)
    assert faces_of.asked == []
    widget.show()
    wait(qtbot, widget)
    assert captions(widget)[0] == "onset 2"


def test_closing_waits_for_the_thread(qtbot, open_widget, session):
    began, left = threading.Event(), threading.Event()

    def endless(first, last, progress):
        began.set()
        try:
            while True:
                progress(None)
        finally:
            left.set()

    widget = open_widget(endless)
    session.select("ME:2-8")
    qtbot.waitUntil(began.is_set, timeout=60_000)
    widget.close()
    assert left.is_set()
    assert not widget.is_busy


def test_a_closed_widget_no_longer_listens(qtbot, open_widget, session, playhead, faces_of):
    widget = CloseupWidget(session, playhead, faces_of)
    widget.disconnect_all()
    session.select("ME:2-8")
    playhead.seek(5)
    assert not widget.is_busy
    widget.deleteLater()


def test_the_pictures_use_the_width_of_any_dock(qtbot, open_widget, session, faces_of):
    widget = open_widget(faces_of)
    session.select("ME:2-8")
    wait(qtbot, widget)
    for width, height in ((300, 560), (420, 700), (900, 420), (300, 330)):
        widget.resize(width, height)
        qtbot.wait(20)
        grid = widget.tiles
        places = [tile.geometry() for tile in grid.tiles]
        assert all(grid.rect().contains(place) for place in places)
        assert not any(a.intersects(b) for a in places for b in places if a is not b)
        assert len({place.size().width() for place in places}) == 1
        assert places[0].width() >= 72
        if height > 400 and width < 500:
            assert places[1].right() - places[0].left() > width - 24


def test_the_loader_tells_only_of_the_latest(qtbot, source):
    def faces(first, last, progress):
        return interval_faces(source, AlignParams(), first, last, progress=progress)

    loader, told = CloseupLoader(faces), []
    loader.faces_ready.connect(lambda value: told.append((value.first_frame, value.last_frame)))
    for first in range(5):
        loader.request(first, first + 3)
    qtbot.waitUntil(lambda: not loader.is_busy, timeout=60_000)
    assert told == [(4, 7)]
    loader.shut_down()


def test_rows_of_a_loop():
    rows = [loop_row(t, 10, 20.0) for t in np.arange(0, 0.9, 0.05) + 0.001]
    assert rows == [*range(10), *[9] * 8]
    assert loop_row(0.91, 10, 20.0) == 0
    assert (usual_speed(30), usual_speed(200)) == (1 / 2, 1 / 16)


def test_pictures_wait_for_the_motion(source):
    faces = interval_faces(source, AlignParams(), 2, 8)
    closeup = Closeup(faces)
    assert closeup.apex(None) is None
    assert closeup.apex(4) == 4
    np.testing.assert_array_equal(closeup.picture(4, 9), faces.images[2])
    moving = np.zeros((7, 112, 112, 2), np.float32)
    moving[3, 40:60, 40:60] = 0.4
    assert closeup.with_motion(moving).apex(None) == 5
    assert np.any(closeup.with_motion(moving).picture(5, 9) != faces.images[3])
