"""The table of keys: what each does, and a way to change it."""

from pathlib import Path

from qtpy.QtCore import Qt, Signal
from qtpy.QtGui import QIcon
from qtpy.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from napari_mespot.errors import MespotError
from napari_mespot.gui.action_table import ACTIONS, Action
from napari_mespot.gui.key_field import KeyField
from napari_mespot.gui.keymap import Keymap, save_keymap, shown_key

__all__ = ["KeysDialog", "KeysWidget"]

_ADVICE = "Click a key to change it, right-click it for its default or for none."
_LABELS = {action.name: action.label for action in ACTIONS}


class KeysWidget(QWidget):
    """Shows a keymap by groups of actions, and edits it.

    Parameters
    ----------
    keymap
        What to show.
    """

    valueChanged = Signal(object)
    """The user has chosen another keymap: the new one."""
    remark = Signal(str)
    """What the last choice has taken away, in one line; empty if nothing."""

    def __init__(self, keymap: Keymap, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keymap = keymap
        self.fields: dict[str, KeyField] = {}
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(32)
        for groups in _columns():
            layout.addLayout(self._column(groups))
        self._show()

    def value(self) -> Keymap:
        """Return the keymap as it is shown."""
        return self._keymap

    def setValue(self, keymap: Keymap) -> None:
        """Show another keymap; nobody is told."""
        self._keymap = keymap
        self._show()

    def choose(self, keymap: Keymap, remark: str = "") -> None:
        """Take the user's choice of a keymap."""
        changed = keymap != self._keymap
        self.setValue(keymap)
        self.remark.emit(remark)
        if changed:
            self.valueChanged.emit(keymap)

    def _column(self, groups: dict[str, list[Action]]) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(3)
        grid.setColumnStretch(0, 1)
        for group, actions in groups.items():
            row = grid.rowCount()
            grid.setRowMinimumHeight(row, 28)
            heading = QLabel(f"<b>{group}</b>")
            grid.addWidget(heading, row, 0, 1, 2, Qt.AlignmentFlag.AlignBottom)
            for action in actions:
                row = grid.rowCount()
                grid.addWidget(QLabel(action.label), row, 0)
                grid.addWidget(self._field(action), row, 1)
        grid.setRowStretch(grid.rowCount(), 1)
        return grid

    def _field(self, action: Action) -> KeyField:
        self.fields[action.name] = field = KeyField(action.label)
        field.key_chosen.connect(lambda key: self._set(action.name, key))
        field.default_asked.connect(lambda: self._set(action.name, *action.keys))
        return field

    def _set(self, name: str, *keys: str) -> None:
        new = self._keymap.with_keys(name, *(key for key in keys if key))
        self.choose(new, _remark(self._keymap, new, name))

    def _show(self) -> None:
        for name, field in self.fields.items():
            field.show_keys(self._keymap.keys[name])


class KeysDialog(QDialog):
    """Shows the keys; a change counts, and is saved, at once.

    Parameters
    ----------
    keymap
        The keys as they are.
    path
        Where to save them; by default where :func:`load_keymap` looks.
    """

    keymap_changed = Signal(object)
    """The user has chosen another keymap: the new one."""

    def __init__(
        self, keymap: Keymap, parent: QWidget | None = None, *, path: Path | None = None
    ) -> None:
        super().__init__(parent)
        self._path = path
        self.setWindowTitle("Keys")
        self.table = KeysWidget(keymap)
        self.message = QLabel(_first_message(keymap))
        self.message.setWordWrap(True)
        self.message.setMinimumHeight(2 * self.message.fontMetrics().lineSpacing())
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.RestoreDefaults | QDialogButtonBox.StandardButton.Close
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 8, 18, 12)
        for widget in (self.table, self.message, self.buttons):
            layout.addWidget(widget)
        layout.setStretch(0, 1)
        self.table.remark.connect(self._show_remark)
        self.table.valueChanged.connect(self._changed)
        self.buttons.rejected.connect(self.reject)
        defaults = self.buttons.button(QDialogButtonBox.StandardButton.RestoreDefaults)
        close = self.buttons.button(QDialogButtonBox.StandardButton.Close)
        if defaults is not None and close is not None:
            defaults.setText("Default keys")
            defaults.setAutoDefault(False)
            defaults.clicked.connect(lambda: self.table.choose(Keymap()))
            close.setIcon(QIcon())
            close.setDefault(True)
            close.setFocus()

    @property
    def keymap(self) -> Keymap:
        """The keys as they are now."""
        return self.table.value()

    def _show_remark(self, text: str) -> None:
        self.message.setText(f"⚠  {text}" if text else _ADVICE)

    def _changed(self, keymap: Keymap) -> None:
        try:
            save_keymap(keymap, self._path)
        except MespotError as error:
            self.message.setText(f"⚠  This holds until you quit: {error}")
        self.keymap_changed.emit(keymap)


def _columns() -> tuple[dict[str, list[Action]], dict[str, list[Action]]]:
    """Return the groups of actions in two columns of about one length."""
    groups: dict[str, list[Action]] = {}
    for action in ACTIONS:
        groups.setdefault(action.group, []).append(action)
    columns: tuple[dict[str, list[Action]], dict[str, list[Action]]] = ({}, {})
    for group, actions in groups.items():
        lengths = [sum(len(a) + 1 for a in column.values()) for column in columns]
        columns[lengths[1] < lengths[0]][group] = actions
    return columns


def _remark(old: Keymap, new: Keymap, name: str) -> str:
    """Say in one line what the new keys of an action have taken away."""
    lost = [
        f"{shown_key(key)} was “{_LABELS[owner]}” before"
        + ("" if new.keys[owner] else ", which has no key now")
        for key in new.keys[name]
        if (owner := old.names.get(key, name)) != name
    ]
    from_napari = [
        f"{shown_key(key)} {text} in napari; while a video is under review it does this instead"
        for key, text in new.taken_from_napari.items()
        if key in new.keys[name]
    ]
    return "; ".join((*lost, *from_napari))


def _first_message(keymap: Keymap) -> str:
    clashes = [
        f"{shown_key(key)} is wanted by {' and '.join(f'“{_LABELS[n]}”' for n in names)}, and the "
        "first has it"
        for key, names in keymap.clashes.items()
    ]
    return f"⚠  {'; '.join(clashes)}" if clashes else _ADVICE
