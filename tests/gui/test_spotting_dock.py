"""The Spot dock: a real run on a real video, live rules, cancelling, and no thread left behind."""

import shutil
import threading
from fractions import Fraction

import numpy as np
import pytest
from qtpy.QtCore import Qt
from qtpy.QtTest import QTest
from tests.gui.reviews import scores_with_peaks
from tests.gui.viewers import settle

from napari_mespot.frames import open_frames
from napari_mespot.frames.synthetic import sample_path
from napari_mespot.gui import edits
from napari_mespot.gui.review import Review
from napari_mespot.gui.session import Session
from napari_mespot.gui.spotting_dock import SpotTarget, SpottingWidget
from napari_mespot.gui.spotting_worker import THREAD_NAME
from napari_mespot.model import ExpressionKind, Interval, ReviewStatus


@pytest.fixture
def video(tmp_path):
    return shutil.copy2(sample_path(30), tmp_path / "clip.mp4")


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
    assert not [t for t in threading.enumerate() if t.name == THREAD_NAME]


def click(button):
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def session_of(dock) -> Session:
    return dock._session


def wait_for(condition, seconds: float = 60.0) -> None:
    for _ in range(int(seconds / 0.05)):
        if condition():
            return
        settle(50)
    raise AssertionError("it did not happen")


def test_a_run_gives_scores_and_intervals_as_one_step(dock):
    session, streamed = session_of(dock), []
    session.scores_changed.connect(lambda: streamed.append(session.scores))
    click(dock.run_box.run_button)
    assert not dock.run_box.run_button.isEnabled()
    assert dock.run_box.progress.isVisible()
    wait_for(lambda: session.whole_scores is not None)
    assert session.whole_scores.n_frames == 600
    assert session.review.items
    assert all(i.status is ReviewStatus.PREDICTED for i in session.review.items)
    assert session.undo_label == "spot with synthetic-v1"
    assert dock.run_box.run_button.isEnabled()
    assert not dock.run_box.progress.isVisible()
    partial = [s for s in streamed if s is not None and np.isnan(s.values).any()]
    assert partial, "scores were shown while they came"


def test_a_run_touches_nothing_that_a_person_did(dock):
    session = session_of(dock)
    drawn, uid = edits.add_interval(session.review, Interval(130, 215), ExpressionKind.MACRO)
    session.commit(drawn, "draw")
    click(dock.run_box.run_button)
    wait_for(lambda: session.whole_scores is not None)
    assert session.review.by_uid[uid] == drawn.by_uid[uid]
    others = [i for i in session.review.items if i.uid != uid and i.kind is ExpressionKind.MACRO]
    assert all(not i.expression.interval.overlap(Interval(130, 215)) for i in others)


def test_cancelling_ends_soon_and_changes_nothing(dock):
    session = session_of(dock)
    click(dock.run_box.run_button)
    wait_for(lambda: "frames" in dock.run_box.status.text(), 60)
    click(dock.run_box.cancel_button)
    wait_for(lambda: dock.run_box.run_button.isEnabled(), 20)
    assert session.scores is None
    assert not session.review.items
    assert "ancelled" in dock.run_box.status.text()


def test_closing_while_it_runs_leaves_no_thread(dock):
    click(dock.run_box.run_button)
    settle(300)
    dock.shut_down()
    settle(100)
    assert session_of(dock).whole_scores is None


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
    session.set_scores(
        scores_with_peaks((10, 30, 0.9), (100, 160, 0.5), n_frames=600), dock.rules.value(), "x"
    )
    first = next(i for i in session.review.items if i.kind is ExpressionKind.MACRO)
    session.commit(edits.set_status(session.review, [first.uid], ReviewStatus.ACCEPTED), "accept")
    before = [i.onset for i in session.shown.items if i.kind is ExpressionKind.MACRO]
    field = dock.rules.fields["detection", "mae", "threshold"].spin_box
    QTest.mouseClick(field.lineEdit(), Qt.MouseButton.LeftButton)
    field.selectAll()
    QTest.keyClicks(field.lineEdit(), "0.4")
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
