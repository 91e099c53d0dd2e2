"""The Spot dock: run the network on the video, and turn the rules with the result in view."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from time import perf_counter

import numpy as np
from qtpy.QtCore import QTimer, Signal
from qtpy.QtWidgets import (
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from napari_mespot.face.params import AlignParams
from napari_mespot.gui.checkpoint_box import CheckpointBox
from napari_mespot.gui.device_box import DeviceBox
from napari_mespot.gui.pace import Pace, short_time
from napari_mespot.gui.review import Review
from napari_mespot.gui.rules_form import RulesForm
from napari_mespot.gui.session import Session
from napari_mespot.gui.spotting_worker import SpotRequest, SpottingWorker
from napari_mespot.model import ExpressionKind, ScoreSignal
from napari_mespot.progress import Progress
from napari_mespot.spotting.params import SpottingParams

__all__ = ["SpotTarget", "SpottingWidget"]

_STREAM_MS, _COUNT_MS = 200, 100
_PREVIEW_MS = 0


@dataclass(frozen=True, slots=True)
class SpotTarget:
    """The video that is spotted.

    Parameters
    ----------
    path
        Where it lies.
    frame_rate
        Frames per second in place of what the video says; None to believe it.
    video_id
        Its name.
    """

    path: Path
    frame_rate: Fraction | None
    video_id: str


class SpottingWidget(QWidget):
    """Checkpoint, device, Run, progress; below, the rules, live.

    Parameters
    ----------
    session
        Takes the scores and shows what the rules find.
    target
        The video.
    """

    message = Signal(str, str)
    """A text for the user: ``"info"``, ``"warning"`` or ``"error"``, and the text."""
    spotted = Signal()
    """A run has come to its end and its scores are in the session."""

    def __init__(self, session: Session, target: SpotTarget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._target = session, target
        self._pace = Pace()
        self._partial: ScoreSignal | None = None
        self._asked: SpottingParams | None = None
        self.checkpoints, self.devices = CheckpointBox(), DeviceBox()
        self.run_button, self.cancel_button = QPushButton("Run"), QPushButton("Cancel")
        self.progress, self.status = QProgressBar(), QLabel(" ")
        self.counts = QLabel()
        self.rules = RulesForm(session.shown.rules)
        self.reset_button = QPushButton("Rules of the checkpoint")
        self.worker = SpottingWorker(self)
        self._stream_timer = _once(self, _STREAM_MS, self._show_partial)
        self._preview_timer = _once(self, _PREVIEW_MS, self._preview)
        self._count_timer = _once(self, _COUNT_MS, self._count)
        self._build()
        self._connect()
        if session.whole_scores is None and session.review.rules == SpottingParams():
            self._take_rules_of_checkpoint()
        self._show_running(False)
        self._count()

    def align_params(self) -> AlignParams:
        """Return how the chosen checkpoint wants faces aligned."""
        document = self.checkpoints.document
        return document.align if document is not None else AlignParams()

    def shut_down(self) -> None:
        """End a run, wait for its thread and stop listening; may be called twice."""
        self.worker.shut_down()
        self.devices.shut_down()
        for timer in (self._stream_timer, self._preview_timer, self._count_timer):
            timer.stop()
        self._disconnect()

    # -- building ----------------------------------------------------------------------------

    def _build(self) -> None:
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(8)
        column.addLayout(self._network_rows())
        column.addLayout(self._run_row())
        column.addWidget(self.progress)
        column.addWidget(self.status)
        column.addWidget(_title("Rules, live"))
        column.addWidget(self.rules)
        row = QHBoxLayout()
        row.addWidget(self.counts, 1)
        row.addWidget(self.reset_button)
        column.addLayout(row)
        column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setWidget(inner)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(area)
        self.setMinimumWidth(340)
        self.status.setWordWrap(True)
        self.counts.setWordWrap(True)
        self.status.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)

    def _network_rows(self) -> QFormLayout:
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        form.addRow("Checkpoint", self.checkpoints)
        form.addRow("Device", self.devices)
        return form

    def _run_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        self.run_button.setToolTip("Score every frame of the video and find its expressions")
        for button in (self.run_button, self.cancel_button):
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            row.addWidget(button)
        self.progress.setTextVisible(True)
        return row

    def _connect(self) -> None:
        self.run_button.clicked.connect(self._run)
        self.cancel_button.clicked.connect(self._cancel)
        self.reset_button.clicked.connect(self._reset)
        self.checkpoints.refused.connect(self._failed)
        self.checkpoints.chosen.connect(self._checkpoint_chosen)
        self.rules.valueChanged.connect(self._rules_changed)
        self.rules.settled.connect(self._rules_settled)
        worker = self.worker
        worker.progressed.connect(self._show_progress)
        worker.scores.connect(self._take_scores)
        worker.finished.connect(self._finished)
        worker.failed.connect(self._failed)
        worker.crashed.connect(self._crashed)
        worker.cancelled.connect(lambda: self._ended("cancelled; the scores before stay"))
        self._session.changed.connect(self._follow)

    def _disconnect(self) -> None:
        self._session.changed.disconnect(self._follow, missing_ok=True)

    # -- running -----------------------------------------------------------------------------

    def _run(self) -> None:
        checkpoint = self.checkpoints.checkpoint
        if checkpoint is None or self.worker.is_running:
            return
        review = self._session.review
        self._pace, self._partial = Pace(), None
        self._show_running(True)
        self.status.setText("starting …")
        self.worker.start(
            SpotRequest(
                self._target.path,
                self._target.frame_rate,
                review.n_frames,
                checkpoint,
                rules=self.rules.value(),
                device=self.devices.device,
            )
        )

    def _cancel(self) -> None:
        self.status.setText("cancelling …")
        self.cancel_button.setEnabled(False)
        self.worker.cancel()

    def _show_progress(self, progress: Progress) -> None:
        self.progress.setRange(0, progress.total)
        self.progress.setValue(progress.done)
        if not progress.total:
            self.status.setText(f"{progress.stage} …")
            return
        self._pace.add(perf_counter(), progress.done)
        left, pace = self._pace.left_s(progress.total), self._pace.per_second
        parts = [f"{progress.stage}: {progress.done:,} of {progress.total:,} frames"]
        if left is not None and pace is not None:
            parts.append(f"{short_time(left)} left ({pace:,.0f} frames/s)")
        self.status.setText(", ".join(parts))

    def _take_scores(self, stretch: ScoreSignal) -> None:
        """Keep a stretch of scores; several a second come, some of them are shown."""
        if self._partial is None:
            review = self._session.review
            nothing = np.full((review.n_frames, len(stretch.kinds)), np.nan, np.float32)
            found = np.ones(review.n_frames, np.bool_)  # not scored yet is not without a face
            self._partial = ScoreSignal(nothing, found, review.frame_rate, review.video_id)
        rows = slice(stretch.first_frame, stretch.first_frame + stretch.n_frames)
        self._partial.values[rows] = stretch.values
        self._partial.found[rows] = stretch.found
        if not self._stream_timer.isActive():
            self._stream_timer.start()

    def _show_partial(self) -> None:
        if self._partial is not None and self.worker.is_running:
            self._session.stream_scores(
                replace(
                    self._partial,
                    values=self._partial.values.copy(),
                    found=self._partial.found.copy(),
                )
            )

    def _finished(self, result: object) -> None:
        from napari_mespot.spotting import SpottingResult

        if not isinstance(result, SpottingResult):
            return
        document = self.checkpoints.document
        name = document.name if document is not None else str(self.checkpoints.checkpoint)
        scores = replace(result.signal, video_id=self._session.review.video_id)
        self._ended("")
        self._session.set_scores(scores, self.rules.value(), name)
        self.status.setText("; ".join(result.warnings) or "done")
        for text in result.warnings:
            self.message.emit("warning", text)
        self.spotted.emit()

    def _failed(self, text: str) -> None:
        self._ended(text)
        self.message.emit("error", text)

    def _crashed(self, error: object) -> None:
        self._ended("it ended with a mistake of the program; see the message")
        if isinstance(error, BaseException):
            raise error

    def _ended(self, text: str) -> None:
        self._stream_timer.stop()
        self._partial = None
        self._session.stream_scores(None)
        self._show_running(False)
        self.status.setText(text or " ")

    def _show_running(self, running: bool) -> None:
        self.run_button.setEnabled(not running)
        self.cancel_button.setEnabled(running)
        self.checkpoints.setEnabled(not running)
        self.devices.setEnabled(not running)
        self.progress.setVisible(running)

    # -- rules -------------------------------------------------------------------------------

    def _rules_changed(self, value: SpottingParams) -> None:
        self._asked = value
        self._preview_timer.start()

    def _preview(self) -> None:
        """Show what the newest rules find; steps in between are passed over."""
        if self._asked is not None:
            asked, self._asked = self._asked, None
            self._session.preview_rules(asked)

    def _rules_settled(self, value: SpottingParams) -> None:
        self._asked = None
        self._preview_timer.stop()
        self._session.commit_rules(value)

    def _follow(self, old: Review, new: Review) -> None:
        self._count_timer.start()  # counting thousands at every step of a drag would slow it
        if self._asked is None and new.rules != self.rules.value():
            self.rules.setValue(new.rules)

    def _reset(self) -> None:
        document = self.checkpoints.document
        if document is not None:
            self._session.commit_rules(document.spotting)

    def _checkpoint_chosen(self) -> None:
        """Before a first run the rules follow the checkpoint: they belong to its scores."""
        if self._session.whole_scores is None:
            self._take_rules_of_checkpoint()

    def _take_rules_of_checkpoint(self) -> None:
        document = self.checkpoints.document
        if document is not None:
            self.rules.setValue(document.spotting)

    def _count(self) -> None:
        items = self._session.shown.items
        numbers = [f"{sum(i.kind is k for i in items)} {k.value}" for k in ExpressionKind]
        touched = sum(item.is_touched for item in items)
        by_you = f" ({touched} touched by you)" if touched else ""
        self.counts.setText(", ".join(numbers) + by_you)


def _once(parent: QWidget, interval_ms: int, slot: Callable[[], object]) -> QTimer:
    timer = QTimer(parent)
    timer.setSingleShot(True)
    timer.setInterval(interval_ms)
    timer.timeout.connect(slot)
    return timer


def _title(text: str) -> QLabel:
    label = QLabel(text)
    label.setStyleSheet("font-weight: bold;")
    return label
