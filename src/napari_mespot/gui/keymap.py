"""Which key does what: a value that the user can change, kept in a small file.

Keys are written as Qt writes them portably: ``"Ctrl+Z"``, ``"["``, ``"Space"``.
"""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

from platformdirs import user_config_path

from napari_mespot.gui.action_table import ACTIONS
from napari_mespot.io import atomic_write

__all__ = [
    "NAPARI_KEYS",
    "SWITCHED_OFF",
    "Keymap",
    "config_folder",
    "load_keymap",
    "save_keymap",
    "shown_key",
]

_FORMAT, _VERSION = "napari-mespot keys", 1
_DEFAULTS = MappingProxyType({action.name: action.keys for action in ACTIONS})
_SHOWN = {"Left": "←", "Right": "→", "Up": "↑", "Down": "↓", "Return": "↵", "Backspace": "⌫"}

NAPARI_KEYS: Mapping[str, str] = MappingProxyType(
    {
        "V": "shows and hides layers",
        "Shift+V": "shows and hides the other layers",
        "Ctrl+E": "rolls the axes",
        "Ctrl+T": "swaps the axes",
        "Ctrl+Y": "switches to 3D",
        "Ctrl+R": "resets the view",
        "Ctrl+G": "shows layers in a grid",
        "Ctrl+S": "saves the selected layers",
        "Ctrl+Alt+S": "saves all layers",
        "Ctrl+O": "opens files",
        "Ctrl+Shift+O": "opens a folder",
        "Ctrl+Alt+O": "opens files as a stack",
        "Ctrl+N": "makes an image from the clipboard",
        "Ctrl+W": "closes the window",
        "Ctrl+Q": "quits",
        "Ctrl+M": "shows the menu bar",
        "Ctrl+U": "links the cameras of 2D and 3D",
        "Ctrl+F": "goes full screen",
        "Ctrl+,": "opens the preferences",
        "Ctrl+/": "shows the version of napari",
        "Ctrl+C": "copies shapes",
        "Ctrl+V": "pastes shapes",
        "Ctrl+A": "selects all shapes",
        "Ctrl+Alt+P": "toggles the play button",
        "Ctrl+Shift+P": "opens the command palette",
        "Ctrl+Shift+C": "opens the console",
        "Ctrl+Shift+T": "switches between dark and light",
        "Ctrl+Delete": "deletes layers",
        "Ctrl+Backspace": "deletes layers",
        "Ctrl+Up": "selects the layer above",
        "Ctrl+Down": "selects the layer below",
        "Alt+Up": "selects the slider above",
        "Alt+Down": "selects the slider below",
        "Alt+S": "saves a picture of the view",
        "Alt+Shift+S": "saves a picture of the window",
        "Alt+C": "copies a picture of the view",
        "Alt+Shift+C": "copies a picture of the window",
        "Alt+T": "traces its performance",
        "Delete": "deletes the selected shapes",
        "Backspace": "deletes the selected shapes",
        "Return": "ends a drawn shape",
        "Esc": "ends a drawn shape",
        **dict.fromkeys("1234567", "chooses the tool for shapes"),
        **dict.fromkeys("DEILPRSTXZ", "chooses the tool for shapes"),
        "A": "selects all shapes",
        "B": "sends shapes to the back",
        "F": "brings shapes to the front",
        "C": "adjusts the contrast",
        "O": "turns the plane of an image",
        "Y": "turns the plane of an image",
    }
)
"""What napari does with keys; ours come first while a video is under review."""

SWITCHED_OFF: Mapping[str, str] = MappingProxyType(
    {
        **{k: NAPARI_KEYS[k] for k in ("V", "Shift+V", "Ctrl+E", "Ctrl+T", "Ctrl+Y", "Ctrl+G")},
        "1": "moves the layer about",
        "2": "moves the camera",
    }
)
"""Keys of napari that hide, turn or shift the video, and what they do: not during a review."""


