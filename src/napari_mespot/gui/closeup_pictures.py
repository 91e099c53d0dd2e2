"""What a close-up shows: pictures of one interval, and when a loop shows which. Free of Qt."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from napari_mespot.face.closeup import IntervalFaces
from napari_mespot.face.magnify import amplify, difference

__all__ = ["SPEEDS", "Closeup", "loop_row", "timed_row", "usual_speed"]

#: Speeds of the loop, as parts of the video's own.
SPEEDS: Sequence[float] = (1, 1 / 2, 1 / 4, 1 / 8, 1 / 16)
_EASY_RATE = 12.0  # frames per second at which an eye still follows a twitch
_HOLD_S = 0.4  # a loop rests on its last frame, so that one sees where it starts again


@dataclass(frozen=True, slots=True, eq=False)
class Closeup:
    """The faces of an interval, with their motion once it is known.

    Parameters
    ----------
    faces
        Aligned faces, onset first.
    motion
        Of :func:`~napari_mespot.face.magnify.motion_from_onset`; None while it is computed.
    """

    faces: IntervalFaces
    motion: NDArray[np.float32] | None = None

    def with_motion(self, motion: NDArray[np.float32]) -> "Closeup":
        """Return this close-up with its motion known."""
        return replace(self, motion=motion)

    def apex(self, marked: int | None) -> int | None:
        """Return the marked apex, else the frame that moved most; None while that is unknown."""
        if marked is not None:
            return marked
        if self.motion is None:
            return None
        moved = np.abs(self.motion).mean(axis=(1, 2, 3))
        return self.faces.first_frame + int(moved.argmax())

    def picture(self, frame: int, factor: float = 1) -> NDArray[np.uint8]:
        """Return the face in a frame, (H, W) uint8, its motion magnified if that is known."""
        row = self.faces.row(frame)
        image = self.faces.images[row]
        if factor == 1 or self.motion is None:
            return np.asarray(image, dtype=np.uint8)
        return np.asarray(
            amplify(image[np.newaxis], self.motion[row : row + 1], factor)[0], dtype=np.uint8
        )

    def change(self, frame: int, gain: float) -> NDArray[np.uint8]:
        """Return what changes from the onset to a frame, (H, W, 3) uint8."""
        return difference(self.faces.images, 0, self.faces.row(frame), gain)


def loop_row(elapsed_s: float, n_frames: int, frames_per_second: float) -> int:
    """Return which row a loop shows after some time."""
    period = n_frames / frames_per_second + _HOLD_S
    return min(int(elapsed_s % period * frames_per_second), n_frames - 1)


def timed_row(elapsed_s: float, starts_s: NDArray[np.float64], speed: float) -> int:
    """Return which row a loop of unevenly spaced frames shows after some time.

    Parameters
    ----------
    elapsed_s
        Seconds since the loop began.
    starts_s
        ``(n_frames + 1,)`` when each row starts, and when the last one ends, from 0 on.
    speed
        Factor on true speed.
    """
    place = elapsed_s % (starts_s[-1] / speed + _HOLD_S) * speed
    return min(int(np.searchsorted(starts_s, place, side="right")), len(starts_s) - 1) - 1


def usual_speed(frame_rate: float) -> float:
    """Return the speed of :data:`SPEEDS` at which a twitch can be followed."""
    return min(SPEEDS, key=lambda speed: abs(np.log(speed * frame_rate / _EASY_RATE)))
