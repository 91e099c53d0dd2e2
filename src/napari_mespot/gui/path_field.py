"""A path that the user types or chooses."""

from pathlib import Path

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QToolButton, QWidget

__all__ = ["PathField"]


class PathField(QWidget):
    """A line with a path, and a button that opens a dialog.

    Parameters
    ----------
    title
        Of the dialog.
    hint
        Shown while the line is empty.
    new_file
        Ending of a file that is yet to be made; empty for a folder that is there.
    """

    changed = Signal()
    """Another path stands there: chosen, or typed and left."""

    def __init__(
        self, title: str, hint: str, *, new_file: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._title, self._new_file, self._last = title, new_file, ""
        self.line, self.button = QLineEdit(), QToolButton()
        self.line.setPlaceholderText(hint)
        self.line.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.button.setText("…")
        self.button.setToolTip(title)
        self.button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.line, 1)
        row.addWidget(self.button)
        self.button.clicked.connect(self._ask)
        self.line.editingFinished.connect(self._edited)

    @property
    def path(self) -> Path | None:
        """The path; None while there is none."""
        text = self.line.text().strip()
        return Path(text).expanduser() if text else None

    def set_path(self, path: Path | None) -> None:
        """Show a path."""
        self.line.setText("" if path is None else str(path))
        self.line.setToolTip(self.line.text())
        self._edited()

    def _edited(self) -> None:
        text = self.line.text()
        if text != self._last:
            self._last = text
            self.line.setToolTip(text)
            self.changed.emit()

    def _ask(self) -> None:
        start = self.line.text()
        if self._new_file:
            pattern = f"(*{self._new_file})"
            text, _ = QFileDialog.getSaveFileName(self, self._title, start, pattern)
            if text and not text.endswith(self._new_file):
                text += self._new_file
        else:
            text = QFileDialog.getExistingDirectory(self, self._title, start)
        if text:
            self.set_path(Path(text))
