"""Crops in a file, sliced like an array."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from napari_mespot.errors import FrameReadError

__all__ = ["CropFile"]


@dataclass(frozen=True, slots=True)
class CropFile:
    """(n, crop_px, crop_px) uint8 crops that lie one after the other in a file.

    ``crops[i]``, ``crops[a:b]`` and ``np.asarray(crops)`` read just what they return, by
    plain reads (a memory map would count as memory in use). The file is not kept open.

    Parameters
    ----------
    path
        The file.
    offset
        Bytes before the first crop.
    n
        Number of crops.
    crop_px
        Their side in pixels.
    """

    path: Path
    offset: int
    n: int
    crop_px: int

    @property
    def shape(self) -> tuple[int, int, int]:
        """(n, crop_px, crop_px)."""
        return (self.n, self.crop_px, self.crop_px)

    @property
    def dtype(self) -> np.dtype[np.uint8]:
        """Always uint8."""
        return np.dtype(np.uint8)

    def __len__(self) -> int:
        return self.n

    def __getitem__(self, index: int | slice) -> NDArray[np.uint8]:
        if isinstance(index, slice):
            start, stop, step = index.indices(self.n)
            if step == 1:
                return self._read(start, max(start, stop))
            rows = [self._read(i, i + 1) for i in range(start, stop, step)]
            return np.concatenate([np.zeros((0, *self.shape[1:]), np.uint8), *rows])
        place = index + self.n if index < 0 else index
        if not 0 <= place < self.n:
            raise IndexError(f"Expected a frame from 0 to {self.n - 1}, got {index}")
        crop: NDArray[np.uint8] = self._read(place, place + 1)[0]
        return crop

    def __array__(
        self, dtype: np.dtype[np.generic] | None = None, copy: bool | None = None
    ) -> NDArray[np.generic]:
        if copy is False:
            raise ValueError("Expected leave to copy: the crops lie in a file")
        return self._read(0, self.n).astype(dtype or np.uint8, copy=False)

    def _read(self, start: int, stop: int) -> NDArray[np.uint8]:
        """Read crops start to stop (exclusive)."""
        crops = np.empty((stop - start, self.crop_px, self.crop_px), np.uint8)
        try:
            with self.path.open("rb") as file:
                file.seek(self.offset + start * self.crop_px**2)
                got = file.readinto(crops.data)
        except OSError as error:
            raise FrameReadError(
                f"Expected the cached faces in {self.path}, got: {error.strerror}; run again"
            ) from error
        if got != crops.nbytes:
            raise FrameReadError(
                f"Expected {crops.nbytes} bytes of cached faces in {self.path}, got {got}: "
                "delete the file and run again"
            )
        return crops
