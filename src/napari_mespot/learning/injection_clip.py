"""Neutral stretches of a real video, held in memory around the face."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from napari_mespot.errors import AnnotationFormatError, FrameReadError, NoFaceError
from napari_mespot.face import AlignParams, stream_faces
from napari_mespot.face.choice import LARGEST, FaceChoice
from napari_mespot.face.geometry import apply_transform, compose, invert
from napari_mespot.learning.video_part import VideoPart
from napari_mespot.model import Annotation, Interval, ReviewStatus, merged

if TYPE_CHECKING:
    from napari_mespot.frames import FrameSource

__all__ = ["NeutralClip", "load_neutral_clip", "neutral_stretches"]

# Crop pixels beyond the crop that are kept around the face: what detection wants to see.
_SURROUNDINGS_PX = 60
_MAX_BYTES = 600_000_000
_MIN_FRAMES = 8
_GUARD_S = 0.25


@dataclass(frozen=True, eq=False, slots=True)
class NeutralClip:
    """Consecutive frames that show a neutral face.

    Parameters
    ----------
    path, video_id, fingerprint
        Of the video they come from.
    frame_rate
        Frames per second.
    stretch
        Which frames of the video.
    frames
        Shape (n, H, W), uint8: brightness, cut around the face.
    transforms
        Shape (n, 2, 3), float64: from these frames to the aligned 112 px crop.
    """

    path: Path
    video_id: str
    fingerprint: str
    frame_rate: Fraction
    stretch: Interval
    frames: NDArray[np.uint8]
    transforms: NDArray[np.float64]

    @property
    def n_frames(self) -> int:
        """Number of frames."""
        return len(self.frames)

    def turned(self, positions: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return which frame is shown at positions of a clip played to and fro without end.

        The first and last frame are shown once at each turn.
        """
        period = max(1, 2 * (self.n_frames - 1))
        place = np.mod(positions, period)
        return np.asarray(np.minimum(place, period - place), dtype=np.int64)


def neutral_stretches(annotation: Annotation, n_frames: int) -> tuple[Interval, ...]:
    """Return the reviewed stretches without expressions, 0.25 s away from any, longest first.

    Rejected expressions are none.

    Raises
    ------
    AnnotationFormatError
        If nobody has reviewed anything, or nothing long enough is left.
    """
    rate = float(annotation.frame_rate or 30)
    guard = round(_GUARD_S * rate)
    free = np.zeros(n_frames, dtype=np.bool_)
    for interval in annotation.reviewed:
        free[interval.onset : interval.offset + 1] = True
    for expression in annotation.expressions:
        if expression.status is not ReviewStatus.REJECTED:
            free[max(0, expression.onset - guard) : expression.offset + guard + 1] = False
    stretches = [s for s in _runs(free) if s.n_frames >= _MIN_FRAMES]
    if not stretches:
        raise AnnotationFormatError(
            f"{annotation.video_id}: expected reviewed ranges with at least {_MIN_FRAMES} frames "
            "away from any expression, got none; review a neutral stretch, or leave out --neutral"
        )
    return tuple(sorted(stretches, key=lambda s: (-s.n_frames, s.onset)))


def load_neutral_clip(
    source: "FrameSource",
    stretch: Interval | None = None,
    *,
    longest_s: float = 30.0,
    choice: FaceChoice = LARGEST,
) -> NeutralClip:
    """Read a stretch of a video around its face.

    Parameters
    ----------
    source
        The video.
    stretch
        Its neutral frames; None: the whole video is neutral.
    longest_s
        No more than this is read, in seconds, nor more than 600 MB.
    choice
        Which face.

    Raises
    ------
    NoFaceError
        If fewer than 8 frames in a row show a face.
    FrameReadError
        If a frame in between cannot be read.
    """
    whole = Interval(0, max(0, source.n_frames - 1))
    wanted = (stretch.intersection(whole) if stretch else whole) or whole
    longest = max(_MIN_FRAMES, round(longest_s * float(source.frame_rate)))
    wanted = Interval(wanted.onset, min(wanted.offset, wanted.onset + longest - 1))
    part = VideoPart(source, wanted)
    with stream_faces(part, AlignParams(), follow=choice) as faces:
        chunks = list(faces)
    found = np.concatenate([np.zeros(0, np.bool_), *(chunk.found for chunk in chunks)])
    with_face = max(_runs(found), key=lambda run: run.n_frames, default=None)
    if with_face is None or with_face.n_frames < _MIN_FRAMES:
        raise NoFaceError(
            f"{source.path}: expected {_MIN_FRAMES} or more neutral frames in a row with a face, "
            f"got {with_face.n_frames if with_face else 0}; name another video or stretch"
        )
    transforms = np.concatenate([chunk.transforms for chunk in chunks])
    transforms = transforms[with_face.onset : with_face.offset + 1]
    left, top, right, bottom = _surroundings(transforms, source.width, source.height)
    fitting = max(_MIN_FRAMES, _MAX_BYTES // ((right - left) * (bottom - top)))
    transforms = transforms[:fitting]
    first = wanted.onset + with_face.onset
    kept = Interval(first, first + len(transforms) - 1)
    box = (slice(top, bottom), slice(left, right))
    shift = np.array([[1.0, 0.0, left], [0.0, 1.0, top]])
    return NeutralClip(
        path=source.path,
        video_id=source.video_id,
        fingerprint=source.fingerprint,
        frame_rate=source.frame_rate,
        stretch=kept,
        frames=_read(source, kept, box),
        transforms=np.stack([compose(transform, shift) for transform in transforms]),
    )


def _read(source: "FrameSource", stretch: Interval, box: tuple[slice, slice]) -> NDArray[np.uint8]:
    frames = []
    for index, frame in enumerate(source.iter_luma(stretch.onset, stretch.offset + 1)):
        if frame is None:
            raise FrameReadError(
                f"{source.path}: expected frame {stretch.onset + index} to be readable, it is "
                "damaged; name a stretch without it"
            )
        frames.append(np.array(frame[box]))
    return np.stack(frames)


def _surroundings(
    transforms: NDArray[np.float64], width: int, height: int
) -> tuple[int, int, int, int]:
    """Return left, top, right and bottom of what is kept of the frames."""
    low, high = -_SURROUNDINGS_PX, 112 + _SURROUNDINGS_PX
    corners = np.array([(low, low), (high, low), (low, high), (high, high)], dtype=np.float64)
    places = np.concatenate([apply_transform(invert(t), corners) for t in transforms])
    left, top = np.floor(places.min(axis=0)).astype(int).tolist()
    right, bottom = np.ceil(places.max(axis=0)).astype(int).tolist()
    return max(0, left), max(0, top), min(width, right), min(height, bottom)


def _runs(flags: NDArray[np.bool_]) -> Sequence[Interval]:
    return merged(Interval(int(i), int(i)) for i in np.flatnonzero(flags))
