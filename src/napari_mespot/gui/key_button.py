"""A button that shows its key, faintly, at its right edge."""

from qtpy.QtCore import QSize, Qt
from qtpy.QtGui import QPaintEvent, QPalette
from qtpy.QtWidgets import (
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyleOptionButton,
    QStylePainter,
    QWidget,
)

__all__ = ["KeyButton"]

_MARGIN, _GAP = 6, 5


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
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Ask for room for label and key."""
        return self._with_room(super().sizeHint())

    def minimumSizeHint(self) -> QSize:
        """Ask for room for label and key."""
        return self._with_room(super().minimumSizeHint())

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw the button of the style, its label at the left and its key at the right."""
        option = QStyleOptionButton()
        self.initStyleOption(option)
        option.text = ""
        painter = QStylePainter(self)
        painter.drawControl(QStyle.ControlElement.CE_PushButton, option)
        colour = option.palette.color(QPalette.ColorRole.ButtonText)
        colour.setAlphaF(1.0 if self.isEnabled() else 0.45)
        painter.setPen(colour)
        place = self.rect().adjusted(_MARGIN, 0, -_MARGIN, 0)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(place, Qt.AlignmentFlag.AlignLeft | middle, self.text())
        colour.setAlphaF(0.65 * colour.alphaF())
        painter.setPen(colour)
        painter.drawText(place, Qt.AlignmentFlag.AlignRight | middle, self._key)
        painter.end()

    def _with_room(self, size: QSize) -> QSize:
        metrics = self.fontMetrics()
        key = metrics.horizontalAdvance(self._key) + _GAP if self._key else 0
        width = metrics.horizontalAdvance(self.text()) + key + 2 * _MARGIN
        return QSize(width, size.height())
