"""Labels of another video are added only if a person says so: by menu, drop and command line."""

import shutil
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction

import pytest
from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QApplication, QMessageBox
from tests.gui.viewers import settle

from napari_mespot.frames.synthetic import sample_path
from napari_mespot.gui.lazy_video import video_layer_data
from napari_mespot.gui.opening import open_review
from napari_mespot.gui.window import add_workspace
from napari_mespot.io import write_table
from napari_mespot.io.dispatch import write_annotations
from napari_mespot.model import Annotation, Expression, ExpressionKind, Interval

OWN = Annotation(
    "clip",
    600,
    Fraction(30),
    (Expression(Interval(60, 70), ExpressionKind.MICRO),),
    reviewed=(Interval(0, 99),),
)
OTHER = replace(OWN, video_id="d6", n_frames=300)


@pytest.fixture(autouse=True)
def _own_settings(tmp_path, monkeypatch):
    monkeypatch.setenv("MESPOT_CONFIG_DIR", str(tmp_path / "config"))


@pytest.fixture
def video(tmp_path):
    return shutil.copy2(sample_path(30), tmp_path / "clip.mp4")


@pytest.fixture
def window(make_napari_viewer_proxy, video):
    """Opens a review of the clip in a window."""
    return lambda **options: opened(make_napari_viewer_proxy(show=True), video, **options)


def opened(viewer, video, **options):
    review = open_review(video, **options)
    data, layer_options, _ = video_layer_data(review.source)
    workspace = add_workspace(viewer, review, viewer.add_image(data, **layer_options))
    settle(100)
    return workspace


class Answer:
    """Presses a button of the question, once it is there; remembers what was asked."""

    def __init__(self, button):
        self.asked, self._button = [], button
        self._timer = QTimer()
        self._timer.timeout.connect(self._look)
        self._timer.start(20)

    def _look(self):
        box = QApplication.activeModalWidget()
        if isinstance(box, QMessageBox):
            assert box.defaultButton() is box.button(QMessageBox.StandardButton.No)
            self.asked.append(box.text())
            box.button(self._button).click()


def ways(work, path):
    """Each way labels come in once a window is open."""
    return {
        "menu": lambda: work.intake.add_file(path),
        "drop": lambda: work.viewer.open(str(path), plugin="napari-mespot"),
    }


@pytest.mark.parametrize("way", ["menu", "drop"])
@pytest.mark.parametrize("yes", [True, False])
def test_labels_of_another_video_are_asked_about(window, tmp_path, way, yes):
    work = window()
    path = tmp_path / "other.intervals.csv"
    write_table(path, [OTHER])
    button = QMessageBox.StandardButton.Yes if yes else QMessageBox.StandardButton.No
    answer = Answer(button)
    before = work.session.review
    ways(work, path)[way]()
    settle(150)
    assert len(answer.asked) == 1
    for part in ("d6 (300 frames)", "clip (600 frames)", "1 interval and 1 reviewed range"):
        assert part in answer.asked[0]
    assert len(work.session.review.items) == (1 if yes else 0)
    if not yes:
        assert work.session.review is before
        assert "was not added" in work.step_line.line


@pytest.mark.parametrize("way", ["menu", "drop"])
def test_labels_of_this_video_are_added_unasked(window, tmp_path, way):
    work = window()
    path = tmp_path / "own.intervals.csv"
    write_table(path, [OWN])
    answer = Answer(QMessageBox.StandardButton.No)
    ways(work, path)[way]()
    settle(150)
    assert not answer.asked
    assert len(work.session.review.items) == 1
    assert [layer.name for layer in work.viewer.layers] == ["clip", "intervals"]


def test_a_dropped_table_of_many_videos_asks_nothing(window, tmp_path):
    work = window()
    path = tmp_path / "all.intervals.csv"
    write_table(path, [OTHER, OWN, replace(OTHER, video_id="d7")])
    answer = Answer(QMessageBox.StandardButton.No)
    work.viewer.open(str(path), plugin="napari-mespot")
    settle(150)
    assert not answer.asked
    assert len(work.session.review.items) == 1


def test_labels_given_at_the_start_are_asked_about_in_the_window(window, tmp_path):
    path = tmp_path / "other.eaf"
    write_annotations(path, [OTHER], notice=lambda line: None)
    answer = Answer(QMessageBox.StandardButton.Yes)
    work = window(predictions=path)
    settle(900)
    assert len(answer.asked) == 1
    assert len(work.session.review.items) == 1


def test_without_a_window_they_are_refused_unless_wanted(video, tmp_path):
    path = tmp_path / "other.eaf"
    write_annotations(path, [OTHER], notice=lambda line: None)
    picture = tmp_path / "window.png"
    command = [sys.executable, "-m", "napari_mespot.gui", str(video), "--predictions", str(path)]
    command += ["--picture", str(picture)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "d6 (300 frames)" in done.stderr
    assert "--of-any-video" in done.stderr
    assert "Traceback" not in done.stderr
    assert not picture.exists()
    done = subprocess.run([*command, "--of-any-video"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert picture.is_file()
