"""Write a file whole or not at all.

The new content goes to a temporary file in the same folder, is flushed to the disk and then
takes the place of the old file in one step. Whatever goes wrong before that step, the old
file stays as it was and the temporary file is removed.
"""

import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import BinaryIO

from napari_mespot.errors import OutputError
from napari_mespot.model.part_files import part_path, sweep_parts

__all__ = ["atomic_write", "replace_together"]


@contextmanager
def atomic_write(path: str | Path) -> Iterator[BinaryIO]:
    """Open `path` for writing so that it changes only if everything succeeds.

    Parameters
    ----------
    path
        The file to make or replace. Its folder must exist. A symbolic link is followed; the
        permissions of a file that is replaced are kept.

    Yields
    ------
    BinaryIO
        The file to write the content to.

    Raises
    ------
    OutputError
        If the file cannot be written: no such folder, no permission, disk full, not a
        regular file. An :class:`OSError` raised inside the ``with`` block counts as such.

    Examples
    --------
    >>> with atomic_write("notes.txt") as file:  # doctest: +SKIP
    ...     file.write(b"all or nothing")
    """
    try:
        target = Path(os.path.realpath(path))
        mode = _mode_of_existing(target)
        temporary = part_path(target)
    except (OSError, ValueError) as error:
        raise _output_error(path, error) from error
    # From here on inside the block that removes the file: the user may interrupt anywhere.
    try:
        with _created(path, temporary) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            temporary.chmod(mode)
        temporary.replace(target)
        _flush_folder(target.parent)
        _sweep_once(target.parent)
    except OSError as error:
        raise _output_error(path, error) from error
    finally:
        with suppress(OSError):
            temporary.unlink()


def replace_together(parts: Mapping[Path, Path]) -> None:
    """Let finished files take the places of others, once all of them can.

    Parameters
    ----------
    parts
        The place of each file, by where it lies now; both in one folder. They are renamed in
        this order. Links and permissions are treated as :func:`atomic_write` treats them.

    Raises
    ------
    OutputError
        If a place cannot be taken; if that shows before the first is renamed, none is.
    """
    places: dict[Path, tuple[Path, int | None]] = {}
    for part, path in parts.items():
        try:
            target = Path(os.path.realpath(path))
            places[part] = target, _mode_of_existing(target)
        except (OSError, ValueError) as error:
            raise _output_error(path, error) from error
    for part, (target, mode) in places.items():
        try:
            if mode is not None:
                part.chmod(mode)
            part.replace(target)
        except OSError as error:
            raise _output_error(parts[part], error) from error
    for folder in {target.parent for target, _ in places.values()}:
        _flush_folder(folder)


@cache
def _sweep_once(folder: Path) -> None:
    """Remove what killed writers have left in a folder; whoever is killed, it is not this one."""
    sweep_parts(folder)


def _created(path: str | Path, temporary: Path) -> BinaryIO:
    """Make a file that was not there before and return it, open for writing."""
    try:
        return os.fdopen(os.open(temporary, _FLAGS, 0o666), "wb")
    except ValueError as error:  # a name that no file can have
        raise _output_error(path, error) from error


_FLAGS = os.O_CREAT | os.O_EXCL | os.O_RDWR | getattr(os, "O_BINARY", 0)


def _mode_of_existing(target: Path) -> int | None:
    """Return the permissions of the file to be replaced; None if there is none."""
    try:
        mode = target.stat().st_mode
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(mode):
        raise IsADirectoryError("it is a folder")
    if not stat.S_ISREG(mode):
        # Renaming over a device or a pipe would remove it.
        raise OSError("it is not a regular file")
    return stat.S_IMODE(mode)


def _flush_folder(folder: Path) -> None:
    """Make the renaming itself survive a power cut, where the system can."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _output_error(path: str | Path, error: Exception) -> OutputError:
    reason = getattr(error, "strerror", None) or str(error)
    return OutputError(
        f"{path}: expected to write this file, got: {reason}; "
        "choose another folder, or free space there and allow writing"
    )
