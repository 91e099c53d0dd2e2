"""Frames to pixels and back: which stretch of the video the timeline shows. Free of Qt."""

from dataclasses import dataclass, replace
from math import floor

import numpy as np
from numpy.typing import NDArray

from napari_mespot.model import Interval

__all__ = ["TimeView"]

_FEWEST_FRAMES = 8.0
_MARGIN = 0.35
"""Free space on both sides of an interval that the view is fitted to, as a share of it."""


@dataclass(frozen=True, slots=True)
class TimeView:
    """A stretch of a video on a number of pixels.

    A frame is as wide as one frame: frame *i* reaches from *i* − 0.5 to *i* + 0.5.

    Parameters
    ----------
    n_frames
        Length of the video.
    left, width
        First pixel, and number of pixels.
    start, end
        What is shown, in frames; always inside −0.5 … n_frames − 0.5.
    """

    n_frames: int
    left: float
    width: float
    start: float
    end: float

    @classmethod
    def whole(cls, n_frames: int, left: float = 0.0, width: float = 1.0) -> "TimeView":
        """Show the whole video."""
        return cls(n_frames, left, max(1.0, width), -0.5, n_frames - 0.5)

    @property
    def span(self) -> float:
        """Number of frames shown."""
        return self.end - self.start

    @property
    def frame_px(self) -> float:
        """Width of a frame in pixels."""
        return self.width / self.span

    @property
    def is_whole(self) -> bool:
        """Whether all of the video is shown."""
        return self.span >= self.n_frames - 1e-6

    def x(self, frame: float) -> float:
        """Return the pixel of a place given in frames."""
        return self.left + (frame - self.start) * self.frame_px

    def xs(self, frames: NDArray[np.floating] | NDArray[np.integer]) -> NDArray[np.float64]:
        """Return the pixels of many places, shape as given."""
        return self.left + (np.asarray(frames, np.float64) - self.start) * self.frame_px

    def place(self, x: float) -> float:
        """Return the place at a pixel, in frames."""
        return self.start + (x - self.left) / self.frame_px

    def frame(self, x: float) -> int:
        """Return the frame at a pixel, clipped to the video."""
        return min(max(floor(self.place(x) + 0.5), 0), self.n_frames - 1)

    def resized(self, left: float, width: float) -> "TimeView":
        """Return the same stretch on other pixels."""
        return replace(self, left=left, width=max(1.0, width))

    def zoomed(self, factor: float, x: float) -> "TimeView":
        """Return a view with `factor` times as many frames; the place at pixel `x` stays."""
        fewest = min(_FEWEST_FRAMES, float(self.n_frames))
        span = min(max(self.span * factor, fewest), float(self.n_frames))
        share = min(max((x - self.left) / self.width, 0.0), 1.0)
        return self._shown(self.start + share * (self.span - span), span)

    def panned(self, frames: float) -> "TimeView":
        """Return a view that starts some frames later, or earlier."""
        return self._shown(self.start + frames, self.span)

    def fitted(self, interval: Interval | None) -> "TimeView":
        """Return a view of an interval with room on both sides; None: of the whole video."""
        if interval is None:
            return self._shown(-0.5, float(self.n_frames))
        room = max(interval.n_frames * _MARGIN, 4.0)
        span = min(max(interval.n_frames + 2 * room, _FEWEST_FRAMES), float(self.n_frames))
        middle = (interval.onset + interval.offset) / 2
        return self._shown(middle - span / 2, span)

    def holding(self, frame: int) -> "TimeView":
        """Return this view, or the next page (going back: the one before) if it must."""
        if self.start <= frame <= self.end:
            return self
        share = 0.1 if frame > self.end else 0.9
        return self._shown(frame - share * self.span, self.span)

    def reaching(self, x: float) -> "TimeView":
        """Return this view, moved towards a pixel that lies beside it."""
        beyond = min(x - self.left, 0.0) + max(x - self.left - self.width, 0.0)
        return self.panned(0.3 * beyond / self.frame_px) if beyond else self

    def _shown(self, start: float, span: float) -> "TimeView":
        span = min(span, float(self.n_frames))
        start = min(max(start, -0.5), self.n_frames - 0.5 - span)
        return replace(self, start=start, end=start + span)
