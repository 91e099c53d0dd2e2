"""Intervals as rectangles in a strip of two lanes, and back: a pair of inverse functions.

In the strip x is the frame; an interval reaches from half a frame before its onset to half a
frame behind its offset, so that a single frame has a width. The ME lane lies above the MaE
lane; lengths across are in frames too, because shapes need one scale for both axes.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_mespot.model import ExpressionKind, Interval

__all__ = ["Lanes"]

_KINDS = (ExpressionKind.MICRO, ExpressionKind.MACRO)


@dataclass(frozen=True, slots=True)
class Lanes:
    """Where the lanes lie.

    Parameters
    ----------
    n_frames
        Length of the video.
    height
        Height of a lane, in frames.
    gap
        Between the lanes, in frames.
    """

    n_frames: int
    height: float
    gap: float

    @classmethod
    def for_video(cls, n_frames: int) -> "Lanes":
        """Return lanes that are each a twenty-fourth as high as the strip is wide."""
        return cls(n_frames, n_frames / 24, n_frames / 144)

    @property
    def total_height(self) -> float:
        """Height of both lanes and the gap, in frames."""
        return 2 * self.height + self.gap

    def top(self, kind: ExpressionKind) -> float:
        """Return the upper edge of a lane, in frames."""
        return _KINDS.index(kind) * (self.height + self.gap)

    def rectangle(self, interval: Interval, kind: ExpressionKind) -> NDArray[np.float64]:
        """Return the corners of an interval, shape (4, 2), as (y, x)."""
        top, left, right = self.top(kind), interval.onset - 0.5, interval.offset + 0.5
        bottom = top + self.height
        return np.array([[top, left], [top, right], [bottom, right], [bottom, left]])

    def interval(self, corners: NDArray[np.floating]) -> tuple[Interval, ExpressionKind]:
        """Return the interval and kind that a shape stands for.

        Whatever was done to the shape (turned, flipped, dragged out of its lane or out of the
        video), its bounding box decides: the nearest frames, the nearest lane.

        Parameters
        ----------
        corners
            Vertices as (y, x), shape (n, 2).
        """
        (top, left), (bottom, right) = corners.min(axis=0), corners.max(axis=0)
        last = self.n_frames - 1
        onset = int(np.clip(np.rint(left + 0.5), 0, last))
        offset = int(np.clip(np.rint(right - 0.5), onset, last))
        middle = (top + bottom) / 2
        is_upper = middle < self.height + self.gap / 2
        return Interval(onset, offset), _KINDS[0 if is_upper else 1]

    def has_left(self, corners: NDArray[np.floating], kind: ExpressionKind) -> bool:
        """Whether a shape lies wholly beside a lane, but for a tenth of its height."""
        slack, top = self.height / 10, self.top(kind)
        upper, lower = float(corners[:, 0].min()), float(corners[:, 0].max())
        return lower <= top + slack or upper >= top + self.height - slack

    def is_canonical(
        self, corners: NDArray[np.floating], interval: Interval, kind: ExpressionKind
    ) -> bool:
        """Whether a shape lies just where its interval belongs, within a tenth of a frame."""
        wanted = self.rectangle(interval, kind)
        if len(corners) != len(wanted):
            return False
        box = np.stack([corners.min(axis=0), corners.max(axis=0)])
        goal = np.stack([wanted.min(axis=0), wanted.max(axis=0)])
        return bool(np.abs(box - goal).max() <= 0.1)
