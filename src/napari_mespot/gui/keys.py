"""Keys for one napari window, heard before napari hears them.

napari's own bindings neither repeat nor know of a key's release, belong to a layer or to the
viewer but not to both, and are not heard while a dock has the focus. So a filter on the
application's events hears every key first, and takes those of the keymap: unless somebody is
typing, a menu or a dialog is open, or the key was pressed in another window.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress

from qtpy.QtCore import QEvent, QObject, Qt
from qtpy.QtGui import QKeyEvent, QKeySequence
from qtpy.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QKeySequenceEdit,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)

from napari_mespot.gui.action_table import ACTIONS, Action
from napari_mespot.gui.actions import ReviewActions
from napari_mespot.gui.keymap import SWITCHED_OFF, Keymap

__all__ = ["install_keys", "key_names"]

_PRESS, _RELEASE = QEvent.Type.KeyPress, QEvent.Type.KeyRelease
_OVERRIDE, _FOCUS = QEvent.Type.ShortcutOverride, QEvent.Type.FocusIn
_AWAY = (QEvent.Type.WindowDeactivate, QEvent.Type.ApplicationDeactivate)
_HEARD = frozenset({_PRESS, _RELEASE, _OVERRIDE, _FOCUS, *_AWAY})

_BY_NAME = {action.name: action for action in ACTIONS}
_Mod = Qt.KeyboardModifier
_NO_PART_OF_IT = _Mod.KeypadModifier | _Mod.GroupSwitchModifier
_TAB_REASONS = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
# Keys by which a widget is worked that somebody has reached by Tab.
_WORKING_KEYS = frozenset({"Space", "Left", "Right", "Up", "Down"})
_WORKED = (QAbstractButton, QComboBox, QAbstractSlider, QAbstractItemView)


def install_keys(window: QWidget, actions: ReviewActions, keymap: Keymap) -> Callable[[], None]:
    """Let keys in a window, and in docks that float beside it, run actions.

    Parameters
    ----------
    window
        The window, or any widget in it or in a dock beside it.
    actions
        What the keys do.
    keymap
        Which key does what.

    Returns
    -------
    callable
        Ends it; calling it again does nothing.
    """
    return _Keys(window, actions, keymap).uninstall


def key_names(event: QKeyEvent) -> Iterator[str]:
    """Yield what a pressed key may be called in a keymap, the most exact name first.

    A key of the number pad is the same as the one in the row. A sign counts as itself even
    where a keyboard needs Shift or AltGr for it.
    """
    modifiers = event.modifiers() & ~_NO_PART_OF_IT
    if event.key() in {0, Qt.Key.Key_unknown}:
        return
    combination = event.keyCombination()
    yield QKeySequence(type(combination)(modifiers, combination.key())).toString(
        QKeySequence.SequenceFormat.PortableText
    )
    text = event.text()
    is_sign = len(text) == 1 and text.isprintable() and not text.isalpha() and not text.isspace()
    is_plain = modifiers in {_Mod.ShiftModifier, _Mod.ControlModifier | _Mod.AltModifier}
    if is_sign and is_plain:
        yield text


class _Keys(QObject):
    """The filter."""

    def __init__(self, window: QWidget, actions: ReviewActions, keymap: Keymap) -> None:
        while (owner := window.parentWidget()) is not None:
            window = owner
        super().__init__(window)
        self._actions, self._keymap = actions, keymap
        self._held: dict[int, Action] = {}
        self._reached_by_tab = False
        self._installed = True
        application = QApplication.instance()
        if application is not None:
            application.installEventFilter(self)

    def uninstall(self) -> None:
        """Hear no more keys; held ones are let go."""
        if self._installed:
            self._installed = False
            self._let_all_go()
            with suppress(RuntimeError):  # the window may have gone first, and this with it
                self.setParent(None)
                self.deleteLater()  # Qt forgets the filter with the object

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Take the keys of the keymap; the name is Qt's."""
        if event is None or event.type() not in _HEARD or not self._installed:
            return False
        kind = event.type()
        if kind in _AWAY:
            self._let_all_go()
        elif kind == _FOCUS:
            self._reached_by_tab = event.reason() in _TAB_REASONS  # type: ignore[attr-defined]
        elif isinstance(event, QKeyEvent):
            return self._released(event) if kind == _RELEASE else self._pressed(watched, event)
        return False

    def _pressed(self, watched: QObject | None, event: QKeyEvent) -> bool:
        held = self._held.get(event.key()) if event.isAutoRepeat() else None
        action = held or self._action_for(watched, event)
        if action is None:
            return self._is_switched_off(watched, event)
        event.accept()  # a ShortcutOverride that is accepted keeps menus from taking the key
        if event.type() == _PRESS:
            self._held[event.key()] = action
            if action.repeats or not event.isAutoRepeat():
                self._actions.perform(action, held=event.isAutoRepeat())
        return True

    def _released(self, event: QKeyEvent) -> bool:
        if event.key() not in self._held:
            return False
        event.accept()
        if not event.isAutoRepeat():
            self._let_go(self._held.pop(event.key()))
        return True

    def _let_go(self, action: Action) -> None:
        if action.release is not None:
            action.release(self._actions)

    def _let_all_go(self) -> None:
        while self._held:
            self._let_go(self._held.popitem()[1])

    def _action_for(self, watched: QObject | None, event: QKeyEvent) -> Action | None:
        """Return what a key does here and now; None if it is not ours."""
        names = [name for name in key_names(event) if name in self._keymap.names]
        if not names:
            return None
        action = _BY_NAME[self._keymap.names[names[0]]]
        is_ours = self._is_ours(watched, names[0], while_typing=action.while_typing)
        return action if is_ours else None

    def _is_switched_off(self, watched: QObject | None, event: QKeyEvent) -> bool:
        """Take a key of napari's that would hide or turn the video, and say so."""
        key = next((name for name in key_names(event) if name in SWITCHED_OFF), "")
        if not key or not self._is_ours(watched, key):
            return False
        event.accept()
        if event.type() == _PRESS and not event.isAutoRepeat():
            self._actions.session.say(
                f"{key} does nothing here: in napari it {SWITCHED_OFF[key]}, which is switched off "
                "while a video is under review"
            )
        return True

    def _is_ours(self, watched: QObject | None, key: str, *, while_typing: bool = False) -> bool:
        if QApplication.activePopupWidget() or QApplication.activeModalWidget():
            return False
        focus = QApplication.focusWidget()
        place = watched if isinstance(watched, QWidget) else focus
        if place is None or not self._is_within(place):
            return False
        if _is_typing(place) or (focus is not None and _is_typing(focus)):
            return while_typing
        by_tab = self._reached_by_tab and isinstance(focus, _WORKED)
        return not (by_tab and key in _WORKING_KEYS)

    def _is_within(self, widget: QWidget) -> bool:
        """Whether a widget belongs to the window or to a dock that floats beside it."""
        step: QWidget | None = widget
        window = self.parent()
        while step is not None and step is not window:
            if isinstance(step, QDialog):
                return False
            step = step.parentWidget()
        return step is not None


def _is_typing(widget: QWidget) -> bool:
    """Whether keys write something in a widget."""
    if isinstance(widget, QAbstractSpinBox | QKeySequenceEdit):
        return True
    if isinstance(widget, QComboBox):
        return widget.isEditable()
    return isinstance(widget, QLineEdit | QTextEdit | QPlainTextEdit) and not widget.isReadOnly()
