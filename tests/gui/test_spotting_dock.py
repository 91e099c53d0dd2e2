"""The Spot dock: a real run on a real video, live rules, cancelling, and no thread left behind."""

import os
import shutil
import subprocess
import sys
import threading
import time
from fractions import Fraction

import numpy as np
import pytest
from qtpy.QtCore import Qt, QTimer
from qtpy.QtTest import QTest
from qtpy.QtWidgets import (
    QAbstractSpinBox,
    QFileDialog,
    QLabel,
    QPushButton,
    QScrollBar,
    QWidget,
)
from tests.fixtures.face_clip import (
    face_frame,
    write_face_video,
    write_random_checkpoint,
    write_video,
)
from tests.gui.reviews import only, scores_with_peaks
from tests.gui.viewers import settle

from napari_mespot.frames import open_frames
from napari_mespot.frames.synthetic import sample_path
from napari_mespot.gui import edits
from napari_mespot.gui.count_text import count_text
from napari_mespot.gui.lazy_video import video_layer_data
from napari_mespot.gui.opening import open_review
from napari_mespot.gui.review import Review
from napari_mespot.gui.session import Session
from napari_mespot.gui.spotting_dock import SpotTarget, SpottingWidget
from napari_mespot.gui.spotting_request import THREAD_NAME
from napari_mespot.gui.window import add_workspace
from napari_mespot.model import ExpressionKind, Interval, ReviewStatus
from napari_mespot.network import DEFAULT_CHECKPOINT
from napari_mespot.progress import Progress
from napari_mespot.spotting.params import SpottingParams


@pytest.fixture
def video(tmp_path):
    return shutil.copy2(sample_path(30), tmp_path / "clip.mp4")


@pytest.fixture
def unseen(tmp_path, monkeypatch):
    """No faces are known from an earlier run, so that this one takes its time."""
    monkeypatch.setenv("MESPOT_CACHE_DIR", str(tmp_path / "cache"))


@pytest.fixture
def dock(qtbot, video):
    with open_frames(video) as source:
        review = Review("clip", source.n_frames, source.frame_rate)
    widget = SpottingWidget(Session(review), SpotTarget(video, None, "clip"))
    qtbot.addWidget(widget)
    widget.resize(420, 800)
    widget.show()
    widget.activateWindow()
    QTest.qWaitForWindowActive(widget)
    yield widget
    widget.shut_down()
    assert threads() == []


def threads():
    return [t.name for t in threading.enumerate() if t.name == THREAD_NAME]


def click(button):
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


STREAMS = "synthetic-v3"
"""Its scores come as the frames do; those of a context network about 20 s of video later."""


def choose(dock, name):
    box = dock.checkpoints
    box.activated.emit(box.findData(name))


def session_of(dock) -> Session:
    return dock._session


def wait_for(condition, seconds: float = 300.0) -> None:
    for _ in range(int(seconds / 0.05)):
        if condition():
            return
        settle(50)
    raise AssertionError("it did not happen")


def test_a_run_gives_scores_and_intervals_as_one_step(dock, unseen):
    choose(dock, STREAMS)
    session, streamed = session_of(dock), []
    session.scores_changed.connect(lambda: streamed.append(session.scores))
    click(dock.run_box.run_button)
    assert not dock.run_box.run_button.isEnabled()
    assert dock.run_box.progress.isVisible()
    wait_for(lambda: session.whole_scores is not None)
    assert session.whole_scores.n_frames == 600
    assert session.review.items
    assert all(i.status is ReviewStatus.PREDICTED for i in session.review.items)
    assert session.undo_label == f"spot with {STREAMS}"
    assert dock.run_box.run_button.isEnabled()
    assert not dock.run_box.progress.isVisible()
    partial = [s for s in streamed if s is not None and np.isnan(s.values).any()]
    assert partial, "scores were shown while they came"


def test_scores_of_a_context_network_come_while_it_runs(qtbot, tmp_path, unseen):
    path = write_face_video(tmp_path / "long.mp4", 30 * 45)
    with open_frames(path) as source:
        review = Review("long", source.n_frames, source.frame_rate)
    widget = SpottingWidget(Session(review), SpotTarget(path, None, "long"))
    qtbot.addWidget(widget)
    streamed = []
    widget._session.scores_changed.connect(lambda: streamed.append(widget._session.scores))
    click(widget.run_box.run_button)
    wait_for(lambda: widget._session.whole_scores is not None)
    partial = [s for s in streamed if s is not None and np.isnan(s.values).any()]
    assert partial, "scores were shown while they came"
    widget.shut_down()


