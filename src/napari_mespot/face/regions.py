"""The part of the face that holds still while the face moves.

Registration looks at this part only: the upper face down to the base of the nose, without
the brows and the openings of the eyes, so that an expression does not pull the alignment
along with it.
"""

from collections.abc import Sequence
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from napari_mespot.face.geometry import ALIGNED_PX, mean_face

__all__ = ["stable_mask"]

_OVAL = (
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
    152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
)  # fmt: skip
_BROWS = (
    (70, 63, 105, 66, 107, 46, 53, 52, 65, 55),
    (300, 293, 334, 296, 336, 276, 283, 282, 295, 285),
)
_EYE_OPENINGS = (
    (160, 159, 158, 157, 144, 145, 153, 154, 161, 163),
    (387, 386, 385, 384, 373, 374, 380, 381, 388, 390),
)
_NOSE_BASE = 2
_OVAL_MARGIN_PX = 3
_FEATURE_MARGIN_PX = 2


@cache
def stable_mask() -> NDArray[np.bool_]:
    """Return the mask of the still part in the aligned frame, (112, 112) bool."""
    face = mean_face()
    mask = _shrink(_hull(face, _OVAL), _OVAL_MARGIN_PX)
    mask[int(face[_NOSE_BASE, 1]) + 2 :] = 0
    for feature in (*_BROWS, *_EYE_OPENINGS):
        mask &= ~_grow(_hull(face, feature), _FEATURE_MARGIN_PX)
    still = mask > 0
    still.setflags(write=False)
    return still


def _hull(face: NDArray[np.float64], indices: Sequence[int]) -> NDArray[np.uint8]:
    """Fill the convex hull of some landmarks: 255 inside, 0 outside."""
    image = np.zeros((ALIGNED_PX, ALIGNED_PX), np.uint8)
    points = np.round(face[list(indices)]).astype(np.int32)
    cv2.fillConvexPoly(image, cv2.convexHull(points), (255,))
    return image


def _square(margin: int) -> NDArray[np.uint8]:
    return np.ones((2 * margin + 1, 2 * margin + 1), np.uint8)


def _grow(image: NDArray[np.uint8], margin: int) -> NDArray[np.uint8]:
    return np.asarray(cv2.dilate(image, _square(margin)), dtype=np.uint8)


def _shrink(image: NDArray[np.uint8], margin: int) -> NDArray[np.uint8]:
    return np.asarray(cv2.erode(image, _square(margin)), dtype=np.uint8)
