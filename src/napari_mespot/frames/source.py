"""The one way to frames: :class:`FrameSource`, and :func:`open_frames` that gives one."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from napari_mespot.frames.folder import FolderFrames
from napari_mespot.frames.stack import StackFrames, is_stack
from napari_mespot.frames.video import VideoFrames
from napari_mespot.model import Clock

__all__ = ["FrameSource", "open_frames"]


@runtime_checkable
class FrameSource(Protocol):
    """Frames of one recording by number, 0-based in display order.

    Attributes
    ----------
    path, video_id
        The file or folder, and its name without suffix.
    n_frames
        Number of frames.
    frame_rate
        Average frames per second, or what the user gave instead.
    height, width
        Size of a frame as displayed, rotation applied.
    warnings
        One-line texts for the user: file cut short, numbers missing, rate assumed, ...
    fingerprint
        Hex digest by which caches know the content again.
    """

    path: Path
    video_id: str
    n_frames: int
    frame_rate: Fraction
    height: int
    width: int
    warnings: tuple[str, ...]
    fingerprint: str

    @property
    def clock(self) -> Clock:
        """When each frame is shown, in seconds since the beginning of the file."""
        ...

    def read(self, index: int) -> NDArray[np.uint8]:
        """Frame `index` as ``(H, W, 3)`` RGB; IndexError outside, FrameReadError if damaged."""
        ...

    def read_luma(self, index: int) -> NDArray[np.uint8]:
        """Brightness of frame `index`, ``(H, W)``; errors as for `read`."""
        ...

    def read_many(self, indices: Sequence[int]) -> NDArray[np.uint8]:
        """Frames in the order asked for, ``(n, H, W, 3)``."""
        ...

    def iter_luma(
        self, start: int = 0, stop: int | None = None
    ) -> Iterator[NDArray[np.uint8] | None]:
        """Fast sequential ``(H, W)`` brightness, ``stop - start`` items; None if damaged."""
        ...

    def damage_texts(self) -> tuple[str, ...]:
        """One line about the frames that :meth:`iter_luma` found damaged so far, if any."""
        ...

    def close(self) -> None:
        """Let go of files and memory."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...


def open_frames(path: str | Path, *, fps: Fraction | float | str | None = None) -> FrameSource:
    """Open a video file, a TIFF stack or a folder of images.

    Parameters
    ----------
    path
        A video file in any format FFmpeg reads, a TIFF file of pages, or a folder of numbered
        images.
    fps
        Frames per second to use instead of what the file says: a number, a fraction, or text
        such as ``"200"`` or ``"30000/1001"``. High-speed material is often stored as 25 or 30.
        Frames are then evenly spaced from 0 on, whatever times the file states.

    Returns
    -------
    FrameSource
        Also a context manager. Its `warnings` say what the user should know.

    Raises
    ------
    FrameReadError
        Nothing usable is at `path`, or `fps` is not a number above 0. The text says in one
        line what was expected, what came and what to do.
    """
    path = Path(path)
    if path.is_dir():
        return FolderFrames(path, fps=fps)
    return StackFrames(path, fps=fps) if is_stack(path) else VideoFrames(path, fps=fps)
