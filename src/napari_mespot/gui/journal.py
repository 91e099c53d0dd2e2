"""The append-only journal: every edit is on the disk before anybody is told that it is made.

A line is one JSON value. The first holds the review that the journal starts from, every other
one a change and its number. A line without its end was cut off by a crash before the edit was
acknowledged, and is passed over. The journal is written anew only when a session file holds
everything that it held.
"""

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from napari_mespot.errors import OutputError
from napari_mespot.gui.documents import (
    Change,
    change_from_json,
    change_to_json,
    review_from_json,
    review_to_json,
)
from napari_mespot.gui.review import Review
from napari_mespot.io import atomic_write

__all__ = ["Entry", "Journal", "JournalContent", "read_journal"]

_FORMAT = "napari-mespot journal"


@dataclass(frozen=True, slots=True)
class Entry:
    """One step.

    Parameters
    ----------
    number
        Counts up over the life of a session, across saves.
    label
        What was done, in the user's words.
    at
        When, as ISO 8601 in UTC.
    change
        What it changed.
    """

    number: int
    label: str
    at: str
    change: Change


@dataclass(frozen=True, slots=True)
class JournalContent:
    """What a journal holds.

    Parameters
    ----------
    base, number
        The review it starts from, and the number of the last step that this holds.
    entries
        The steps since, in order.
    n_bytes
        Length of the sound part of the file.
    is_whole
        Whether nothing but a line cut off by a crash follows the sound part.
    """

    base: Review
    number: int
    entries: tuple[Entry, ...]
    n_bytes: int
    is_whole: bool

    @property
    def last_number(self) -> int:
        """Number of the last step."""
        return self.entries[-1].number if self.entries else self.number

    def since(self, number: int) -> tuple[Entry, ...]:
        """Return the steps after the one with a number."""
        return tuple(entry for entry in self.entries if entry.number > number)


class Journal:
    """Writes one journal. Use :meth:`begin` or :meth:`resume`.

    Parameters
    ----------
    path
        The file.
    number
        Number of the last step.
    """

    def __init__(self, path: Path, number: int) -> None:
        self.path = path
        self.number = number
        self._file: int | None = None

    @classmethod
    def begin(cls, path: Path, base: Review, number: int = 0) -> "Journal":
        """Start a journal from a review that is safe elsewhere, or is the very beginning.

        Raises
        ------
        OutputError
            If it cannot be written.
        """
        journal = cls(path, number)
        journal.restart(base)
        return journal

    @classmethod
    def resume(cls, path: Path, content: JournalContent) -> "Journal":
        """Go on with a journal that was read; a damaged end is put aside first.

        Raises
        ------
        OutputError
            If it cannot be written.
        """
        journal = cls(path, content.last_number)
        try:
            if not content.is_whole:
                with atomic_write(path.with_name(f"{path.name}.damaged")) as file:
                    file.write(path.read_bytes())
            os.truncate(path, content.n_bytes)
            journal._open()
        except OSError as error:
            raise _not_writable(path, error) from error
        return journal

    def restart(self, base: Review) -> None:
        """Begin anew from a review that is safe elsewhere."""
        self.close()
        header = {"format": _FORMAT, "version": 1, "number": self.number}
        header["base"] = review_to_json(base)
        with atomic_write(self.path) as file:
            file.write(_line(header))
        self._open()

    def append(self, label: str, change: Change) -> None:
        """Put a step on the disk; it is safe when this returns.

        Raises
        ------
        OutputError
            If it cannot be written. The journal then stays as it was.
        """
        document = {"number": self.number + 1, "label": label, "at": _now()}
        document.update(change_to_json(change))
        try:
            if self._file is None:
                self._open()
            _write_whole(self._file, _line(document))
        except OSError as error:
            raise _not_writable(self.path, error) from error
        self.number += 1

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _open(self) -> None:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0)
        self._file = os.open(self.path, flags, 0o666)


def read_journal(path: Path) -> JournalContent | None:
    """Read a journal as far as it is whole; None if there is none or its start is damaged."""
    try:
        lines = path.read_bytes().split(b"\n")[:-1]  # behind the last line end: cut off
    except OSError:
        return None
    try:
        header = json.loads(lines[0])
        if header["format"] != _FORMAT:
            return None
        base, number = review_from_json(header["base"]), int(header["number"])
    except (IndexError, ValueError, KeyError, TypeError):
        return None
    entries: list[Entry] = []
    n_bytes = len(lines[0]) + 1
    for line in lines[1:]:
        try:
            entries.append(_entry(json.loads(line)))
        except ValueError:
            break  # what follows a damaged step cannot be applied
        n_bytes += len(line) + 1
    return JournalContent(base, number, tuple(entries), n_bytes, len(entries) == len(lines) - 1)


def _entry(document: dict[str, Any]) -> Entry:
    try:
        number, label, at = int(document["number"]), str(document["label"]), str(document["at"])
    except (KeyError, TypeError) as error:
        raise ValueError(f"damaged: {error}") from None
    return Entry(number, label, at, change_from_json(document))


def _line(document: dict[str, Any]) -> bytes:
    text = json.dumps(document, ensure_ascii=True, separators=(",", ":"))
    return text.encode("ascii") + b"\n"


def _write_whole(file: int | None, data: bytes) -> None:
    """Append all of `data` and force it to the disk, or leave the file as it was."""
    if file is None:
        raise OSError("the journal is closed")
    size = os.fstat(file).st_size
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(file, rest) :]
        os.fsync(file)
    except OSError:
        os.ftruncate(file, size)
        raise


def _not_writable(path: Path, error: OSError) -> OutputError:
    return OutputError(
        f"{path}: expected to write the last edit there, got: {error.strerror or error}; free "
        "space, or save the session"
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
