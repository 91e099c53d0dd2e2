"""Do one long thing at a time in a thread; the window stays free, and no thread stays behind."""

import threading
from collections.abc import Callable
from contextlib import suppress

from qtpy.QtCore import QObject, Signal
from qtpy.QtWidgets import QApplication

from napari_mespot.errors import MespotError
from napari_mespot.progress import Cancelled, Progress

__all__ = ["TaskWorker", "Tell"]

_LONGEST_WAIT_S = 60.0

Tell = Callable[[object], None]
"""Takes a progress, or a part of the result; raises ``Cancelled`` if the run is to end."""
Task = Callable[[Tell], object]


class TaskWorker(QObject):
    """Runs a function in a thread and tells in its own how it goes.

    Of each run exactly one of `finished`, `failed`, `crashed` and `cancelled` is told, when its
    thread has ended; after :meth:`shut_down` nothing is.

    Parameters
    ----------
    name
        Of the thread.
    """

    progressed = Signal(object)
    """A :class:`~napari_mespot.progress.Progress`; ``total`` is 0 where nobody knows."""
    part = Signal(object)
    """A part of the result that is there before the end."""
    finished = Signal(object)
    """What the function returned."""
    failed = Signal(str)
    """Why it could not be done: a line for the user."""
    crashed = Signal(object)
    """An exception that no user's situation explains."""
    cancelled = Signal()
    """It was cancelled."""
    _arrived = Signal(int, str, object)

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._name, self._ticket = name, 0
        self._run: _Run | None = None
        self._arrived.connect(self._take)
        application = QApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self.shut_down)

    @property
    def is_running(self) -> bool:
        """Whether a run has not told its end yet."""
        return self._run is not None

    def start(self, task: Task) -> None:
        """Call `task` in a thread, with a function to which it hands progress and parts.

        Raises
        ------
        RuntimeError
            If another one has not ended.
        """
        if self._run is not None:
            raise RuntimeError("Expected the last run to have ended")
        self._ticket += 1
        self._run = run = _Run(self._name, self._ticket, task, self._arrived.emit)
        self.destroyed.connect(run.stop.set)  # an event, which outlives this object
        run.thread.start()

    def cancel(self) -> None:
        """Ask the run to end soon; `cancelled` tells when it has."""
        if self._run is not None:
            self._run.stop.set()

    def shut_down(self) -> None:
        """End the run, wait for its thread, and tell nothing more of it."""
        run, self._run = self._run, None
        self._ticket += 1
        if run is not None:
            run.stop.set()
            run.thread.join(_LONGEST_WAIT_S)

    def _take(self, ticket: int, what: str, value: object) -> None:
        if ticket != self._ticket or self._run is None:
            return
        if what == "told":
            (self.progressed if isinstance(value, Progress) else self.part).emit(value)
            return
        self._run.thread.join(_LONGEST_WAIT_S)  # it has nothing left to do
        self._run = None
        if what == "finished":
            self.finished.emit(value)
        elif what == "cancelled":
            self.cancelled.emit()
        elif isinstance(value, MespotError):
            self.failed.emit(" ".join(str(value).split()))
        else:
            self.crashed.emit(value)


class _Run:
    """One run: its thread, and the event that ends it."""

    def __init__(
        self, name: str, ticket: int, task: Task, send: Callable[[int, str, object], object]
    ) -> None:
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._ticket, self._task, self._send_to = ticket, task, send

    def _work(self) -> None:
        try:
            end, value = "finished", self._task(self._tell)
        except Cancelled:
            end, value = "cancelled", None
        except Exception as error:  # noqa: BLE001 - handed over, and raised or shown there
            end, value = "failed", error
        self._send(end, value)

    def _tell(self, value: object) -> None:
        if self.stop.is_set():
            raise Cancelled
        self._send("told", value)

    def _send(self, what: str, value: object) -> None:
        with suppress(RuntimeError):  # the worker object is gone
            self._send_to(self._ticket, what, value)
