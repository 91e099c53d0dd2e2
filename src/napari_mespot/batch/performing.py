"""Do one task, in this process or in a worker's, with the same result to the last bit."""

import platform
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Generic

from napari_mespot._version import __version__
from napari_mespot.batch.mishaps import unforeseen
from napari_mespot.batch.task_records import (
    TaskRecord,
    find_record,
    record_path,
    task_fingerprint,
    write_record,
)
from napari_mespot.batch.tasks import R, T, TaskWork
from napari_mespot.errors import MespotError
from napari_mespot.progress import Cancelled, ProgressCallback

__all__ = ["Order", "Reply", "accept", "perform", "software", "software_differences"]


@dataclass(frozen=True)
class Order(Generic[T, R]):
    """What a worker is told: the task, how to do it, and where the result belongs.

    Parameters
    ----------
    task, work
        What to do.
    out
        Folder of the results. A worker that does not see it leaves the writing to us.
    software
        Versions that the worker must have, see :func:`software`.
    """

    task: T
    work: TaskWork[T, R]
    out: Path
    software: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Reply:
    """What a worker answers.

    Parameters
    ----------
    text
        The record of the result as JSON; empty if there is none.
    error
        One line that says why this task failed.
    unfit
        One line that says why this worker cannot do any task.
    """

    text: str = ""
    error: str = ""
    unfit: str = ""


def perform(order: Order[T, R], progress: ProgressCallback | None = None) -> Reply:
    """Do a task and write its result; a result that is there already is only read.

    Whatever goes wrong is told in the reply; the traceback of an error that is not one of ours
    (:class:`~napari_mespot.errors.MespotError`) is left in ``KEY.error.txt`` beside the records.
    """
    differences = software_differences(order.software)
    if differences:
        return Reply(unfit=f"a worker with {differences}")
    fingerprint = task_fingerprint(order.task, order.work)
    # A worker that was lost after its work was done has left the result behind.
    record, _ = find_record(order.out, order.task.key, fingerprint)
    if record is not None:
        return Reply(text=record.to_text())
    started = time.perf_counter()
    try:
        with _one_thread():
            result = order.work.run(order.task, progress)
        seconds = time.perf_counter() - started
        record = TaskRecord(order.task.key, fingerprint, seconds, order.work.encode(result))
        if order.out.is_dir():
            write_record(order.out, record)
    except MespotError as error:
        return Reply(error=" ".join(str(error).split()))
    except Cancelled:
        raise
    except Exception as error:  # noqa: BLE001 - one odd task must not end all others
        folder = order.out if order.out.is_dir() else None
        return Reply(error=unforeseen(error, folder, order.task.key))
    return Reply(text=record.to_text())


def accept(out: Path, reply: Reply) -> TaskRecord:
    """Return the record of a reply, and write it where the worker could not.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    record = TaskRecord.from_text(reply.text)
    if not record_path(out, record.key).is_file() or (
        find_record(out, record.key, record.fingerprint)[0] is None
    ):
        write_record(out, record)
    return record


def software() -> dict[str, str]:
    """Return the versions that results may depend on."""
    python = ".".join(platform.python_version_tuple()[:2])
    return {"napari-mespot": __version__, "Python": python} | {
        name: _version(name) for name in ("torch", "numpy")
    }


def software_differences(expected: Mapping[str, str]) -> str:
    """Say in which versions this process differs from what is expected; empty if in none."""
    here = software()
    return ", ".join(
        f"{name} {here.get(name, 'missing')} in place of {wanted}"
        for name, wanted in expected.items()
        if here.get(name) != wanted
    )


def _version(name: str) -> str:
    try:
        return version(name).partition("+")[0]  # builds for a CPU and a GPU go together
    except PackageNotFoundError:
        return "missing"


@contextmanager
def _one_thread() -> Iterator[None]:
    """Let torch use one thread: sums come out differently when cut into more parts."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
