"""Get the faces of an interval, and their motion, in a thread; only the latest asked for counts."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress

from qtpy.QtCore import QObject, QRunnable, QThreadPool, Signal

from napari_mespot.face.closeup import IntervalFaces
from napari_mespot.progress import Cancelled, Progress, ProgressCallback

__all__ = ["CloseupLoader", "FacesOf"]

#: ``faces_of(first, last, progress)``: the aligned faces of the frames first to last, included.
FacesOf = Callable[[int, int, ProgressCallback], IntervalFaces]

_PROGRESS_EVERY_S = 0.1
_LONGEST_WAIT_S = 30.0


class CloseupLoader(QObject):
    """Computes in a pool's thread and tells in its own.

    Parameters
    ----------
    faces_of
        Called in the thread. Its progress callback raises
        :class:`~napari_mespot.progress.Cancelled` once the result is not wanted any more.
    """

    faces_ready = Signal(object)
    """The :class:`~napari_mespot.face.closeup.IntervalFaces` asked for last."""
    motion_ready = Signal(object)
    """Motion of the same faces, see :func:`~napari_mespot.face.magnify.motion_from_onset`."""
    progressed = Signal(object)
    """A :class:`~napari_mespot.progress.Progress`."""
    failed = Signal(object)
    """The exception that ended it."""
    _arrived = Signal(int, str, object)

    def __init__(self, faces_of: FacesOf, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._faces_of = faces_of
        self._jobs: dict[int, _Job] = {}
        self._ticket = 0
        self._arrived.connect(self._take)

    @property
    def is_busy(self) -> bool:
        """Whether the result asked for last is still to come."""
        return self._ticket in self._jobs

    def request(self, first: int, last: int) -> None:
        """Ask for the faces of the frames `first` to `last`; earlier requests are dropped."""
        self.cancel()
        job = _Job(self._ticket, self._arrived.emit, lambda tell: self._faces_of(first, last, tell))
        self._jobs[self._ticket] = job
        pool = QThreadPool.globalInstance()
        if pool is not None:
            pool.start(job)

    def cancel(self) -> None:
        """Drop what was asked for; nothing of it will be told."""
        self._ticket += 1
        for job in self._jobs.values():
            job.cancelled.set()

    def shut_down(self) -> None:
        """Drop what was asked for and wait until the threads have left it."""
        self.cancel()
        for job in self._jobs.values():
            job.finished.wait(_LONGEST_WAIT_S)
        self._jobs.clear()

    def _take(self, ticket: int, what: str, value: object) -> None:
        if what == "finished":
            self._jobs.pop(ticket, None)
        elif ticket == self._ticket:
            signals = {
                "faces": self.faces_ready,
                "motion": self.motion_ready,
                "progress": self.progressed,
                "failed": self.failed,
            }
            signals[what].emit(value)


class _Job(QRunnable):
    """One request: first the faces, then their motion."""

    def __init__(
        self,
        ticket: int,
        send: Callable[[int, str, object], object],
        faces_of: Callable[[ProgressCallback], IntervalFaces],
    ) -> None:
        super().__init__()
        self.setAutoDelete(False)  # held by the loader until it has finished
        self.cancelled, self.finished = threading.Event(), threading.Event()
        self._ticket, self._send_to, self._faces_of = ticket, send, faces_of
        self._told_at = 0.0

    def run(self) -> None:
        """Work; called by the pool."""
        from napari_mespot.face.magnify import motion_from_onset

        try:
            faces = self._faces_of(self._tell)
            self._send("faces", faces)
            self._send("motion", motion_from_onset(faces.images, progress=self._tell))
        except Cancelled:
            pass
        except Exception as error:  # noqa: BLE001 - handed over, and raised or shown there
            self._send("failed", error)
        finally:
            self._send("finished", None)
            self.finished.set()

    def _tell(self, progress: Progress) -> None:
        if self.cancelled.is_set():
            raise Cancelled
        if time.monotonic() - self._told_at >= _PROGRESS_EVERY_S:
            self._told_at = time.monotonic()
            self._send("progress", progress)

    def _send(self, what: str, value: object) -> None:
        with suppress(RuntimeError):  # the widget is gone
            self._send_to(self._ticket, what, value)
