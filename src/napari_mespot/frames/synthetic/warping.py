"""Moving the pixels of a picture by a displacement field."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from napari_mespot.frames.synthetic.geometry import CROP_PX

__all__ = ["inverse_displacement", "warp_image"]


def _remap(source: NDArray[Any], x: NDArray[np.float32], y: NDArray[np.float32]) -> NDArray[Any]:
    return np.asarray(cv2.remap(source, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))


def inverse_displacement(field: NDArray[np.float32], iterations: int = 6) -> NDArray[np.float32]:
    """Return where each pixel of the moved picture comes from, as a displacement.

    `field` says where points go; a picture is moved by looking up where each of its pixels
    came from. Found by fixed-point iteration, u(p) = -field(p + u(p)), which converges while
    the field does not fold.

    Parameters
    ----------
    field
        Shape (2, height, width), float32, in pixels of this grid.
    iterations
        Number of steps; each shrinks the error by the steepest slope of the field.

    Returns
    -------
    NDArray
        Shape (2, height, width), float32.
    """
    height, width = field.shape[1:]
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    stacked = np.ascontiguousarray(field.transpose(1, 2, 0))
    back = -stacked
    for _ in range(iterations - 1):
        back = -_remap(stacked, x + back[..., 0], y + back[..., 1])
    return np.ascontiguousarray(back.transpose(2, 0, 1))


def warp_image(image: NDArray[Any], field: NDArray[np.float32]) -> NDArray[Any]:
    """Move a picture of the aligned crop by a displacement field.

    Parameters
    ----------
    image
        Shape (size, size) or (size, size, channels), float32 or uint8.
    field
        Shape (2, size, size), float32, in pixels of the 112×112 crop: where points go.

    Returns
    -------
    NDArray
        Like `image`; pixels that come from outside repeat the border.

    Raises
    ------
    ValueError
        If the shapes do not fit together.
    """
    if field.shape != (2, *image.shape[:2]):
        raise ValueError(f"Expected a field of shape (2, *{image.shape[:2]}), got {field.shape}")
    height, width = image.shape[:2]
    back = inverse_displacement(field * np.float32(width / CROP_PX))
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    return _remap(image, x + back[0], y + back[1])
