"""Run tasks here, on worker processes, or on the machines of a laboratory.

Every result is a file as soon as it is made. What is there already, from the same task, work
and version, is not made again; a lost worker costs only what it was doing.
"""

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Generic

from napari_mespot.batch.cluster_params import ClusterParams
from napari_mespot.batch.outputs import prepare_folder
from napari_mespot.batch.performing import Order, Reply, accept, perform, software
from napari_mespot.batch.task_records import TaskRecord, find_record, task_fingerprint
from napari_mespot.batch.tasks import R, T, TaskOutcome, TaskWork, check_keys
from napari_mespot.progress import Progress, ProgressCallback

if TYPE_CHECKING:
    from napari_mespot.batch.dispatching import OnProgress

__all__ = ["ClusterParams", "run_tasks"]


def run_tasks(
    tasks: Sequence[T],
    work: TaskWork[T, R],
    *,
    out: Path,
    params: ClusterParams | None = None,
    on_progress: Callable[[T, Progress], None] | None = None,
    on_outcome: Callable[[TaskOutcome[T, R]], None] | None = None,
) -> tuple[TaskOutcome[T, R], ...]:
    """Do tasks, each once, and keep the result of each as ``out/KEY.json``.

    An error, or a task that costs several workers their lives, fails that task only. However
    the call ends, the results that were finished remain and are not made again by the next
    call; nor are those of a call that went well.

    Parameters
    ----------
    tasks
        What to do.
    work
        How.
    out
        Folder for the results; made if missing. Workers on other machines should see it under
        the same path; else results are written here once they have come back whole.
    params
        Where the tasks run; None: in this process.
    on_progress
        Called in this thread now and then with a task under way; may raise
        :class:`~napari_mespot.progress.Cancelled`, which ends everything.
    on_outcome
        Called in this thread with every outcome as it comes, results that were there first.

    Returns
    -------
    tuple of TaskOutcome
        One per task, in the order of the tasks.

    Raises
    ------
    ClusterError
        If the scheduler cannot be reached, there are no workers, or they have other versions.
    OutputError
        If `out` cannot be written to.
    ValueError
        If two tasks have one key, or a key cannot name a file.
    """
    params = params or ClusterParams()
    check_keys(tasks)
    prepare_folder(out)
    ledger = _Ledger(work, out, on_outcome)
    rest = [task for task in tasks if not ledger.has(task)]
    orders = [Order(task, work, out.absolute(), software()) for task in rest]
    if orders:
        with closing(_replies(orders, params, on_progress)) as replies:
            for order, reply in replies:
                ledger.enter(order.task, reply)
    return tuple(ledger.outcomes[task.key] for task in tasks)


class _Ledger(Generic[T, R]):
    """The outcomes so far."""

    def __init__(
        self,
        work: TaskWork[T, R],
        out: Path,
        on_outcome: Callable[[TaskOutcome[T, R]], None] | None,
    ) -> None:
        self.outcomes: dict[str, TaskOutcome[T, R]] = {}
        self._work, self._out, self._on_outcome = work, out, on_outcome
        self._notices: dict[str, tuple[str, ...]] = {}

    def has(self, task: T) -> bool:
        """Take the result of a task from its file, if it is there."""
        record, notice = find_record(self._out, task.key, task_fingerprint(task, self._work))
        self._notices[task.key] = (notice,) if notice else ()
        if record is None:
            return False
        self._add(self._outcome(task, record, reused=True))
        return True

    def enter(self, task: T, reply: Reply) -> None:
        """Take the result of a task from a reply."""
        if reply.error:
            self._add(TaskOutcome(task, error=reply.error, warnings=self._notices[task.key]))
        else:
            self._add(self._outcome(task, accept(self._out, reply), reused=False))

    def _outcome(self, task: T, record: TaskRecord, *, reused: bool) -> TaskOutcome[T, R]:
        return TaskOutcome(
            task,
            self._work.decode(record.result),
            warnings=self._notices[task.key],
            reused=reused,
            seconds=record.seconds,
        )

    def _add(self, outcome: TaskOutcome[T, R]) -> None:
        self.outcomes[outcome.task.key] = outcome
        if self._on_outcome is not None:
            self._on_outcome(outcome)


def _replies(
    orders: Sequence[Order[T, R]], params: ClusterParams, on_progress: "OnProgress[T] | None"
) -> Generator[tuple[Order[T, R], Reply], None, None]:
    if not params.in_process:
        # dask takes half a second to import, and most runs need none.
        from napari_mespot.batch.dispatching import dispatched

        yield from dispatched(orders, params, on_progress)
        return
    for order in orders:
        yield order, perform(order, _of_task(on_progress, order.task))


def _of_task(on_progress: "OnProgress[T] | None", task: T) -> ProgressCallback | None:
    if on_progress is None:
        return None
    return lambda progress: on_progress(task, progress)
