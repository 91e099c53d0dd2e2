"""Pictures in image files: where each is, how it is to be turned, and its pixels as 8 bits."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from napari_mespot.errors import FrameReadError
from napari_mespot.frames.image_header import image_header
from napari_mespot.frames.orientation import Orientation, exif_orientation
from napari_mespot.frames.pixels import to_8_bits
from napari_mespot.frames.tiff import is_tiff
from napari_mespot.frames.tiff_stack import TiffPage, TiffStack, page_as_file, read_stack
from napari_mespot.frames.watched_file import reading

__all__ = ["Still", "deep_max", "read_still", "stills_of", "stills_of_stack"]


@dataclass(frozen=True, slots=True)
class Still:
    """One picture in a file.

    Parameters
    ----------
    file
        The file.
    size
        Height and width as displayed.
    turn
        How the stored picture is to be turned.
    is_deep
        Whether its samples have more than 8 bits.
    page
        The page, if the file is a TIFF.
    number
        Of the page among those of the file that are pictures.
    """

    file: Path
    size: tuple[int, int]
    turn: Orientation
    is_deep: bool
    page: TiffPage | None = None
    number: int = 0

    def __str__(self) -> str:
        return f"page {self.number} of {self.file}" if self.number else str(self.file)


def stills_of(path: Path) -> list[Still]:
    """Find the pictures in an image file; several if it is a stack of pages.

    Raises
    ------
    FrameReadError
        It is no image, or holds several pictures and is no stack of pages.
    FileReadError
        It cannot be read just now.
    """
    with reading(path), path.open("rb") as file:
        head = file.read(16)
    if is_tiff(head):
        with reading(path):
            return stills_of_stack(path, read_stack(path))
    header = image_header(path)
    if header is None:
        raise FrameReadError(
            f"Expected an image, but {path} cannot be read as one; replace or remove it."
        )
    if header.n_pictures > 1:
        raise FrameReadError(
            f"Expected one picture a file, but {path} is an animation of {header.n_pictures}; "
            "give that file itself."
        )
    turn = exif_orientation(header.orientation)
    return [Still(path, turn.size(header.height, header.width), turn, header.bits > 8)]


def stills_of_stack(path: Path, stack: TiffStack) -> list[Still]:
    """Make pictures of the pages of a TIFF."""
    stills = []
    for number, page in enumerate(stack.pages):
        turn = exif_orientation(page.orientation)
        size = turn.size(page.height, page.width)
        stills.append(Still(path, size, turn, page.bits > 8, page, number))
    return stills


def read_still(still: Still, *, grey: bool, spare_bits: int = 0) -> NDArray[np.uint8] | None:
    """Decode a picture.

    Transparency is dropped, the picture turned upright.

    Parameters
    ----------
    still
        The picture.
    grey
        Return brightness ``(H, W)`` instead of RGB ``(H, W, 3)``.
    spare_bits
        How many of the highest bits of 16-bit samples are unused.

    Returns
    -------
    ndarray or None
        uint8 pixels; None if the file cannot be decoded or has neither 8 nor 16 bits.
    """
    samples = _decode(still, cv2.IMREAD_GRAYSCALE if grey else cv2.IMREAD_COLOR)
    if samples is None:
        return None
    if samples.dtype == np.uint16:
        pixels = to_8_bits(samples, 16 - spare_bits) if spare_bits else samples >> 8
    elif samples.dtype == np.uint8:
        pixels = samples
    else:
        return None
    shown = still.turn.apply(pixels.astype(np.uint8, copy=False))
    return np.array(shown if grey else shown[..., ::-1], order="C")


def deep_max(still: Still) -> int:
    """Largest 16-bit sample of a picture; 0 if it cannot be decoded or has 8 bits."""
    samples = _decode(still, cv2.IMREAD_ANYCOLOR)
    return int(samples.max()) if samples is not None and samples.dtype == np.uint16 else 0


def _decode(still: Still, flags: int) -> NDArray[Any] | None:
    try:
        with reading(still.file):
            # Through memory, because imread cannot open every path on Windows.
            data = page_as_file(still.file, still.page) if still.page else still.file.read_bytes()
        if not data:
            return None
        flags |= cv2.IMREAD_ANYDEPTH | cv2.IMREAD_IGNORE_ORIENTATION
        samples: NDArray[Any] | None = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except cv2.error:
        return None
    if samples is not None and samples.dtype == np.uint16 and still.page and still.page.inverted:
        return np.iinfo(np.uint16).max - samples
    return samples
