"""Second copies of files that are about to be replaced."""

import os
import shutil
from itertools import count
from pathlib import Path

__all__ = ["duplicate", "put_aside"]


def duplicate(path: Path, other: Path) -> None:
    """Let a second name lead to a file, or copy it where the disk knows no such names.

    Good for files that are only ever replaced whole, never changed in place.

    Raises
    ------
    OSError
        If neither can be done; `other` is then not there.
    """
    other.unlink(missing_ok=True)
    try:
        os.link(os.path.realpath(path), other)
    except OSError:
        try:
            shutil.copy2(path, other)
            with other.open("rb+") as file:
                os.fsync(file.fileno())
        except OSError:
            other.unlink(missing_ok=True)
            raise


def put_aside(path: Path) -> Path:
    """Keep what a damaged file holds as ``NAME.damaged`` beside it, and return that path.

    What was put aside before stays: the next are ``NAME.2.damaged``, ``NAME.3.damaged``.

    Raises
    ------
    OSError
        If it cannot be kept.
    """
    for number in count(1):
        part = f".{number}" if number > 1 else ""
        other = path.with_name(f"{path.name}{part}.damaged")
        if not other.exists():
            break
    duplicate(path, other)
    return other
