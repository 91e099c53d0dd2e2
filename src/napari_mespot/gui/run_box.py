"""What starts a run and shows how it goes: checkpoint, device, Run, Cancel, progress."""

from collections.abc import Sequence
from time import monotonic

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import (
    QFormLayout,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from napari_mespot.gui.checkpoint_box import CheckpointBox
from napari_mespot.gui.device_box import DeviceBox
from napari_mespot.gui.face_box import FaceBox
from napari_mespot.gui.pace import Pace, short_time
from napari_mespot.gui.remarks import remark_colour
from napari_mespot.gui.wrapped_text import wrapped_text
from napari_mespot.progress import Progress

__all__ = ["RunBox"]


class RunBox(QWidget):
    """The upper part of the Spot dock; knows nothing of what a run does."""

    run_asked = Signal()
    """Run was clicked."""
    cancel_asked = Signal()
    """Cancel was clicked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.checkpoints, self.devices, self.faces = CheckpointBox(), DeviceBox(), FaceBox()
        self.run_button, self.cancel_button = QPushButton("Run"), QPushButton("Cancel")
        self.progress = QProgressBar()
        self.status, self.notice = wrapped_text(), wrapped_text()
        self._pace, self._started_s, self._n_frames = Pace(), monotonic(), 0
        self._build()
        self.run_button.clicked.connect(self.run_asked)
        self.cancel_button.clicked.connect(self._cancel)
        self._show_running(False)

    def show_start(self) -> None:
        """Show that a run has begun."""
        self._pace, self._started_s, self._n_frames = Pace(), monotonic(), 0
        self.show_notices(())
        self.progress.setRange(0, 0)
        self.status.setText("starting …")
        self._show_running(True)

    def show_progress(self, progress: Progress) -> None:
        """Show how far a stage is, how fast it goes, and how long it has to go."""
        self.progress.setRange(0, progress.total)
        self.progress.setValue(progress.done)
        if not self.cancel_button.isEnabled():
            return  # cancelling: that is what the line says
        if not progress.total:
            self.status.setText(f"{progress.stage} …")
            return
        self._n_frames = progress.total
        self._pace.add(monotonic(), progress.done)
        parts = [f"{progress.stage}: {progress.done:,} of {progress.total:,} frames"]
        pace, left = self._pace.per_second, self._pace.left_s(progress.total)
        if pace is not None and left is not None:
            parts += [f"{pace:,.0f} frames/s", f"{short_time(left)} left"]
        self.status.setText(" · ".join(parts))

    def show_end(self, text: str) -> None:
        """Show that no run is under way, and what there is to say."""
        self._show_running(False)
        self.status.setText(text)

    def show_notices(self, texts: Sequence[str]) -> None:
        """Show warnings or an error on a line; all of them in its tooltip."""
        self.notice.setStyleSheet(f"color: {remark_colour(self).name()};")
        more = f" (and {len(texts) - 1} more)" if len(texts) > 1 else ""
        self.notice.setText(f"⚠ {texts[0]}{more}" if texts else "")
        self.notice.setToolTip("\n".join(texts))
        self.notice.setVisible(bool(texts))

    @property
    def summary(self) -> str:
        """How long the run has taken, in words."""
        seconds = monotonic() - self._started_s
        return f"{self._n_frames:,} frames in {short_time(seconds)}"

    # -- building ----------------------------------------------------------------------------

    def _build(self) -> None:
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow("Checkpoint", self.checkpoints)
        form.addRow("Device", self.devices)
        form.addRow("Face", self.faces)
        row = QHBoxLayout()
        row.setSpacing(8)
        self.cancel_button.setToolTip("Stop; the scores of before stay")
        for button in (self.run_button, self.cancel_button):
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            row.addWidget(button, 1)
        for box in (self.checkpoints, self.devices, self.faces):
            box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(form)
        column.addLayout(row)
        column.addWidget(self.progress)
        for label in (self.status, self.notice):
            column.addWidget(label)
        self.notice.hide()
        self.checkpoints.chosen.connect(lambda: self._show_running(False))

    def _cancel(self) -> None:
        self.cancel_button.setEnabled(False)
        self.status.setText("cancelling …")
        self.cancel_asked.emit()

    def _show_running(self, running: bool) -> None:
        has_checkpoint = self.checkpoints.checkpoint is not None
        self.run_button.setEnabled(has_checkpoint and not running)
        self.run_button.setToolTip(
            "Score every frame of the video and find its expressions"
            if has_checkpoint
            else "Choose a checkpoint file first"
        )
        self.cancel_button.setEnabled(running)
        self.checkpoints.setEnabled(not running)
        self.devices.setEnabled(not running)
        self.faces.setEnabled(not running)
        self.progress.setVisible(running)
