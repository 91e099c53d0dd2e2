"""A decoded picture with what its pixels alone do not say."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

from napari_mespot.frames.canvas import fitted
from napari_mespot.frames.orientation import UPRIGHT, Orientation, orientation
from napari_mespot.frames.pixels import compact_copy, frame_bytes, luma, rgb

__all__ = ["Display", "Picture"]


@dataclass(frozen=True, slots=True)
class Picture:
    """One decoded picture.

    Parameters
    ----------
    frame
        Its pixels as stored.
    turn
        How it is to be turned. Pictures of one video may differ.
    interlaced
        Whether it holds two fields of different times.
    """

    frame: VideoFrame
    turn: Orientation = UPRIGHT
    interlaced: bool = False

    @classmethod
    def of(cls, frame: VideoFrame) -> Self:
        """Take what the decoder gave, which stays the decoder's."""
        return cls(frame, orientation(frame), bool(frame.interlaced_frame))

    def kept(self) -> "Picture":
        """Copy the picture into memory of its own."""
        return Picture(compact_copy(self.frame), self.turn, self.interlaced)

    @property
    def n_bytes(self) -> int:
        """Memory its pixels take."""
        return frame_bytes(self.frame)

    @property
    def size(self) -> tuple[int, int]:
        """Height and width as displayed."""
        return self.turn.size(self.frame.height, self.frame.width)


class Display:
    """Turns pictures of one video into arrays of one size. Not thread-safe.

    Parameters
    ----------
    height, width
        Size of the arrays; pictures of other sizes are fitted into it.
    spare_bits
        How many of the highest bits of deep samples are unused in the whole video.
    """

    def __init__(self, height: int, width: int, spare_bits: int = 0) -> None:
        self._size = height, width
        self._spare_bits = spare_bits
        self._reformatter = VideoReformatter()

    def luma(self, picture: Picture) -> NDArray[np.uint8]:
        """Brightness ``(height, width)``, upright, a fresh array; see :func:`luma`."""
        return self._shown(picture, luma(picture.frame, self._reformatter, self._spare_bits))

    def rgb(self, picture: Picture) -> NDArray[np.uint8]:
        """Colours ``(height, width, 3)``, upright, a fresh array; see :func:`rgb`."""
        return self._shown(picture, rgb(picture.frame, self._reformatter, self._spare_bits))

    def _shown(self, picture: Picture, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        return np.array(fitted(picture.turn.apply(image), *self._size), order="C")
