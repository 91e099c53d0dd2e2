"""The Retrain dock: what it finds, a real run on real videos, cancelling, and what it advises."""

import threading
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from qtpy.QtCore import Qt
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QDockWidget, QLabel
from tests.fixtures.face_clip import write_three_people
from tests.gui.viewers import settle

from napari_mespot.gui.retrain_dock import SURVEY_THREAD, TRAIN_THREAD, RetrainWidget
from napari_mespot.gui.retrain_words import gain_text, progress_text, verdict_text
from napari_mespot.io import write_table
from napari_mespot.learning.retrain_outcome import Gain, KindFigures, RetrainOutcome
from napari_mespot.learning.retrain_params import RetrainParams
from napari_mespot.learning.retrain_split import SplitUnit
from napari_mespot.model import Annotation, Expression, ExpressionKind, Interval
from napari_mespot.network import load_checkpoint
from napari_mespot.progress import Progress

ME, MAE = ExpressionKind.MICRO, ExpressionKind.MACRO
N = 180
QUICK = RetrainParams(
    steps=1,
    batch_size=2,
    replay_videos=1,
    checked_drawn_videos=1,
    thresholds=(0.5,),
    resamples=100,
    gap_s=0.1,
)


def labelled(name):
    micro = [Expression(Interval(10 + 40 * i, 18 + 40 * i), ME) for i in range(4)]
    macro = [Expression(Interval(25 + 40 * i, 44 + 40 * i), MAE) for i in range(3)]
    return Annotation(name, N, Fraction(30), (*micro, *macro), (Interval(0, N - 1),))


@pytest.fixture(scope="module")
def videos(tmp_path_factory):
    return write_three_people(tmp_path_factory.mktemp("videos"), N)


@pytest.fixture
def labels(tmp_path):
    folder = tmp_path / "labels"
    folder.mkdir()
    for name in ("anna", "ben", "carl"):
        write_table(folder / f"{name}.intervals.csv", [labelled(name)])
    return folder


@pytest.fixture
def dock(qtbot, make_napari_viewer_proxy, checkpoint):
    viewer = make_napari_viewer_proxy()
    widget = RetrainWidget(viewer, QUICK)
    qtbot.addWidget(widget)
    widget.resize(420, 800)
    widget.show()
    widget.inputs.checkpoints.add_file(Path(checkpoint))
    yield widget
    widget.shut_down()
    assert not {t.name for t in threading.enumerate()} & {SURVEY_THREAD, TRAIN_THREAD}


def wait_for(condition, seconds=120.0):
    for _ in range(int(seconds / 0.05)):
        if condition():
            return
        settle(50)
    raise AssertionError("it did not happen")


def click(button):
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def choose(dock, labels, videos):
    dock.inputs.labels.set_path(labels)
    dock.inputs.videos.set_path(videos)
    wait_for(lambda: not dock.surveyor.is_running)


def outcome(*, recommended):
    low = 0.03 if recommended else -0.05
    figures = {kind: KindFigures(8, 6, 4, 2.0, 0.9) for kind in ExpressionKind}
    better = {kind: KindFigures(10, 2, 2, 0.7, 0.95) for kind in ExpressionKind}
    return RetrainOutcome(
        checkpoint=load_checkpoint(),
        parent="synthetic-v1",
        stage="weights",
        before=figures,
        after=better,
        gain=Gain(0.22, low, 0.4, SplitUnit.VIDEO, 8),
        split=SplitUnit.SUBJECT,
        forgetting=0.0,
        recommended=recommended,
        notes=("use the new checkpoint", "no MaE in the corrections"),
    )


def test_it_says_what_it_found_before_anything_starts(dock, labels, videos):
    assert not dock.start_button.isEnabled()
    (labels / "dora.csv").write_text("video,kind,onset,offset\ndora,ME,1,3\n")
    choose(dock, labels, videos)
    assert dock.found.text() == (
        "3 videos of 3 people, 0.3 reviewed minutes: 12 ME, 9 MaE, 0 rejected predictions; "
        "subject unknown in 3 videos: each counts as a person."
    )
    assert "dora: no video of this name" in dock.problems.text()
    assert dock.start_button.isEnabled()
    assert dock.inputs.new.path == labels / "random-retrained-1.safetensors"


