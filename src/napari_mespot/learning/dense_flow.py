"""Dense optical flow between two pictures."""

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["DenseFlow"]

_BLUR_PX = 0.8
_NO_GUESS = np.empty((0, 0), np.float32)


class DenseFlow:
    """Dense inverse search (Kroeger and others 2016).

    Parameters
    ----------
    fine
        Whether it is found pixel by pixel, so that small displacements keep their size; else
        at half the resolution, which is quicker.
    """

    def __init__(self, *, fine: bool = False) -> None:
        self._search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
        if fine:
            self._search.setFinestScale(0)

    def __call__(self, one: NDArray[np.uint8], other: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return where each pixel of `one` has gone in `other`, (H, W, 2), in pixels."""
        flow = self._search.calc(_blurred(one), _blurred(other), _NO_GUESS)
        return np.asarray(flow, dtype=np.float32)


def _blurred(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), _BLUR_PX), dtype=np.uint8)
