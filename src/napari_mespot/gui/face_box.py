"""Which face a run follows: a rule, or a click in the picture."""

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QComboBox, QWidget

from napari_mespot.face.choice import FaceChoice

__all__ = ["FaceBox"]

_RULES = (
    ("Largest, most central", FaceChoice("largest")),
    ("Leftmost", FaceChoice("left")),
    ("Rightmost", FaceChoice("right")),
)
_PICK = "Click in the picture …"


class FaceBox(QComboBox):
    """A list of ways to choose a face; the last one lets the user click on it."""

    pick_asked = Signal()
    """The user wants to click on a face."""
    changed = Signal()
    """Another face is chosen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._choice = FaceChoice()
        self.setToolTip("Of several people in the picture, the one whose face a run follows")
        self._fill()
        self.activated.connect(self._activated)

    @property
    def choice(self) -> FaceChoice:
        """The face chosen."""
        return self._choice

    def choose(self, choice: FaceChoice) -> None:
        """Choose a face; one that is not in the list is put there."""
        is_other = choice != self._choice
        self._choice = choice
        self._fill()
        if is_other:
            self.changed.emit()

    def choose_at(self, x: float, y: float, frame: int) -> None:
        """Choose the face at a place in the picture."""
        self.choose(FaceChoice("place", x=round(x), y=round(y), frame=frame))

    def _fill(self) -> None:
        self.clear()
        choices = [choice for _, choice in _RULES]
        for text, _ in _RULES:
            self.addItem(text)
        if self._choice not in choices:
            choices.append(self._choice)
            self.addItem(_words(self._choice))
        self.addItem(_PICK)
        self.setCurrentIndex(choices.index(self._choice))

    def _activated(self, index: int) -> None:
        if index == self.count() - 1:
            self._fill()  # what was chosen stays until the click
            self.pick_asked.emit()
        elif index < len(_RULES):
            self.choose(_RULES[index][1])


def _words(choice: FaceChoice) -> str:
    if choice.rule == "number":
        return f"No. {choice.number} from the left"
    when = "" if choice.frame is None else f" in frame {choice.frame}"
    return f"At x {choice.x:.0f}, y {choice.y:.0f}{when}"
