"""Short questions to the user: where to go, which file to read or write."""

from itertools import count
from pathlib import Path

from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QMessageBox,
    QVBoxLayout,
    QWidget,
)

from napari_mespot.gui.places import parse_place
from napari_mespot.gui.playhead import Playhead
from napari_mespot.io.formats import FORMATS

__all__ = ["GoToDialog", "ask_about_labels", "ask_export", "ask_import", "format_of_ending"]

_REMARK_LINES = 3


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
        # Room for the longest remark, since a dialog does not grow with a label that wraps.
        self._remark.setMinimumHeight(_REMARK_LINES * self._remark.fontMetrics().lineSpacing())
        self._remark.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
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
                clock=self._playhead.clock,
            )
        except ValueError as error:
            self._remark.setText(str(error))
            return
        self._playhead.seek(frame)
        super().accept()


def ask_export(parent: QWidget | None, suggestion: Path) -> tuple[Path, str] | None:
    """Ask where to write the intervals, and in which format; None if the user leaves it.

    A known ending that is typed decides the format, as on the command line; else the type that is
    chosen in the list adds its own. The system asks before a file is replaced, but it knows only
    the name as typed: where the ending makes that the name of a file that is there, the dialog is
    opened again with the whole name. Whoever answers with the bare name once more gets a name that
    is free.
    """
    filters = {f"{f.description} (*{f.suffixes[0]})": name for name, f in FORMATS.items()}
    title, wanted, chosen, before = "Export intervals", suggestion, next(iter(filters)), ""
    while True:
        text, chosen = QFileDialog.getSaveFileName(
            parent, title, str(wanted), ";;".join(filters), chosen
        )
        if not text:
            return None
        path, form = _named(Path(text), filters.get(chosen, "mespot"))
        if path == Path(text) or not path.exists():
            return path, form
        if text == before:
            return _free(path, Path(text).name), form
        title = f"{path.name} is there already: save under this whole name to write into it"
        wanted, before = path, text


def _named(path: Path, chosen: str) -> tuple[Path, str]:
    """Return the file to write, with an ending, and the format that goes with it."""
    form = format_of_ending(path.name, chosen)
    if form is not None:
        return path, form
    return path.with_name(path.name + FORMATS[chosen].suffixes[0]), chosen


def _free(path: Path, stem: str) -> Path:
    """Return ``STEM.2.eaf`` beside ``STEM.eaf``, or the next number that is free."""
    ending = path.name.removeprefix(stem)
    names = (path.with_name(f"{stem}.{number}{ending}") for number in count(2))
    return next(name for name in names if not name.exists())


def format_of_ending(name: str, chosen: str) -> str | None:
    """Return the format that the ending of a name stands for; None if it stands for none.

    Parameters
    ----------
    name
        Name of the file.
    chosen
        The format that counts where several have this ending.
    """
    lengths = {
        form.name: max(len(s) for s in form.suffixes if name.lower().endswith(s.lower()))
        for form in FORMATS.values()
        if name.lower().endswith(tuple(s.lower() for s in form.suffixes))
    }
    best = [form for form, length in lengths.items() if length == max(lengths.values())]
    if chosen in best or (chosen in lengths and len(best) > 1):
        return chosen
    if "mespot" in best or len(best) == 1:
        return "mespot" if "mespot" in best else best[0]
    return None


def ask_about_labels(parent: QWidget | None, name: str, doubt: str) -> bool:
    """Ask whether labels that seem to be of another video are added all the same; rather not."""
    yes, no = QMessageBox.StandardButton.Yes, QMessageBox.StandardButton.No
    box = QMessageBox(parent)
    box.setObjectName("mespot-doubtful-labels")
    box.setIcon(QMessageBox.Icon.Warning)
    box.setWindowTitle("Labels of another video?")
    box.setText(f"{name} was {doubt}.")
    box.setInformativeText("Add them all the same? They count as labels of this video then.")
    box.setStandardButtons(yes | no)
    box.setDefaultButton(no)
    box.setEscapeButton(no)
    return box.exec() == yes


def ask_import(parent: QWidget | None, folder: Path) -> Path | None:
    """Ask for a file with intervals; None if the user leaves it."""
    suffixes = sorted({s for form in FORMATS.values() for s in form.suffixes})
    patterns = " ".join(f"*{suffix}" for suffix in suffixes)
    text, _ = QFileDialog.getOpenFileName(
        parent, "Open labels or predictions", str(folder), f"Intervals ({patterns});;All files (*)"
    )
    return Path(text) if text else None
