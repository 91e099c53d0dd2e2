"""A button that shows its key, faintly, at its right edge."""

from qtpy.QtCore import QEvent, Qt
from qtpy.QtGui import QPainter, QPaintEvent, QPalette
from qtpy.QtWidgets import QPushButton, QSizePolicy, QWidget

__all__ = ["KeyButton"]

_MARGIN, _GAP = 6, 4


class KeyButton(QPushButton):
    """A push button that never takes the focus, so that keys go where they went before.

    Parameters
    ----------
    label
        What it does, in a word.
    tip
        The same in a few words; its key is added.
    """

    def __init__(self, label: str, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(label, parent)
        self._tip, self._key = tip, ""
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.show_key("")

    @property
    def key(self) -> str:
        """The key as shown; empty if it has none."""
        return self._key

    def show_key(self, key: str) -> None:
        """Show another key, or none."""
        self._key = key
        self.setToolTip(f"{self._tip}  ({key})" if key else self._tip)
        self._make_room()
        self.update()

    def changeEvent(self, event: QEvent | None) -> None:
        """Keep room for the key under another font."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.FontChange:
            self._make_room()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw the button, then its key."""
        super().paintEvent(event)
        if not self._key:
            return
        painter = QPainter(self)
        colour = self.palette().color(QPalette.ColorRole.ButtonText)
        colour.setAlphaF(colour.alphaF() * (0.6 if self.isEnabled() else 0.4))
        painter.setPen(colour)
        place = self.rect().adjusted(0, 0, -_MARGIN, 0)
        painter.drawText(
            place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self._key
        )
        painter.end()

    def _make_room(self) -> None:
        room = self.fontMetrics().horizontalAdvance(self._key) + _GAP if self._key else 0
        style = (
            f"KeyButton {{ text-align: left; padding: 4px {_MARGIN + room}px 4px {_MARGIN}px; }}"
        )
        if style != self.styleSheet():
            self.setStyleSheet(style)
