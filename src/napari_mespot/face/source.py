"""What the face room needs of a video; every :class:`napari_mespot.frames.FrameSource` has it."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from napari_mespot.model import Clock

__all__ = ["LumaSource", "TellsDamage", "VideoIdentity"]


class VideoIdentity(Protocol):
    """Which video it is, and its clock."""

    @property
    def video_id(self) -> str:
        """Name of the video."""

    @property
    def n_frames(self) -> int:
        """Number of frames."""

    @property
    def frame_rate(self) -> Fraction:
        """Frames per second."""

    @property
    def fingerprint(self) -> str:
        """Digest of the content."""


@runtime_checkable
class TellsDamage(Protocol):
    """A video that can say which of the frames read so far were damaged."""

    def damage_texts(self) -> tuple[str, ...]:
        """Return one-line texts for the user; none without damage."""


class LumaSource(VideoIdentity, Protocol):
    """A video that can be read once through in grey."""

    @property
    def clock(self) -> Clock:
        """When each frame is shown."""

    def iter_luma(
        self, start: int = 0, stop: int | None = None
    ) -> Iterator[NDArray[np.uint8] | None]:
        """Yield (H, W) uint8 frames in order; None for one that cannot be decoded."""
