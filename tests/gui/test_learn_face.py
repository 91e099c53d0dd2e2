"""Learn this face, in the Spot dock: a real run, stopping it, and what is said and selected."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from qtpy.QtCore import Qt
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QFileDialog
from tests.fixtures.still_face import write_still_face
from tests.gui.viewers import settle
from tests.learning.test_adapt import QUICK, hard_of_hearing

from napari_mespot.frames import open_frames
from napari_mespot.gui.checkpoint_box import CheckpointBox
from napari_mespot.gui.learn_face import LEARN_THREAD, LearnFace
from napari_mespot.gui.learn_words import details_text, figures_text
from napari_mespot.gui.review import Review
from napari_mespot.gui.session import Session
from napari_mespot.gui.spotting_dock import SpotTarget, SpottingWidget
from napari_mespot.learning.adapt_outcome import AdaptOutcome
from napari_mespot.learning.retrain_outcome import KindFigures
from napari_mespot.model import ExpressionKind
from napari_mespot.network import load_checkpoint, save_checkpoint
from napari_mespot.progress import Progress


@pytest.fixture(scope="module")
def sitter(tmp_path_factory):
    return write_still_face(tmp_path_factory.mktemp("still") / "sitter.mp4")


@pytest.fixture
def learn(qtbot, tmp_path, sitter, monkeypatch):
    """The part of the dock, with a network that finds nothing; it saves as new.safetensors."""
    old = tmp_path / "old.safetensors"
    save_checkpoint(hard_of_hearing(), old)
    box = CheckpointBox()
    box.add_file(old)
    qtbot.addWidget(box)
    widget = LearnFace(sitter, box, QUICK)
    qtbot.addWidget(widget)
    widget.resize(360, 200)
    widget.show()
    choose(monkeypatch, tmp_path / "new.safetensors")
    yield widget
    widget.shut_down()
    assert LEARN_THREAD not in {t.name for t in threading.enumerate()}


def choose(monkeypatch, path, asked=None):
    def name(parent, title, suggested, *args, **kwargs):
        if asked is not None:
            asked.append(Path(suggested))
        return str(path or ""), ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", name)


def click(button):
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def wait_for(condition, seconds=240.0):
    for _ in range(int(seconds / 0.05)):
        if condition():
            return
        settle(50)
    raise AssertionError("it did not happen")


def figures(tp, fp, fn):
    return KindFigures(tp, fp, fn, 0.0, 0.9)


def outcome(checkpoint, *, is_better):
    me, mae = ExpressionKind
    return AdaptOutcome(
        checkpoint=checkpoint,
        parent="old",
        is_better=is_better,
        before={me: figures(5, 5, 5), mae: figures(6, 0, 0)},
        after={me: figures(8, 2, 2), mae: figures(6, 0, 0)},
        gain=None,
        notes=("use the new checkpoint: it finds more", "learned from 3 stretches"),
    )


def test_a_run_ends_with_a_verdict_and_writes_nothing_that_is_not_better(learn, tmp_path):
    running = []
    learn.running_changed.connect(running.append)
    click(learn.start_button)
    assert not learn.start_button.isEnabled()
    assert learn.cancel_button.isVisible()
    wait_for(lambda: not learn.worker.is_running)
    assert learn.status.text().startswith("keep the old checkpoint")
    assert "•" in learn.status.toolTip()
    assert learn.start_button.isEnabled()
    assert not learn.cancel_button.isVisible()
    assert not learn.progress.isVisible()
    assert not (tmp_path / "new.safetensors").exists()
    assert running == [True, False]


def test_a_better_one_is_selected(learn, tmp_path):
    new = replace(hard_of_hearing(), name="new")
    save_checkpoint(new, tmp_path / "new.safetensors")
    learn._out = tmp_path / "new.safetensors"
    learn.worker.finished.emit(outcome(new, is_better=True))
    assert learn._checkpoints.checkpoint == tmp_path / "new.safetensors"
    assert learn.figures.text() == (
        "On motion put into this face: ME F1 0.50 → 0.80, MaE F1 1.00 → 1.00."
    )
    assert learn.figures.isVisible()


def test_one_that_is_not_better_is_not_selected(learn):
    before = learn._checkpoints.checkpoint
    learn.worker.finished.emit(outcome(hard_of_hearing(), is_better=False))
    assert learn._checkpoints.checkpoint == before


def test_stopping_writes_nothing(learn, tmp_path):
    click(learn.start_button)
    wait_for(lambda: learn._stage not in ("", "opening the video"))
    click(learn.cancel_button)
    wait_for(lambda: not learn.worker.is_running)
    assert learn.status.text() == "Stopped; nothing was written."
    assert not (tmp_path / "new.safetensors").exists()


def test_a_file_that_is_there_is_not_overwritten(learn, tmp_path):
    told = []
    learn.message.connect(lambda level, text: told.append((level, text)))
    (tmp_path / "new.safetensors").write_bytes(b"mine")
    click(learn.start_button)
    wait_for(lambda: not learn.worker.is_running)
    assert "exists already" in learn.status.text()
    assert told[0][0] == "error"
    assert (tmp_path / "new.safetensors").read_bytes() == b"mine"


def test_thinking_again_starts_nothing(learn, monkeypatch):
    asked = []
    choose(monkeypatch, None, asked)
    click(learn.start_button)
    assert not learn.worker.is_running
    assert asked[0].name == "sitter-face.safetensors"
    assert not learn.status.isVisible()


def test_the_suggested_name_is_free(qtbot, tmp_path, monkeypatch):
    video = tmp_path / "clip.mp4"
    (tmp_path / "clip-face.safetensors").touch()
    box = CheckpointBox()
    qtbot.addWidget(box)
    widget = LearnFace(video, box)
    qtbot.addWidget(widget)
    asked = []
    choose(monkeypatch, None, asked)
    click(widget.start_button)
    assert asked == [tmp_path / "clip-face-2.safetensors"]


def test_one_long_thing_runs_at_a_time(qtbot, sitter):
    with open_frames(sitter) as source:
        review = Review("sitter", source.n_frames, source.frame_rate)
    dock = SpottingWidget(Session(review), SpotTarget(sitter, None, "sitter"))
    qtbot.addWidget(dock)
    dock.learn.running_changed.emit(True)
    assert not dock.run_box.isEnabled()
    dock.learn.running_changed.emit(False)
    assert dock.run_box.isEnabled()
    click(dock.run_box.run_button)
    assert not dock.learn.start_button.isEnabled()
    click(dock.run_box.cancel_button)
    wait_for(lambda: not dock.worker.is_running)
    assert dock.learn.start_button.isEnabled()
    dock.shut_down()


def test_progress_says_how_far_it_is(learn):
    learn.cancel_button.setEnabled(True)
    learn._show_progress(Progress("training", 30, 150))
    assert learn.status.text().startswith("training: 30 of 150")
    assert learn.progress.value() == 30


def test_words():
    both = outcome(load_checkpoint(), is_better=True)
    assert details_text(both) == (
        "• use the new checkpoint: it finds more\n• learned from 3 stretches"
    )
    assert figures_text(replace(both, before={}, after={})) == ""
