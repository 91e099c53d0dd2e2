"""An error that nobody has foreseen: it ends one task, and its traceback goes to a file."""

import traceback
from contextlib import suppress
from pathlib import Path

from napari_mespot.errors import OutputError
from napari_mespot.io import atomic_write

__all__ = ["unforeseen"]


def unforeseen(error: Exception, folder: Path | None, name: str) -> str:
    """Return one line about an error of the program, and leave its traceback in a file.

    Parameters
    ----------
    error
        What was raised.
    folder
        Where ``NAME.error.txt`` is written; None, or one that cannot be written to: nowhere.
    name
        Of the task.
    """
    said = " ".join(f"{type(error).__name__}: {error}".split())
    text = "".join(traceback.format_exception(error))
    advice = "please report it"
    if folder is not None:
        path = folder / f"{name}.error.txt"
        with suppress(OutputError, OSError, ValueError):
            with atomic_write(path) as file:
                file.write(text.encode("utf-8", errors="backslashreplace"))
            advice = f"please report it with {path}"
    return f"{name}: expected no error of the program itself, got {said}; {advice}"
