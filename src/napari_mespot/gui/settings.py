"""What the user has chosen once and for all: the coding template, and who codes."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from napari_mespot.gui.keymap import config_folder
from napari_mespot.io import atomic_write

__all__ = ["Settings", "load_settings", "save_settings"]


@dataclass(frozen=True, slots=True)
class Settings:
    """Choices that outlive a window.

    Parameters
    ----------
    template
        Path of the laboratory's coding template; empty for the shipped one.
    """

    template: str = ""


def load_settings() -> Settings:
    """Read the user's choices; the defaults where there are none that can be read."""
    try:
        document = json.loads(_path().read_text("utf-8"))
        return Settings(template=str(document["template"]))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return Settings()


def save_settings(settings: Settings) -> None:
    """Write the user's choices, whole or not at all.

    Raises
    ------
    OutputError
        If they cannot be written.
    """
    path = _path()
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_write(path) as file:
        file.write(json.dumps(asdict(settings), indent=1).encode())


def _path() -> Path:
    return config_folder() / "settings.json"
