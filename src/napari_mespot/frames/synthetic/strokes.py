"""Many fine lines at once: hairs, lashes, bristles."""

import cv2
import numpy as np
from numpy.typing import NDArray

from napari_mespot.frames.synthetic.canvas import Canvas, Field

__all__ = ["hair_strokes"]

_SHIFT = 4  # binary places of the sub-pixel positions


def hair_strokes(
    canvas: Canvas, lines: NDArray[np.float64], width: float, opacity: float = 1.0
) -> Field:
    """Draw bent lines, antialiased, and return how much of each pixel they cover.

    Parameters
    ----------
    canvas
        Where to draw.
    lines
        Shape (n_lines, n_points, 2), in crop coordinates.
    width
        Of a line, in crop pixels. Lines finer than a pixel are drawn a pixel wide and
        fainter.
    opacity
        Coverage of a line at least one pixel wide.
    """
    mask = np.zeros((canvas.height, canvas.width), dtype=np.uint8)
    points = np.round(canvas.pixels(lines) * 2**_SHIFT).astype(np.int32)
    across = width * canvas.density
    level = 255 * opacity * min(1.0, max(0.25, across))
    if mask.size and len(points):
        thickness = max(1, round(across))
        cv2.polylines(mask, list(points), False, (level,), thickness, cv2.LINE_AA, _SHIFT)
    return mask.astype(np.float32) / np.float32(255)
