"""Choosing a face: from the list, and by a click in the picture of a real window."""

from fractions import Fraction

import numpy as np
import pytest
from qtpy.QtCore import QEvent, Qt
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QFileDialog
from tests.fixtures.face_clip import face_frame, write_video
from tests.gui.viewers import LEFT, NONE, at_world, drag_in_world, mouse, native_canvas, settle

from napari_mespot.face import FaceChoice
from napari_mespot.gui.face_box import FaceBox
from napari_mespot.gui.lazy_video import video_layer_data
from napari_mespot.gui.opening import open_review
from napari_mespot.gui.window import add_workspace

RATE = Fraction(30)


@pytest.fixture(autouse=True)
def _own_folders(tmp_path, monkeypatch):
    monkeypatch.setenv("MESPOT_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.setenv("MESPOT_CACHE_DIR", str(tmp_path / "cache"))


@pytest.fixture
def two_people(tmp_path):
    """A video of a portrait beside a smaller, mirrored one."""
    face = face_frame()
    small = np.ascontiguousarray(face[::-1, ::-1][::-1])[::2, ::2]
    frames = []
    for i in range(12):
        frame = np.full((240, 480, 3), 110, np.uint8)
        frame[:, :240] = np.roll(face, i % 3 - 1, axis=1)
        frame[60:180, 300:420] = small
        frames.append(frame)
    return write_video(tmp_path / "two.mp4", frames, RATE)


@pytest.fixture
def window(make_napari_viewer_proxy, two_people):
    """Opens a review window of the two."""

    def opened():
        viewer = make_napari_viewer_proxy(show=True)
        viewer.window.resize(1280, 800)
        review = open_review(two_people)
        data, options, _ = video_layer_data(review.source)
        workspace = add_workspace(viewer, review, viewer.add_image(data, **options))
        settle(150)
        return workspace

    return opened


def pick(box, text):
    """Choose from the list with the keys, as a user does."""
    steps = box.findText(text) - box.currentIndex()
    box.showPopup()
    for _ in range(abs(steps)):
        QTest.keyClick(box.view(), Qt.Key.Key_Down if steps > 0 else Qt.Key.Key_Up)
    QTest.keyClick(box.view(), Qt.Key.Key_Return)
    settle()


def test_the_list_has_the_rules_and_what_was_clicked(qtbot):
    box = FaceBox()
    qtbot.addWidget(box)
    box.show()
    assert box.choice == FaceChoice()
    with qtbot.waitSignal(box.changed):
        pick(box, "Leftmost")
    assert box.choice == FaceChoice("left")
    with qtbot.waitSignal(box.pick_asked):
        pick(box, "Click in the picture …")
    assert box.currentText() == "Leftmost", "what was chosen stays until the click"
    box.choose_at(320.4, 99.6, 7)
    assert box.currentText() == "At x 320, y 100 in frame 7"
    assert str(box.choice) == "320,100@7"
    box.choose(FaceChoice("number", number=2))
    assert box.currentText() == "No. 2 from the left"
    assert box.findText("At x 320, y 100 in frame 7") < 0


def test_a_click_on_a_face_chooses_it(window):
    workspace = window()
    viewer, box = workspace.viewer, workspace.spotting.run_box.faces
    said = []
    workspace.session.said.connect(said.append)
    workspace.playhead.seek(5)
    pick(box, "Click in the picture …")
    assert any("Click the face" in line for line in said)
    drag_in_world(viewer, (120, 360), (130, 380))
    assert box.choice == FaceChoice(), "a drag moves the picture"
    native, at = native_canvas(viewer), at_world(viewer, 120, 360)
    mouse(native, QEvent.Type.MouseMove, at, NONE, NONE)
    mouse(native, QEvent.Type.MouseButtonPress, at)
    mouse(native, QEvent.Type.MouseButtonRelease, at, LEFT, NONE)
    settle()
    assert (box.choice.rule, box.choice.frame) == ("place", 5)
    assert abs(box.choice.x - 360) < 3
    assert abs(box.choice.y - 120) < 3
    assert workspace.spotting.face_choice() == box.choice
    chosen = box.choice
    mouse(native, QEvent.Type.MouseButtonPress, at_world(viewer, 100, 100))
    mouse(native, QEvent.Type.MouseButtonRelease, at_world(viewer, 100, 100), LEFT, NONE)
    settle()
    assert box.choice == chosen, "only one click is taken"


def test_a_table_that_ends_before_the_video_is_told(window, tmp_path, monkeypatch):
    workspace = window()
    table = tmp_path / "au.csv"
    rows = [f"{i + 1}, 0, 1, {i / 10}" for i in range(5)]
    table.write_text("\n".join(["frame, face_id, success, AU12_r", *rows]) + "\n")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(table), ""))
    told = []
    monkeypatch.setattr(workspace.telling, "warn", told.append)
    workspace.timeline.tracks_asked.emit()
    settle()
    assert told
    assert "au.csv has 5 frames, the video 12" in told[-1]
