"""Hand tasks to workers, hear of their progress, and take their replies as they come."""

import time
import uuid
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from queue import Empty, SimpleQueue
from typing import Any, Generic, TypeVar

from distributed import Client, Future, KilledWorker, get_worker

from napari_mespot.batch.cluster_params import ClusterParams
from napari_mespot.batch.connection import connected
from napari_mespot.batch.performing import Order, Reply, perform
from napari_mespot.batch.tasks import R, T, Task
from napari_mespot.errors import ClusterError
from napari_mespot.progress import Cancelled, Progress

__all__ = ["OnProgress", "dispatched"]

Anything = TypeVar("Anything")
OnProgress = Callable[[Anything, Progress], None]

# How often a worker tells of its progress, and how often we look up from waiting.
_TELL_S, _LOOK_S, _COUNT_S = 0.5, 0.25, 3.0


def dispatched(
    orders: Sequence[Order[T, R]], params: ClusterParams, on_progress: OnProgress[T] | None
) -> Iterator[tuple[Order[T, R], Reply]]:
    """Yield every order with its reply, in the order in which they come.

    Raises
    ------
    ClusterError
        If the workers cannot be reached, are lost for good, or have other versions.
    """
    with connected(params) as client:
        dispatch = _Dispatch(client, orders, params, on_progress)
        try:
            yield from dispatch.replies()
        finally:
            dispatch.stop()


class _Dispatch(Generic[T, R]):
    """The tasks that wait, those under way, and the inbox for what the workers say."""

    def __init__(
        self,
        client: Client,
        orders: Sequence[Order[T, R]],
        params: ClusterParams,
        on_progress: OnProgress[T] | None,
    ) -> None:
        self._client, self._params, self._on_progress = client, params, on_progress
        self._topic = f"mespot-{uuid.uuid4().hex}"
        self._orders = {f"{self._topic}-{order.task.key}": order for order in orders}
        self._waiting = deque(self._orders)
        self._under_way: dict[str, Future[Reply]] = {}
        self._inbox: SimpleQueue[Future[Reply] | tuple[str, Progress]] = SimpleQueue()
        self._last: tuple[str, Progress] | None = None
        self._counted = self._seen_workers = time.monotonic()
        self._slots = 0
        client.subscribe_topic(self._topic, self._hear)

    def replies(self) -> Iterator[tuple[Order[T, R], Reply]]:
        self._count_slots()
        while self._waiting or self._under_way:
            self._submit()
            message = self._next_message()
            if isinstance(message, Future):
                key = str(message.key)
                del self._under_way[key]
                yield self._orders[key], self._reply(message, self._orders[key].task)
            elif message is not None:
                self._tell(*message)

    def stop(self) -> None:
        """Take back what nobody waits for any more."""
        if self._client.status == "running":
            self._client.unsubscribe_topic(self._topic)
            self._client.cancel(list(self._under_way.values()), force=True)

    def _submit(self) -> None:
        # A process of ours gets one task for each thread: were it lost, the tasks that only
        # wait there would count as tried. A scheduler elsewhere sees all there is to do, since
        # it may start machines accordingly.
        room = len(self._waiting)
        if self._params.scheduler is None:
            room = min(room, max(self._slots, 1) - len(self._under_way))
        for _ in range(room):
            key = self._waiting.popleft()
            future = self._client.submit(
                _perform_on_worker, self._orders[key], self._topic, key, key=key, pure=False
            )
            self._under_way[key] = future
            future.add_done_callback(self._inbox.put)

    def _next_message(self) -> "Future[Reply] | tuple[str, Progress] | None":
        message: Future[Reply] | tuple[str, Progress] | None
        try:
            message = self._inbox.get(timeout=_LOOK_S)
        except Empty:  # told once more what is known, the caller may cancel
            message = self._last if self._last and self._last[0] in self._under_way else None
        if time.monotonic() - self._counted > _COUNT_S:
            self._count_slots()
        return message

    def _count_slots(self) -> None:
        """See how many tasks can run at once, and that there are workers at all."""
        try:
            if self._client.status != "running":
                raise OSError("connection lost")
            self._slots = sum(self._client.nthreads().values())
        except OSError:
            raise _lost_scheduler() from None
        self._counted = time.monotonic()
        if self._slots:
            self._seen_workers = self._counted
        elif self._counted - self._seen_workers > self._params.worker_timeout_s:
            raise ClusterError(
                f"Expected a worker within {self._params.worker_timeout_s:g} s, got none; see "
                "that workers are started and reach the scheduler, then start again: finished "
                "results are kept"
            )

    def _reply(self, future: "Future[Reply]", task: T) -> Reply:
        if future.status in ("cancelled", "lost"):
            raise _lost_scheduler()
        try:
            reply = future.result()
        except KilledWorker as error:
            return Reply(error=_lost_workers(task, error))
        except (ModuleNotFoundError, RuntimeError) as error:
            unfit = _unfit(error)
            if not unfit:
                raise
            reply = Reply(unfit=unfit)
        if reply.unfit:
            raise ClusterError(
                "Expected scheduler and workers with the same software as here, got "
                f"{reply.unfit}; install the same versions on all sides: results could differ"
            )
        return reply

    def _hear(self, event: tuple[float, dict[str, Any]]) -> None:
        """Take a message of a worker; called in the thread of the connection."""
        told = event[1]
        self._inbox.put((told["key"], Progress(told["stage"], told["done"], told["total"])))

    def _tell(self, key: str, progress: Progress) -> None:
        self._last = (key, progress)
        if self._on_progress is not None:
            self._on_progress(self._orders[key].task, progress)


def _unfit(error: Exception) -> str:
    """Say what the other side lacks; empty if the error is our own mistake."""
    if isinstance(error, ModuleNotFoundError):
        name = error.name or ""
        return f"a worker without {name}" if name.startswith("napari_mespot") else ""
    if "deserialization of the task graph" in str(error):
        return "a scheduler that lacks a module or has another version of it"
    return ""


def _lost_workers(task: Task, error: KilledWorker) -> str:
    return (
        f"{task.key}: expected a worker to finish this, got {error.allowed_failures + 1} workers "
        "that ended while at it; mostly their memory was too small: use fewer workers, or "
        "machines with more"
    )


def _lost_scheduler() -> ClusterError:
    return ClusterError(
        "Expected the scheduler to stay until the end, got a lost connection; see that it runs, "
        "then start again: finished results are kept"
    )


def _perform_on_worker(order: Order[T, R], topic: str, key: str) -> Reply:
    """Do a task in a worker, and let the other side hear of it."""
    worker = get_worker()
    told = -_TELL_S

    def progress(value: Progress) -> None:
        nonlocal told
        now = time.monotonic()
        if now - told < _TELL_S:
            return
        told = now
        state = worker.state.tasks.get(key)
        if state is None or state.state == "cancelled":
            raise Cancelled
        message = {"key": key, "stage": value.stage, "done": value.done, "total": value.total}
        worker.log_event(topic, message)

    progress(Progress("starting", 0, 1))
    return perform(order, progress)