def test_a_run_touches_nothing_that_a_person_did(dock):
    session = session_of(dock)
    drawn, uid = edits.add_interval(session.review, Interval(130, 215), ExpressionKind.MACRO)
    session.commit(drawn, "draw")
    click(dock.run_box.run_button)
    wait_for(lambda: session.whole_scores is not None)
    assert session.review.by_uid[uid] == drawn.by_uid[uid]
    others = [i for i in session.review.items if i.uid != uid and i.kind is ExpressionKind.MACRO]
    assert all(not i.expression.interval.overlap(Interval(130, 215)) for i in others)


def test_cancelling_ends_soon_and_changes_nothing(dock, unseen):
    session = session_of(dock)
    click(dock.run_box.run_button)
    wait_for(lambda: "frames" in dock.run_box.status.text(), 60)
    click(dock.run_box.cancel_button)
    wait_for(lambda: dock.run_box.run_button.isEnabled(), 20)
    assert session.scores is None
    assert not session.review.items
    assert dock.run_box.status.text() == "Cancelled. Not spotted yet."


def test_closing_while_it_runs_leaves_no_thread(dock, unseen):
    click(dock.run_box.run_button)
    settle(300)
    dock.close()
    assert threads() == []
    settle(100)
    assert session_of(dock).scores is None


def test_a_video_that_has_gone_is_told_in_one_line(dock, video):
    told = []
    dock.message.connect(lambda level, text: told.append((level, text)))
    video.unlink()
    click(dock.run_box.run_button)
    wait_for(lambda: dock.run_box.run_button.isEnabled())
    ((level, text),) = told
    assert level == "error"
    assert "clip.mp4" in text
    assert "\n" not in text
    assert text in dock.run_box.notice.text()


def test_rules_are_live_without_running_anything(dock):
    session = session_of(dock)
    scores = scores_with_peaks((10, 30, 0.9), (100, 160, 0.65), n_frames=600)
    session.set_scores(only(ExpressionKind.MACRO, scores), dock.rules.value(), "x")
    first = next(i for i in session.review.items if i.kind is ExpressionKind.MACRO)
    session.commit(edits.set_status(session.review, [first.uid], ReviewStatus.ACCEPTED), "accept")
    before = [i.onset for i in session.shown.items if i.kind is ExpressionKind.MACRO]
    field = dock.rules.fields["detection", "mae", "threshold"].spin_box
    QTest.mouseClick(field.lineEdit(), Qt.MouseButton.LeftButton)
    field.selectAll()
    QTest.keyClicks(field.lineEdit(), "0.6")
    QTest.keyClick(field.lineEdit(), Qt.Key.Key_Return)
    settle(600)
    after = [i.onset for i in session.review.items if i.kind is ExpressionKind.MACRO]
    assert len(after) > len(before)
    assert session.review.by_uid[first.uid].status is ReviewStatus.ACCEPTED
    assert not dock.worker.is_running
    session.undo()
    assert field.value() == pytest.approx(session.review.rules.detection.mae.threshold)


def test_the_form_follows_rules_that_change_elsewhere(dock):
    session = session_of(dock)
    rules = dock.rules.value()
    mae = rules.detection.mae.model_copy(update={"threshold": 0.77})
    detection = rules.detection.model_copy(update={"mae": mae})
    session.commit_rules(rules.model_copy(update={"detection": detection}))
    assert dock.rules.fields["detection", "mae", "threshold"].spin_box.value() == 0.77
    settle(200)
    click(dock.reset_button)
    settle(50)
    assert session.review.rules == dock.checkpoints.document.spotting


def test_counts_say_what_was_touched(dock):
    session = session_of(dock)
    drawn, _ = edits.add_interval(session.review, Interval(5, 9), ExpressionKind.MICRO)
    session.commit(drawn, "draw")
    settle(200)
    assert dock.counts.text() == "1 ME, 0 MaE (1 touched by you)"


def test_another_frame_rate_is_used(qtbot, video):
    with open_frames(video) as source:
        review = Review("clip", source.n_frames, Fraction(200))
    widget = SpottingWidget(Session(review), SpotTarget(video, Fraction(200), "clip"))
    qtbot.addWidget(widget)
    click(widget.run_box.run_button)
    wait_for(lambda: widget._session.whole_scores is not None)
    assert widget._session.whole_scores.frame_rate == 200
    widget.shut_down()


# -- several networks, several videos -----------------------------------------------------


