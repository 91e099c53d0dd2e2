"""Short questions to the user: where to go, which file to read or write."""

from pathlib import Path

from qtpy.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from napari_mespot.gui.places import parse_place
from napari_mespot.gui.playhead import Playhead
from napari_mespot.io.formats import FORMATS

__all__ = ["GoToDialog", "ask_export", "ask_import"]


class GoToDialog(QDialog):
    """Ask for a frame or a time, and go there."""

    def __init__(self, playhead: Playhead, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._playhead = playhead
        self.setWindowTitle("Go to")
        self.field = QLineEdit()
        self.field.setPlaceholderText("frame 1234, 12.5 s or 1:02.5")
        self._remark = QLabel(" ")
        self._remark.setWordWrap(True)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        layout = QVBoxLayout(self)
        for widget in (self.field, self._remark, buttons):
            layout.addWidget(widget)
        self.field.textChanged.connect(lambda: self._remark.setText(" "))
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self.setMinimumWidth(320)

    def accept(self) -> None:
        """Go there, or say what is wrong with the text and stay open."""
        try:
            frame = parse_place(
                self.field.text(),
                n_frames=self._playhead.n_frames,
                frame_rate=self._playhead.frame_rate,
            )
        except ValueError as error:
            self._remark.setText(str(error))
            return
        self._playhead.seek(frame)
        super().accept()


def ask_export(parent: QWidget | None, suggestion: Path) -> tuple[Path, str] | None:
    """Ask where to write the intervals, and in which format; None if the user leaves it."""
    filters = {f"{f.description} (*{f.suffixes[0]})": name for name, f in FORMATS.items()}
    text, chosen = QFileDialog.getSaveFileName(
        parent, "Export intervals", str(suggestion), ";;".join(filters)
    )
    if not text:
        return None
    form = filters.get(chosen, "mespot")
    path = Path(text)
    return (path if path.suffix else path.with_name(path.name + FORMATS[form].suffixes[0])), form


def ask_import(parent: QWidget | None, folder: Path) -> Path | None:
    """Ask for a file with intervals; None if the user leaves it."""
    suffixes = sorted({s for form in FORMATS.values() for s in form.suffixes})
    patterns = " ".join(f"*{suffix}" for suffix in suffixes)
    text, _ = QFileDialog.getOpenFileName(
        parent, "Open labels or predictions", str(folder), f"Intervals ({patterns});;All files (*)"
    )
    return Path(text) if text else None
