"""The docks of one workspace, none of which is lost by closing it.

napari forgets a dock whose × was pressed, and only the widget in it is left. Here each has an
entry in the Window menu, and whatever wants to show it puts it back.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, Qt, QTimer, Signal
from qtpy.QtGui import QAction
from qtpy.QtWidgets import QApplication, QDockWidget, QMainWindow, QMenu, QWidget

if TYPE_CHECKING:
    import napari

__all__ = ["Docks", "dock_of"]

_TABBED = "right"
"""The side on which docks are tabs; napari has docks of its own at the bottom and on the left."""


@dataclass(frozen=True, slots=True, eq=False)
class _Entry:
    widget: QWidget
    name: str
    area: str
    stretches: bool
    action: QAction


class Docks(QObject):
    """Docks widgets into a viewer, and again if they were closed.

    Parameters
    ----------
    viewer
        The napari viewer.
    """

    turned = Signal(QWidget, bool)
    """A widget has come to the front of its tabs, or gone from there."""

    def __init__(self, viewer: "napari.Viewer") -> None:
        super().__init__()
        self._viewer = viewer
        self._entries: list[_Entry] = []
        self._menu: QMenu = viewer.window.window_menu
        self._menu.aboutToShow.connect(self._fill_menu)

    def add(self, widget: QWidget, name: str, area: str, *, stretches: bool = False) -> None:
        """Dock a widget.

        Parameters
        ----------
        widget, name, area
            As napari's ``add_dock_widget`` takes them. On the right it becomes a tab beside the
            docks that are there.
        stretches
            Whether what is in it is to be pushed upwards.
        """
        action = QAction(name, self)
        action.setCheckable(True)
        entry = _Entry(widget, name, area, stretches, action)
        action.triggered.connect(lambda: self._toggle(entry))
        self._entries.append(entry)
        self._put(entry)

    def show(self, widget: QWidget) -> None:
        """Bring a widget to the front; put it back first if it was closed."""
        entry = next(e for e in self._entries if e.widget is widget)
        dock = self._put(entry)
        dock.show()
        dock.raise_()

    def restore(self) -> bool:
        """Show all docks that were closed or hidden; return whether there were any."""
        missing = [e for e in self._entries if not _is_open(e.widget)]
        for entry in missing:
            self._put(entry).show()
        return bool(missing)

    def resize(self, widget: QWidget, pixels: int, orientation: Qt.Orientation) -> None:
        """Give the dock of a widget a size, if it has one."""
        dock = dock_of(widget)
        window = dock.parentWidget() if dock is not None else None
        if dock is not None and isinstance(window, QMainWindow):
            window.resizeDocks([dock], [pixels], orientation)

    def close(self) -> None:
        """Take all docks away."""
        with suppress(RuntimeError, TypeError):
            self._menu.aboutToShow.disconnect(self._fill_menu)
        for entry in self._entries:
            with suppress(RuntimeError):
                self._menu.removeAction(entry.action)
            with suppress(LookupError, RuntimeError):
                self._viewer.window.remove_dock_widget(entry.widget)
        self._entries.clear()

    def _put(self, entry: _Entry) -> QDockWidget:
        """Return the dock of an entry; dock it if it has none."""
        dock = dock_of(entry.widget)
        if dock is not None:
            return dock
        made: QDockWidget = self._viewer.window.add_dock_widget(
            entry.widget,
            name=entry.name,
            area=entry.area,
            tabify=entry.area == _TABBED,
            add_vertical_stretch=entry.stretches,
        )
        entry.widget.show()  # napari hides what it lets go of
        made.visibilityChanged.connect(self._turned(entry.widget))
        return made

    def _turned(self, widget: QWidget) -> Callable[[bool], None]:
        def told(is_front: bool) -> None:
            self.turned.emit(widget, is_front)
            if not is_front and not _is_open(widget):
                QTimer.singleShot(0, _leave_focus)

        return told

    def _toggle(self, entry: _Entry) -> None:
        if _is_open(entry.widget):
            self._put(entry).hide()
        else:
            self.show(entry.widget)

    def _fill_menu(self) -> None:
        """Put the entries into the menu, which napari empties whenever plugins change."""
        present = self._menu.actions()
        for entry in self._entries:
            entry.action.setChecked(_is_open(entry.widget))
            if entry.action not in present:
                self._menu.addAction(entry.action)


def _leave_focus() -> None:
    """Take the focus off the button that Qt gives it to when the one in use has gone.

    That may be the × of the next dock, which the space bar would press.
    """
    focus = QApplication.focusWidget()
    if focus is not None:
        focus.clearFocus()


def dock_of(widget: QWidget) -> QDockWidget | None:
    """Return the dock that a widget lies in; None if it was closed."""
    parent = widget.parentWidget()
    while parent is not None and not isinstance(parent, QDockWidget):
        parent = parent.parentWidget()
    return parent if parent is None or isinstance(parent.parentWidget(), QMainWindow) else None


def _is_open(widget: QWidget) -> bool:
    """Whether a widget is docked and not hidden; it may be behind another tab."""
    dock = dock_of(widget)
    action = dock.toggleViewAction() if dock is not None else None
    return action is not None and action.isChecked()
