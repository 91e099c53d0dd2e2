"""A button that shows the keys of an action and takes another one."""

from qtpy.QtCore import QEvent, QPoint, Qt, Signal
from qtpy.QtGui import QFocusEvent, QKeyEvent
from qtpy.QtWidgets import QMenu, QPushButton, QWidget

from napari_mespot.gui.keymap import shown_key
from napari_mespot.gui.keys import key_names

__all__ = ["KeyField"]

_MODIFIERS = frozenset(
    {
        Qt.Key.Key_Shift,
        Qt.Key.Key_Control,
        Qt.Key.Key_Alt,
        Qt.Key.Key_AltGr,
        Qt.Key.Key_Meta,
        Qt.Key.Key_CapsLock,
        Qt.Key.Key_NumLock,
    }
)
_WIDTH = 150


class KeyField(QPushButton):
    """Shows keys; after a click it waits for the next key that is pressed.

    Parameters
    ----------
    label
        What the keys do.
    """

    key_chosen = Signal(str)
    """The user pressed this key; empty: wants none."""
    default_asked = Signal()
    """The user wants the default back."""

    def __init__(self, label: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._label = label
        self._keys: tuple[str, ...] = ()
        self.is_waiting = False
        self.setAccessibleName(f"key of: {label}")
        self.setAutoDefault(False)
        self.setMinimumWidth(_WIDTH)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._show_menu)
        self.clicked.connect(self._wait)
        self._show()

    def show_keys(self, keys: tuple[str, ...]) -> None:
        """Show keys; waiting for one ends."""
        self._keys = keys
        self._stop()

    def event(self, event: QEvent | None) -> bool:
        """Take any key while waiting, Tab and menu keys too; the name is Qt's."""
        if self.is_waiting and isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress:
                self._take(event)
                return True
        return super().event(event)

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        """Wait no longer."""
        super().focusOutEvent(event)
        self._stop()

    def _take(self, event: QKeyEvent) -> None:
        event.accept()
        if event.key() in _MODIFIERS or event.isAutoRepeat():
            return
        names = list(key_names(event))
        self._stop()
        if names and names != ["Esc"]:
            self.key_chosen.emit(names[-1])  # a sign without the Shift that it needs here

    def _wait(self) -> None:
        self.is_waiting = True
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self._show()

    def _stop(self) -> None:
        self.is_waiting = False
        self._show()

    def _show(self) -> None:
        keys = "  or  ".join(shown_key(key) for key in self._keys)
        font = self.font()
        font.setBold(self.is_waiting)
        self.setFont(font)
        self.setText("press a key …" if self.is_waiting else keys.replace("&", "&&") or "—")
        self.setToolTip(f"{self._label}: click, then press another key; Esc keeps this one")

    def _show_menu(self, place: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        default = menu.addAction("Default key")
        none = menu.addAction("No key")
        if default is not None and none is not None:
            default.triggered.connect(self.default_asked.emit)
            none.triggered.connect(lambda: self.key_chosen.emit(""))
        menu.popup(self.mapToGlobal(place))
