"""Find cuts between shots: where the whole picture changes at once and stays changed.

Each frame is compared with the one before, in a tiny version and without its brightness and
contrast. A cut is a change that is far above all changes around it and takes the face with it:
where the face stays in its place, somebody came into view, or a lamp was lit. A flash is no cut:
the picture is soon as it was before. What a frame is can be said a few frames later only.
"""

from collections import deque
from dataclasses import dataclass
from itertools import islice
from statistics import median

import cv2
import numpy as np
from numpy.typing import NDArray

from napari_mespot.face.tracked import TrackedFrame

__all__ = ["CutFinder"]

_THUMB_PX = (32, 24)
_COARSE_PX = (160, 120)  # picked out of the frame first, which is quick
# Grey levels of contrast below which differences are noise.
_NOISE_LEVELS = 2.0
_FLAT_LEVELS = 3.0
_LEAST_CHANGE, _SURE_CHANGE = 0.006, 0.03
_AS_BEFORE = 0.3  # of the change: the picture is back
_ABOVE_USUAL, _ABOVE_NEXT = 6.0, 4.0
_USUAL_NOISE = 0.001
_FRAMES_AROUND, _FRAMES_NEXT = 8, 2
_FLASH_S = 0.25
_FEWEST_AHEAD, _MOST_AHEAD = 8, 64
_STANDSTILL, _LONGEST_STANDSTILL = 1e-5, 6
# Of the face, in pixels of the aligned frame.
_LEAST_JUMP_PX, _ABOVE_USUAL_JUMP = 1.0, 1.5
_BROKEN_JUMP_PX, _BROKEN_CHANGE = 12.0, 0.15
_PROBES = np.array([33 + 29j, 79 + 29j, 56 + 75j])


@dataclass(slots=True, eq=False)
class _Entry:
    """One frame: its picture (None if there is none), change since the last, jump of the face."""

    picture: NDArray[np.float32] | None
    change: float = 0.0
    frames_since: int = 1  # since the last picture that was another one
    jump_px: float | None = None  # None where the face is not there, or was not
    forced: bool = False


