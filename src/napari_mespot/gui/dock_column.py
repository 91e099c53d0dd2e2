"""The column of parts that a dock consists of, and its place among the other docks."""

from collections.abc import Iterable

from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QDockWidget,
    QFrame,
    QLayout,
    QMainWindow,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

__all__ = ["fill_dock", "join_tabs", "ruled_line", "stacked"]


def fill_dock(dock: QWidget, parts: Iterable[QWidget | QLayout], least_width: int) -> QScrollArea:
    """Put parts below each other into a dock, and return the area that scrolls them.

    What does not fit is scrolled to.
    """
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


def join_tabs(widget: QWidget) -> None:
    """Make the dock of a widget a tab beside the docks of its side, and bring it to the front.

    Opened from the menu, napari puts it below them, where two lines of it would be seen.
    """
    window, own = widget.window(), widget.parent()
    while own is not None and not isinstance(own, QDockWidget):
        own = own.parent()
    if own is None or not isinstance(window, QMainWindow) or own.isFloating():
        return
    side = window.dockWidgetArea(own)
    for other in window.findChildren(QDockWidget):
        if other is not own and other.isVisible() and window.dockWidgetArea(other) == side:
            window.tabifyDockWidget(other, own)
            own.raise_()
            return


def ruled_line() -> QFrame:
    """Return a horizontal line between two parts."""
    line = QFrame()
    line.setFrameShape(QFrame.Shape.HLine)
    return line


def stacked(*widgets: QWidget | None) -> QWidget:
    """Put widgets under each other, without margins; the last one takes what is left."""
    column = QWidget()
    layout = QVBoxLayout(column)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    for widget in widgets:
        if widget is not None:
            layout.addWidget(widget)
    layout.setStretch(layout.count() - 1, 1)
    return column
