"""A stretch of a video, as the face room reads it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from napari_mespot.model import Interval

if TYPE_CHECKING:
    from napari_mespot.frames import FrameSource

__all__ = ["VideoPart"]


class VideoPart:
    """The frames of a stretch, counted from 0; the video stays open.

    Parameters
    ----------
    source
        The video.
    stretch
        Which of its frames.
    """

    def __init__(self, source: "FrameSource", stretch: Interval) -> None:
        self.video_id, self.frame_rate = source.video_id, source.frame_rate
        self.clock = source.clock.from_frame(stretch.onset)
        self.n_frames, self._source, self._stretch = stretch.n_frames, source, stretch
        self.fingerprint = f"{source.fingerprint}-{stretch.onset}-{stretch.offset}"

    def iter_luma(
        self, start: int = 0, stop: int | None = None
    ) -> Iterator[NDArray[np.uint8] | None]:
        """Sequential ``(H, W)`` brightness; None for a frame that is damaged."""
        first = self._stretch.onset
        stop = self.n_frames if stop is None else stop
        return self._source.iter_luma(first + start, first + stop)
