"""The column of parts that a dock consists of; what does not fit is scrolled to."""

from collections.abc import Iterable

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QFrame, QLayout, QScrollArea, QVBoxLayout, QWidget

__all__ = ["fill_dock", "ruled_line"]


def fill_dock(dock: QWidget, parts: Iterable[QWidget | QLayout], least_width: int) -> QScrollArea:
    """Put parts below each other into a dock, and return the area that scrolls them."""
    inner = QWidget()
    column = QVBoxLayout(inner)
    column.setContentsMargins(8, 8, 8, 8)
    column.setSpacing(8)
    for part in parts:
        if isinstance(part, QWidget):
            column.addWidget(part)
        else:
            column.addLayout(part)
    column.addStretch(1)
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(inner)
    outer = QVBoxLayout(dock)
    outer.setContentsMargins(0, 0, 0, 0)
    outer.addWidget(area)
    dock.setMinimumWidth(least_width)
    return area


def ruled_line() -> QFrame:
    """Return a horizontal line between two parts."""
    line = QFrame()
    line.setFrameShape(QFrame.Shape.HLine)
    return line
