"""What every frame source does in the same way."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from fractions import Fraction
from functools import cached_property
from operator import index as as_int
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from napari_mespot.frames.damage import DamageLog
from napari_mespot.model import Clock

__all__ = ["FramesBase"]


class FramesBase(ABC):
    """Shared half of :class:`VideoFrames` and :class:`FolderFrames`."""

    path: Path
    video_id: str
    n_frames: int
    frame_rate: Fraction
    height: int
    width: int
    warnings: tuple[str, ...]
    fingerprint: str

    @cached_property
    def damage(self) -> DamageLog:
        """What was found damaged so far; nothing in a source that cannot be."""
        return DamageLog()

    @property
    def clock(self) -> Clock:
        """When each frame is shown."""
        return Clock(self.frame_rate)

    @abstractmethod
    def read(self, index: int) -> NDArray[np.uint8]:
        """Frame `index` as ``(H, W, 3)`` RGB."""

    @abstractmethod
    def close(self) -> None:
        """Let go of files and memory."""

    def read_many(self, indices: Sequence[int]) -> NDArray[np.uint8]:
        """Read several frames.

        Parameters
        ----------
        indices
            Frame indices in any order, repeats allowed. They are decoded in rising order.

        Returns
        -------
        ndarray
            ``(n, H, W, 3)`` uint8 RGB, in the order asked for.

        Raises
        ------
        IndexError
            An index lies outside ``[0, n_frames)``.
        FrameReadError
            A frame cannot be decoded.
        """
        wanted = [self._check(index) for index in indices]
        frames = np.empty((len(wanted), self.height, self.width, 3), np.uint8)
        for place in sorted(range(len(wanted)), key=wanted.__getitem__):
            frames[place] = self.read(wanted[place])
        return frames

    def damage_texts(self) -> tuple[str, ...]:
        """Return one line about the frames found damaged by :meth:`iter_luma` so far, if any."""
        return self.damage.texts(self.path.name, self.n_frames)

    def _check(self, index: int) -> int:
        index = as_int(index)
        if not 0 <= index < self.n_frames:
            message = f"Expected a frame from 0 to {self.n_frames - 1}, got {index}"
            raise IndexError(message)
        return index

    def _range(self, start: int, stop: int | None) -> range:
        stop = self.n_frames if stop is None else as_int(stop)
        start = as_int(start)
        if not 0 <= start <= stop <= self.n_frames:
            message = (
                f"Expected 0 <= start <= stop <= {self.n_frames}, got start {start}, stop {stop}"
            )
            raise IndexError(message)
        return range(start, stop)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}({self.path.name!r}, {self.n_frames} frames, "
            f"{self.width}×{self.height}, {float(self.frame_rate):.5g} fps)"
        )
