"""The aligned frame: OpenFace's 112×112 geometry, 68 points out of 468, similarity transforms.

A transform is a (2, 3) float64 matrix ``[R | t]`` that maps a point (x, y) of one image to
``R @ (x, y) + t`` in another. Pixel centres lie at integer coordinates. The *aligned frame*
is OpenFace's: 112 pixels across, 0.7 of its mean shape in millimetres to the pixel.
"""

from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "ALIGNED_PX",
    "RIGID_INDICES",
    "RIGID_POINTS",
    "apply_transform",
    "compose",
    "crop_scaling",
    "face_points_68",
    "fit_similarity",
    "frame_face",
    "invert",
    "mean_face",
    "transform_scale",
]

ALIGNED_PX = 112

# The 24 points of the 68 that OpenFace takes for rigid (jaw sides, nose, eyes), and where
# they lie in its aligned frame.
_RIGID: dict[int, tuple[float, float]] = {
    1: (5.1, 48.3), 2: (6.6, 61.6), 3: (9.2, 74.3), 4: (14.1, 85.8),
    12: (96.1, 85.7), 13: (101.1, 73.8), 14: (103.7, 60.9), 15: (105.3, 47.8),
    27: (56.5, 26.5), 28: (56.6, 34.3), 29: (56.7, 42.0),
    31: (45.7, 57.8), 32: (51.0, 59.3), 33: (56.4, 60.6), 34: (61.8, 59.3), 35: (66.7, 57.9),
    36: (23.8, 29.8), 39: (42.2, 30.3), 40: (36.2, 31.4), 41: (29.3, 31.6),
    42: (69.5, 30.1), 45: (87.6, 29.3), 46: (82.7, 31.1), 47: (76.1, 31.2),
}  # fmt: skip
RIGID_INDICES: NDArray[np.int64] = np.array(list(_RIGID), dtype=np.int64)
RIGID_POINTS: NDArray[np.float64] = np.array(list(_RIGID.values()), dtype=np.float64)

# Points 17 to 67 of the 68 (brows, nose, eyes, mouth) as points of the 468.
_INNER = [
    70, 63, 105, 66, 107, 336, 296, 334, 293, 300,
    168, 197, 5, 4, 98, 97, 2, 326, 327,
    33, 160, 158, 133, 153, 144, 362, 385, 387, 263, 373, 380,
    61, 39, 37, 0, 267, 269, 291, 405, 314, 17, 84, 181,
    78, 82, 13, 312, 308, 317, 14, 87,
]  # fmt: skip
# Points 0 to 16 (jaw) as the middle of two points of the 468.
_JAW = [
    (127, 234), (234, 93), (93, 132), (132, 58), (58, 172), (136, 136), (150, 149), (176, 176),
    (152, 152), (400, 400), (379, 378), (365, 365), (288, 397), (361, 288), (323, 361),
    (454, 323), (356, 454),
]  # fmt: skip
_FIRST = np.array([pair[0] for pair in _JAW] + _INNER)
_SECOND = np.array([pair[1] for pair in _JAW] + _INNER)


def face_points_68(points: ArrayLike) -> NDArray[np.float64]:
    """Turn 468 landmarks into the 68 points of the usual face scheme.

    Parameters
    ----------
    points
        (..., 468, 2 or more) coordinates; only x and y are used.

    Returns
    -------
    (..., 68, 2) coordinates.
    """
    xy = np.asarray(points, dtype=np.float64)[..., :2]
    return np.asarray(0.5 * (xy[..., _FIRST, :] + xy[..., _SECOND, :]))


@cache
def mean_face() -> NDArray[np.float64]:
    """Return the 468 landmarks of a mean face in the aligned frame, (468, 2), in pixels.

    It is the mean of four faces that were measured for this project.
    """
    text = resources.files("napari_mespot.face").joinpath("mean_face_468.csv").read_text("utf-8")
    rows = [line.split(",") for line in text.splitlines() if line and not line.startswith("#")]
    face = np.array(rows, dtype=np.float64)
    face.setflags(write=False)
    return face


def fit_similarity(
    source: ArrayLike,
    target: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    rms_scale: bool = False,
) -> NDArray[np.float64]:
    """Find the rotation, scale and shift that take `source` points onto `target` points.

    Parameters
    ----------
    source, target
        (n, 2) points, n >= 2.
    weights
        (n,) non-negative weights; equal by default.
    rms_scale
        Take the ratio of the root-mean-square sizes as the scale, as OpenFace does, in place
        of the least-squares scale (which shrinks when the shapes differ).

    Returns
    -------
    (2, 3) transform from source to target.
    """
    src, dst = np.asarray(source, dtype=np.float64), np.asarray(target, dtype=np.float64)
    w = np.ones(len(src)) if weights is None else np.asarray(weights, dtype=np.float64)
    w = w / w.sum()
    src_mean, dst_mean = w @ src, w @ dst
    a, b = src - src_mean, dst - dst_mean
    along = float(w @ (a * b).sum(axis=1))
    across = float(w @ (a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]))
    spread = float(w @ (a**2).sum(axis=1))
    if spread == 0.0:
        raise ValueError("Expected at least two different source points, got one place")
    if rms_scale:
        size = np.sqrt(float(w @ (b**2).sum(axis=1)) / spread)
        norm = np.hypot(along, across)
        cos, sin = size * along / norm, size * across / norm
    else:
        cos, sin = along / spread, across / spread
    matrix = np.array([[cos, -sin], [sin, cos]])
    return np.column_stack([matrix, dst_mean - matrix @ src_mean])


def frame_face(points: ArrayLike) -> NDArray[np.float64]:
    """Fit OpenFace's aligned frame to 468 landmarks (24 rigid points, its own scale rule).

    Returns
    -------
    (2, 3) transform from the video frame to the 112×112 aligned frame.
    """
    rigid = face_points_68(points)[RIGID_INDICES]
    return fit_similarity(rigid, RIGID_POINTS, rms_scale=True)


def apply_transform(transform: NDArray[np.float64], points: ArrayLike) -> NDArray[np.float64]:
    """Map (..., 2) points through a (2, 3) transform."""
    return np.asarray(np.asarray(points, dtype=np.float64) @ transform[:, :2].T + transform[:, 2])


def compose(
    outer: NDArray[np.float64], inner: NDArray[np.float64], *more: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the transform that applies the last argument first and `outer` last."""
    if more:
        inner = compose(inner, *more)
    linear = outer[:, :2] @ inner
    linear[:, 2] += outer[:, 2]
    return linear


def invert(transform: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the inverse of a similarity transform.

    Raises
    ------
    ValueError
        If the transform has no size.
    """
    (a, b), (c, d) = transform[:, :2]
    determinant = a * d - b * c
    if determinant == 0.0:
        raise ValueError("Expected a transform with a scale, got one of zero")
    matrix = np.array([[d, -b], [-c, a]]) / determinant
    return np.column_stack([matrix, -(matrix @ transform[:, 2])])


def transform_scale(transform: NDArray[np.float64]) -> float:
    """Return how many target pixels a source pixel becomes."""
    return float(np.hypot(transform[0, 0], transform[1, 0]))


def crop_scaling(source_px: int, target_px: int) -> NDArray[np.float64]:
    """Return the transform between two sizes of one square picture (borders coincide)."""
    k = target_px / source_px
    shift = (k - 1) / 2
    return np.array([[k, 0.0, shift], [0.0, k, shift]])
