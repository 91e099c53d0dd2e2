"""Pictures of several sizes in one: fitted, never squashed."""

from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["canvas_for", "fitted"]


def canvas_for(sizes: Iterable[tuple[int, int]]) -> tuple[int, int]:
    """Height and width that hold pictures of all these sizes without making one smaller."""
    heights, widths = zip(*sizes, strict=True)
    return max(heights), max(widths)


def fitted(image: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """Bring a picture to a size: enlarged or reduced with its aspect kept, black around it.

    Parameters
    ----------
    image
        ``(h, w)`` or ``(h, w, 3)``.
    height, width
        The size wanted.

    Returns
    -------
    ndarray
        ``(height, width, ...)``; `image` itself if it has that size.
    """
    h, w = image.shape[:2]
    if (h, w) == (height, width):
        return image
    scale = min(height / h, width / w)
    new = (min(height, max(1, round(h * scale))), min(width, max(1, round(w * scale))))
    if new != (h, w):
        how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        resized = cv2.resize(np.ascontiguousarray(image), new[::-1], interpolation=how)
        image = resized.astype(np.uint8, copy=False)
    placed = np.zeros((height, width, *image.shape[2:]), np.uint8)
    top, left = (height - new[0]) // 2, (width - new[1]) // 2
    placed[top : top + new[0], left : left + new[1]] = image
    return placed