def message_of(dock):
    told = []
    dock.message.connect(lambda level, text: told.append((level, text)))
    return told


def threshold(rules, kind="me"):
    return getattr(rules.detection, kind).threshold


def turned(rules, value, kind="me"):
    """The rules with another threshold of one kind."""
    document = rules.model_dump()
    document["detection"][kind]["threshold"] = value
    return SpottingParams.model_validate(document)


@pytest.fixture
def other_network(tmp_path):
    return write_random_checkpoint(tmp_path / "other.safetensors")


def test_before_a_first_run_the_rules_follow_the_chosen_checkpoint(dock, other_network):
    shipped = dock.checkpoints.document.spotting
    assert dock.rules.value() == shipped != SpottingParams()
    dock.checkpoints.add_file(other_network)
    assert dock.rules.value() == SpottingParams()
    assert dock.align_params() == dock.checkpoints.document.align
    drawn, _ = edits.add_interval(session_of(dock).review, Interval(5, 9), ExpressionKind.MICRO)
    session_of(dock).commit(drawn, "draw")
    assert dock.rules.value() == SpottingParams()


def test_another_network_brings_its_own_rules_and_the_same_one_keeps_the_users(dock, other_network):
    session = session_of(dock)
    own = turned(dock.rules.value(), 0.6)
    session.commit_rules(own)
    for _ in range(2):
        click(dock.run_box.run_button)
        wait_for(lambda: not dock.worker.is_running)
        assert session.review.rules == own
        assert session.checkpoint == DEFAULT_CHECKPOINT
    dock.checkpoints.add_file(other_network)
    assert dock.rules.value() == own, "the scores in view are those of before"
    assert "Run brings those of random" in dock.run_box.status.text()
    click(dock.run_box.run_button)
    wait_for(lambda: not dock.worker.is_running)
    assert session.checkpoint == "random"
    assert session.review.rules == dock.rules.value() == SpottingParams()
    session.undo()
    assert session.review.rules == dock.rules.value() == own


def test_rules_turned_while_it_runs_are_kept(dock, unseen):
    choose(dock, STREAMS)
    session = session_of(dock)
    click(dock.run_box.run_button)
    wait_for(lambda: session.scores is not None)
    own = turned(dock.rules.value(), 0.6, "mae")
    session.commit_rules(own)
    assert not session.review.items, "a part of the scores is not searched"
    wait_for(lambda: session.whole_scores is not None)
    assert session.review.rules == dock.rules.value() == own


def test_cancelling_a_second_run_brings_the_first_scores_back(dock, unseen):
    choose(dock, STREAMS)
    session = session_of(dock)
    whole = scores_with_peaks((10, 30, 0.9), n_frames=600)
    session.set_scores(whole, dock.rules.value(), STREAMS)
    before = session.review
    assert dock.run_box.status.text() == f"Scores by {STREAMS}."
    click(dock.run_box.run_button)
    wait_for(lambda: session.scores is not whole or not dock.worker.is_running)
    click(dock.run_box.cancel_button)
    wait_for(lambda: not dock.worker.is_running)
    assert session.scores is whole
    assert session.review is before
    assert dock.run_box.status.text() == f"Cancelled. Scores by {STREAMS}."


@pytest.mark.parametrize("content", [b"", b"\x80\x04pickled", b"no checkpoint at all"])
def test_a_foreign_file_is_refused_in_one_line(dock, tmp_path, monkeypatch, content):
    path, told = tmp_path / "foreign.pt", message_of(dock)
    path.write_bytes(content)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    box = dock.checkpoints
    QTest.keyClick(box, Qt.Key.Key_End)  # the last entry: choose a file
    ((level, text),) = told
    assert level == "error"
    assert "foreign.pt" in text
    assert "\n" not in text
    assert text in dock.run_box.notice.text()
    assert box.currentText() == DEFAULT_CHECKPOINT
    assert dock.run_box.run_button.isEnabled()


def test_a_chosen_file_is_listed_once(dock, other_network, monkeypatch):
    box, n = dock.checkpoints, dock.checkpoints.count()
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(other_network), ""))
    for _ in range(2):
        QTest.keyClick(box, Qt.Key.Key_End)
        assert box.currentText() == "other"
    assert box.count() == n + 1
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("", ""))
    QTest.keyClick(box, Qt.Key.Key_End)
    assert box.checkpoint == other_network


