"""Tasks that can run anywhere: what they are, how they are done, what comes of them.

A task is a frozen, picklable value of paths and params, with a ``key`` that names its result.
It draws its random numbers from seeds of its own, so that its result does not depend on
where, when or beside what it ran.
"""

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from napari_mespot.progress import ProgressCallback

__all__ = ["Task", "TaskOutcome", "TaskWork", "check_keys", "task_key"]

_KEY = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.+-]{0,118}[A-Za-z0-9_+-])?")


class Task(Protocol):
    """A piece of work that needs nothing but its own content."""

    @property
    def key(self) -> str:
        """Name of the task and of its result file: letters, digits and ``_ . + -``."""
        ...


T = TypeVar("T", bound=Task)
R = TypeVar("R")


@dataclass(frozen=True)
class TaskWork(Generic[T, R]):
    """How tasks of one sort are done, and how their results become JSON.

    Parameters
    ----------
    run
        Does a task: a function of a module, called as ``run(task, progress)``. What it raises
        as :class:`~napari_mespot.errors.MespotError` ends this task only. It may be called
        again for the same task after a worker was lost, and finds then what it left behind in
        folders of its own.
    encode
        Result to JSON values. Floats survive to the last bit.
    decode
        JSON values to result. Every result goes through both, so that one that was read from
        a file equals one that has just been made; tuples come as lists.
    version
        To be raised when the same task gives other results than before.
    """

    run: Callable[[T, ProgressCallback | None], R]
    encode: Callable[[R], Any]
    decode: Callable[[Any], R]
    version: int = 1


@dataclass(frozen=True)
class TaskOutcome(Generic[T, R]):
    """What came of one task.

    Parameters
    ----------
    task
        The task.
    result
        Its result; None if it failed.
    error
        One line that says what went wrong; empty if nothing did.
    warnings
        One-line texts for the user.
    reused
        Whether the result was there before.
    seconds
        Time that the task took, when it was done.
    """

    task: T
    result: R | None = None
    error: str = ""
    warnings: tuple[str, ...] = ()
    reused: bool = False
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether there is a result."""
        return not self.error


def task_key(name: str) -> str:
    """Return a key for any name: readable, and different for names that differ."""
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:10]
    plain = re.sub(r"[^A-Za-z0-9_-]+", "_", name).strip("_-")[:60]
    return f"{plain or 'task'}-{digest}"


def check_keys(tasks: Sequence[Task]) -> None:
    """See that every task has a key of its own that a file can be named after.

    Raises
    ------
    ValueError
        If not.
    """
    seen: set[str] = set()
    for task in tasks:
        if not _KEY.fullmatch(task.key):
            raise ValueError(f"Expected a key of letters, digits and _ . + -, got {task.key!r}")
        if task.key.casefold() in seen:  # one file on some systems
            raise ValueError(f"Expected keys that differ, got {task.key!r} twice")
        seen.add(task.key.casefold())
