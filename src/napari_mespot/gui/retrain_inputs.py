"""What a retraining begins with: labels, videos, checkpoint, and the name of the new one."""

from dataclasses import dataclass
from pathlib import Path

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QCheckBox, QFormLayout, QSizePolicy, QWidget

from napari_mespot.gui.checkpoint_box import CheckpointBox
from napari_mespot.gui.path_field import PathField

__all__ = ["RetrainInputs", "RetrainPlaces"]

_SUFFIX = ".safetensors"


@dataclass(frozen=True, slots=True)
class RetrainPlaces:
    """Where corrections are looked for.

    Parameters
    ----------
    labels, videos
        Folders.
    whole
        Whether labels without reviewed ranges hold for the whole video.
    """

    labels: Path
    videos: Path
    whole: bool


class RetrainInputs(QWidget):
    """The upper part of the Retrain dock; looks at no file itself."""

    places_changed = Signal()
    """Corrections are to be looked for anew."""
    changed = Signal()
    """Checkpoint or name of the new one are others."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.labels = PathField("Folder of labels", "sessions or tables of labels")
        self.videos = PathField("Folder of videos", "the videos that were labelled")
        self.whole = QCheckBox("The videos were looked through as a whole")
        self.checkpoints = CheckpointBox()
        self.new = PathField("New checkpoint", "a new file", new_file=_SUFFIX)
        self._suggested = ""
        self._build()
        self._connect()

    def places(self) -> RetrainPlaces | None:
        """Return where to look; None while a folder is missing."""
        labels, videos = self.labels.path, self.videos.path
        if labels is None or videos is None:
            return None
        return RetrainPlaces(labels, videos, self.whole.isChecked())

    def suggest_new(self) -> None:
        """Propose a free name beside the labels, unless the user has named one."""
        folder, document = self.labels.path, self.checkpoints.document
        if folder is None or document is None or self.new.line.text() != self._suggested:
            return
        place = folder.parent if folder.is_file() else folder
        number = 1
        while (path := place / f"{document.name}-retrained-{number}{_SUFFIX}").exists():
            number += 1
        self._suggested = str(path)
        self.new.set_path(path)

    def _build(self) -> None:
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow("Labels", self.labels)
        form.addRow("Videos", self.videos)
        form.addRow(self.whole)
        form.addRow("Begin with", self.checkpoints)
        form.addRow("New file", self.new)
        self.whole.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.whole.setToolTip(
            "For labels without reviewed ranges, as other programs write them: where they say "
            "nothing, nothing was shown"
        )
        self.checkpoints.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def _connect(self) -> None:
        self.labels.changed.connect(self._labels_changed)
        self.videos.changed.connect(self.places_changed)
        self.whole.toggled.connect(lambda _: self.places_changed.emit())
        self.checkpoints.chosen.connect(self._checkpoint_chosen)
        self.new.changed.connect(self.changed)

    def _labels_changed(self) -> None:
        if self.videos.path is None and self.labels.path is not None:
            self.videos.set_path(self.labels.path)  # sessions lie beside their videos
        self.suggest_new()
        self.places_changed.emit()

    def _checkpoint_chosen(self) -> None:
        self.suggest_new()
        self.changed.emit()
