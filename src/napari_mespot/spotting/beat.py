"""Scores of unevenly spaced frames on a steady beat and back, as filters need it."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

__all__ = ["Beat", "capture_rate"]

_Floats = NDArray[np.float64]
# Share of the frames that may follow their neighbour faster than the beat.
_DENSEST = 0.1
# Beats without a frame that are bridged: bounds the memory.
_LONGEST_BEATS = 300


def capture_rate(times_s: _Floats) -> float:
    """Return the frames per second where frames are densest: what the camera aimed at."""
    if len(times_s) < 2:
        return 1.0
    return 1 / float(np.quantile(np.diff(times_s), _DENSEST))


class Beat:
    """Reads columns of scores off on a steady beat.

    Parameters
    ----------
    times_s
        ``(n,)`` times of the rows.
    rate
        Beats per second.
    longest_gap_s
        Rows further apart belong to different stretches.
    """

    def __init__(self, times_s: _Floats, rate: float, longest_gap_s: float) -> None:
        self._times, self._rate = times_s, rate
        longest = min(max(longest_gap_s, 1 / rate), _LONGEST_BEATS / rate)
        self._gaps = np.flatnonzero(np.diff(times_s) > longest) + 1

    def unbroken(self, start: int, stop: int) -> Iterator[slice]:
        """Split the rows from `start` to `stop` where no frame comes for long."""
        inside = self._gaps[(self._gaps > start) & (self._gaps < stop)]
        edges = [start, *inside.tolist(), stop]
        for first, after in pairwise(edges):
            yield slice(first, after)

    def evened(self, column: _Floats, rows: slice) -> _Floats:
        """Return the values of `column`, which are those of `rows`, on the beat."""
        return np.asarray(np.interp(self._beats(rows), self._times[rows], column))

    def at_frames(self, values: _Floats, rows: slice) -> _Floats:
        """Return the values at the times of `rows` of what :meth:`evened` has given."""
        return np.asarray(np.interp(self._times[rows], self._beats(rows), values))

    def _beats(self, rows: slice) -> _Floats:
        """Return the beats from the first row to the last one, or just past it."""
        first, last = float(self._times[rows][0]), float(self._times[rows][-1])
        n = int(np.ceil((last - first) * self._rate - 1e-6)) + 1
        return first + np.arange(n) / self._rate
