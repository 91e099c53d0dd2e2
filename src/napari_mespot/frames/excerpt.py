"""The first frames of a recording, as a recording of their own."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from napari_mespot.frames.base import FramesBase
from napari_mespot.frames.damage import DamageLog
from napari_mespot.frames.source import FrameSource
from napari_mespot.model import Clock

__all__ = ["Excerpt"]


class Excerpt(FramesBase):
    """The frames of another source before frame `stop`; closing it closes that source.

    Parameters
    ----------
    source
        The recording.
    stop
        One past the last frame; no more than there are.
    """

    def __init__(self, source: FrameSource, stop: int) -> None:
        self._source = source
        self.path, self.video_id = source.path, source.video_id
        self.n_frames = min(stop, source.n_frames)
        self.frame_rate = source.frame_rate
        self.height, self.width = source.height, source.width
        self.warnings = source.warnings
        self.fingerprint = f"{source.fingerprint}-{self.n_frames}"
        self.damage = DamageLog()  # that of the recording is told

    @property
    def clock(self) -> Clock:
        """When each frame is shown; the same as in the whole recording."""
        return self._source.clock

    def read(self, index: int) -> NDArray[np.uint8]:
        """Frame `index` as ``(H, W, 3)`` RGB."""
        return self._source.read(self._check(index))

    def read_luma(self, index: int) -> NDArray[np.uint8]:
        """Brightness of frame `index`, ``(H, W)``."""
        return self._source.read_luma(self._check(index))

    def iter_luma(
        self, start: int = 0, stop: int | None = None
    ) -> Iterator[NDArray[np.uint8] | None]:
        """Sequential ``(H, W)`` brightness; None for a frame that is damaged."""
        frames = self._range(start, stop)
        return self._source.iter_luma(frames.start, frames.stop)

    def damage_texts(self) -> tuple[str, ...]:
        """Return one line about the frames of the recording found damaged so far, if any."""
        return self._source.damage_texts()

    def close(self) -> None:
        """Close the recording."""
        self._source.close()
