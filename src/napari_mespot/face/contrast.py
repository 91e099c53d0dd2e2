"""Local contrast normalisation of aligned faces (paper, Eq. 1)."""

import cv2
import numpy as np
from numpy.typing import NDArray

from napari_mespot.face.params import ContrastParams

__all__ = ["contrast_normalise"]

_DEFAULT_PARAMS = ContrastParams()
# Mean local standard deviation, in grey levels, below which an image has no contrast at all.
_FLAT = 1e-3


def contrast_normalise(
    images: NDArray[np.uint8] | NDArray[np.float32], params: ContrastParams = _DEFAULT_PARAMS
) -> NDArray[np.float32]:
    """Take local brightness and contrast out of every image.

    ``g = (f − m) / max(σ, c)``, with the mean m and the standard deviation σ of a Gaussian
    window around each pixel, and c the mean of σ over the image. The paper's Eq. 1 calls σ a
    variance; it is a standard deviation. The result does not depend on the gain or bias of an
    image. At the border the window is mirrored.

    Parameters
    ----------
    images
        (n, h, w) grey, uint8 or float32.
    params
        The window. With ``enabled`` off, images are only scaled from 0…255 to −1…1.

    Returns
    -------
    (n, h, w) float32. A flat image becomes 0.
    """
    if images.ndim != 3:
        raise ValueError(f"Expected images of shape (n, h, w), got {images.shape}")
    values = images.astype(np.float32)
    if not params.enabled:
        return np.asarray(values / np.float32(127.5) - np.float32(1), dtype=np.float32)
    width = 2 * int(np.ceil(params.truncate * params.sigma_px)) + 1
    for image in values:
        _normalise(image, (width, width), params.sigma_px)
    return values


def _normalise(image: NDArray[np.float32], window: tuple[int, int], sigma: float) -> None:
    """Normalise one float32 image in place."""
    # About its own mean the squares are small, which single precision needs.
    image -= image.mean(dtype=np.float64)
    mean = cv2.GaussianBlur(image, window, sigma)
    square = cv2.GaussianBlur(image * image, window, sigma)
    spread = np.sqrt(np.maximum(square - mean * mean, 0))
    floor = spread.mean()
    np.subtract(image, mean, out=image)
    if floor > _FLAT:
        np.divide(image, np.maximum(spread, floor), out=image)
    else:
        image.fill(0)
