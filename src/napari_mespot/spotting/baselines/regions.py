"""The parts of the face whose motion is watched, in the aligned 112 px crop."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_mespot.frames.synthetic.geometry import CROP_PX, MEAN_FACE

__all__ = ["MOVING", "NOSE", "Region", "mean_motion"]


@dataclass(frozen=True, slots=True)
class Region:
    """A rectangle of the crop: rows top to bottom - 1, columns left to right - 1."""

    name: str
    top: int
    bottom: int
    left: int
    right: int


def _around(name: str, points: tuple[int, ...], shift: float, half: tuple[int, int]) -> Region:
    """Return the rectangle around some landmarks, moved down by `shift`."""
    x, y = MEAN_FACE[list(points)].mean(axis=0)
    row, column = round(float(y) + shift), round(float(x))
    return Region(
        name,
        max(0, row - half[1]),
        min(CROP_PX, row + half[1] + 1),
        max(0, column - half[0]),
        min(CROP_PX, column + half[0] + 1),
    )


NOSE = _around("nose", (27, 28, 29), 4.0, (5, 9))
"""Bridge of the nose: it moves with the head, not with an expression."""

MOVING = (
    _around("right outer brow", (18, 19), -1.0, (7, 6)),
    _around("right inner brow", (20, 21), -1.0, (7, 6)),
    _around("left inner brow", (22, 23), -1.0, (7, 6)),
    _around("left outer brow", (24, 25), -1.0, (7, 6)),
    _around("right mouth corner", (48,), 0.0, (7, 7)),
    _around("left mouth corner", (54,), 0.0, (7, 7)),
    _around("upper lip", (51,), -1.0, (8, 5)),
    _around("right side of the nose", (31,), -4.0, (5, 6)),
    _around("left side of the nose", (35,), -4.0, (5, 6)),
    _around("chin", (8,), -12.0, (10, 7)),
)
"""Where expressions show. The eyes are left out: they blink."""


def mean_motion(flow: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the mean motion of each of :data:`MOVING`, that of the nose taken off.

    Parameters
    ----------
    flow
        Shape (112, 112, 2): motion of each pixel to the right and down, in pixels.

    Returns
    -------
    NDArray
        Shape (n_regions, 2), float64.
    """
    rigid = _mean(flow, NOSE)
    return np.stack([_mean(flow, region) - rigid for region in MOVING])


def _mean(flow: NDArray[np.float32], region: Region) -> NDArray[np.float64]:
    part = flow[region.top : region.bottom, region.left : region.right]
    return np.asarray(part.mean(axis=(0, 1), dtype=np.float64))
