"""Where the parts of a face lie in the aligned 112×112 crop.

The 68 points are the mean of measured faces, made symmetric, in the geometry of the
OpenFace crop (Baltrusaitis et al., OpenFace 2.0, FG 2018: scale 0.7 of its mean shape, 112
pixels). The unit of every length in this package is one pixel of that crop; x runs to the
right and y down, and the subject's right side is on the left of the picture.
"""

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "CROP_PX",
    "MEAN_FACE",
    "MIDLINE_X",
    "MIRROR",
    "RIGID_POINTS",
    "eye_centre",
    "half_face",
    "mirror_points",
    "on_side",
    "pixel_grid",
    "point",
]

CROP_PX = 112
"""Side of the aligned crop."""

MIDLINE_X = 55.8
"""Column of the face's plane of symmetry."""

RIGID_POINTS = (1, 2, 3, 4, 12, 13, 14, 15, 27, 28, 29, *range(31, 37), *range(39, 43), 45, 46, 47)
"""The 24 points of 68 to which OpenFace fits its similarity."""

# One half of the face: index of the point on the left of the picture, its mirror point, (x, y).
_HALF = (
    (0, 16, 6.1, 38.0),
    (1, 15, 6.7, 49.0),
    (2, 14, 7.8, 60.4),
    (3, 13, 10.2, 72.4),
    (4, 12, 14.0, 83.1),
    (5, 11, 21.6, 94.6),
    (6, 10, 31.4, 102.4),
    (7, 9, 40.2, 107.7),
    (8, 8, 55.8, 110.7),
    (17, 26, 14.9, 16.7),
    (18, 25, 19.4, 11.9),
    (19, 24, 26.3, 9.2),
    (20, 23, 35.2, 9.1),
    (21, 22, 45.4, 10.0),
    (27, 27, 55.8, 23.6),
    (28, 28, 55.8, 35.0),
    (29, 29, 55.8, 45.5),
    (30, 30, 55.8, 52.2),
    (31, 35, 43.8, 60.9),
    (32, 34, 50.5, 62.5),
    (33, 33, 55.8, 62.6),
    (36, 45, 23.7, 28.3),
    (37, 44, 28.7, 25.6),
    (38, 43, 36.0, 25.0),
    (39, 42, 43.4, 28.9),
    (40, 47, 36.8, 30.8),
    (41, 46, 29.4, 30.7),
    (48, 54, 37.3, 77.9),
    (49, 53, 45.0, 74.0),
    (50, 52, 50.5, 72.8),
    (51, 51, 55.8, 73.6),
    (59, 55, 45.9, 83.2),
    (58, 56, 50.7, 84.7),
    (57, 57, 55.8, 85.0),
    (60, 64, 39.6, 77.5),
    (61, 63, 51.6, 77.7),
    (62, 62, 55.8, 77.9),
    (67, 65, 51.4, 78.3),
    (66, 66, 55.8, 78.4),
)


def mirror_points(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mirror points, shape (..., 2), in the face's plane of symmetry."""
    return np.stack([2 * MIDLINE_X - points[..., 0], points[..., 1]], axis=-1)


def half_face(points: NDArray[np.float64], side: int) -> NDArray[np.float64]:
    """Return 68 points so that the half on the left (-1) or right (1) lies on the left.

    What is drawn for the left half from these points, and mirrored where `side` is 1, is
    right for both.
    """
    return points if side < 0 else mirror_points(points)[MIRROR]


def on_side(x: float, side: int) -> float:
    """Return column `x` of the left half on the left (-1) or right (1) of the picture."""
    return x if side < 0 else 2 * MIDLINE_X - x


def _whole_face() -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    points = np.empty((68, 2))
    mirror = np.empty(68, dtype=np.int64)
    for left, right, x, y in _HALF:
        points[right] = 2 * MIDLINE_X - x, y
        points[left] = x, y
        mirror[left], mirror[right] = right, left
    points.setflags(write=False)
    mirror.setflags(write=False)
    return points, mirror


MEAN_FACE, MIRROR = _whole_face()
"""The 68 points, shape (68, 2), and the index of each point's mirror point, shape (68,)."""


def point(*indices: int) -> tuple[float, float]:
    """Return the centre (x, y) of the given points of the mean face."""
    x, y = MEAN_FACE[list(indices)].mean(axis=0)
    return float(x), float(y)


def eye_centre(side: int) -> tuple[float, float]:
    """Return the centre (x, y) of the eye on the left (-1) or right (1) of the picture."""
    return point(*range(36, 42)) if side < 0 else point(*range(42, 48))


def pixel_grid(size: int = CROP_PX) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return x and y, in crop pixels, of every pixel of the crop drawn at `size` × `size`.

    Pixel centres are at whole numbers at 112, and stay in the same places of the face at
    any other size.

    Returns
    -------
    tuple
        x and y, each of shape (size, size), float32.
    """
    axis = (np.arange(size, dtype=np.float32) + np.float32(0.5)) * np.float32(CROP_PX / size)
    x, y = np.meshgrid(axis - np.float32(0.5), axis - np.float32(0.5))
    return x, y
