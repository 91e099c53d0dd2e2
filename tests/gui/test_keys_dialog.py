"""The table of keys: seen, changed, warned about, kept."""

import pytest
from qtpy.QtCore import Qt
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QDialogButtonBox, QMenu

from napari_mespot.gui.action_table import ACTIONS
from napari_mespot.gui.keymap import Keymap, load_keymap
from napari_mespot.gui.keys_dialog import KeysDialog

Key = Qt.Key


@pytest.fixture
def path(tmp_path):
    return tmp_path / "keys.json"


@pytest.fixture
def dialog(qtbot, path):
    dialog = KeysDialog(Keymap(), path=path)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.activateWindow()
    QTest.qWaitForWindowActive(dialog)
    return dialog


@pytest.fixture
def told(dialog):
    told = []
    dialog.keymap_changed.connect(told.append)
    return told


def choose(dialog, name, key, modifiers=Qt.KeyboardModifier.NoModifier):
    field = dialog.table.fields[name]
    QTest.mouseClick(field, Qt.MouseButton.LeftButton)
    assert field.is_waiting
    QTest.keyClick(field, key, modifiers)


def test_every_action_is_shown_with_its_key(dialog):
    assert set(dialog.table.fields) == {action.name for action in ACTIONS}
    assert dialog.table.fields["accept"].text() == "U"
    assert dialog.table.fields["back"].text() == "←"


def test_a_key_is_changed_told_and_kept(dialog, told, path):
    choose(dialog, "accept", Key.Key_F2)
    assert dialog.table.fields["accept"].text() == "F2"
    assert [keymap.names["F2"] for keymap in told] == ["accept"]
    assert load_keymap(path) == dialog.keymap == told[0]


@pytest.mark.parametrize("key", [Key.Key_Tab, Key.Key_Space, Key.Key_Return, Key.Key_Down])
def test_keys_that_work_a_form_can_be_chosen_too(dialog, key):
    choose(dialog, "accept", key)
    assert dialog.keymap.keys["accept"] != ("U",)
    assert not dialog.table.fields["accept"].is_waiting


def test_modifiers_are_waited_for(dialog):
    field = dialog.table.fields["accept"]
    QTest.mouseClick(field, Qt.MouseButton.LeftButton)
    QTest.keyPress(field, Key.Key_Control)
    assert field.is_waiting
    QTest.keyClick(field, Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    assert dialog.keymap.keys["accept"] == ("Ctrl+Y",)


def test_escape_and_leaving_keep_the_key(dialog, told):
    choose(dialog, "accept", Key.Key_Escape)
    assert dialog.isVisible()
    field = dialog.table.fields["accept"]
    QTest.mouseClick(field, Qt.MouseButton.LeftButton)
    dialog.table.fields["reject"].setFocus()
    QTest.qWait(10)
    assert field.text() == "U"
    assert told == []


def test_a_clash_is_warned_about_and_the_new_choice_has_the_key(dialog):
    choose(dialog, "accept", Key.Key_N)
    assert "“next candidate” before, which has no key now" in dialog.message.text()
    assert dialog.table.fields["next"].text() == "—"
    assert not dialog.keymap.clashes
    choose(dialog, "next", Key.Key_F3)
    assert "before" not in dialog.message.text()


def test_a_key_of_napari_is_warned_about(dialog):
    choose(dialog, "accept", Key.Key_V)
    assert "V shows and hides layers in napari" in dialog.message.text()
    assert dialog.keymap.names["V"] == "accept"


def test_the_menu_gives_the_default_back_or_takes_the_key(dialog):
    def pick(name, text):
        field = dialog.table.fields[name]
        field.customContextMenuRequested.emit(field.rect().center())
        menu = field.findChild(QMenu)
        next(action for action in menu.actions() if action.text() == text).trigger()
        menu.close()
        QTest.qWait(10)

    choose(dialog, "accept", Key.Key_F2)
    pick("accept", "Default key")
    assert dialog.keymap == Keymap()
    pick("accept", "No key")
    assert dialog.keymap.keys["accept"] == ()


def test_all_defaults_come_back(dialog, told, path):
    choose(dialog, "accept", Key.Key_F2)
    choose(dialog, "reject", Key.Key_F3)
    button = dialog.buttons.button(QDialogButtonBox.StandardButton.RestoreDefaults)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert dialog.keymap == told[-1] == load_keymap(path) == Keymap()


def test_a_clash_written_by_hand_is_shown_at_once(qtbot):
    dialog = KeysDialog(Keymap({"undo": ("U",)}))
    qtbot.addWidget(dialog)
    assert "“accept, go on” and “undo”" in dialog.message.text()


def test_what_cannot_be_saved_still_holds(qtbot, tmp_path):
    (tmp_path / "file").write_text("in the way")
    dialog = KeysDialog(Keymap(), path=tmp_path / "file" / "keys.json")
    qtbot.addWidget(dialog)
    dialog.show()
    choose(dialog, "accept", Key.Key_F2)
    assert dialog.keymap.names["F2"] == "accept"
    assert "until you quit" in dialog.message.text()
