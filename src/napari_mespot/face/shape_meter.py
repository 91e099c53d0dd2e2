"""Measure the shape of the face in some frames of a stream, beside the rest of the work."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import count, cycle

import numpy as np
from numpy.typing import NDArray

from napari_mespot.face.geometry import apply_transform, invert, mean_face, transform_scale
from napari_mespot.face.landmarks import Landmarker, region_of_points
from napari_mespot.face.params import AlignParams
from napari_mespot.face.shape import SHAPE_SIGNALS, shape_signals
from napari_mespot.model import Clock

__all__ = ["ShapeMeter", "frames_due"]

_MOST_WAITING = 8


class ShapeMeter:
    """Measures shapes in a second thread; close it at the end.

    The landmarks are looked for where the transform of the frame puts a mean face, so that the
    net sees the face held still: what its result depends on the framing stays away.

    Parameters
    ----------
    params
        `shape_hz`: how often; `min_landmark_score`: below it nothing is measured.
    clock
        When each frame is shown.

    Raises
    ------
    NoFaceError
        If the landmark model is missing.
    """

    def __init__(self, params: AlignParams, clock: Clock) -> None:
        self._landmarker = Landmarker(params.min_landmark_score)
        self._due = frames_due(clock, params.shape_hz)
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="mespot-shape")
        self._waiting: deque[Future[NDArray[np.float32]]] = deque()

    def add(
        self, image: NDArray[np.uint8] | None, transform: NDArray[np.float64]
    ) -> Future[NDArray[np.float32]]:
        """Take the next frame; its shape, (26,) float32, is ready later.

        Parameters
        ----------
        image
            (H, W) uint8; None if there is no face in it, or no frame.
        transform
            (2, 3) frame → aligned frame.

        Returns
        -------
        All NaN where nothing is measured: without a face, and between two measurements.
        """
        if not next(self._due) or image is None:
            nothing: Future[NDArray[np.float32]] = Future()
            nothing.set_result(_unknown())
            return nothing
        if len(self._waiting) == _MOST_WAITING:
            self._waiting.popleft().result()  # frames are large: no more than these are held
        shape = self._worker.submit(self._measure, image, transform)
        self._waiting.append(shape)
        return shape

    def close(self) -> None:
        """End the thread; what it has not begun is left."""
        self._worker.shutdown(cancel_futures=True)

    def _measure(
        self, image: NDArray[np.uint8], transform: NDArray[np.float64]
    ) -> NDArray[np.float32]:
        region = region_of_points(apply_transform(invert(transform), mean_face()))
        found = self._landmarker.measure(image, region)
        if found is None:
            return _unknown()
        mesh = np.empty((468, 3))
        mesh[:, :2] = apply_transform(transform, found.points[:, :2])
        mesh[:, 2] = found.points[:, 2] * transform_scale(transform)
        return shape_signals(mesh)


def frames_due(clock: Clock, rate_hz: float) -> Iterator[bool]:
    """Say of every frame, from the first on and without an end, whether it is to be measured.

    At an even frame rate it is every n-th one, which comes nearest to `rate_hz`; else the one
    that is shown nearest to the time when a measurement is due after the last.
    """
    if clock.is_even:
        every = max(1, round(float(clock.rate) / rate_hz))
        yield from cycle([True, *[False] * (every - 1)])
    due = float("-inf")
    now = float(clock.second_of(0))
    for frame in count(1):
        following = float(clock.second_of(frame))
        is_nearest = now + following > 2 * due
        yield is_nearest
        due = now + 1 / rate_hz if is_nearest else due
        now = following


def _unknown() -> NDArray[np.float32]:
    return np.full(len(SHAPE_SIGNALS), np.nan, np.float32)
