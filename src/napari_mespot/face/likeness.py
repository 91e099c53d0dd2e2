"""How much two aligned faces look like the same person. Nothing is learnt or downloaded.

Three views of one picture are compared: its grey values, its grey values without the light, and
the directions of its edges, each coarse enough to forgive an expression. A person who turns or
laughs still looks unlike an earlier self at times, so a person is known by several pictures.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["ANOTHER", "SAME", "Look", "look_of"]

#: A face seen from the front, as numbers of length 1; the product of two is their likeness.
Look = NDArray[np.float32]

#: Likeness to the pictures of a person from which it is the same one, and below which another.
SAME, ANOTHER = 0.6, 0.5

_INNER = slice(8, 104)  # of the 112 aligned pixels: hair and background are left out
_GREY_PX, _LIGHT_PX, _EDGES_PX = 24, 32, 12
_DIRECTIONS = 8


def look_of(face: NDArray[np.uint8]) -> Look:
    """Return what an aligned face, (112, 112) uint8, looks like, (n,) float32 of length 1."""
    values = face.astype(np.float32)
    parts = [_grey(values), _without_light(values), _edges(values)]
    joined = np.concatenate([_unit(part) for part in parts])
    return np.asarray(joined / np.sqrt(len(parts)), dtype=np.float32)


def _grey(face: NDArray[np.float32]) -> NDArray[np.float32]:
    return _small(face, _GREY_PX)


def _without_light(face: NDArray[np.float32]) -> NDArray[np.float32]:
    mean = cv2.GaussianBlur(face, (0, 0), 10)
    spread = np.sqrt(cv2.GaussianBlur((face - mean) ** 2, (0, 0), 10)) + 6
    even = np.asarray((face - mean) / spread, dtype=np.float32)
    return _small(np.asarray(cv2.GaussianBlur(even, (0, 0), 1.5), dtype=np.float32), _LIGHT_PX)


def _edges(face: NDArray[np.float32]) -> NDArray[np.float32]:
    smooth = cv2.GaussianBlur(face, (0, 0), 1)
    x, y = cv2.Sobel(smooth, cv2.CV_32F, 1, 0), cv2.Sobel(smooth, cv2.CV_32F, 0, 1)
    strength = np.hypot(x, y)
    strength /= cv2.GaussianBlur(strength, (0, 0), 12) + 4
    direction = (np.arctan2(y, x) % np.pi * (_DIRECTIONS / np.pi)).astype(int) % _DIRECTIONS
    planes = [np.where(direction == k, strength, 0) for k in range(_DIRECTIONS)]
    blurred = [cv2.GaussianBlur(plane.astype(np.float32), (0, 0), 3) for plane in planes]
    small = [_small(np.asarray(plane, dtype=np.float32), _EDGES_PX) for plane in blurred]
    return np.concatenate(small)


def _small(image: NDArray[np.float32], side: int) -> NDArray[np.float32]:
    inner = image[_INNER, _INNER]
    return np.asarray(cv2.resize(inner, (side, side), interpolation=cv2.INTER_AREA).ravel())


def _unit(values: NDArray[np.float32]) -> NDArray[np.float32]:
    centred = values - values.mean()
    return np.asarray(centred / max(float(np.linalg.norm(centred)), 1e-6), dtype=np.float32)