def test_a_checkpoint_that_has_gone_is_told_when_it_runs(dock, other_network):
    told = message_of(dock)
    dock.checkpoints.add_file(other_network)
    other_network.write_bytes(b"damaged since")
    click(dock.run_box.run_button)
    wait_for(lambda: not dock.worker.is_running)
    assert [level for level, _ in told] == ["error"]
    assert session_of(dock).scores is None
    assert dock.run_box.run_button.isEnabled()


def test_a_video_that_was_changed_is_not_taken_for_the_one_in_view(dock, video):
    told = message_of(dock)
    write_face_video(video, 24)
    click(dock.run_box.run_button)
    wait_for(lambda: not dock.worker.is_running)
    ((_, text),) = told
    assert "expected 600 frames, got 24" in text
    assert session_of(dock).scores is None


def test_frames_without_a_face_are_told_as_a_warning(qtbot, tmp_path):
    face, blank = face_frame(), np.full((240, 240, 3), 90, np.uint8)
    path = write_video(tmp_path / "half.mp4", [face] * 40 + [blank] * 20)
    session = Session(Review("half", 60, Fraction(30)))
    widget = SpottingWidget(session, SpotTarget(path, None, "half"))
    qtbot.addWidget(widget)
    told = message_of(widget)
    click(widget.run_box.run_button)
    wait_for(lambda: not widget.worker.is_running)
    assert session.whole_scores is not None
    assert [level for level, _ in told] == ["warning"] * len(told)
    assert any("no face in" in text for _, text in told)
    assert widget.run_box.notice.text().startswith("⚠ ")
    assert widget.run_box.status.text().startswith("Done: 60 frames in ")
    widget.shut_down()


def test_devices_are_looked_for_when_the_list_is_opened(qtbot, dock):
    box = dock.devices
    assert [box.itemData(row) for row in range(box.count())] == ["auto", "cpu"]
    with qtbot.waitSignal(box.known, timeout=60_000):
        QTest.mouseClick(box, Qt.MouseButton.LeftButton)
    box.hidePopup()
    names = [box.itemData(row) for row in range(box.count())]
    assert names[:2] == ["auto", "cpu"]
    assert len(set(names)) == len(names)
    with qtbot.waitSignal(box.known, timeout=500, raising=False) as again:
        QTest.mouseClick(box, Qt.MouseButton.LeftButton)
    box.hidePopup()
    assert not again.signal_triggered


def test_the_dock_opens_without_torch():
    code = (
        "import sys\n"
        "from fractions import Fraction\n"
        "from pathlib import Path\n"
        "from qtpy.QtWidgets import QApplication\n"
        "app = QApplication([])\n"
        "from napari_mespot.gui.review import Review\n"
        "from napari_mespot.gui.session import Session\n"
        "from napari_mespot.gui.spotting_dock import SpotTarget, SpottingWidget\n"
        "session = Session(Review('v', 60, Fraction(30)))\n"
        "dock = SpottingWidget(session, SpotTarget(Path('v.mp4'), None, 'v'))\n"
        "dock.show()\n"
        "app.processEvents()\n"
        "dock.shut_down()\n"
        "assert 'torch' not in sys.modules\n"
    )
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)


def test_the_window_stays_free_while_it_runs(dock):
    """The longest time between two ticks of a timer, with torch and the network loading."""
    ticks = []
    timer = QTimer()
    timer.timeout.connect(lambda: ticks.append(time.perf_counter()))
    timer.start(10)
    click(dock.run_box.run_button)
    wait_for(lambda: not dock.worker.is_running)
    assert max(np.diff(ticks)) < 1.0


def test_a_dragged_slider_is_live_and_one_step(dock):
    session = session_of(dock)
    whole = scores_with_peaks((10, 30, 0.9), (100, 120, 0.7), (200, 220, 0.5), n_frames=600)
    rules = SpottingParams.model_validate(
        {"detection": {"me": {"threshold": 0.4, "low_threshold": 0.1, "max_duration_s": 2}}}
    )
    session.set_scores(only(ExpressionKind.MICRO, whole), rules, DEFAULT_CHECKPOINT)
    slider = dock.rules.fields["detection", "me", "threshold"].slider
    slider.setSliderDown(True)
    seen = []
    for position in (450, 600, 800, 900):
        slider.setSliderPosition(position)
        settle(30)
        seen.append(sum(i.kind is ExpressionKind.MICRO for i in session.shown.items))
    assert seen == sorted(seen, reverse=True)
    assert seen[0] > seen[-1]
    assert threshold(session.review.rules) == 0.4, "no step while the hand is on it"
    assert not dock.worker.is_running
    slider.setSliderDown(False)
    assert threshold(session.review.rules) == 0.9
    assert session.undo_label == "change rules"
    session.undo()
    assert session.review.rules == dock.rules.value() == rules
    assert slider.value() == 400


