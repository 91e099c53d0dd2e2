"""From grey frames to aligned crops, one by one, in constant memory."""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from contextlib import closing, nullcontext
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from napari_mespot.face.cuts import CutFinder
from napari_mespot.face.params import AlignParams
from napari_mespot.face.shape_meter import ShapeMeter
from napari_mespot.face.steady import smoothing_window, steady
from napari_mespot.face.tracked import TrackedFrame
from napari_mespot.face.tracker import FaceTracker
from napari_mespot.face.warp import Cropper
from napari_mespot.model import Clock

__all__ = ["AlignedFrame", "align_frames"]


@dataclass(frozen=True, slots=True, eq=False)
class AlignedFrame:
    """One frame's crop, (crop_px, crop_px) uint8, and what is known about it.

    `transform` is (2, 3), frame → crop. Without a face the crop repeats the last one. `begins`
    says that nothing should be compared with what was before: a cut, or another person.
    `shape` is (26,) float32, NaN where it was not measured; None if it is measured in no frame.
    """

    image: NDArray[np.uint8]
    found: bool
    confidence: float
    transform: NDArray[np.float64]
    begins: bool = False
    shape: NDArray[np.float32] | None = None


def align_frames(
    frames: Iterable[NDArray[np.uint8] | None],
    tracker: FaceTracker,
    params: AlignParams,
    frame_rate: float,
    cuts: CutFinder | None = None,
    clock: Clock | None = None,
) -> Iterator[AlignedFrame]:
    """Align a stream of frames.

    Parameters
    ----------
    frames
        (H, W) uint8 grey frames in order; None for one that could not be decoded.
    tracker
        A new tracker; its counts can be read afterwards.
    params, frame_rate
        How to align, and the frames per second.
    cuts
        A new finder of cuts, if the cuts are to be read afterwards.
    clock
        When each frame is shown; by default at an even rate.

    Yields
    ------
    One aligned frame for every frame, in order.
    """
    cuts = CutFinder(frame_rate) if cuts is None else cuts
    measures = params.shape_hz > 0
    meter = ShapeMeter(params, clock or Clock(Fraction(frame_rate))) if measures else None
    window = smoothing_window(params.smoothing_s, frame_rate, params.smoothing_min_fps)
    steadied = steady(_tracked(frames, tracker, cuts), window)
    waiting: deque[_Waiting] = deque()  # until it is known whether they begin a shot
    given = 0
    with nullcontext() if meter is None else closing(meter):
        for frame in _cropped(steadied, params, meter):
            waiting.append(frame)
            while waiting and given < cuts.decided:
                yield _finished(waiting.popleft(), given, tracker, cuts)
                given += 1
        for frame in waiting:
            yield _finished(frame, given, tracker, cuts)
            given += 1


_Waiting = tuple[AlignedFrame, Future[NDArray[np.float32]] | None]


def _cropped(
    steadied: Iterator[tuple[NDArray[np.uint8] | None, TrackedFrame]],
    params: AlignParams,
    meter: ShapeMeter | None,
) -> Iterator[_Waiting]:
    """Cut the faces out, and have their shapes measured."""
    cropper = Cropper(params.crop_px, supersample=params.supersample)
    image = np.zeros((params.crop_px, params.crop_px), np.uint8)
    segment = 0
    for luma, face in steadied:
        shown = luma if face.found else None
        if shown is not None:
            if face.segment != segment:
                segment = face.segment
                cropper.settle(face.transform)
            image = cropper.cut(shown, face.transform)
        transform = cropper.to_crop(face.transform)
        shape = None if meter is None else meter.add(shown, face.transform)
        yield AlignedFrame(image, face.found, face.confidence, transform), shape


def _finished(
    waiting: _Waiting, number: int, tracker: FaceTracker, cuts: CutFinder
) -> AlignedFrame:
    """Say of a frame whether something begins with it, and of which shape the face is."""
    frame, shape = waiting
    begins = number > 0 and (number in cuts.cuts or number in tracker.watch.breaks)
    return replace(frame, begins=begins, shape=None if shape is None else shape.result())


def _tracked(
    frames: Iterable[NDArray[np.uint8] | None], tracker: FaceTracker, cuts: CutFinder
) -> Iterator[tuple[NDArray[np.uint8] | None, TrackedFrame]]:
    for frame in frames:
        sudden = cuts.add(frame)
        face = tracker.update(frame, sudden=sudden)
        cuts.note(face)
        yield frame, face
    cuts.finish()