class CutFinder:
    """Finds cuts in a stream of frames; feed it every frame in order.

    Parameters
    ----------
    frame_rate
        Frames per second.
    """

    def __init__(self, frame_rate: float) -> None:
        self.cuts: list[int] = []
        self._ahead = min(_MOST_AHEAD, max(_FEWEST_AHEAD, round(_FLASH_S * frame_rate)))
        self._entries: deque[_Entry] = deque(maxlen=2 * self._ahead + 1)
        self._last_picture: NDArray[np.float32] | None = None
        self._since = 1
        self._n = 0
        self._before: TrackedFrame | None = None
        self._first_face: int | None = None

    @property
    def decided(self) -> int:
        """Number of frames, from the first on, of which it is known whether they begin a shot."""
        return max(0, self._n - self._ahead)

    def add(self, image: NDArray[np.uint8] | None) -> bool:
        """Take the next grey frame, (H, W) uint8; return whether its picture is suddenly new.

        What is new may be a cut or a flash.
        """
        entry = _Entry(_thumbnail(image))
        if entry.picture is None:
            self._since += 1
        else:
            if self._last_picture is not None:
                entry.change = _difference(entry.picture, self._last_picture)
            entry.frames_since = min(self._since, _LONGEST_STANDSTILL)
            self._since = self._since + 1 if entry.change < _STANDSTILL else 1
            self._last_picture = entry.picture
        self._entries.append(entry)
        self._n += 1
        at = len(self._entries) - 1
        return entry.change >= _SURE_CHANGE and self._stands_out(at)

    def note(self, face: TrackedFrame) -> None:
        """Take what is known of the face in the frame that was added last."""
        before, self._before = self._before, face
        if face.found and self._first_face is None:
            self._first_face = self._n - 1
        entry = self._entries[-1]
        if before is not None and before.found and face.found:
            jump = _jump_px(before.transform, face.transform)
            entry.jump_px = jump
            broken = face.segment != before.segment and jump >= _BROKEN_JUMP_PX
            entry.forced = broken and self._is_other_picture(entry)
        if self._n > self._ahead:
            self._decide(len(self._entries) - 1 - self._ahead, self._n - 1 - self._ahead)

    def finish(self) -> None:
        """Decide what still waits for later frames."""
        for frame in range(self.decided, self._n):
            self._decide(len(self._entries) - (self._n - frame), frame)
        self._ahead = 0

    def _decide(self, at: int, frame: int) -> None:
        entry = self._entries[at]
        if self._first_face is None or frame <= self._first_face:
            return  # there is nothing to be cut off from
        if entry.forced or (
            entry.change >= _LEAST_CHANGE
            and self._stands_out(at)
            and not self._is_flash(at)
            and self._takes_face_along(at)
        ):
            self.cuts.append(frame)

    def _stands_out(self, at: int) -> bool:
        """Whether the change is far above those around it."""
        entry = self._entries[at]
        before = self._changes(range(at - 1, -1, -1))
        after = self._changes(range(at + 1, len(self._entries)))
        if not before:
            return False
        usual = (median([*before, *after]) + _USUAL_NOISE) * entry.frames_since**2
        nearest = max([*before[:_FRAMES_NEXT], *after[:_FRAMES_NEXT]])
        return entry.change > _ABOVE_USUAL * usual and entry.change > _ABOVE_NEXT * nearest

    def _changes(self, places: range) -> list[float]:
        """Return the changes of the next few pictures."""
        entries = (self._entries[at] for at in places)
        shown = (entry.change for entry in entries if entry.picture is not None)
        return list(islice(shown, _FRAMES_AROUND))

    def _is_flash(self, at: int) -> bool:
        """Whether the picture is soon as before, or now as it was a while ago."""
        entry = self._entries[at]
        before = self._picture_at(range(at - 1, -1, -1))
        if entry.picture is None or before is None:
            return False
        limit = _AS_BEFORE * entry.change
        later = (self._entries[i].picture for i in range(at + 1, len(self._entries)))
        earlier = (self._entries[i].picture for i in range(max(0, at - self._ahead), at - 1))
        return any(p is not None and _difference(p, before) < limit for p in later) or any(
            p is not None and _difference(p, entry.picture) < limit for p in earlier
        )

    def _picture_at(self, places: range) -> NDArray[np.float32] | None:
        pictures = (self._entries[at].picture for at in places)
        return next((picture for picture in pictures if picture is not None), None)

    def _takes_face_along(self, at: int) -> bool:
        """Whether the face jumps too; where there is none, a large change is enough."""
        entry = self._entries[at]
        if entry.jump_px is None:
            return entry.change >= _SURE_CHANGE
        first, stop = max(0, at - _FRAMES_AROUND), at + _FRAMES_AROUND + 1
        usual = self._jumps(entry, first, stop)
        most = usual[3 * len(usual) // 4] if usual else 0.0  # of three quarters of the frames
        return entry.jump_px >= _LEAST_JUMP_PX + _ABOVE_USUAL_JUMP * most

    def _jumps(self, entry: _Entry, first: int, stop: int) -> list[float]:
        """Return how far the face moves in the frames around an entry, least first."""
        around = (other for other in islice(self._entries, first, stop) if other is not entry)
        return sorted(other.jump_px for other in around if other.jump_px is not None)

    def _is_other_picture(self, entry: _Entry) -> bool:
        """Whether face and picture are others than a while ago, as after a dissolve."""
        first = max(0, len(self._entries) - 1 - self._ahead)
        usual = self._jumps(entry, first, len(self._entries))
        if len(usual) < _FRAMES_AROUND // 2 or (entry.jump_px or 0.0) < 3 * usual[-1]:
            return False
        before = self._picture_at(range(first, len(self._entries) - 1))
        if before is None or entry.picture is None:
            return False
        return _difference(entry.picture, before) >= _BROKEN_CHANGE


def _jump_px(before: NDArray[np.float64], now: NDArray[np.float64]) -> float:
    """Return how far eyes and mouth move between two transforms; x + iy is a point here."""
    (turn, shift), (turn_now, shift_now) = _as_complex(before), _as_complex(now)
    moved = turn_now * ((_PROBES - shift) / turn) + shift_now - _PROBES
    return float(max(np.abs(moved.real).max(), np.abs(moved.imag).max()))


def _as_complex(transform: NDArray[np.float64]) -> tuple[complex, complex]:
    (a, _, x), (b, _, y) = transform.tolist()
    return complex(a, b), complex(x, y)


def _thumbnail(image: NDArray[np.uint8] | None) -> NDArray[np.float32] | None:
    """Return a tiny picture without its mean, (n,); None if there is none, or a flat one."""
    if image is None:
        return None
    coarse = cv2.resize(image, _COARSE_PX, interpolation=cv2.INTER_NEAREST)
    small = cv2.resize(coarse, _THUMB_PX, interpolation=cv2.INTER_AREA)
    values = small.astype(np.float32).ravel()
    values -= values.mean()
    return values if float(values.std()) > _FLAT_LEVELS else None


def _difference(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Return 1 minus the correlation of two tiny pictures, damped where they are nearly flat."""
    noise = len(one) * _NOISE_LEVELS**2
    shared = float(one @ other) + noise
    return max(0.0, 1 - shared / float(np.sqrt((one @ one + noise) * (other @ other + noise))))
