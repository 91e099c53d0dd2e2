"""The Retrain dock: from folders of corrections to a new checkpoint, and whether to use it."""

from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from napari.utils.notifications import show_error, show_info
from qtpy.QtCore import Qt, QTimer
from qtpy.QtGui import QCloseEvent, QShowEvent
from qtpy.QtWidgets import (
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QWidget,
)

from napari_mespot.errors import CheckpointError
from napari_mespot.gui.dock_column import fill_dock, join_tabs, ruled_line
from napari_mespot.gui.pace import Pace
from napari_mespot.gui.remarks import remark_colour
from napari_mespot.gui.retrain_inputs import RetrainInputs, RetrainPlaces
from napari_mespot.gui.retrain_result import RetrainResult
from napari_mespot.gui.retrain_words import progress_text
from napari_mespot.gui.task_worker import TaskWorker
from napari_mespot.gui.window import workspace_of
from napari_mespot.gui.wrapped_text import wrapped_text
from napari_mespot.learning.retrain_params import RetrainParams
from napari_mespot.progress import Progress, ProgressCallback

if TYPE_CHECKING:
    import napari

    from napari_mespot.batch.correction_files import CorrectionSurvey
    from napari_mespot.learning.retrain_outcome import RetrainOutcome

__all__ = ["SURVEY_THREAD", "TRAIN_THREAD", "RetrainWidget"]

SURVEY_THREAD, TRAIN_THREAD = "mespot-corrections", "mespot-retraining"
_LEAST_WIDTH = 340
_MOST_NOTES = 12
_IDLE = "Choose the folders of labels and videos."


