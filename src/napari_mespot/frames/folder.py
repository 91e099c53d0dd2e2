"""Frames of a folder of images, in the order of the numbers in their names."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from napari_mespot.errors import FileReadError, FrameReadError
from napari_mespot.frames.base import FramesBase
from napari_mespot.frames.damage import DamageLog
from napari_mespot.frames.fingerprint import folder_fingerprint
from napari_mespot.frames.image_files import (
    highest_value,
    image_size,
    read_image,
)
from napari_mespot.frames.numbering import number_files
from napari_mespot.frames.rate import format_rate, parse_frame_rate
from napari_mespot.frames.watched_file import changed, reading
from napari_mespot.model import IMAGE_ENDINGS, composed, is_video_file

__all__ = ["FolderFrames"]

#: Images carry no frame rate; this one is assumed, with a warning, unless the user gives one.
_ASSUMED_RATE = Fraction(30)
#: 16-bit files whose largest value is below this hold data of fewer bits and come out dark.
_DARK_16_BIT = 1 << 13


class FolderFrames(FramesBase):
    """A folder of images as a :class:`~napari_mespot.frames.FrameSource`.

    Frame *i* is the *i*-th existing image by number; hidden files and files that are no images
    are passed over. Nothing is kept in memory, so reads need no lock.

    Parameters
    ----------
    path
        The folder.
    fps
        Frames per second; 30 is assumed, with a warning, if not given.

    Attributes
    ----------
    numbers
        The number in the file name of each frame.
    files
        The file of each frame.

    Raises
    ------
    FrameReadError
        The folder holds no images, an image cannot be read, or images differ in size.
    """

    def __init__(self, path: str | Path, *, fps: Fraction | float | str | None = None) -> None:
        self.path = Path(path)
        self.damage = DamageLog()
        self._fps = fps
        ordered = number_files(_images_in(self.path))
        self.files, self.numbers = ordered.files, ordered.numbers
        self.video_id = composed(self.path.resolve().name)
        self.n_frames = len(self.files)
        self.height, self.width = _common_size(self.files)
        self.frame_rate = _ASSUMED_RATE if fps is None else parse_frame_rate(fps)
        self.warnings = (
            *(f"{self.video_id}: {text}" for text in ordered.warnings),
            *_depth_warnings(self.files[0]),
            *(() if fps is not None else (_rate_warning(self.video_id),)),
        )
        self.fingerprint = folder_fingerprint(self.files)

    def read(self, index: int) -> NDArray[np.uint8]:
        """Read one frame.

        Parameters
        ----------
        index
            Frame number, 0-based among the existing files.

        Returns
        -------
        ndarray
            ``(H, W, 3)`` uint8 RGB. Grey images have equal channels, of 16-bit images the high
            byte is taken, transparency is dropped.

        Raises
        ------
        IndexError
            `index` lies outside ``[0, n_frames)``.
        FrameReadError
            The file cannot be read, or its size has changed.
        """
        return self._load(self._check(index), grey=False)

    def read_luma(self, index: int) -> NDArray[np.uint8]:
        """Read one frame's brightness, ``(H, W)`` uint8; errors as for :meth:`read`."""
        return self._load(self._check(index), grey=True)

    def iter_luma(
        self, start: int = 0, stop: int | None = None
    ) -> Iterator[NDArray[np.uint8] | None]:
        """Read brightness in order; None for a file that cannot be read.

        Parameters
        ----------
        start, stop
            First frame, and one past the last; the end of the folder if `stop` is None.

        Yields
        ------
        ndarray or None
            ``(H, W)`` uint8; exactly ``stop - start`` items.
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

    def check_unchanged(self) -> None:
        """Make sure that the images are still those that were found at first.

        Raises
        ------
        FileReadError
            Images have been added, changed or removed, or cannot be read just now.
        """
        with reading(self.path):
            now = number_files(_images_in(self.path)).files
            if now != self.files or folder_fingerprint(now) != self.fingerprint:
                raise changed(self.path)

    def close(self) -> None:
        """Nothing is held open."""

    def __reduce__(self) -> tuple[object, ...]:
        return _reopen, (self.path, self._fps)

    def _load(self, index: int, *, grey: bool) -> NDArray[np.uint8]:
        file = self.files[index]
        image = read_image(file, grey=grey)
        if image is None:
            raise FrameReadError(
                f"Expected an image of 8 or 16 bits, but {file} cannot be read; "
                "replace or remove it."
            )
        if image.shape[:2] != (self.height, self.width):
            raise FrameReadError(_size_text(file, image.shape[:2], (self.height, self.width)))
        return image


def _reopen(path: Path, fps: Fraction | float | str | None) -> FolderFrames:
    return FolderFrames(path, fps=fps)


def _images_in(folder: Path) -> list[Path]:
    try:
        present = [file for file in folder.iterdir() if not file.name.startswith(".")]
    except OSError as error:
        raise FrameReadError(
            f"Expected a readable folder of images, but {folder} cannot be listed "
            f"({error.strerror}); check its path and permissions."
        ) from None
    images = [file for file in present if file.suffix.lower() in IMAGE_ENDINGS and file.is_file()]
    if images:
        return images
    videos = sorted(file.name for file in present if is_video_file(file))
    advice = f"give one of its videos, such as {videos[0]}" if videos else "check the path"
    raise FrameReadError(
        f"Expected a video file or a folder of images (jpg, png, bmp, tif, ...), but {folder} "
        f"holds no images; {advice}."
    )


def _common_size(files: tuple[Path, ...]) -> tuple[int, int]:
    first: tuple[int, int] | None = None
    for file in files:
        size = image_size(file)
        if size is None:
            raise FrameReadError(
                f"Expected an image, but {file} cannot be read as one; replace or remove it."
            )
        first = first or size
        if size != first:
            raise FrameReadError(_size_text(file, size, first))
    assert first is not None  # noqa: S101  (there is at least one file)
    return first


def _size_text(file: Path, size: tuple[int, ...], expected: tuple[int, int]) -> str:
    return (
        f"Expected images of one size ({expected[1]}×{expected[0]}), but {file} has "
        f"{size[1]}×{size[0]}; remove or resize it."
    )


def _depth_warnings(file: Path) -> tuple[str, ...]:
    highest = highest_value(file)
    if highest is None or highest >= _DARK_16_BIT:
        return ()
    return (
        f"{file.name} is a 16-bit image whose largest value is {highest}: pictures will be dark; "
        "scale them to the full 16 bits if they hold fewer.",
    )


def _rate_warning(name: str) -> str:
    return (
        f"{name}: images carry no frame rate, {format_rate(_ASSUMED_RATE)} fps is assumed; "
        "give the frame rate if that is wrong."
    )
