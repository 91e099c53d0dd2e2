"""A stretch of frames.

Frames are 0-based integers and **both ends are inclusive**: ``Interval(3, 5)`` holds the
frames 3, 4 and 5, and an interval of one frame has ``onset == offset``. Every other
convention (1-based sheets, half-open spans, milliseconds) is converted in
:mod:`napari_mespot.io` and nowhere else.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from operator import index

__all__ = ["Interval", "merged"]


@dataclass(frozen=True, order=True, slots=True)
class Interval:
    """Frames from `onset` to `offset`, both included.

    Parameters
    ----------
    onset
        First frame (0-based).
    offset
        Last frame (0-based), not before `onset`.

    Raises
    ------
    ValueError
        If `onset` is negative or `offset` lies before `onset`.
    TypeError
        If an end is not an integer.

    Examples
    --------
    >>> Interval(3, 5).n_frames
    3
    >>> Interval(0, 9).iou(Interval(5, 14))
    0.3333333333333333
    """

    onset: int
    offset: int

    def __post_init__(self) -> None:
        onset, offset = self.onset, self.offset
        if type(onset) is not int or type(offset) is not int:
            onset, offset = index(onset), index(offset)
            object.__setattr__(self, "onset", onset)
            object.__setattr__(self, "offset", offset)
        if onset < 0:
            raise ValueError(f"Expected onset >= 0, got onset={onset}")
        if offset < onset:
            raise ValueError(f"Expected offset >= onset, got onset={onset}, offset={offset}")

    @property
    def n_frames(self) -> int:
        """Number of frames, at least 1."""
        return self.offset - self.onset + 1

    @property
    def frames(self) -> range:
        """The frames, in order."""
        return range(self.onset, self.offset + 1)

    def __contains__(self, frame: int) -> bool:
        return self.onset <= frame <= self.offset

    def overlap(self, other: "Interval") -> int:
        """Count the frames that both hold."""
        return max(0, min(self.offset, other.offset) - max(self.onset, other.onset) + 1)

    def iou(self, other: "Interval") -> float:
        """Intersection over union, counted in frames (paper, Eq. 3)."""
        shared = self.overlap(other)
        return shared / (self.n_frames + other.n_frames - shared)

    def gap(self, other: "Interval") -> int:
        """Count the frames that lie between the two; 0 if they touch or overlap."""
        return max(0, max(self.onset, other.onset) - min(self.offset, other.offset) - 1)

    def hull(self, other: "Interval") -> "Interval":
        """Return the shortest interval that holds both."""
        return Interval(min(self.onset, other.onset), max(self.offset, other.offset))

    def intersection(self, other: "Interval") -> "Interval | None":
        """Return the frames that both hold, or None."""
        onset, offset = max(self.onset, other.onset), min(self.offset, other.offset)
        return Interval(onset, offset) if onset <= offset else None

    def clipped(self, n_frames: int) -> "Interval | None":
        """Return the part inside a video of `n_frames` frames, or None."""
        return self.intersection(Interval(0, n_frames - 1)) if n_frames > 0 else None


def merged(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """Join intervals that overlap or touch, in order of onset.

    Examples
    --------
    >>> merged([Interval(5, 9), Interval(0, 4), Interval(20, 21)])
    (Interval(onset=0, offset=9), Interval(onset=20, offset=21))
    """
    out: list[Interval] = []
    for interval in sorted(intervals):
        if out and interval.onset <= out[-1].offset + 1:
            out[-1] = out[-1].hull(interval)
        else:
            out.append(interval)
    return tuple(out)