class RetrainWidget(QWidget):
    """What was found, Start, progress, before and after.

    Folders are looked through and networks trained in threads of their own, which end with the
    widget. The checkpoint that was begun with is never changed.

    Parameters
    ----------
    napari_viewer
        Its Spot dock, if a video is under review, gets the new checkpoint.
    params
        How to learn; by default as the command does.
    """

    def __init__(
        self,
        napari_viewer: "napari.Viewer",
        params: RetrainParams | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._viewer, self._params = napari_viewer, params or RetrainParams()
        self._survey: CorrectionSurvey | None = None
        self._looked_at: RetrainPlaces | None = None
        self._out: Path | None = None
        self._pace, self._stage = Pace(), ""
        self._placing: QTimer | None = None
        self.inputs, self.result = RetrainInputs(), RetrainResult()
        self.found, self.problems, self.status = wrapped_text(), wrapped_text(), wrapped_text()
        self.start_button, self.cancel_button = QPushButton("Start"), QPushButton("Cancel")
        self.progress = QProgressBar()
        self.surveyor = TaskWorker(SURVEY_THREAD, self)
        self.trainer = TaskWorker(TRAIN_THREAD, self)
        self._build()
        self._connect()
        self.found.setText(_IDLE)
        self._show_state()

    def shut_down(self) -> None:
        """End what runs and wait for its threads; may be called twice."""
        self.surveyor.shut_down()
        self.trainer.shut_down()

    def showEvent(self, event: QShowEvent | None) -> None:
        """Take a place beside the other docks, once."""
        super().showEvent(event)
        if self._placing is None:
            # When napari has put it where it puts docks; a timer of its own ends with it.
            self._placing = QTimer(self)
            self._placing.setSingleShot(True)
            self._placing.timeout.connect(lambda: join_tabs(self))
            self._placing.start(0)

    def closeEvent(self, event: QCloseEvent | None) -> None:
        """Leave no thread behind."""
        self.shut_down()
        super().closeEvent(event)

    # -- building ----------------------------------------------------------------------------

    def _build(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for button in (self.start_button, self.cancel_button):
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            buttons.addWidget(button, 1)
        self.cancel_button.setToolTip("Stop; nothing is written")
        parts = (
            self.inputs,
            ruled_line(),
            self.found,
            self.problems,
            buttons,
            self.progress,
            self.status,
            ruled_line(),
            self.result,
        )
        self._area = fill_dock(self, parts, _LEAST_WIDTH)

    def _connect(self) -> None:
        self.inputs.places_changed.connect(self._look)
        self.inputs.changed.connect(self._show_state)
        self.inputs.checkpoints.refused.connect(show_error)
        self.start_button.clicked.connect(self._start)
        self.cancel_button.clicked.connect(self._cancel)
        self.result.use_asked.connect(self._use)
        self.surveyor.finished.connect(self._found)
        self.surveyor.failed.connect(self._not_found)
        self.surveyor.crashed.connect(self._crashed)
        self.trainer.progressed.connect(self._show_progress)
        self.trainer.finished.connect(self._finished)
        self.trainer.failed.connect(self._failed)
        self.trainer.cancelled.connect(lambda: self._end("Cancelled; nothing was written."))
        self.trainer.crashed.connect(self._crashed)

    # -- looking -----------------------------------------------------------------------------

    def _look(self) -> None:
        """Look through the folders; if they change meanwhile, once more after it."""
        places = self.inputs.places()
        self._survey = None
        if places is None:
            self.found.setText(_IDLE)
            self._show_problems(())
        if places is None or self.surveyor.is_running:
            self._show_state()
            return
        self._looked_at = places
        self.found.setText("Looking for labels and videos …")
        self._show_problems(())

        def look(_: ProgressCallback) -> object:
            from napari_mespot.batch.correction_files import survey_corrections

            return survey_corrections(places.labels, places.videos, whole=places.whole)

        self.surveyor.start(look)
        self._show_state()

    def _found(self, survey: "CorrectionSurvey") -> None:
        if self.inputs.places() != self._looked_at:
            self._look()
            return
        self._survey = survey
        self.found.setText(survey.in_words)
        self._show_problems(survey.notes)
        self._show_state()

    def _not_found(self, text: str) -> None:
        if self.inputs.places() != self._looked_at:
            self._look()
            return
        self.found.setText("Nothing to learn from.")
        self._show_problems((text,))
        self._show_state()

    def _show_problems(self, notes: tuple[str, ...]) -> None:
        self.problems.setStyleSheet(f"color: {remark_colour(self).name()};")
        lines = [f"⚠ {text}" for text in notes[:_MOST_NOTES]]
        if len(notes) > _MOST_NOTES:
            lines.append(f"… and {len(notes) - _MOST_NOTES} more")
        self.problems.setText("\n".join(lines))
        self.problems.setToolTip("\n".join(notes))
        self.problems.setVisible(bool(notes))

    # -- training ----------------------------------------------------------------------------

    def _start(self) -> None:
        survey, checkpoint, out = self._survey, self.inputs.checkpoints.checkpoint, self._new_file()
        if survey is None or checkpoint is None or out is None or self.trainer.is_running:
            return
        self._out, self._pace, self._stage = out, Pace(), ""
        self.result.hide()
        self.progress.setRange(0, 0)
        self.status.setText("starting …")

        def train(progress: ProgressCallback) -> object:
            # Importing torch takes seconds, so that is done in the thread too.
            from napari_mespot.batch.retraining import retrain_files

            return retrain_files(survey, checkpoint, self._params, out, progress)

        self.trainer.start(train)
        self._show_state()

    def _new_file(self) -> Path | None:
        self.inputs.suggest_new()
        return self.inputs.new.path

    def _show_progress(self, progress: Progress) -> None:
        if not self.cancel_button.isEnabled():
            return  # cancelling: that is what the line says
        if progress.stage != self._stage:
            self._stage, self._pace = progress.stage, Pace()
        self._pace.add(monotonic(), progress.done)
        self.progress.setRange(0, progress.total)
        self.progress.setValue(progress.done)
        self.status.setText(progress_text(progress, self._pace.left_s(progress.total)))

    def _cancel(self) -> None:
        self.cancel_button.setEnabled(False)
        self.status.setText("cancelling …")
        self.trainer.cancel()

    def _finished(self, outcome: "RetrainOutcome") -> None:
        name = "" if self._out is None else self._out.name
        self._end(f"Written: {name}", tip=str(self._out))
        self.result.show_outcome(outcome)
        # Where it lies is known once the column has laid itself out.
        QTimer.singleShot(0, self._show_result)

    def _show_result(self) -> None:
        bar = self._area.verticalScrollBar()
        if bar is not None:
            bar.setValue(bar.maximum())

    def _failed(self, text: str) -> None:
        self._end(f"⚠ {text}")
        show_error(text)

    def _crashed(self, error: BaseException) -> None:
        self._end(f"A mistake of the program ended it: {error!r}")
        raise error

    def _end(self, text: str, *, tip: str = "") -> None:
        self.status.setText(text)
        self.status.setToolTip(tip)
        self._show_state()

    def _use(self) -> None:
        """Choose the new checkpoint in the Spot dock of the video under review."""
        workspace = workspace_of(self._viewer)
        if self._out is None:
            return
        if workspace is None:
            show_info(f"Review a video, then choose this checkpoint in the Spot dock: {self._out}")
            return
        try:
            workspace.spotting.checkpoints.add_file(self._out)
        except CheckpointError as error:
            show_error(str(error))
            return
        show_info(f"The Spot dock now uses {self._out.stem}")

    def _show_state(self) -> None:
        """Show what can be done now."""
        running = self.trainer.is_running
        ready = (
            self._survey is not None
            and self.inputs.checkpoints.checkpoint is not None
            and self.inputs.new.path is not None
        )
        self.start_button.setEnabled(ready and not running)
        self.start_button.setToolTip(
            "Learn from these corrections, and compare with the old checkpoint"
            if ready
            else "Choose labels and videos first"
        )
        self.cancel_button.setEnabled(running)
        self.inputs.setEnabled(not running)
        self.progress.setVisible(running)
        self.status.setVisible(running or bool(self.status.text()))
