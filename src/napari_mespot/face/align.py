"""From grey frames to aligned crops, one by one, in constant memory."""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from napari_mespot.face.cuts import CutFinder
from napari_mespot.face.params import AlignParams
from napari_mespot.face.steady import smoothing_window, steady
from napari_mespot.face.tracked import TrackedFrame
from napari_mespot.face.tracker import FaceTracker
from napari_mespot.face.warp import Cropper

__all__ = ["AlignedFrame", "align_frames"]


@dataclass(frozen=True, slots=True, eq=False)
class AlignedFrame:
    """One frame's crop, (crop_px, crop_px) uint8, and what is known about it.

    `transform` is (2, 3), frame → crop. Without a face the crop repeats the last one. `begins`
    says that nothing should be compared with what was before: a cut, or another person.
    """

    image: NDArray[np.uint8]
    found: bool
    confidence: float
    transform: NDArray[np.float64]
    begins: bool = False


def align_frames(
    frames: Iterable[NDArray[np.uint8] | None],
    tracker: FaceTracker,
    params: AlignParams,
    frame_rate: float,
    cuts: CutFinder | None = None,
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

    Yields
    ------
    One aligned frame for every frame, in order.
    """
    window = smoothing_window(params.smoothing_s, frame_rate, params.smoothing_min_fps)
    cropper = Cropper(params.crop_px, supersample=params.supersample)
    image = np.zeros((params.crop_px, params.crop_px), np.uint8)
    cuts = CutFinder(frame_rate) if cuts is None else cuts
    segment = 0
    waiting: deque[AlignedFrame] = deque()  # until it is known whether they begin a shot
    given = 0
    for luma, face in steady(_tracked(frames, tracker, cuts), window):
        if face.found and luma is not None:
            if face.segment != segment:
                segment = face.segment
                cropper.settle(face.transform)
            image = cropper.cut(luma, face.transform)
        transform = cropper.to_crop(face.transform)
        waiting.append(AlignedFrame(image, face.found, face.confidence, transform))
        while waiting and given < cuts.decided:
            yield _begun(waiting.popleft(), given, tracker, cuts)
            given += 1
    for frame in waiting:
        yield _begun(frame, given, tracker, cuts)
        given += 1


def _begun(frame: AlignedFrame, number: int, tracker: FaceTracker, cuts: CutFinder) -> AlignedFrame:
    """Say of a frame whether something begins with it."""
    begins = number in cuts.cuts or number in tracker.watch.breaks
    return replace(frame, begins=True) if begins and number else frame


def _tracked(
    frames: Iterable[NDArray[np.uint8] | None], tracker: FaceTracker, cuts: CutFinder
) -> Iterator[tuple[NDArray[np.uint8] | None, TrackedFrame]]:
    for frame in frames:
        sudden = cuts.add(frame)
        face = tracker.update(frame, sudden=sudden)
        cuts.note(face)
        yield frame, face
    cuts.finish()
