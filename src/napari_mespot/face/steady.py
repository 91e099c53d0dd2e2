"""Smooth the transforms of a stream over a short time, with constant memory.

A Savitzky–Golay filter (second order) needs the frames after the present one as well, so
frames come out half a window later than they went in. Nothing is smoothed across a break.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from napari_mespot.face.tracked import TrackedFrame

__all__ = ["smoothing_window", "steady"]

_ORDER = 2
_Luma = NDArray[np.uint8] | None


def smoothing_window(seconds: float, frame_rate: float, from_rate: float) -> int:
    """Return the odd number of frames to smooth over; 1 means no smoothing.

    Parameters
    ----------
    seconds
        Length of the window.
    frame_rate
        Frames per second of the video.
    from_rate
        Below this frame rate nothing is smoothed: the window would span real motion.
    """
    if frame_rate < from_rate:
        return 1
    half = round(seconds * frame_rate / 2)
    return 2 * half + 1 if 2 * half + 1 > _ORDER + 1 else 1


def steady(
    tracked: Iterable[tuple[_Luma, TrackedFrame]], window: int
) -> Iterator[tuple[_Luma, TrackedFrame]]:
    """Smooth the transforms of a stream of frames.

    Equal to ``scipy.signal.savgol_filter(..., window, 2, mode="interp")`` on every unbroken
    run of frames with a face; a run shorter than the window keeps its transforms as they are
    (fewer than four frames) or is smoothed over its own length.

    Parameters
    ----------
    tracked
        Frames with what is known of their face.
    window
        Odd number of frames; at most this many are held back.

    Yields
    ------
    The same frames in the same order, with smoothed transforms.
    """
    if window <= 1:
        yield from tracked
        return
    half = window // 2
    waiting: deque[tuple[_Luma, TrackedFrame]] = deque()
    run: deque[NDArray[np.float64]] = deque(maxlen=window)  # latest transforms of the run
    for luma, frame in tracked:
        breaks = waiting and not _belongs(waiting[-1][1], frame)
        if breaks:
            yield from _finish(waiting, run)
        waiting.append((luma, frame))
        if not frame.found:
            yield waiting.popleft()
            continue
        run.append(frame.transform)
        if len(run) == window and len(waiting) == window:
            # The run has just filled its first window: everything up to its middle is ready.
            yield from _release(waiting, run, window - half)
        elif len(run) == window:
            yield from _release(waiting, run, 1)
    yield from _finish(waiting, run)


def _belongs(before: TrackedFrame, now: TrackedFrame) -> bool:
    return before.found and now.found and before.segment == now.segment


def _release(
    waiting: deque[tuple[_Luma, TrackedFrame]], run: deque[NDArray[np.float64]], count: int
) -> Iterator[tuple[_Luma, TrackedFrame]]:
    """Smooth and hand out the oldest waiting frames of a run."""
    transforms = np.stack(run)
    for _ in range(count):
        place = len(run) - len(waiting)
        luma, frame = waiting.popleft()
        weights = _weights(len(run), place)
        smooth: NDArray[np.float64] = np.tensordot(weights, transforms, axes=1)
        yield luma, replace(frame, transform=smooth)


def _finish(
    waiting: deque[tuple[_Luma, TrackedFrame]], run: deque[NDArray[np.float64]]
) -> Iterator[tuple[_Luma, TrackedFrame]]:
    """Hand out the end of a run."""
    if run:
        yield from _release(waiting, run, len(waiting))
    run.clear()


@lru_cache(maxsize=512)
def _weights(length: int, place: int) -> NDArray[np.float64]:
    """Return the weights that fit a parabola to `length` values and read it at `place`."""
    if length <= _ORDER + 1:
        unit: NDArray[np.float64] = np.eye(length)[place]
        return unit
    time = np.arange(length) - place
    design = np.vander(time / length, _ORDER + 1, increasing=True)
    return np.asarray(np.linalg.pinv(design)[0])
