"""From grey frames to aligned crops, one by one, in constant memory."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_mespot.face.params import AlignParams
from napari_mespot.face.steady import smoothing_window, steady
from napari_mespot.face.tracker import FaceTracker, TrackedFrame
from napari_mespot.face.warp import Cropper

__all__ = ["AlignedFrame", "align_frames"]


@dataclass(frozen=True, slots=True, eq=False)
class AlignedFrame:
    """One frame's crop, (crop_px, crop_px) uint8, and what is known about it.

    `transform` is (2, 3), frame → crop. Without a face the crop repeats the last one.
    """

    image: NDArray[np.uint8]
    found: bool
    confidence: float
    transform: NDArray[np.float64]


def align_frames(
    frames: Iterable[NDArray[np.uint8] | None],
    tracker: FaceTracker,
    params: AlignParams,
    frame_rate: float,
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

    Yields
    ------
    One aligned frame for every frame, in order.
    """
    window = smoothing_window(params.smoothing_s, frame_rate, params.smoothing_min_fps)
    cropper = Cropper(params.crop_px, supersample=params.supersample)
    image = np.zeros((params.crop_px, params.crop_px), np.uint8)
    segment = 0
    for luma, face in steady(_tracked(frames, tracker), window):
        if face.found and luma is not None:
            if face.segment != segment:
                segment = face.segment
                cropper.settle(face.transform)
            image = cropper.cut(luma, face.transform)
        yield AlignedFrame(image, face.found, face.confidence, cropper.to_crop(face.transform))


def _tracked(
    frames: Iterable[NDArray[np.uint8] | None], tracker: FaceTracker
) -> Iterator[tuple[NDArray[np.uint8] | None, TrackedFrame]]:
    for frame in frames:
        yield frame, tracker.update(frame)
