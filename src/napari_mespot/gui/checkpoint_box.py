"""Which network spots: the shipped ones, and files that the user chooses."""

from pathlib import Path

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QComboBox, QFileDialog, QWidget

from napari_mespot.errors import CheckpointError
from napari_mespot.gui.param_fields import WheelGuard
from napari_mespot.network import (
    DEFAULT_CHECKPOINT,
    CheckpointDocument,
    list_checkpoints,
    read_document,
)

__all__ = ["CheckpointBox"]

_CHOOSE = "choose a file …"


class CheckpointBox(QComboBox):
    """A list of checkpoints; what each says of itself is read without torch."""

    chosen = Signal()
    """Another checkpoint is selected."""
    refused = Signal(str)
    """A file is no checkpoint: a line for the user."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._documents: dict[str | Path, CheckpointDocument] = {}
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(10)
        WheelGuard(self)
        for name in list_checkpoints():
            self.addItem(name, name)
        self.addItem(_CHOOSE, None)
        # Without any shipped one nothing is selected, and the first file is a choice.
        self._last = max(self.findData(DEFAULT_CHECKPOINT), 0 if self.count() > 1 else -1)
        self.setCurrentIndex(self._last)
        self._show_tip()
        self.activated.connect(self._activated)

    @property
    def checkpoint(self) -> str | Path | None:
        """Name or file of the selected checkpoint; None if there is none."""
        data = self.currentData()
        return data if isinstance(data, str | Path) else None

    @property
    def document(self) -> CheckpointDocument | None:
        """What the selected checkpoint says of itself; None if it cannot be read."""
        checkpoint = self.checkpoint
        return None if checkpoint is None else self._document(checkpoint)

    @property
    def documents(self) -> tuple[CheckpointDocument, ...]:
        """What the checkpoints in the list say of themselves, the selected one first."""
        listed = [self.itemData(row) for row in range(self.count())]
        found = [self.document, *(self._document(c) for c in listed if c is not None)]
        return tuple(document for document in found if document is not None)

    def document_named(self, name: str) -> CheckpointDocument | None:
        """Return what the listed checkpoint of that name says of itself; None if not listed."""
        return next((d for d in self.documents if d.name == name), None)

    def add_file(self, path: Path) -> None:
        """List a file and select it.

        Raises
        ------
        CheckpointError
            If it is no checkpoint.
        """
        self._documents[path] = read_document(path)
        row = next((r for r in range(self.count()) if self.itemData(r) == path), -1)
        if row < 0:
            row = self.count() - 1
            self.insertItem(row, path.stem, path)
            self.setItemData(row, str(path), Qt.ItemDataRole.ToolTipRole)
        self._select(row)

    def _document(self, checkpoint: str | Path) -> CheckpointDocument | None:
        if checkpoint not in self._documents:
            try:
                self._documents[checkpoint] = read_document(checkpoint)
            except CheckpointError:
                return None
        return self._documents[checkpoint]

    def _activated(self, row: int) -> None:
        self.clearFocus()
        if self.itemData(row) is not None:
            self._select(row)
            return
        self.setCurrentIndex(self._last)
        text, _ = QFileDialog.getOpenFileName(
            self, "Checkpoint", "", "Checkpoints (*.safetensors);;All files (*)"
        )
        if text:
            try:
                self.add_file(Path(text))
            except CheckpointError as error:
                self.refused.emit(" ".join(str(error).split()))

    def _select(self, row: int) -> None:
        self.setCurrentIndex(row)
        if row != self._last:
            self._last = row
            self._show_tip()
            self.chosen.emit()

    def _show_tip(self) -> None:
        checkpoint = self.checkpoint
        text = "" if checkpoint is None else str(checkpoint)
        self.setToolTip(f"The network: {text}" if text else "Choose a checkpoint file")
