"""Videos as tasks: each spotted by whichever worker is free."""

import hashlib
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_mespot.batch.cluster import run_tasks
from napari_mespot.batch.cluster_params import ClusterParams
from napari_mespot.batch.job import JobOutcome, SpottingJob
from napari_mespot.batch.outputs import prepare_folder
from napari_mespot.batch.spot_job import spot_job
from napari_mespot.batch.task_records import record_path, recorded
from napari_mespot.batch.tasks import TaskOutcome, TaskWork, task_key
from napari_mespot.frames.fingerprint import file_fingerprint, folder_fingerprint
from napari_mespot.io import result_facts
from napari_mespot.progress import Progress, ProgressCallback

if TYPE_CHECKING:
    from napari_mespot.network.checkpoint import Checkpoint

__all__ = ["RECORDS_FOLDER", "spot_on_workers"]

# Beside the results while a batch has not come to its end.
RECORDS_FOLDER = ".mespot-batch"


@dataclass(frozen=True)
class _SpottingTask:
    """A job that means the same on every machine, and notices changed files."""

    key: str
    job: SpottingJob
    checkpoint_digest: str
    digests: tuple[str, ...]


def spot_on_workers(
    jobs: Sequence[SpottingJob],
    cluster: ClusterParams,
    *,
    on_progress: Callable[[SpottingJob, Progress], None] | None = None,
    on_outcome: Callable[[JobOutcome], None] | None = None,
) -> tuple[JobOutcome, ...]:
    """Spot videos on workers, as :func:`~napari_mespot.batch.runner.spot_videos` says.

    While videos fail or are missing, a folder beside the results remembers which are done;
    the next call with the same files and settings does only the others. Once all is well the
    folder goes, and another call begins anew.

    Raises
    ------
    ClusterError
        If the workers cannot be used.
    OutputError
        If the folder of the results cannot be written to.
    """
    if not jobs:
        return ()
    records = jobs[0].out / RECORDS_FOLDER
    prepare_folder(records)
    tasks = [_task(job) for job in jobs]
    own_job = dict(zip((task.key for task in tasks), jobs, strict=True))
    _forget_removed(records, tasks)

    def progressed(task: _SpottingTask, progress: Progress) -> None:
        if on_progress is not None:
            on_progress(own_job[task.key], progress)

    def came(outcome: TaskOutcome[_SpottingTask, Any]) -> None:
        if on_outcome is not None:
            on_outcome(_outcome(own_job[outcome.task.key], outcome))

    done = run_tasks(
        tasks, _WORK, out=records, params=cluster, on_progress=progressed, on_outcome=came
    )
    if all(outcome.ok for outcome in done):
        _forget(records, tasks)
    return tuple(_outcome(own_job[outcome.task.key], outcome) for outcome in done)


def _task(job: SpottingJob) -> _SpottingTask:
    checkpoint = job.checkpoint
    if checkpoint is not None and checkpoint.endswith(".safetensors"):
        checkpoint = os.path.abspath(checkpoint)
    anywhere = replace(
        job,
        path=job.path.absolute(),
        out=job.out.absolute(),
        checkpoint=checkpoint,
        openface=job.openface and job.openface.absolute(),
        labels=job.labels and job.labels.absolute(),
    )
    return _SpottingTask(
        task_key(f"{job.name}\0{anywhere.out}"),
        anywhere,
        checkpoint_digest="" if checkpoint is None else _digest(Path(checkpoint)),
        digests=tuple(
            _digest(path)
            for path in (anywhere.path, anywhere.openface, anywhere.labels)
            if path is not None
        ),
    )


def _digest(path: Path) -> str:
    """Return a digest that changes with the file or folder; empty if it cannot be read."""
    try:
        if path.is_dir():
            return folder_fingerprint(sorted(entry for entry in path.iterdir() if entry.is_file()))
        return file_fingerprint(path) if path.is_file() else ""
    except OSError:
        return ""


def _forget(records: Path, tasks: Sequence[_SpottingTask]) -> None:
    """Remove the records of this run, and the folder unless another run uses it."""
    for task in tasks:
        record_path(records, task.key).unlink(missing_ok=True)
    with suppress(OSError):
        records.rmdir()


def _forget_removed(records: Path, tasks: Sequence[_SpottingTask]) -> None:
    """Let videos be done again whose results are gone, or are those of another run."""
    for task in tasks:
        record = recorded(records, task.key)
        if record is not None and not _still_there(task.job, record.result):
            record_path(records, task.key).unlink(missing_ok=True)


def _still_there(job: SpottingJob, result: Any) -> bool:
    """Whether the files of a record lie there as they were written, or as a person left them."""
    digests = result.get("digests") if isinstance(result, dict) else None
    if not isinstance(digests, dict):
        return False
    wanted = [f"{job.name}.{suffix}" for suffix in ("intervals.csv", "scores.csv")]
    wanted += [f"{job.name}.png"] if job.plot else []
    return set(wanted) <= set(digests) and all(
        _digest_of(job.out / name) == digests[name] or _is_edited_table(job.out / name)
        for name in wanted
    )


def _is_edited_table(path: Path) -> bool:
    """Whether a table was written by a run and changed by a person: it is kept as it is."""
    try:
        data = path.read_bytes()
    except OSError:
        return False
    return path.name.endswith(".intervals.csv") and result_facts(data) is None


def _digest_of(path: Path) -> str:
    """Return the digest of a result; empty if it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def _run(task: _SpottingTask, progress: ProgressCallback | None) -> JobOutcome:
    return spot_job(task.job, _loaded(task.checkpoint_digest), progress)


@lru_cache(maxsize=1)
def _loaded(checkpoint_digest: str) -> "dict[str | None, Checkpoint]":
    """Return where a worker keeps what it has loaded, until the file is another."""
    return {}


def _encode(outcome: JobOutcome) -> dict[str, object]:
    rate = outcome.frame_rate
    return {
        "warnings": list(outcome.warnings),
        "n_frames": outcome.n_frames,
        "frame_rate": None if rate is None else str(rate),
        "n_with_face": outcome.n_with_face,
        "n_me": outcome.n_me,
        "n_mae": outcome.n_mae,
        "files": [path.name for path in outcome.files],
        "digests": {path.name: _digest_of(path) for path in outcome.files},
    }


def _outcome(job: SpottingJob, outcome: TaskOutcome[_SpottingTask, Any]) -> JobOutcome:
    """Say what came of a task in the words of the job as it was given."""
    if not outcome.ok:
        return JobOutcome(job, error=outcome.error, warnings=outcome.warnings)
    values = dict(outcome.result or {})
    values.pop("digests", None)
    rate = values.pop("frame_rate")
    return JobOutcome(
        job,
        warnings=(*outcome.warnings, *values.pop("warnings")),
        frame_rate=None if rate is None else Fraction(rate),
        files=tuple(job.out / name for name in values.pop("files")),
        seconds=outcome.seconds,
        **values,
    )


_WORK: TaskWork[_SpottingTask, Any] = TaskWork(_run, encode=_encode, decode=dict)
