"""Results of tasks as files: written whole, found again, and known to be this task's."""

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from fractions import Fraction
from pathlib import Path, PurePath
from typing import Any

from pydantic import BaseModel

from napari_mespot._version import __version__
from napari_mespot.batch.tasks import Task, TaskWork
from napari_mespot.io import atomic_write

__all__ = [
    "TaskRecord",
    "find_record",
    "record_path",
    "recorded",
    "task_fingerprint",
    "write_record",
]

_FORMAT = "mespot task result 1"


@dataclass(frozen=True, slots=True)
class TaskRecord:
    """A result with what it was made from.

    Parameters
    ----------
    key
        Of the task.
    fingerprint
        See :func:`task_fingerprint`.
    seconds
        Time that the task took.
    result
        JSON values.
    """

    key: str
    fingerprint: str
    seconds: float
    result: Any

    def to_text(self) -> str:
        """Return the record as JSON. NaN and infinity are written as Python does."""
        content = {field.name: getattr(self, field.name) for field in fields(self)}
        return json.dumps({"format": _FORMAT, "mespot": __version__, **content}, indent=1)

    @classmethod
    def from_text(cls, text: str) -> "TaskRecord":
        """Read what :meth:`to_text` wrote.

        Raises
        ------
        ValueError
            If it is anything else.
        """
        content = json.loads(text)
        if not isinstance(content, dict) or content.get("format") != _FORMAT:
            raise ValueError("Expected the record of a task")
        try:
            return cls(**{field.name: content[field.name] for field in fields(cls)})
        except KeyError as error:
            raise ValueError(f"Expected {error} in the record of a task") from None


def task_fingerprint(task: Task, work: "TaskWork[Any, Any]") -> str:
    """Return a digest of all that decides a task's result: content, work and version.

    Files that the task names count by their paths only: a task that must notice changed files
    carries their size, time or digest itself.

    Raises
    ------
    TypeError
        If the task holds anything but plain values, paths, enums, fractions, dataclasses,
        pydantic models and collections of these.
    """
    name = f"{work.run.__module__}.{work.run.__qualname__}"
    content = {"task": _plain(task), "work": name, "version": work.version, "mespot": __version__}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def record_path(out: Path, key: str) -> Path:
    """Return where the result of a task lies."""
    return out / f"{key}.json"


def write_record(out: Path, record: TaskRecord) -> None:
    """Write a result, whole or not at all; the folder is made if another run took it away.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    with suppress(OSError):  # else writing says what is wrong
        out.mkdir(exist_ok=True)
    with atomic_write(record_path(out, record.key)) as file:
        file.write(record.to_text().encode())


def recorded(out: Path, key: str) -> TaskRecord | None:
    """Return the record of a task, whatever it was made from; None if none can be read."""
    try:
        return TaskRecord.from_text(record_path(out, key).read_bytes().decode())
    except (OSError, ValueError, RecursionError):
        return None


def find_record(out: Path, key: str, fingerprint: str) -> tuple[TaskRecord | None, str]:
    """Return the result of a task, if it is there and still holds.

    Returns
    -------
    record
        None if there is none, or none that can be used.
    notice
        Why a result that is there cannot be used; else empty.
    """
    path = record_path(out, key)
    try:
        record = TaskRecord.from_text(path.read_bytes().decode())
    except FileNotFoundError:
        return None, ""
    except (OSError, ValueError, RecursionError):
        return None, f"{path}: cannot be read as a result, so {key} is done again"
    if record.key != key or record.fingerprint != fingerprint:
        return None, (
            f"{path}: made from other data or settings, or by another version, so {key} is done "
            "again"
        )
    return record, ""


def _plain(value: object) -> object:
    """Turn a value into JSON values that are the same for equal values in every process."""
    if isinstance(value, Enum):
        return ["Enum", type(value).__qualname__, value.name]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, PurePath | Fraction | bytes):
        kind = next(k for k in (PurePath, Fraction, bytes) if isinstance(value, k))
        return [kind.__name__, value.hex() if isinstance(value, bytes) else str(value)]
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return _plain_collection(value)


def _plain_collection(value: object) -> object:
    if isinstance(value, BaseModel):
        members = {name: getattr(value, name) for name in type(value).model_fields}
        return [type(value).__qualname__, _plain(members)]
    if is_dataclass(value) and not isinstance(value, type):
        members = {field.name: getattr(value, field.name) for field in fields(value)}
        return [type(value).__qualname__, _plain(members)]
    if isinstance(value, Mapping):
        return {"mapping": sorted(([_plain(k), _plain(v)] for k, v in value.items()), key=repr)}
    if isinstance(value, set | frozenset):
        return {"set": sorted((_plain(item) for item in value), key=repr)}
    raise TypeError(f"Expected plain values in a task, got {type(value).__name__}")
