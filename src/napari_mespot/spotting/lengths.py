"""How long stretches of frames last, counted on a steady beat and measured on any other."""

import math

import numpy as np
from numpy.typing import NDArray

from napari_mespot.model import Clock, Expression, ExpressionKind
from napari_mespot.spotting.params import DetectionParams

__all__ = ["Lengths", "is_long"]

_Ints = NDArray[np.int64]
_Flags = NDArray[np.bool_]
# Seconds times frames per second miss a whole number by rounding: 0.1 s at 30 fps is 3 frames.
_ROUNDING = 1e-9


class Lengths:
    """Judges stretches of rows of a signal by seconds.

    On a steady beat they are counted in frames; else the clock of the video is asked. Rows
    from `start` to `stop` (exclusive) last until the row after them begins.

    Parameters
    ----------
    clock
        When the frames are shown.
    first_frame
        Frame of row 0.
    """

    def __init__(self, clock: Clock, first_frame: int = 0) -> None:
        self._clock, self._first = clock, first_frame
        self._rate = float(clock.rate)

    def at_least(self, start: _Ints, stop: _Ints, seconds: float) -> _Flags:
        """Whether each stretch lasts for `seconds` or longer."""
        if self._clock.is_even:
            return np.asarray(stop - start >= math.ceil(seconds * self._rate - _ROUNDING))
        return np.asarray(self._seconds(start, stop) >= seconds - _ROUNDING)

    def at_most(self, start: _Ints, stop: _Ints, seconds: float) -> _Flags:
        """Whether each stretch lasts for `seconds` or shorter."""
        if self._clock.is_even:
            return np.asarray(stop - start <= math.floor(seconds * self._rate + _ROUNDING))
        return np.asarray(self._seconds(start, stop) <= seconds + _ROUNDING)

    def moved(self, rows: _Ints, seconds: float) -> _Ints:
        """Return the rows that begin nearest to `seconds` after those given."""
        if self._clock.is_even or not seconds:
            return rows + round(seconds * self._rate)
        return self._clock.frames_at(self._times(rows) + seconds) - self._first

    def _seconds(self, start: _Ints, stop: _Ints) -> NDArray[np.float64]:
        return self._times(stop) - self._times(start)

    def _times(self, rows: _Ints) -> NDArray[np.float64]:
        return self._clock.seconds_of(rows + self._first)


def is_long(expression: Expression, clock: Clock, rules: DetectionParams) -> bool:
    """Whether an expression is an MaE that lasts for more than the longest.

    Such a one is found like any other, and marked: often it is several, or something else.
    """
    start, stop = np.array([expression.onset]), np.array([expression.offset + 1])
    longest_s = rules.mae.max_duration_s
    is_macro = expression.kind is ExpressionKind.MACRO
    return is_macro and not bool(Lengths(clock).at_most(start, stop, longest_s)[0])
