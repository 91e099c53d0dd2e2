"""The table of keys: defaults, changes, clashes, and its file."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_mespot.errors import OutputError
from napari_mespot.gui.action_table import ACTIONS
from napari_mespot.gui.keymap import (
    NAPARI_KEYS,
    Keymap,
    config_folder,
    load_keymap,
    save_keymap,
    shown_key,
)

NAMES = [action.name for action in ACTIONS]
_KEYS = st.sampled_from(["A", "B", "U", "Ctrl+Z", "[", "F7", "Space"])


def test_the_defaults_do_not_clash():
    assert not Keymap().clashes
    assert not Keymap().taken_from_napari
    assert Keymap().names["U"] == "accept"
    assert len(Keymap().keys) == len(ACTIONS)


def test_a_key_is_taken_from_the_action_that_had_it():
    keymap = Keymap().with_keys("accept", "W", "A")
    assert keymap.keys["accept"] == ("W", "A")
    assert keymap.keys["reject"] == ()
    assert (keymap.names["W"], keymap.names["A"]) == ("accept", "accept")
    assert "U" not in keymap.names
    assert keymap.with_default("accept").with_default("reject") == Keymap()


def test_a_hand_written_clash_is_told_and_the_first_gets_the_key():
    keymap = Keymap({"undo": ("U",)})
    assert keymap.clashes == {"U": ("accept", "undo")}
    assert keymap.names["U"] == "accept"


def test_keys_that_napari_uses_are_told_only_where_the_user_chose_them():
    assert Keymap().with_keys("accept", "V").taken_from_napari == {"V": NAPARI_KEYS["V"]}
    assert not Keymap().with_keys("accept", "L").taken_from_napari  # a default elsewhere


@given(st.dictionaries(st.sampled_from(NAMES), st.lists(_KEYS, max_size=2).map(tuple)))
def test_a_saved_keymap_is_read_as_it_was(tmp_path_factory, changes):
    path = tmp_path_factory.mktemp("keys") / "new" / "keys.json"
    save_keymap(Keymap(changes), path)
    assert load_keymap(path) == Keymap(changes)


@given(st.lists(st.tuples(st.sampled_from(NAMES), _KEYS), max_size=8))
def test_no_change_by_the_dialog_makes_a_clash(changes):
    keymap = Keymap()
    for name, key in changes:
        keymap = keymap.with_keys(name, key)
        assert keymap.names[key] == name
    assert not keymap.clashes


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"format": "other"}', '{"format": "napari-mespot keys", "keys": {"a": "U"}}'],
)
def test_a_damaged_file_gives_the_defaults_and_says_so(tmp_path, text):
    path = tmp_path / "keys.json"
    path.write_text(text)
    texts = []
    assert load_keymap(path, tell=texts.append) == Keymap()
    assert len(texts) == 1
    assert str(path) in texts[0]


def test_no_file_is_no_trouble(tmp_path):
    texts = []
    assert load_keymap(tmp_path / "none.json", tell=texts.append) == Keymap()
    assert not texts


def test_names_of_other_versions_are_passed_over(tmp_path):
    path = tmp_path / "keys.json"
    path.write_text('{"format": "napari-mespot keys", "keys": {"dance": ["D"], "accept": ["F2"]}}')
    assert load_keymap(path).changes == {"accept": ("F2",)}


def test_what_cannot_be_written_is_an_error_of_the_users(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputError):
        save_keymap(Keymap(), tmp_path / "file" / "keys.json")


def test_the_folder_can_be_chosen(monkeypatch, tmp_path):
    monkeypatch.setenv("MESPOT_CONFIG_DIR", str(tmp_path))
    assert config_folder() == tmp_path
    save_keymap(Keymap().with_keys("accept", "F2"))
    assert load_keymap().names["F2"] == "accept"


def test_keys_as_the_user_sees_them():
    assert [shown_key(k) for k in ("Left", "Ctrl+Up", "[", "+", "Ctrl+Z")] == [
        "←",
        "Ctrl+↑",
        "[",
        "+",
        "Ctrl+Z",
    ]
    assert Keymap().shown()["back"] == "←"
    assert Keymap().with_keys("back").shown()["back"] == ""
