"""The Spot dock: run the network on the video, and turn the rules with the result in view."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from qtpy.QtCore import Qt, QTimer, Signal
from qtpy.QtGui import QCloseEvent
from qtpy.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QWidget,
)

from napari_mespot.face.choice import FaceChoice
from napari_mespot.face.params import AlignParams
from napari_mespot.frames import FrameSource
from napari_mespot.gui.count_text import count_text
from napari_mespot.gui.dock_column import fill_dock, ruled_line
from napari_mespot.gui.learn_face import LearnFace
from napari_mespot.gui.review import Review
from napari_mespot.gui.rules_form import RulesForm
from napari_mespot.gui.run_box import RunBox
from napari_mespot.gui.session import Session
from napari_mespot.gui.spotting_request import THREAD_NAME, SpotRequest, spot_request
from napari_mespot.gui.task_worker import TaskWorker
from napari_mespot.model import ScoreSignal
from napari_mespot.spotting.params import SpottingParams

if TYPE_CHECKING:
    from napari_mespot.network import CheckpointDocument
    from napari_mespot.spotting import SpottingResult

__all__ = ["SpotTarget", "SpottingWidget"]

_STREAM_MS, _COUNT_MS = 200, 100
_PREVIEW_MS = 0
_LEAST_WIDTH = 340


@dataclass(frozen=True, slots=True)
class SpotTarget:
    """The video that is spotted.

    Parameters
    ----------
    path
        Where it lies.
    frame_rate
        Frames per second in place of what the video says; None for what the review says.
    video_id
        Its name.
    """

    path: Path
    frame_rate: Fraction | None
    video_id: str

    @classmethod
    def of(cls, source: FrameSource) -> "SpotTarget":
        """Return a video that is open; one with times of its own is opened by them again."""
        rate = source.frame_rate if source.clock.is_plain else None
        return cls(source.path, rate, source.video_id)


@dataclass(frozen=True, slots=True)
class _Started:
    """What a run began with: its checkpoint's name, the rules for it, and those of before."""

    checkpoint: str
    rules: SpottingParams
    before: SpottingParams


