"""The faces of one short interval, quickly: from the cache, or by aligning that stretch alone."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from napari_mespot.errors import NoFaceError
from napari_mespot.face.cache import FaceCache
from napari_mespot.face.choice import FaceChoice
from napari_mespot.face.faces import gather, stream_faces
from napari_mespot.face.geometry import ALIGNED_PX, compose, crop_scaling
from napari_mespot.face.params import AlignParams
from napari_mespot.face.prefetch import prefetch
from napari_mespot.face.sequence import FaceSequence
from napari_mespot.face.source import LumaSource
from napari_mespot.face.warp import Cropper
from napari_mespot.progress import ProgressCallback, report

__all__ = ["MAX_INTERVAL_FRAMES", "IntervalFaces", "interval_faces"]

#: Longest interval, in frames: a macro-expression of 4 s at 200 fps and some more.
MAX_INTERVAL_FRAMES = 1000
_SMALLEST_PX, _LARGEST_PX = 32, 224
_STAGE = "aligning faces"
_CHUNK_FRAMES = 16
_READ_AHEAD = 8


@dataclass(frozen=True, slots=True, eq=False)
class IntervalFaces:
    """The aligned faces of consecutive frames of a video, in memory.

    Parameters
    ----------
    video_id
        Name of the video.
    frame_rate
        Frames per second.
    first_frame
        Frame of the video that row 0 belongs to.
    images
        (n, crop_px, crop_px) uint8 grey. A frame without a face repeats the last face, or the
        first one of the interval where there was none before.
    found
        (n,) bool: whether the face was found.
    transforms
        (n, 2, 3) float64, video frame → crop.
    """

    video_id: str
    frame_rate: Fraction
    first_frame: int
    images: NDArray[np.uint8]
    found: NDArray[np.bool_]
    transforms: NDArray[np.float64]

    @property
    def n_frames(self) -> int:
        """Number of frames."""
        return len(self.found)

    @property
    def last_frame(self) -> int:
        """Last frame, included."""
        return self.first_frame + self.n_frames - 1

    @property
    def crop_px(self) -> int:
        """Side of the crops, in pixels."""
        return int(self.images.shape[1])

    def row(self, frame: int) -> int:
        """Return the row of a frame of the video; the nearest one where it lies outside."""
        return min(max(frame - self.first_frame, 0), self.n_frames - 1)


def interval_faces(  # noqa: PLR0913 - first and last are one thing, an interval
    source: LumaSource,
    params: AlignParams,
    first: int,
    last: int,
    cache: FaceCache | None = None,
    *,
    crop_px: int | None = None,
    progress: ProgressCallback | None = None,
    choice: FaceChoice | None = None,
) -> IntervalFaces:
    """Align the faces of the frames from `first` to `last`, both included.

    Where the cache holds the whole video its faces are taken, or cut anew from the video with
    its transforms if another size is asked for. Else the stretch is aligned by itself, which
    frames the face as its first frame shows it; nothing is written into the cache.

    Parameters
    ----------
    source
        The video. Only the frames of the stretch are read.
    params
        How to align; also what the faces are looked up by.
    first, last
        The stretch, 0-based, both ends included, at most :data:`MAX_INTERVAL_FRAMES` frames.
    cache
        Where the faces of the whole video may lie.
    crop_px
        Side of the crops, 32 to 224 pixels; that of `params` if None.
    progress
        Called as the frames come; may raise :class:`~napari_mespot.progress.Cancelled`.
    choice
        Which face of the video; also what the faces are looked up by.

    Raises
    ------
    NoFaceError
        If no frame of the stretch shows a face, or the face models are missing.
    ValueError
        If the stretch is empty, too long or not inside the video, or the size is out of range.
    """
    _check(source, first, last, crop_px)
    size = crop_px or params.crop_px
    stretch = _Stretch(source, first, last)
    stored = cache.load(source, params, choice) if cache is not None else None
    if stored is None:
        faces = _aligned(stretch, params.model_copy(update={"crop_px": size}), progress, choice)
    elif size == params.crop_px:
        rows = slice(first, last + 1)
        images = np.asarray(stored.images[rows], dtype=np.uint8)
        faces = stretch.faces(images, stored.found[rows], stored.transforms[rows])
    else:
        faces = _cut_anew(stretch, stored, params, size, progress)
    if not faces.found.any():
        raise NoFaceError(
            f"No face in frames {first} to {last} of {source.video_id}: expected a face seen from "
            "the front; choose another interval"
        )
    return faces


def _check(source: LumaSource, first: int, last: int, crop_px: int | None) -> None:
    if not 0 <= first <= last < source.n_frames:
        raise ValueError(
            f"Expected 0 <= first <= last < {source.n_frames}, got first={first}, last={last}"
        )
    if last - first + 1 > MAX_INTERVAL_FRAMES:
        raise ValueError(
            f"Expected at most {MAX_INTERVAL_FRAMES} frames, got {last - first + 1} "
            f"({first}..{last})"
        )
    if crop_px is not None and not _SMALLEST_PX <= crop_px <= _LARGEST_PX:
        raise ValueError(f"Expected crop_px from {_SMALLEST_PX} to {_LARGEST_PX}, got {crop_px}")


class _Stretch:
    """Some consecutive frames of a video, as a video of their own."""

    def __init__(self, source: LumaSource, first: int, last: int) -> None:
        self._source, self.first = source, first
        self.video_id = source.video_id
        self.n_frames = last - first + 1
        self.frame_rate = Fraction(source.frame_rate)
        self.clock = source.clock.from_frame(first)
        self.fingerprint = f"{source.fingerprint}/{first}..{last}"

    def iter_luma(
        self, start: int = 0, stop: int | None = None
    ) -> Iterator[NDArray[np.uint8] | None]:
        """Yield the frames of the stretch in order."""
        stop = self.n_frames if stop is None else stop
        return self._source.iter_luma(self.first + start, self.first + stop)

    def faces(
        self,
        images: NDArray[np.uint8],
        found: NDArray[np.bool_],
        transforms: NDArray[np.float64],
    ) -> IntervalFaces:
        """Return faces on the clock of the whole video."""
        missing = int(found.argmax())
        if missing and found.any():
            # Whatever stood before the first face (black, or a face long ago) would flash.
            images = np.concatenate([images[[missing] * missing], images[missing:]])
        return IntervalFaces(self.video_id, self.frame_rate, self.first, images, found, transforms)


def _aligned(
    stretch: _Stretch,
    params: AlignParams,
    progress: ProgressCallback | None,
    choice: FaceChoice | None,
) -> IntervalFaces:
    """Align the stretch by itself; a face of another frame is looked for by its place."""
    follow = None if choice is None else replace(choice, frame=None)
    with stream_faces(
        stretch, params, chunk_frames=_CHUNK_FRAMES, progress=progress, follow=follow
    ) as stream:
        faces = gather(stream, params.crop_px)
    return stretch.faces(np.asarray(faces.images), faces.found, faces.transforms)


def _cut_anew(
    stretch: _Stretch,
    stored: FaceSequence,
    params: AlignParams,
    size: int,
    progress: ProgressCallback | None,
) -> IntervalFaces:
    """Cut crops of another size where the whole video's alignment says the face is."""
    rows = slice(stretch.first, stretch.first + stretch.n_frames)
    found = stored.found[rows].copy()
    back = crop_scaling(params.crop_px, ALIGNED_PX)
    transforms = np.array([compose(back, transform) for transform in stored.transforms[rows]])
    cropper = Cropper(size, supersample=params.supersample)
    cropper.settle(transforms[int(found.argmax())])
    images = np.zeros((stretch.n_frames, size, size), np.uint8)
    frames = prefetch(stretch.iter_luma(), _READ_AHEAD)
    with closing(frames):
        for row, luma in enumerate(frames):
            found[row] &= luma is not None
            if found[row] and luma is not None:
                images[row] = cropper.cut(luma, transforms[row])
            elif row:
                images[row] = images[row - 1]
            report(progress, _STAGE, row + 1, stretch.n_frames)
    to_crop = np.array([cropper.to_crop(transform) for transform in transforms])
    return stretch.faces(images, found, to_crop)
