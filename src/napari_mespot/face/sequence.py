"""The faces of a video: in pieces (:class:`FaceChunk`) or as a whole (:class:`FaceSequence`)."""

from collections.abc import Generator
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from napari_mespot.face.shape import SHAPE_SIGNALS
from napari_mespot.model import Clock, uncommon_clock

__all__ = ["CropStore", "FaceChunk", "FaceSequence", "check_shape"]


@dataclass(frozen=True, slots=True, eq=False)
class FaceChunk:
    """Aligned faces of consecutive frames.

    Parameters
    ----------
    first_frame
        Index of the first frame, from 0.
    images
        (n, crop_px, crop_px) uint8 grey. A frame without a face repeats the last face (black
        before the first).
    found
        (n,) bool: whether the face was found.
    confidence
        (n,) float32, 0 to 1; 0 where the face was not found.
    transforms
        (n, 2, 3) float64, video frame → crop.
    breaks
        Frames of the chunk from which nothing should be compared with what was before: a cut,
        or another person.
    shape
        (n, 26) float32, the shape of the face: numbers as named by
        :data:`~napari_mespot.face.SHAPE_SIGNALS`, NaN in frames in which it was not measured.
        None if it was measured in no frame at all.

    Raises
    ------
    ValueError
        If the shape is of another size.
    """

    first_frame: int
    images: NDArray[np.uint8]
    found: NDArray[np.bool_]
    confidence: NDArray[np.float32]
    transforms: NDArray[np.float64]
    breaks: tuple[int, ...] = ()
    shape: NDArray[np.float32] | None = None

    def __post_init__(self) -> None:
        check_shape(self.shape, len(self.found))

    @property
    def n_frames(self) -> int:
        """Number of frames in the chunk."""
        return len(self.found)


class CropStore(Protocol):
    """Crops that lie in a file: sliced like an array, read only where sliced."""

    @property
    def shape(self) -> tuple[int, ...]:
        """(n, crop_px, crop_px)."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int | slice, /) -> NDArray[np.uint8]: ...


@dataclass(frozen=True, slots=True, eq=False)
class FaceSequence:
    """The aligned faces of a whole video.

    Parameters
    ----------
    video_id
        Name of the video.
    frame_rate
        Frames per second.
    images
        (n, crop_px, crop_px) uint8: an array, or a file that is sliced like one (reads only
        the slice).
    found, confidence, transforms
        (n,), (n,) and (n, 2, 3), as in :class:`FaceChunk`.
    warnings
        One-line texts for the user.
    breaks
        Frames from which nothing should be compared with what was before, in order: cuts and
        changes of person.
    times
        When each frame is shown, where that is not frame / `frame_rate`.
    followed
        Which face this is, in words; empty if that is not known.
    shape
        (n, 26) or None, as in :class:`FaceChunk`.

    Raises
    ------
    ValueError
        If not all of these are as long as `found`.
    """

    video_id: str
    frame_rate: Fraction
    images: NDArray[np.uint8] | CropStore
    found: NDArray[np.bool_]
    confidence: NDArray[np.float32]
    transforms: NDArray[np.float64]
    warnings: tuple[str, ...] = ()
    breaks: tuple[int, ...] = ()
    times: Clock | None = None
    followed: str = ""
    shape: NDArray[np.float32] | None = None

    def __post_init__(self) -> None:
        n = len(self.found)
        lengths = (len(self.images), len(self.confidence), len(self.transforms))
        if lengths != (n, n, n):
            raise ValueError(
                f"Expected {n} images, confidences and transforms (as many as found), got {lengths}"
            )
        check_shape(self.shape, n)

    @property
    def clock(self) -> Clock:
        """When each frame is shown."""
        return uncommon_clock(self.times, self.frame_rate) or Clock(self.frame_rate)

    @property
    def n_frames(self) -> int:
        """Number of frames of the video."""
        return len(self.found)

    @property
    def crop_px(self) -> int:
        """Side of the crops, in pixels."""
        return int(self.images.shape[1])

    def chunks(self, size: int = 64) -> Generator[FaceChunk]:
        """Go through the video in chunks of at most `size` frames, in constant memory."""
        for start in range(0, self.n_frames, size):
            part = slice(start, min(start + size, self.n_frames))
            yield FaceChunk(
                start,
                np.asarray(self.images[part], dtype=np.uint8),
                self.found[part],
                self.confidence[part],
                self.transforms[part],
                tuple(frame for frame in self.breaks if part.start <= frame < part.stop),
                None if self.shape is None else self.shape[part],
            )


def check_shape(shape: NDArray[np.float32] | None, n_frames: int) -> None:
    """Raise ValueError unless there is no shape, or that of every frame."""
    if shape is not None and shape.shape != (n_frames, len(SHAPE_SIGNALS)):
        raise ValueError(
            f"Expected the shape of {n_frames} frames, ({n_frames}, {len(SHAPE_SIGNALS)}), got "
            f"{shape.shape}"
        )