class SpottingWidget(QWidget):
    """Checkpoint, device, Run, progress; below, the rules, live.

    It belongs to one session and one video for life; after :meth:`shut_down`, or once it is
    closed, nothing of a run reaches the session any more.

    Parameters
    ----------
    session
        Takes the scores and shows what the rules find.
    target
        The video.
    """

    message = Signal(str, str)
    """A text for the user: ``"warning"`` or ``"error"``, and the text."""
    spotted = Signal()
    """A run has come to its end and its scores are in the session."""

    def __init__(self, session: Session, target: SpotTarget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._target = session, target
        self._partial: ScoreSignal | None = None
        self._started: _Started | None = None
        self._asked: SpottingParams | None = None
        self._align, self._face = AlignParams(), FaceChoice()
        self._is_shut_down = False
        self._known_scores = session.whole_scores
        self.run_box = RunBox()
        self.checkpoints, self.devices = self.run_box.checkpoints, self.run_box.devices
        self.learn = LearnFace(target.path, self.checkpoints)
        self.counts = QLabel()
        self.rules = RulesForm(self._rules_in_force())
        self.reset_button = QPushButton("Reset to the checkpoint's")
        self.worker = TaskWorker(THREAD_NAME, self)
        self._stream_timer = _once(self, _STREAM_MS, self._show_partial)
        self._preview_timer = _once(self, _PREVIEW_MS, self._preview)
        self._count_timer = _once(self, _COUNT_MS, self._show_state)
        self._build()
        self._connect()
        self._checkpoint_chosen()
        self._show_state()

    def align_params(self) -> AlignParams:
        """Return how the chosen checkpoint wants faces aligned; may be called in any thread."""
        return self._align

    def face_choice(self) -> FaceChoice:
        """Return whose face the scores are of, or will be; may be called in any thread."""
        return self._face

    def shut_down(self) -> None:
        """Keep what is being turned, end a run, wait for its thread; may be called twice."""
        if self._is_shut_down:
            return
        self._is_shut_down = True
        self.rules.settle()
        self.worker.shut_down()
        self.learn.shut_down()
        self.devices.shut_down()
        for timer in (self._stream_timer, self._preview_timer, self._count_timer):
            timer.stop()
        self._session.changed.disconnect(self._follow, missing_ok=True)
        self._session.scores_changed.disconnect(self._follow_scores, missing_ok=True)
        self._session.stream_scores(None)

    def closeEvent(self, event: QCloseEvent | None) -> None:
        """Leave no thread behind."""
        self.shut_down()
        super().closeEvent(event)

    # -- building ----------------------------------------------------------------------------

    def _build(self) -> None:
        title = QLabel("Rules")
        title.setStyleSheet("font-weight: bold;")
        title.setToolTip("What makes intervals of scores; a change shows at once what it finds")
        self.counts.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.reset_button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        heading, footing = QHBoxLayout(), QHBoxLayout()
        heading.addWidget(title)
        heading.addWidget(self.counts, 1)
        footing.addStretch(1)
        footing.addWidget(self.reset_button)
        parts = (
            self.run_box,
            self.learn,
            ruled_line(),
            heading,
            self.rules,
            footing,
        )
        fill_dock(self, parts, _LEAST_WIDTH)

    def _connect(self) -> None:
        self.run_box.run_asked.connect(self._run)
        self.run_box.cancel_asked.connect(self.worker.cancel)
        self.reset_button.clicked.connect(self._reset)
        self.checkpoints.refused.connect(self._refused)
        self.checkpoints.chosen.connect(self._checkpoint_chosen)
        self.run_box.faces.changed.connect(self._face_chosen)
        self.learn.running_changed.connect(self._learning_changed)
        self.learn.message.connect(self.message)
        self.rules.valueChanged.connect(self._rules_changed)
        self.rules.settled.connect(self._rules_settled)
        self.rules.consistency_changed.connect(self._show_state)
        worker = self.worker
        worker.progressed.connect(self.run_box.show_progress)
        worker.part.connect(self._take_scores)
        worker.finished.connect(self._finished)
        worker.failed.connect(self._failed)
        worker.crashed.connect(self._crashed)
        worker.cancelled.connect(self._cancelled)
        self._session.changed.connect(self._follow)
        self._session.scores_changed.connect(self._follow_scores)

    # -- running -----------------------------------------------------------------------------

    def _run(self) -> None:
        checkpoint = self.checkpoints.checkpoint
        if checkpoint is None or self.worker.is_running:
            return
        self.rules.settle()
        review, rules = self._session.review, self._rules_for_run()
        document = self.checkpoints.document
        name = str(checkpoint) if document is None else document.name
        self._partial, self._started = None, _Started(name, rules, review.rules)
        self.run_box.show_start()
        self.learn.set_free(False)
        rate = self._target.frame_rate
        if rate is None and review.clock.is_plain:
            rate = review.frame_rate
        path, device = self._target.path, self.devices.device
        face = self.run_box.faces.choice
        request = SpotRequest(path, rate, review.n_frames, checkpoint, rules, device, face)
        self.worker.start(partial(spot_request, request))

    def _take_scores(self, stretch: ScoreSignal) -> None:
        """Keep a stretch of scores; several a second come, some of them are shown."""
        if self._partial is None:
            review = self._session.review
            nothing = np.full((review.n_frames, len(stretch.kinds)), np.nan, np.float32)
            found = np.ones(review.n_frames, np.bool_)  # not scored yet is not without a face
            self._partial = ScoreSignal(
                nothing, found, review.frame_rate, review.video_id, times=review.times
            )
        rows = slice(stretch.first_frame, stretch.first_frame + stretch.n_frames)
        self._partial.values[rows] = stretch.values
        self._partial.found[rows] = stretch.found
        if not self._stream_timer.isActive():
            self._stream_timer.start()

    def _show_partial(self) -> None:
        part = self._partial
        if part is not None and self.worker.is_running:
            copy = replace(part, values=part.values.copy(), found=part.found.copy())
            self._session.stream_scores(copy)

    def _finished(self, result: "SpottingResult") -> None:
        started, review = self._started, self._session.review
        if started is None:
            return
        self.rules.settle()
        # Rules that were turned meanwhile are what the user wants.
        turned = self._session.review.rules != started.before
        rules = self._session.review.rules if turned else started.rules
        signal = replace(result.signal, video_id=review.video_id).with_clock(review.clock)
        face = f" Face: {result.followed}." if result.followed else ""
        self._end(f"Done: {self.run_box.summary}.{face}", result.warnings)
        self._known_scores = signal
        self._session.set_scores(signal, rules, started.checkpoint)
        for text in result.warnings:
            self.message.emit("warning", text)
        self.spotted.emit()

    def _failed(self, text: str) -> None:
        self._end(self._idle_text(), (text,))
        self.message.emit("error", text)

    def _crashed(self, error: BaseException) -> None:
        self._end(self._idle_text(), (f"a mistake of the program ended it: {error!r}",))
        raise error

    def _cancelled(self) -> None:
        self._end(f"Cancelled. {self._idle_text()}")

    def _end(self, text: str, notices: tuple[str, ...] = ()) -> None:
        self._stream_timer.stop()
        self._partial = self._started = None
        self._session.stream_scores(None)
        self.run_box.show_end(text)
        self.run_box.show_notices(notices)
        self.learn.set_free(True)

    def _refused(self, text: str) -> None:
        self.run_box.show_notices((text,))
        self.message.emit("error", text)

    def _idle_text(self) -> str:
        document = self.checkpoints.document
        if self._session.whole_scores is None:
            return "Not spotted yet." if document is not None else "Choose a checkpoint file."
        scores = f"Scores by {self._session.checkpoint or 'an unknown checkpoint'}."
        if document is None or document.name == self._session.checkpoint:
            return scores
        return f"{scores} Run brings those of {document.name}, and its rules."

    # -- rules -------------------------------------------------------------------------------

    def _rules_in_force(self) -> SpottingParams:
        """Return the rules that a run from here would end with.

        Before the first run, rules that nobody has turned give way to the checkpoint's: they
        belong to the scores that it will give.
        """
        rules, document = self._session.shown.rules, self.checkpoints.document
        if document is None or self._session.whole_scores is not None:
            return rules
        own = (SpottingParams(), *(d.spotting for d in self.checkpoints.documents))
        return document.spotting if rules in own else rules

    def _rules_for_run(self) -> SpottingParams:
        """Return the rules to search new scores by: another checkpoint brings its own."""
        document = self.checkpoints.document
        if document is None or self._session.whole_scores is None:
            return self._rules_in_force()
        is_same = document.name == self._session.checkpoint
        return self._session.review.rules if is_same else document.spotting

    def _home(self) -> "CheckpointDocument | None":
        """Return the checkpoint that the scores come from; before a run, the chosen one."""
        if self._session.whole_scores is None:
            return self.checkpoints.document
        return self.checkpoints.document_named(self._session.checkpoint)

    def _rules_changed(self, value: SpottingParams) -> None:
        self._asked = value
        self._preview_timer.start()

    def _preview(self) -> None:
        """Show what the newest rules find; steps in between are passed over."""
        asked, self._asked = self._asked, None
        if asked is not None:
            self._session.preview_rules(asked)

    def _rules_settled(self, value: SpottingParams) -> None:
        self._asked = None
        self._preview_timer.stop()
        self._session.commit_rules(value)

    def _reset(self) -> None:
        home = self._home()
        if home is not None:
            self._session.commit_rules(home.spotting)
            self.rules.setValue(self._rules_in_force())  # what did not go together goes too
            self._show_state()

    def _checkpoint_chosen(self) -> None:
        document = self.checkpoints.document
        self._align = AlignParams() if document is None else document.align
        self.run_box.show_end(self._idle_text())
        self.run_box.show_notices(())
        self._follow_rules()
        self._show_state()

    def _face_chosen(self) -> None:
        self._face = self.run_box.faces.choice
        self.learn.set_face(self._face)

    def _learning_changed(self, running: bool) -> None:
        self.run_box.setEnabled(not running)

    def _follow(self, old: Review, new: Review) -> None:
        self._count_timer.start()  # counting thousands at every step of a drag would slow it
        self._follow_rules()

    def _follow_scores(self) -> None:
        """Say whose scores there are when they came from elsewhere, as from a table."""
        scores = self._session.whole_scores
        if scores is not self._known_scores and not self.worker.is_running:
            self._known_scores = scores
            self._checkpoint_chosen()

    def _follow_rules(self) -> None:
        """Show rules that were changed elsewhere; what is being turned here comes first."""
        if self._asked is None:
            rules = self._rules_in_force()
            if rules != self.rules.value():
                self.rules.setValue(rules)

    def _show_state(self, _: object = None) -> None:
        """Show the counts, and whether there is anything to reset."""
        self.counts.setText(count_text(self._session.shown))
        home = self._home()
        is_turned = not self.rules.is_consistent or (
            home is not None and home.spotting != self.rules.value()
        )
        self.reset_button.setEnabled(home is not None and is_turned)
        self.reset_button.setToolTip(
            f"Back to the rules that {home.name} was calibrated with"
            if home is not None
            else f"The checkpoint {self._session.checkpoint!r} is not in the list: choose its file"
        )


def _once(parent: QWidget, interval_ms: int, slot: Callable[[], object]) -> QTimer:
    timer = QTimer(parent)
    timer.setSingleShot(True)
    timer.setInterval(interval_ms)
    timer.timeout.connect(slot)
    return timer
