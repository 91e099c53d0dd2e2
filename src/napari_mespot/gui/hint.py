"""The first five keys, ticked off as the user tries them."""

from collections.abc import Mapping

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QWidget

from napari_mespot.gui.action_table import ACTIONS

__all__ = ["FIRST_KEYS", "KeyHint"]

FIRST_KEYS = (
    ("next", "go to the next candidate"),
    ("loop", "watch it in a loop"),
    ("onset", "set its onset here"),
    ("accept", "accept it and go on"),
    ("undo", "take anything back"),
)
_BY_NAME = {action.name: action for action in ACTIONS}


class KeyHint(QFrame):
    """A line that shows a newcomer which keys to press, and leaves when all have been tried.

    Parameters
    ----------
    keys
        Name of an action → its key as shown.
    """

    finished = Signal()
    """The user has tried all keys, or closed the hint."""

    def __init__(self, keys: Mapping[str, str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("mespot-hint")
        self._labels: dict[str, QLabel] = {}
        self._texts: dict[str, str] = {}
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 3, 4, 3)
        layout.setSpacing(18)
        layout.addWidget(QLabel("<b>Try it:</b>"))
        for name, text in FIRST_KEYS:
            key = keys.get(name) or " ".join(_BY_NAME[name].keys)
            self._texts[name] = f"<b>&nbsp;{key}&nbsp;</b>&nbsp;{text}"
            self._labels[name] = label = QLabel(self._texts[name])
            label.setTextFormat(Qt.TextFormat.RichText)
            layout.addWidget(label)
        layout.addStretch(1)
        close = QToolButton()
        close.setText("×")
        close.setAutoRaise(True)
        close.setToolTip("close the hint")
        close.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        close.clicked.connect(self._finish)
        layout.addWidget(close)

    @property
    def tried(self) -> frozenset[str]:
        """Names of the actions that were tried."""
        return frozenset(n for n, label in self._labels.items() if not label.isEnabled())

    def tick(self, name: str) -> None:
        """Tick off an action that the user has done."""
        label = self._labels.get(name)
        if label is None or not label.isEnabled():
            return
        label.setText(f"✓ {self._texts[name]}")
        label.setEnabled(False)
        if len(self.tried) == len(self._labels):
            self._finish()

    def _finish(self) -> None:
        self.hide()
        self.finished.emit()