def test_a_folder_without_labels_is_told_and_nothing_can_start(dock, labels, videos, tmp_path):
    choose(dock, labels, videos)
    (tmp_path / "empty").mkdir()
    choose(dock, tmp_path / "empty", videos)
    assert dock.found.text() == "Nothing to learn from."
    assert "expected sessions" in dock.problems.text()
    assert not dock.start_button.isEnabled()


def test_a_run_writes_a_checkpoint_and_shows_before_and_after(dock, labels, videos):
    choose(dock, labels, videos)
    click(dock.start_button)
    assert dock.cancel_button.isEnabled()
    assert not dock.inputs.isEnabled()
    wait_for(lambda: not dock.trainer.is_running)
    settle(100)
    assert (labels / "random-retrained-1.safetensors").exists(), dock.status.text()
    assert dock.result.isVisible()
    assert dock.result.verdict.text() == "Keep random: the new one is not clearly better."
    assert dock.result.use_button.text() == "Use it all the same"
    assert [c.text() for c in dock.result.cells[:3]] == ["", "", "hits"]
    assert dock.inputs.isEnabled()


def test_cancelling_writes_nothing(dock, labels, videos, monkeypatch, tmp_path):
    monkeypatch.setenv("MESPOT_CACHE_DIR", str(tmp_path / "cache"))
    choose(dock, labels, videos)
    click(dock.start_button)
    wait_for(lambda: "aligning" in dock.status.text())
    click(dock.cancel_button)
    wait_for(lambda: not dock.trainer.is_running)
    assert dock.status.text() == "Cancelled; nothing was written."
    assert not list(labels.glob("*.safetensors"))


def test_a_new_file_that_exists_is_refused(dock, labels, videos, monkeypatch):
    told = []
    monkeypatch.setattr("napari_mespot.gui.retrain_dock.show_error", told.append)
    choose(dock, labels, videos)
    taken = labels / "mine.safetensors"
    taken.write_bytes(b"mine")
    dock.inputs.new.set_path(taken)
    click(dock.start_button)
    wait_for(lambda: not dock.trainer.is_running)
    assert "exists already" in told[0]
    assert "exists already" in dock.status.text()
    assert taken.read_bytes() == b"mine"


def test_use_is_the_main_button_only_where_it_is_advised(dock):
    dock.result.show_outcome(outcome(recommended=True))
    assert dock.result.use_button.text() == "Use the new checkpoint"
    assert not dock.result.use_button.isFlat()
    dock.result.show_outcome(outcome(recommended=False))
    assert dock.result.use_button.text() == "Use it all the same"
    assert dock.result.use_button.isFlat()


def test_what_it_says_is_plain():
    good = outcome(recommended=True)
    assert verdict_text(good) == "Use the new checkpoint: it is better."
    assert gain_text(good) == (
        "On corrections kept aside, F1 of both kinds together was 0.62 and is now 0.83: +0.22, "
        "with 95 % certainty between +0.03 and +0.40 (over 8 videos)."
    )
    assert verdict_text(outcome(recommended=False)).startswith("Keep synthetic-v1")
    forgot = ("keep the old checkpoint: better here, but it has forgotten",)
    assert verdict_text(replace(good, recommended=False, notes=forgot)) == (
        "Keep the old checkpoint: better here, but it has forgotten."
    )


def test_progress_is_in_words():
    assert progress_text(Progress("training", 34, 100), 80) == (
        "training: 34 of 100 · 1 min 20 s left in this step"
    )
    assert progress_text(Progress("loading the network", 0, 0), None) == "loading the network …"


def test_opened_beside_other_docks_it_is_a_tab_in_front(qtbot, make_napari_viewer_proxy):
    viewer = make_napari_viewer_proxy()
    review = QLabel("a review")
    viewer.window.add_dock_widget(review, name="Other", area="right")
    widget = RetrainWidget(viewer, QUICK)
    viewer.window.add_dock_widget(widget, name="Retrain", area="right")
    window = widget.window()
    window.resize(1280, 800)
    window.show()
    settle(200)
    docks = window.findChildren(QDockWidget)
    own, other = (next(d for d in docks if d.isAncestorOf(w)) for w in (widget, review))
    assert other in window.tabifiedDockWidgets(own)
    assert not widget.visibleRegion().isEmpty()
    assert widget.height() > 300
    widget.shut_down()
