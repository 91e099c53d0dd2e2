"""Spot a video in a thread of its own; the window stays free, and no thread stays behind."""

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, Signal
from qtpy.QtWidgets import QApplication

from napari_mespot.errors import FrameReadError, MespotError
from napari_mespot.face import FaceCache
from napari_mespot.frames import open_frames
from napari_mespot.progress import Cancelled, Progress
from napari_mespot.spotting.params import SpottingParams

if TYPE_CHECKING:
    from napari_mespot.model import ScoreSignal
    from napari_mespot.spotting import SpottingResult

__all__ = ["THREAD_NAME", "SpotRequest", "SpottingWorker"]

THREAD_NAME = "mespot-spotting"
_LONGEST_WAIT_S = 60.0


@dataclass(frozen=True, slots=True)
class SpotRequest:
    """What is to be spotted, and with what.

    Parameters
    ----------
    path
        The video file or folder of images.
    frame_rate
        Frames per second in place of what the video says; None to believe it.
    n_frames
        Length that the video has in the window; another one is an error.
    checkpoint
        Name of a shipped checkpoint, or a file.
    rules
        Smoothing and thresholds; None for the checkpoint's own.
    device
        ``"auto"``, ``"cpu"``, ``"cuda"``, ``"cuda:1"``, … or ``"mps"``.
    """

    path: Path
    frame_rate: Fraction | None
    n_frames: int
    checkpoint: str | Path
    rules: SpottingParams | None = None
    device: str = "auto"


class SpottingWorker(QObject):
    """Works in a thread and tells in its own; one run at a time.

    The thread opens the video anew, so that looking at it meanwhile disturbs nothing. Of each
    run exactly one of `finished`, `failed`, `crashed` and `cancelled` is told, when its thread
    has let go of the video; after :meth:`shut_down` nothing is.
    """

    progressed = Signal(object)
    """A :class:`~napari_mespot.progress.Progress`; ``total`` is 0 where nobody knows."""
    scores = Signal(object)
    """Scores of the next stretch of frames, a :class:`~napari_mespot.model.ScoreSignal`."""
    finished = Signal(object)
    """The :class:`~napari_mespot.spotting.SpottingResult`."""
    failed = Signal(str)
    """Why it could not be done: a line for the user."""
    crashed = Signal(object)
    """An exception that no user's situation explains."""
    cancelled = Signal()
    """It was cancelled."""
    _arrived = Signal(int, str, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._run: _Run | None = None
        self._ticket = 0
        self._arrived.connect(self._take)
        application = QApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self.shut_down)

    @property
    def is_running(self) -> bool:
        """Whether a run has not told its end yet."""
        return self._run is not None

    def start(self, request: SpotRequest) -> None:
        """Begin a run.

        Raises
        ------
        RuntimeError
            If another one has not ended.
        """
        if self._run is not None:
            raise RuntimeError("Expected the last run to have ended")
        self._ticket += 1
        self._run = run = _Run(self._ticket, request, self._arrived.emit)
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
        if what == "progress":
            self.progressed.emit(value)
        elif what == "scores":
            self.scores.emit(value)
        else:
            self._run.thread.join(_LONGEST_WAIT_S)  # it has nothing left to do
            self._run = None
            self._tell_end(what, value)

    def _tell_end(self, what: str, value: object) -> None:
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
        self, ticket: int, request: SpotRequest, send: Callable[[int, str, object], object]
    ) -> None:
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self._work, name=THREAD_NAME, daemon=True)
        self._ticket, self._request, self._send_to = ticket, request, send

    def _work(self) -> None:
        try:
            end, value = "finished", self._spot()
        except Cancelled:
            end, value = "cancelled", None
        except Exception as error:  # noqa: BLE001 - handed over, and raised or shown there
            end, value = "failed", error
        self._send(end, value)

    def _spot(self) -> "SpottingResult | object":
        request = self._request
        self._tell(Progress("opening the video", 0, 0))
        with open_frames(request.path, fps=request.frame_rate) as source:
            if source.n_frames != request.n_frames:
                raise FrameReadError(
                    f"{request.path}: expected {request.n_frames} frames, got {source.n_frames}; "
                    "the file has changed since it was opened: open it again"
                )
            self._tell(Progress("loading the network", 0, 0))
            # Importing torch takes seconds, so that is done here too.
            from napari_mespot.network import load_checkpoint
            from napari_mespot.spotting import spot_video

            checkpoint = load_checkpoint(request.checkpoint)
            self._tell(Progress("looking for the face", 0, 0))
            return spot_video(
                source,
                checkpoint,
                params=request.rules,
                device=request.device,
                cache=FaceCache(),
                progress=self._tell,
                on_scores=self._hand_over,
            )

    def _tell(self, progress: Progress) -> None:
        self._check()
        self._send("progress", progress)

    def _hand_over(self, scores: "ScoreSignal") -> None:
        self._check()
        self._send("scores", scores)

    def _check(self) -> None:
        if self.stop.is_set():
            raise Cancelled

    def _send(self, what: str, value: object) -> None:
        with suppress(RuntimeError):  # the worker object is gone
            self._send_to(self._ticket, what, value)
