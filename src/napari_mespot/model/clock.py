"""When the frames of a video are shown.

Frame *i* of a steady video is shown from *i* / rate on. Phones, calls and screen recordings
have no steady rate, and in many captures the first picture comes after the sound: there the
file's own time stamps say when each frame is shown. A :class:`Clock` knows either, and gives
and takes seconds since the beginning of the file, as players show them.
"""

from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, floor

import numpy as np
from numpy.typing import ArrayLike, NDArray

from napari_mespot.model.interval import Interval

__all__ = ["Clock", "uncommon_clock"]

_Ints = NDArray[np.int64]

_HALF = Fraction(1, 2)
# Frames this close to their place on a steady beat are on it: half of what ELAN's clock tells
# apart, and no more than a tenth of a frame.
_JITTER_S = Fraction(1, 2000)
_JITTER_FRAMES = Fraction(1, 10)
# The coarsest unit that times are rounded to; a coarser one (AVI) counts frames.
_ROUNDING_S = Fraction(1, 500)
# No video has as many ticks.
_FAR = 2.0**60


@dataclass(frozen=True, slots=True, eq=False)
class Clock:
    """The time of each frame, in seconds since the beginning of the file.

    Times of single frames are exact fractions; arrays of times are float64. Frames before the
    first and after the last are given times at the average rate, so that every frame has a
    time and every time a frame.

    Parameters
    ----------
    rate
        Frames per second, on average.
    starts_late_s
        Time of frame 0; above 0 where sound or another stream begins before the pictures.
    ticks
        ``(n_frames + 1,)`` rising integers from 0 on: when each frame starts and when the last
        one ends, in units of `tick_s` after the start of frame 0. None if every frame lasts
        1 / `rate`. Use :meth:`of_stamps` rather than these two.
    tick_s
        Seconds to a tick.

    Raises
    ------
    ValueError
        If the rate is not above 0, or `ticks` do not rise from 0.

    Examples
    --------
    >>> clock = Clock(Fraction(25), starts_late_s=Fraction(2))
    >>> clock.second_of(50), clock.frame_at(4)
    (Fraction(4, 1), 50)
    >>> uneven = Clock.of_stamps([0, 40, 1040], Fraction(1, 1000), Fraction(25))
    >>> float(uneven.second_of(2)), uneven.is_even
    (1.04, False)
    """

    rate: Fraction
    starts_late_s: Fraction = Fraction(0)
    ticks: _Ints | None = None
    tick_s: Fraction = Fraction(1)

    def __post_init__(self) -> None:
        if self.rate <= 0:
            raise ValueError(f"Expected a rate above 0, got {self.rate}")
        ticks = self.ticks
        if ticks is None:
            object.__setattr__(self, "tick_s", Fraction(1))
            return
        if len(ticks) < 2 or ticks[0] != 0 or (np.diff(ticks) <= 0).any() or self.tick_s <= 0:
            raise ValueError("Expected the ticks of at least one frame, rising from 0")
        # The coarsest unit, so that equal times are equal values.
        shared = int(np.gcd.reduce(ticks))
        ticks = np.array(ticks, np.int64) // shared
        ticks.flags.writeable = False
        object.__setattr__(self, "ticks", ticks)
        object.__setattr__(self, "tick_s", self.tick_s * shared)

    @classmethod
    def of_stamps(
        cls,
        stamps: ArrayLike,
        time_base: Fraction,
        rate: Fraction,
        *,
        starts_late_s: Fraction = Fraction(0),
        last: int | None = None,
    ) -> "Clock":
        """Make the clock of frames with time stamps.

        Frames that lie on a steady beat of `rate`, but for the rounding of their stamps to one
        unit and a jitter of 0.5 ms or a tenth of a frame, give an even clock.

        Parameters
        ----------
        stamps
            ``(n_frames,)`` rising integers.
        time_base
            Seconds to a unit of `stamps`.
        rate
            Average frames per second.
        starts_late_s
            Time of frame 0.
        last
            Duration of the last frame in units of `stamps`; their median spacing if None.

        Raises
        ------
        ValueError
            If the stamps do not rise, or the last frame has no duration.
        """
        ticks = np.asarray(stamps, np.int64)
        if len(ticks) < 2 or _on_the_beat(ticks, time_base, rate):
            return cls(rate, starts_late_s)
        ticks = ticks - ticks[0]
        end = ticks[-1] + (int(np.median(np.diff(ticks))) if last is None else last)
        return cls(rate, starts_late_s, np.append(ticks, end), time_base)

    @property
    def is_even(self) -> bool:
        """Whether every frame lasts equally long."""
        return self.ticks is None

    @property
    def is_plain(self) -> bool:
        """Whether frame *i* is shown at *i* / `rate` seconds: even, from 0 on."""
        return self.ticks is None and self.starts_late_s == 0

    @property
    def n_frames(self) -> int | None:
        """Number of frames whose times are known one by one; None if even."""
        return None if self.ticks is None else len(self.ticks) - 1

    def second_of(self, frame: int) -> Fraction:
        """Return when `frame` starts to be shown."""
        ticks = self.ticks
        if ticks is None or frame < 0:
            return self.starts_late_s + frame / self.rate
        known = min(frame, len(ticks) - 1)
        return self.starts_late_s + int(ticks[known]) * self.tick_s + (frame - known) / self.rate

    def end_of(self, frame: int) -> Fraction:
        """Return when `frame` stops to be shown: the start of the next one."""
        return self.second_of(frame + 1)

    def duration_of(self, interval: Interval) -> Fraction:
        """Return for how many seconds the frames of `interval` are shown."""
        return self.end_of(interval.offset) - self.second_of(interval.onset)

    def least_frames(self, start: int, seconds: Fraction | float) -> int:
        """Count the frames, from `start` on, that together are shown for `seconds` or longer."""
        if self.ticks is None:
            return max(1, ceil(seconds * self.rate))
        end = self.second_of(start) + Fraction(seconds).limit_denominator(1_000_000)
        last = self.shown_at(end)
        return max(1, last - start + (self.second_of(last) < end))

    def frame_at(self, second: Fraction | float) -> int:
        """Return the frame that starts nearest to a time; the later one of two as near.

        May be negative, or lie past the last frame: what that means is for the caller to say.
        """
        exact = Fraction(second) - self.starts_late_s
        ticks = self.ticks
        if ticks is None or exact <= 0:
            return floor(exact * self.rate + _HALF)
        place = exact / self.tick_s
        last = len(ticks) - 1
        if place >= int(ticks[last]):
            return last + floor((place - int(ticks[last])) * self.tick_s * self.rate + _HALF)
        before = int(np.searchsorted(ticks, floor(place), side="right")) - 1
        is_nearer_next = 2 * place >= int(ticks[before]) + int(ticks[before + 1])
        return before + is_nearer_next

    def shown_at(self, second: Fraction | float) -> int:
        """Return the frame that is in view at a time: the last one that has started by then.

        May be negative, or lie past the last frame.
        """
        nearest = self.frame_at(second)
        return nearest - (self.second_of(nearest) > Fraction(second))

    def seconds_of(self, frames: ArrayLike) -> NDArray[np.float64]:
        """Return when each of several frames starts to be shown, float64, as :meth:`second_of`."""
        rows = np.asarray(frames, np.int64)
        if self.ticks is None:
            return np.asarray(_later(rows / float(self.rate), self.starts_late_s))
        known = np.clip(rows, 0, len(self.ticks) - 1)
        seconds = _times(self.ticks[known], self.tick_s) + (rows - known) / float(self.rate)
        return np.asarray(_later(seconds, self.starts_late_s))

    def frames_at(self, seconds: ArrayLike) -> _Ints:
        """Return the frame nearest to each of several times, as :meth:`frame_at`."""
        exact = np.asarray(seconds, np.float64) - float(self.starts_late_s)
        if self.ticks is None:
            return np.floor(exact * float(self.rate) + 0.5).astype(np.int64)
        ticks, last = self.ticks, len(self.ticks) - 1
        place = np.clip(exact / float(self.tick_s), -_FAR, _FAR)
        before = np.searchsorted(ticks, np.floor(place).astype(np.int64), side="right") - 1
        before = np.clip(before, 0, last - 1)
        inside = before + (2 * place >= ticks[before] + ticks[before + 1])
        beyond = np.where(exact <= 0, 0, last)
        rest = exact - _times(ticks[beyond], self.tick_s)
        outside = beyond + np.floor(rest * float(self.rate) + 0.5)
        is_inside = (exact > 0) & (place < ticks[last])
        return np.where(is_inside, inside, outside).astype(np.int64)

    def seconds_at(self, places: ArrayLike) -> NDArray[np.float64]:
        """Return the times of places between frames: 2.5 is halfway through frame 2."""
        exact = np.asarray(places, np.float64)
        if self.ticks is None:
            return np.asarray(_later(exact / float(self.rate), self.starts_late_s))
        whole = np.floor(exact).astype(np.int64)
        start = self.seconds_of(whole)
        return np.asarray(start + (exact - whole) * (self.seconds_of(whole + 1) - start))

    def places_at(self, seconds: ArrayLike) -> NDArray[np.float64]:
        """Return the places of times between frames, as :meth:`seconds_at` understands them."""
        exact = np.asarray(seconds, np.float64)
        if self.ticks is None:
            return np.asarray((exact - float(self.starts_late_s)) * float(self.rate))
        frame = self.frames_at(exact)
        frame = frame - (self.seconds_of(frame) > exact)
        start = self.seconds_of(frame)
        return np.asarray(frame + (exact - start) / (self.seconds_of(frame + 1) - start))

    def shifted(self, seconds: Fraction) -> "Clock":
        """Return this clock with every frame shown that much later."""
        return replace(self, starts_late_s=self.starts_late_s + seconds)

    def from_frame(self, first: int) -> "Clock":
        """Return the clock of the frames from `first` on, which becomes frame 0."""
        ticks, start = self.ticks, self.second_of(first)
        if ticks is None or first >= len(ticks) - 1:
            return Clock(self.rate, start)
        return Clock(self.rate, start, ticks[first:] - ticks[first], self.tick_s)

    def clipped(self, n_frames: int) -> "Clock":
        """Return the clock of the first `n_frames` frames, at least one; the rate is kept."""
        if self.ticks is None or n_frames >= len(self.ticks) - 1:
            return self
        return replace(self, ticks=self.ticks[: max(n_frames, 1) + 1])

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Clock):
            return NotImplemented
        if self is other:
            return True
        same_beat = self._key() == other._key()
        if not same_beat or self.ticks is None or other.ticks is None:
            return same_beat
        return self.ticks is other.ticks or np.array_equal(self.ticks, other.ticks)

    def __hash__(self) -> int:
        return hash(self._key())

    def __reduce__(self) -> tuple[object, ...]:
        return Clock, (self.rate, self.starts_late_s, self.ticks, self.tick_s)

    def __repr__(self) -> str:
        late = f", starting at {float(self.starts_late_s):.6g} s" if self.starts_late_s else ""
        beat = "" if self.ticks is None else f", {len(self.ticks) - 1} frames unevenly spaced"
        return f"Clock({float(self.rate):.6g} fps{late}{beat})"

    def _key(self) -> tuple[object, ...]:
        known = None if self.ticks is None else (len(self.ticks), int(self.ticks[-1]))
        return (self.rate, self.starts_late_s, self.tick_s, known)


