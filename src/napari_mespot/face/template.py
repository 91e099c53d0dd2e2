"""The picture of a face that later frames are registered to, and how well frames match it."""

import cv2
import numpy as np
from numpy.typing import NDArray

from napari_mespot.face.geometry import ALIGNED_PX
from napari_mespot.face.registration import Registered, Registration

__all__ = ["Template", "aligned_view"]

_FRAMES_TO_LEARN = 5
# A noisy recording never reaches the correlation of a clean one. What its first frames reach
# lowers both limits in proportion, so that noise alone is not taken for a changed face.
_LOWEST_USUAL = 0.5
_USUAL_OF_CLEAN = 0.97


class Template:
    """The mean of the first few registered frames.

    Parameters
    ----------
    image
        (H, W) uint8 frame that shows the face.
    transform
        (2, 3) frame → aligned frame.
    """

    def __init__(self, image: NDArray[np.uint8], transform: NDArray[np.float64]) -> None:
        self._sum = aligned_view(image, transform).astype(np.float32)
        self._learnt = 1
        self._matches: list[float] = []
        self._usual = 1.0
        self.registration = Registration(self._sum)

    def register(self, image: NDArray[np.uint8], start: NDArray[np.float64]) -> Registered:
        """Register a frame to this template, see :class:`.registration.Registration`."""
        return self.registration(image, start)

    def learn(self, image: NDArray[np.uint8], found: Registered) -> None:
        """Add a registered frame to the mean while it is young."""
        if self._learnt >= _FRAMES_TO_LEARN:
            return
        self._sum += aligned_view(image, found.transform)
        self._matches.append(found.ncc)
        self._learnt += 1
        if self._learnt == _FRAMES_TO_LEARN:
            self.registration = Registration(self._sum / np.float32(self._learnt))
            usual = float(np.median(self._matches)) / _USUAL_OF_CLEAN
            self._usual = min(1.0, max(_LOWEST_USUAL, usual))

    def limit(self, ncc: float) -> float:
        """Return a limit on the correlation, lowered to what this recording allows."""
        return ncc * self._usual


def aligned_view(image: NDArray[np.uint8], transform: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Cut the face out for registration, (112, 112) uint8; the edge is repeated outside."""
    size = (ALIGNED_PX, ALIGNED_PX)
    view = cv2.warpAffine(
        image, transform, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(view, dtype=np.uint8)
