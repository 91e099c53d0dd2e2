"""Which frames a frame is compared with, by count or by time.

On a steady beat a skip is the same number of frames everywhere. Where frames are unevenly
spaced, the reference frames are those shown nearest to the wanted second.
"""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from napari_mespot.clips.params import ClipParams
from napari_mespot.clips.sampling import frame_skips
from napari_mespot.model import Clock

__all__ = ["EvenReach", "Reach", "TimedReach", "reach_of"]

_Ints = NDArray[np.int64]
_BLOCK = 1 << 16


class Reach(Protocol):
    """Where the images of clips lie. Frames may lie outside the video; they rise."""

    def at(self, stream: int, place: int, frames: range) -> range | _Ints:
        """Return the frames that `frames` are compared with.

        Parameters
        ----------
        stream
            0 (ME) or 1 (MaE).
        place
            Skips after the frame that is scored.
        frames
            Consecutive frames that are scored.
        """
        ...

    def span(self, n_frames: int, places: tuple[int, ...]) -> int:
        """Return the most frames between the first and the last image of any clip."""
        ...

    def starting(self, frame: int) -> "Reach":
        """Return the reach within a stretch: `frame` of the video counts as frame 0."""
        ...


class EvenReach:
    """Skips that are a number of frames, one for each stream."""

    def __init__(self, skips: tuple[int, int]) -> None:
        self._skips = skips

    def at(self, stream: int, place: int, frames: range) -> range:
        """Return the frames that `frames` are compared with."""
        step = place * self._skips[stream]
        return range(frames.start + step, frames.stop + step)

    def span(self, n_frames: int, places: tuple[int, ...]) -> int:
        """Return the most frames between the first and the last image of any clip."""
        return min((max(places) - min(places)) * max(self._skips), n_frames)

    def starting(self, frame: int) -> "EvenReach":
        """Return this reach, which is the same everywhere."""
        return self


class TimedReach:
    """Skips in seconds on an uneven clock.

    As on a steady beat, every skip is at least a frame, and longer by a frame in the second
    stream.

    Parameters
    ----------
    clock
        Of the video.
    seconds
        Skip of each stream.
    """

    def __init__(self, clock: Clock, seconds: tuple[float, float]) -> None:
        self._clock, self._seconds, self._first = clock, seconds, 0
        self._spans: dict[tuple[int, ...], int] = {}

    def at(self, stream: int, place: int, frames: range) -> _Ints:
        """Return the frames that `frames` are compared with."""
        rows = np.arange(frames.start, frames.stop, dtype=np.int64)
        if place == 0:
            return rows
        least = rows + place if stream == 0 else self.at(0, place, frames) + place
        wanted = self._clock.seconds_of(rows + self._first) + place * self._seconds[stream]
        nearest = self._clock.frames_at(wanted) - self._first
        return np.minimum(nearest, least) if place < 0 else np.maximum(nearest, least)

    def span(self, n_frames: int, places: tuple[int, ...]) -> int:
        """Return the most frames between the first and the last image of any clip."""
        if places not in self._spans:
            self._spans[places] = self._span(self._first + n_frames, places)
        return min(self._spans[places], n_frames)

    def starting(self, frame: int) -> "TimedReach":
        """Return the reach within a stretch: `frame` of the video counts as frame 0."""
        stretch = TimedReach(self._clock, self._seconds)
        stretch._first, stretch._spans = frame, self._spans
        return stretch

    def _span(self, n_frames: int, places: tuple[int, ...]) -> int:
        """Look at all frames of the video, once for all of its stretches."""
        whole, longest = self.starting(0), 0
        n_frames = max(n_frames, self._clock.n_frames or 0)
        for start in range(0, n_frames, _BLOCK):
            frames = range(start, min(start + _BLOCK, n_frames))
            for stream in (0, 1):
                ends = [whole.at(stream, place, frames) for place in (min(places), max(places))]
                longest = max(longest, int((ends[1] - ends[0]).max()))
        return longest


def reach_of(params: ClipParams, clock: Clock) -> Reach:
    """Return how far the clips of a video reach.

    Parameters
    ----------
    params
        Skips in seconds.
    clock
        Of the video.

    Raises
    ------
    ValueError
        If the frame rate is not positive.

    Examples
    --------
    >>> from fractions import Fraction
    >>> reach_of(ClipParams(), Clock(Fraction(30))).at(0, -1, range(10, 12))
    range(4, 6)
    """
    if clock.is_even:
        return EvenReach(frame_skips(params, clock.rate))
    return TimedReach(clock, (params.skip_me_s, params.skip_mae_s))
