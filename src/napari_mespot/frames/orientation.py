"""How a stored picture is to be turned before it is shown."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from av.sidedata.sidedata import Type as SideDataType
from av.video.frame import VideoFrame
from numpy.typing import NDArray

__all__ = ["UPRIGHT", "Orientation", "exif_orientation", "orientation", "turned"]


@dataclass(frozen=True, slots=True)
class Orientation:
    """How to turn a stored picture upright: transpose first, then flip.

    Covers the eight orientations of a display matrix, mirrored ones included.
    """

    transpose: bool = False
    flip_rows: bool = False
    flip_columns: bool = False

    def apply(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return `image` ``(H, W, ...)`` as it is to be shown, a view where possible."""
        if self.transpose:
            image = image.swapaxes(0, 1)
        if self.flip_rows:
            image = image[::-1]
        if self.flip_columns:
            image = image[:, ::-1]
        return image

    def size(self, height: int, width: int) -> tuple[int, int]:
        """Height and width as displayed."""
        return (width, height) if self.transpose else (height, width)


UPRIGHT = Orientation()


def orientation(frame: VideoFrame) -> Orientation:
    """Read the display matrix of a frame; upright if it has none.

    The matrix maps stored (x, y) to x' = a·x + c·y, y' = b·x + d·y. Angles between the
    quarter turns are rounded to the nearest one.
    """
    try:
        attached: Any = frame.side_data
        matrix = attached[SideDataType.DISPLAYMATRIX]
    except KeyError:
        return UPRIGHT
    except ValueError:  # PyAV 17 and 18 give nothing of a frame that holds a kind they do not know
        return turned(frame.rotation)
    a, b, _, c, d = (int(v) for v in np.frombuffer(matrix, "<i4")[:5])
    if abs(b) + abs(c) > abs(a) + abs(d):
        return Orientation(transpose=True, flip_rows=b < 0, flip_columns=c < 0)
    return Orientation(flip_rows=d < 0, flip_columns=a < 0)


def exif_orientation(number: int | None) -> Orientation:
    """Orientation by EXIF's number, 1 to 8, which TIFF has too; upright for any other."""
    if number is None or not 1 <= number <= 8:
        return UPRIGHT
    return Orientation(
        transpose=number >= 5, flip_rows=number in (3, 4, 7, 8), flip_columns=number in (2, 3, 6, 7)
    )


def turned(degrees: int) -> Orientation:
    """Orientation of a picture to be turned counterclockwise, to the nearest quarter turn."""
    quarters = round(degrees / 90) % 4
    return Orientation(
        transpose=quarters in (1, 3), flip_rows=quarters in (1, 2), flip_columns=quarters in (2, 3)
    )