def test_what_is_being_turned_is_kept_when_the_dock_closes(dock):
    session = session_of(dock)
    dock.rules.fields["detection", "me", "threshold"].spin_box.stepUp()
    wanted = threshold(dock.rules.value())
    dock.close()
    assert threshold(session.review.rules) == wanted


def test_reset_also_mends_what_does_not_go_together(dock):
    settle(150)
    assert not dock.reset_button.isEnabled()
    low = dock.rules.fields["detection", "me", "low_threshold"]
    low.spin_box.setValue(0.9)
    assert dock.rules.trouble.isVisible()
    assert dock.reset_button.isEnabled()
    click(dock.reset_button)
    assert not dock.rules.trouble.isVisible()
    assert low.value() == dock.checkpoints.document.spotting.detection.me.low_threshold
    assert not dock.reset_button.isEnabled()


def test_rejected_intervals_do_not_count(dock):
    review = session_of(dock).review
    for onset in (5, 50, 100):
        review, uid = edits.add_interval(review, Interval(onset, onset + 4), ExpressionKind.MICRO)
    review = edits.set_status(review, [uid], ReviewStatus.REJECTED)
    assert count_text(review) == "2 ME, 0 MaE (3 touched by you, 1 rejected)"


# -- in the window ------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["another video", "layer removed", "viewer closed"])
def test_a_run_ends_with_its_video(
    make_napari_viewer_proxy, tmp_path, video, monkeypatch, unseen, end
):
    monkeypatch.setenv("MESPOT_CONFIG_DIR", str(tmp_path / "config"))
    viewer = make_napari_viewer_proxy(show=True)
    first = show_video(viewer, video)
    choose(first.spotting, STREAMS)
    click(first.spotting.run_box.run_button)
    wait_for(lambda: first.session.scores is not None)
    if end == "another video":
        second = show_video(viewer, shutil.copy2(video, tmp_path / "other.mp4"))
    elif end == "layer removed":
        viewer.layers.remove(first.layer)
    else:
        viewer.close()
    assert first.is_closed
    assert threads() == []
    settle(300)
    assert first.session.scores is None
    assert first.session.review.items == ()
    if end == "another video":
        assert second.session.scores is None
        click(second.spotting.run_box.run_button)
        wait_for(lambda: second.session.whole_scores is not None)
        assert second.session.whole_scores.video_id == "other"
        assert first.session.scores is None


def show_video(viewer, path):
    opened = open_review(path)
    data, options, _ = video_layer_data(opened.source)
    workspace = add_workspace(viewer, opened, viewer.add_image(data, **options))
    settle(100)
    return workspace


# -- how it looks -------------------------------------------------------------------------


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("width", [340, 400, 460])
def test_nothing_is_cut_off(dock, width, theme):
    from napari.qt import get_stylesheet

    session = session_of(dock)
    whole = scores_with_peaks((10, 30, 0.9), (100, 160, 0.5), n_frames=600)
    session.set_scores(whole, dock.rules.value(), DEFAULT_CHECKPOINT)
    dock.setStyleSheet(get_stylesheet(theme))
    dock.resize(width, 800)
    dock.rules.fields["detection", "me", "low_threshold"].spin_box.setValue(0.9)
    dock.run_box.show_start()
    dock.run_box.show_progress(Progress("spotting", 54_321, 123_456))
    dock.run_box.show_notices(("no face in 1,234 of 123,456 frames, which have no score", "b"))
    settle(150)
    assert dock.width() == width
    right = dock.mapToGlobal(dock.rect().bottomRight())
    for widget in dock.findChildren(QWidget):
        if not widget.isVisible() or isinstance(widget, QScrollBar):
            continue
        corner = widget.mapToGlobal(widget.rect().bottomRight())
        assert corner.x() <= right.x(), widget
        if isinstance(widget, QPushButton):
            assert widget.width() >= widget.sizeHint().width(), widget.text()
        if isinstance(widget, QAbstractSpinBox):
            line = widget.lineEdit()
            assert line.fontMetrics().horizontalAdvance(widget.text()) <= line.width(), width
        if isinstance(widget, QLabel):
            assert widget.height() >= widget.heightForWidth(widget.width()), widget.text()
    bottom = dock.reset_button.mapToGlobal(dock.reset_button.rect().bottomRight())
    assert bottom.y() < right.y()