@dataclass(frozen=True)
class Keymap:
    """The keys of every action.

    Parameters
    ----------
    changes
        Keys of the actions that the user has given others than the default; an action may
        have none. Names that no action has are passed over.
    """

    changes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        changed = {
            name: tuple(keys)
            for name, keys in self.changes.items()
            if name in _DEFAULTS and tuple(keys) != _DEFAULTS[name]
        }
        object.__setattr__(self, "changes", MappingProxyType(changed))

    @cached_property
    def keys(self) -> Mapping[str, tuple[str, ...]]:
        """Name of an action → its keys."""
        return MappingProxyType({**_DEFAULTS, **self.changes})

    @cached_property
    def names(self) -> Mapping[str, str]:
        """Key → name of the action that it does; of two that want it, the first gets it."""
        found: dict[str, str] = {}
        for name, keys in self.keys.items():
            for key in keys:
                found.setdefault(key, name)
        return MappingProxyType(found)

    @property
    def clashes(self) -> Mapping[str, tuple[str, ...]]:
        """Keys that several actions have → the names of those."""
        wanted: dict[str, list[str]] = {}
        for name, keys in self.keys.items():
            for key in dict.fromkeys(keys):
                wanted.setdefault(key, []).append(name)
        return {key: tuple(names) for key, names in wanted.items() if len(names) > 1}

    @property
    def taken_from_napari(self) -> Mapping[str, str]:
        """Keys by the user's choice that napari uses too → what napari does with them."""
        chosen = {key for keys in self.changes.values() for key in keys}
        defaults = {key for keys in _DEFAULTS.values() for key in keys}
        return {k: text for k, text in NAPARI_KEYS.items() if k in chosen - defaults}

    def shown(self) -> Mapping[str, str]:
        """Name of an action → its first key as it is shown to the user; empty if none."""
        return {name: shown_key(keys[0]) if keys else "" for name, keys in self.keys.items()}

    def with_keys(self, name: str, *keys: str) -> "Keymap":
        """Return a map where an action has these keys, taken from any other that had them.

        Raises
        ------
        KeyError
            If there is no such action.
        """
        if name not in _DEFAULTS:
            raise KeyError(name)
        others = {
            other: tuple(key for key in had if key not in keys)
            for other, had in self.keys.items()
            if other != name
        }
        return Keymap({**others, name: keys})

    def with_default(self, name: str) -> "Keymap":
        """Return a map where an action has its default keys."""
        return self.with_keys(name, *_DEFAULTS[name])


def shown_key(key: str) -> str:
    """Write a key for the user: arrows as arrows."""
    *modifiers, last = key.split("+") if key not in {"+", ""} else [key]
    return "+".join((*modifiers, _SHOWN.get(last, last)))


def config_folder() -> Path:
    """Folder for settings: ``MESPOT_CONFIG_DIR`` or the user's own."""
    chosen = os.environ.get("MESPOT_CONFIG_DIR")
    return Path(chosen) if chosen else user_config_path("napari-mespot", False)


def load_keymap(path: Path | None = None, *, tell: Callable[[str], object] | None = None) -> Keymap:
    """Read the user's keys; the defaults if there are none.

    Parameters
    ----------
    path
        The file; by default ``keys.json`` in :func:`config_folder`.
    tell
        Called with a line for the user if the file is damaged and the defaults are used.
    """
    path = path or config_folder() / "keys.json"
    try:
        return _parsed(json.loads(path.read_text("utf-8")))
    except FileNotFoundError:
        return Keymap()
    except (OSError, ValueError, RecursionError) as error:
        if tell is not None:
            tell(f"{path}: expected a table of keys, got: {error}; the default keys are used")
        return Keymap()


def save_keymap(keymap: Keymap, path: Path | None = None) -> None:
    """Write the user's keys, whole or not at all.

    Raises
    ------
    OutputError
        If they cannot be written.
    """
    path = path or config_folder() / "keys.json"
    document = {
        "format": _FORMAT,
        "version": _VERSION,
        "keys": {name: list(keys) for name, keys in sorted(keymap.changes.items())},
    }
    _make_folder(path.parent)
    with atomic_write(path) as file:
        file.write(json.dumps(document, ensure_ascii=False, indent=1).encode())


def _make_folder(folder: Path) -> None:
    """Make the folder of the settings; what goes wrong shows when the file is written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return


def _parsed(document: Any) -> Keymap:
    if not isinstance(document, dict) or document.get("format") != _FORMAT:
        raise ValueError("a file of another kind")
    keys = document.get("keys")
    if not isinstance(keys, dict) or not all(_is_keys(value) for value in keys.values()):
        raise ValueError("no lists of keys")
    return Keymap(keys)


def _is_keys(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(key, str) and key for key in value)