def uncommon_clock(times: Clock | None, rate: Fraction | None) -> Clock | None:
    """Return `times` if they are of that rate and say more than it."""
    return None if times is None or times.is_plain or times.rate != rate else times


def _on_the_beat(stamps: _Ints, time_base: Fraction, rate: Fraction) -> bool:
    """Whether stamps lie where a steady rate puts them."""
    spacing = 1 / (rate * time_base)
    n, since = len(stamps), stamps - stamps[0]
    over, under = spacing.numerator, spacing.denominator
    # Whole numbers, exact, as long as they fit into 64 bits.
    if max(n * over, int(since[-1]) * under) < 2**62:
        spread = Fraction(int(np.ptp(since * under - np.arange(n) * over)), under)
    else:
        spread = Fraction(float(np.ptp(since - np.arange(n) * float(spacing))))
    # Stamps in a unit that frames do not fit into are rounded to it.
    rounding = int(under > 1 and time_base <= _ROUNDING_S)
    return spread <= rounding + min(_JITTER_S / time_base, _JITTER_FRAMES * spacing)


def _times(ticks: _Ints, tick_s: Fraction) -> NDArray[np.float64]:
    """Ticks in seconds; one rounding where the unit is a fraction of a second."""
    return np.asarray(ticks * float(tick_s.numerator) / float(tick_s.denominator))


def _later(seconds: NDArray[np.float64], by: Fraction) -> NDArray[np.float64]:
    return seconds + float(by) if by else seconds
