"""Learn this face: a checkpoint for the person in this video, without a single label."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from napari_mespot.face.choice import FaceChoice
from napari_mespot.gui.checkpoint_box import CheckpointBox
from napari_mespot.gui.learn_words import details_text, figures_text
from napari_mespot.gui.pace import Pace
from napari_mespot.gui.retrain_words import progress_text
from napari_mespot.gui.task_worker import TaskWorker, Tell
from napari_mespot.gui.wrapped_text import wrapped_text
from napari_mespot.learning.adapt_params import AdaptParams
from napari_mespot.progress import Progress

if TYPE_CHECKING:
    from napari_mespot.learning.adapt_outcome import AdaptOutcome

__all__ = ["LEARN_THREAD", "LearnFace"]

LEARN_THREAD = "mespot-learning-a-face"
_SUFFIX = ".safetensors"
_TIP = (
    "Make a checkpoint for the person in this video from its still stretches; no labels are "
    "needed. It takes some minutes, and is kept only if it finds more"
)


@dataclass(frozen=True, slots=True)
class _Request:
    """The video, the face in it, where to begin, how, and the new file."""

    video: Path
    face: FaceChoice
    checkpoint: str | Path
    params: AdaptParams
    out: Path


class LearnFace(QWidget):
    """A button, progress, and what came of it; part of the Spot dock.

    A checkpoint that finds more is listed in `checkpoints` and selected; otherwise nothing is
    written.

    Parameters
    ----------
    video
        The video.
    checkpoints
        Its selected one is where learning begins.
    params
        How to learn; by default as the command does.
    """

    running_changed = Signal(bool)
    """Whether it runs now."""
    message = Signal(str, str)
    """A text for the user: ``"warning"`` or ``"error"``, and the text."""

    def __init__(
        self,
        video: Path,
        checkpoints: CheckpointBox,
        params: AdaptParams | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._video, self._checkpoints = video, checkpoints
        self._params = params or AdaptParams()
        self._face, self._is_free, self._out = FaceChoice(), True, video
        self._pace, self._stage = Pace(), ""
        self.start_button = QPushButton("Learn this face …")
        self.cancel_button = QPushButton("Stop")
        self.progress = QProgressBar()
        self.status, self.figures = wrapped_text(), wrapped_text()
        self.worker = TaskWorker(LEARN_THREAD, self)
        self._build()
        self._connect()
        self._show_state()

    def set_free(self, is_free: bool) -> None:
        """Allow a start, or not: one long thing runs at a time."""
        self._is_free = is_free
        self._show_state()

    def set_face(self, face: FaceChoice) -> None:
        """Learn this face from the next start on."""
        self._face = face

    def shut_down(self) -> None:
        """End what runs and wait for its thread; may be called twice."""
        self.worker.shut_down()

    # -- building ----------------------------------------------------------------------------

    def _build(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(8)
        self.cancel_button.setToolTip("Stop learning; nothing is written")
        for button in (self.start_button, self.cancel_button):
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            row.addWidget(button, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(row)
        for part in (self.progress, self.status, self.figures):
            column.addWidget(part)
            part.hide()

    def _connect(self) -> None:
        self.start_button.clicked.connect(self._start)
        self.cancel_button.clicked.connect(self._cancel)
        self._checkpoints.chosen.connect(self._show_state)
        self.worker.progressed.connect(self._show_progress)
        self.worker.finished.connect(self._finished)
        self.worker.failed.connect(self._failed)
        self.worker.crashed.connect(self._crashed)
        self.worker.cancelled.connect(lambda: self._end("Stopped; nothing was written."))

    # -- running -----------------------------------------------------------------------------

    def _start(self) -> None:
        checkpoint = self._checkpoints.checkpoint
        out = self._asked_file()
        if out is None or checkpoint is None or self.worker.is_running:
            return
        self._out, self._pace, self._stage = out, Pace(), ""
        request = _Request(self._video, self._face, checkpoint, self._params, out)
        self.figures.hide()
        self.progress.setRange(0, 0)
        self._say("starting …")
        self.worker.start(partial(_learn, request))
        self._show_state()
        self.running_changed.emit(True)

    def _asked_file(self) -> Path | None:
        """Ask where the new checkpoint is to be written; None if the user thinks again."""
        text, _ = QFileDialog.getSaveFileName(
            self,
            "New checkpoint for this face",
            str(self._free_name()),
            f"Checkpoints (*{_SUFFIX})",
            options=QFileDialog.Option.DontConfirmOverwrite,  # refused, in words of its own
        )
        if not text:
            return None
        return Path(text if text.endswith(_SUFFIX) else f"{text}{_SUFFIX}")

    def _free_name(self) -> Path:
        number = 1
        while (path := self._video.parent / self._name(number)).exists():
            number += 1
        return path

    def _name(self, number: int) -> str:
        return f"{self._video.stem}-face{'' if number == 1 else f'-{number}'}{_SUFFIX}"

    def _show_progress(self, progress: Progress) -> None:
        if not self.cancel_button.isEnabled():
            return  # stopping: that is what the line says
        if progress.stage != self._stage:
            self._stage, self._pace = progress.stage, Pace()
        self._pace.add(monotonic(), progress.done)
        self.progress.setRange(0, progress.total)
        self.progress.setValue(progress.done)
        self._say(progress_text(progress, self._pace.left_s(progress.total)))

    def _cancel(self) -> None:
        self.cancel_button.setEnabled(False)
        self._say("stopping …")
        self.worker.cancel()

    def _finished(self, outcome: "AdaptOutcome") -> None:
        verdict = outcome.notes[0]
        self._end(verdict, tip=details_text(outcome))
        figures = figures_text(outcome)
        self.figures.setText(figures)
        self.figures.setVisible(bool(figures))
        if outcome.is_better:
            self._checkpoints.add_file(self._out)

    def _failed(self, text: str) -> None:
        self._end(f"⚠ {text}")
        self.message.emit("error", text)

    def _crashed(self, error: BaseException) -> None:
        self._end(f"⚠ a mistake of the program ended it: {error!r}")
        raise error

    def _end(self, text: str, *, tip: str = "") -> None:
        self._say(text, tip=tip)
        self._show_state()
        self.running_changed.emit(False)

    def _say(self, text: str, *, tip: str = "") -> None:
        self.status.setText(text)
        self.status.setToolTip(tip)
        self.status.show()

    def _show_state(self) -> None:
        running = self.worker.is_running
        has_checkpoint = self._checkpoints.checkpoint is not None
        self.start_button.setEnabled(has_checkpoint and self._is_free and not running)
        self.start_button.setToolTip(_TIP if has_checkpoint else "Choose a checkpoint file first")
        self.cancel_button.setVisible(running)
        self.cancel_button.setEnabled(running)
        self.progress.setVisible(running)


def _learn(request: _Request, tell: Tell) -> "AdaptOutcome":
    tell(Progress("opening the video", 0, 0))
    from napari_mespot.batch.adapting import adapt_files  # imports torch: seconds

    return adapt_files(
        [request.video],
        request.checkpoint,
        request.params,
        request.out,
        tell,
        face=request.face,
    )
