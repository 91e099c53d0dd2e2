"""The append-only journal: every edit is on the disk before anybody is told that it is made.

A line is one JSON value. The first holds the review that the journal starts from, every other
one a change and its number. A line without its end was cut off by a crash before the edit was
acknowledged, and is passed over. The journal is written anew only when a session file holds
everything that it held. A damaged one, or one of a later version, is read as far as it goes, and
never replaced before a copy of it lies beside it.

Scores are long, and every undo over a run brings those before it back. So a journal holds the
numbers of each run once, at the first step that has them, and else only says which they are;
those of its first review lie in the session file.
"""

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from napari_mespot.errors import AnnotationFormatError, OutputError
from napari_mespot.gui.documents import (
    Change,
    ScoresOf,
    change_from_json,
    change_to_json,
    review_from_json,
    review_to_json,
    scores_of_from_json,
    scores_of_to_json,
)
from napari_mespot.gui.keeping import put_aside
from napari_mespot.gui.review import Review
from napari_mespot.io import atomic_write
from napari_mespot.model import ScoreSignal
from napari_mespot.model.bounds import whole_number

__all__ = ["Entry", "Journal", "JournalContent", "read_journal"]

_FORMAT, _VERSION = "napari-mespot journal", 1
_DAMAGED = (ValueError, KeyError, TypeError, ArithmeticError, RecursionError)


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
    base
        The review it starts from, without scores; None if its first line cannot be read.
    number
        Number of the last step that `base` holds; without one, of the step before the first that
        can be read.
    base_scores
        Which scores that review has; None in a journal of an earlier version, which does not say.
    entries
        The steps since that can be read, in order and without a gap.
    n_steps
        How many steps the file holds, readable or not.
    n_bytes
        Length of the sound part of the file.
    damage
        What is wrong with the rest, in a few words; empty if nothing.
    """

    base: Review | None
    number: int
    base_scores: ScoresOf | None
    entries: tuple[Entry, ...]
    n_steps: int
    n_bytes: int
    damage: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether nothing but a line cut off by a crash follows the sound part."""
        return not self.damage

    @property
    def last_number(self) -> int:
        """Number of the last step."""
        return self.entries[-1].number if self.entries else self.number

    @property
    def scores(self) -> dict[str, ScoreSignal]:
        """Numbers of the runs that it holds, by digest."""
        runs = [self.base_scores, *(entry.change.scores for entry in self.entries)]
        return {run.digest: run.signal for run in runs if run is not None and run.signal}

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
        self._known: set[str] = set()  # digests of the scores that need not be written any more

    @classmethod
    def begin(
        cls, path: Path, base: Review, number: int = 0, *, with_scores: bool = False
    ) -> "Journal":
        """Start a journal from a review that is safe elsewhere, or is the very beginning.

        Parameters
        ----------
        with_scores
            Whether the numbers of its scores lie nowhere else.

        Raises
        ------
        OutputError
            If it cannot be written.
        """
        journal = cls(path, number)
        journal.restart(base, with_scores=with_scores)
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
        journal._known = set(content.scores)
        if content.base_scores is not None:
            journal._known.add(content.base_scores.digest)
        try:
            whole = path.read_bytes()
            if not content.is_whole:
                put_aside(path)
            if len(whole) > content.n_bytes:
                with atomic_write(path) as file:
                    file.write(whole[: content.n_bytes])
            journal._open()
        except OSError as error:
            raise _not_writable(path, error) from error
        return journal

    def restart(self, base: Review, *, with_scores: bool = False) -> None:
        """Begin anew from a review that is safe elsewhere, unless `with_scores` but for those.

        Raises
        ------
        OutputError
            If it cannot be written. The journal then stays as it was.
        """
        self.close()
        header: dict[str, Any] = {"format": _FORMAT, "version": _VERSION, "number": self.number}
        header["base"] = review_to_json(base)
        scores = ScoresOf.of(base)
        header["scores"] = scores_of_to_json(scores, () if with_scores else {scores.digest})
        with atomic_write(self.path) as file:
            file.write(_line(header))
        self._known = {scores.digest}
        try:
            self._open()
        except OSError as error:
            raise _not_writable(self.path, error) from error

    def append(self, label: str, change: Change) -> None:
        """Put a step on the disk; it is safe when this returns.

        Raises
        ------
        OutputError
            If it cannot be written. The journal then stays as it was.
        """
        document = {"number": self.number + 1, "label": label, "at": _now()}
        document.update(change_to_json(change, self._known))
        try:
            if self._file is None:
                self._open()
            _write_whole(self._file, _line(document))
        except OSError as error:
            raise _not_writable(self.path, error) from error
        self.number += 1
        if change.scores is not None:
            self._known.add(change.scores.digest)

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _open(self) -> None:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0)
        self._file = os.open(self.path, flags, 0o666)


def read_journal(path: Path) -> JournalContent | None:
    """Read a journal as far as it is whole; None if there is none, or nothing in it.

    Raises
    ------
    AnnotationFormatError
        If the file is there and the system does not let us read it.
    """
    try:
        lines = path.read_bytes().split(b"\n")  # behind the last line end: cut off
    except FileNotFoundError:
        return None
    except OSError as error:
        raise AnnotationFormatError(
            f"{path}: expected to read the edits that are not in the session file yet, got: "
            f"{error.strerror or error}; allow reading it, or move it away"
        ) from None
    if lines == [b""]:
        return None
    start = _start(lines[0]) if len(lines) > 1 else _BAD_START
    number = None if isinstance(start, str) else start[1]
    readable = not isinstance(start, str) or start == _BAD_START
    entries = _entries(lines[1:-1], number) if readable else ()
    n_steps = len(lines[1:-1])
    if isinstance(start, str):
        before = entries[0].number - 1 if entries else 0
        return JournalContent(None, before, None, entries, n_steps, 0, start)
    n_bytes = sum(len(line) + 1 for line in lines[: 1 + len(entries)])
    damage = f"step {len(entries) + 1} cannot be read" if len(entries) < n_steps else ""
    return JournalContent(*start, entries, n_steps, n_bytes, damage)


_BAD_START = "its first line cannot be read"


def _start(line: bytes) -> tuple[Review, int, ScoresOf | None] | str:
    """Return the review that a journal starts from, its number and scores, or what is wrong."""
    try:
        header = json.loads(line)
        if header["format"] != _FORMAT:
            return "it is a file of another kind"
        if header["version"] != _VERSION:
            return f"it is of version {header['version']!r}, made by a later napari-mespot"
        scores = scores_of_from_json(header["scores"]) if "scores" in header else None
        return review_from_json(header["base"]), whole_number(header["number"]), scores
    except _DAMAGED:
        return _BAD_START


def _entries(lines: list[bytes], number: int | None) -> tuple[Entry, ...]:
    """Return the steps up to the first that cannot be read, or that follows a gap."""
    entries: list[Entry] = []
    for line in lines:
        try:
            entry = _entry(json.loads(line))
        except _DAMAGED:
            break  # what follows a damaged step cannot be applied
        if number is not None and entry.number != number + 1:
            break
        entries.append(entry)
        number = entry.number
    return tuple(entries)


def _entry(document: dict[str, Any]) -> Entry:
    number, label, at = (
        whole_number(document["number"]),
        str(document["label"]),
        str(document["at"]),
    )
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
