"""Frames that are pictures in image files, one after the other."""

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from napari_mespot.errors import FileReadError, FrameReadError
from napari_mespot.frames.base import FramesBase
from napari_mespot.frames.rate import format_rate
from napari_mespot.frames.stills import Still, read_still

__all__ = ["ASSUMED_RATE", "StillFrames", "common_size", "rate_warning"]

#: Images carry no frame rate; this one is assumed, with a warning, unless the user gives one.
ASSUMED_RATE = Fraction(30)


class StillFrames(FramesBase):
    """Shared half of :class:`FolderFrames` and :class:`StackFrames`.

    Nothing is kept in memory or held open, so reads need no lock.
    """

    _stills: Sequence[Still]
    _spare_bits: int

    def read(self, index: int) -> NDArray[np.uint8]:
        """Read one frame.

        Parameters
        ----------
        index
            Frame number, 0-based among the existing pictures.

        Returns
        -------
        ndarray
            ``(H, W, 3)`` uint8 RGB. Grey images have equal channels, of 16-bit images the
            highest 8 of the bits that all of them use are taken, transparency is dropped.

        Raises
        ------
        IndexError
            `index` lies outside ``[0, n_frames)``.
        FrameReadError
            The picture cannot be read, or its size has changed.
        """
        return self._load(self._check(index), grey=False)

    def read_luma(self, index: int) -> NDArray[np.uint8]:
        """Read one frame's brightness, ``(H, W)`` uint8; errors as for :meth:`read`."""
        return self._load(self._check(index), grey=True)

    def iter_luma(
        self, start: int = 0, stop: int | None = None
    ) -> Iterator[NDArray[np.uint8] | None]:
        """Read brightness in order; None for a picture that cannot be read.

        Parameters
        ----------
        start, stop
            First frame, and one past the last; the end if `stop` is None.

        Yields
        ------
        ndarray or None
            ``(H, W)`` uint8; exactly ``stop - start`` items.

        Raises
        ------
        FileReadError
            The pictures cannot be read just now, or changed since they were found.
        """
        for index in self._range(start, stop):
            try:
                yield self._load(index, grey=True)
            except FileReadError:
                raise
            except FrameReadError:
                self.damage.lost.add(index)
                yield None
        self.check_unchanged()

    @abstractmethod
    def check_unchanged(self) -> None:
        """Make sure that the pictures are still those that were found at first."""

    def close(self) -> None:
        """Nothing is held open."""

    def _load(self, index: int, *, grey: bool) -> NDArray[np.uint8]:
        still = self._stills[index]
        image = read_still(still, grey=grey, spare_bits=self._spare_bits)
        if image is None:
            raise FrameReadError(
                f"Expected an image of 8 or 16 bits, but {still} cannot be read; "
                "replace or remove it."
            )
        if image.shape[:2] != (self.height, self.width):
            raise FrameReadError(_size_text(still, image.shape[:2], (self.height, self.width)))
        return image


def common_size(stills: Sequence[Still]) -> tuple[int, int]:
    """Height and width of all the pictures.

    Raises
    ------
    FrameReadError
        They differ.
    """
    first = stills[0].size
    for still in stills:
        if still.size != first:
            raise FrameReadError(_size_text(still, still.size, first))
    return first


def rate_warning(name: str) -> str:
    """Say that a frame rate is assumed."""
    return (
        f"{name}: images carry no frame rate, {format_rate(ASSUMED_RATE)} fps is assumed; "
        "give the frame rate if that is wrong."
    )


def _size_text(still: Still, size: Sequence[int], expected: tuple[int, int]) -> str:
    return (
        f"Expected images of one size ({expected[1]}×{expected[0]}), but {still} has "
        f"{size[1]}×{size[0]}; remove or resize it."
    )
