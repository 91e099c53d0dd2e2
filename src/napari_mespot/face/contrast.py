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
    if not params.enabled:
        scaled = images.astype(np.float32) / np.float32(127.5) - np.float32(1)
        return np.asarray(scaled, dtype=np.float32)
    width = 2 * int(np.ceil(params.truncate * params.sigma_px)) + 1
    normalised = np.empty(images.shape, np.float32)
    for image, target in zip(images, normalised, strict=True):
        target[:] = _normalise(image, (width, width), params.sigma_px)
    return normalised


def _normalise(
    image: NDArray[np.uint8] | NDArray[np.float32], window: tuple[int, int], sigma: float
) -> NDArray[np.float64]:
    """Normalise one image, in double precision: σ is a small difference of large squares."""
    values = image.astype(np.float64)
    values -= values.mean()
    mean = _blur(values, window, sigma)
    spread = _blur(values * values, window, sigma)
    spread -= mean * mean
    np.maximum(spread, 0, out=spread)
    np.sqrt(spread, out=spread)
    floor = spread.mean()
    if floor <= _FLAT:
        return np.zeros_like(values)
    values -= mean
    values /= np.maximum(spread, floor, out=spread)
    return values


def _blur(
    values: NDArray[np.float64], window: tuple[int, int], sigma: float
) -> NDArray[np.float64]:
    return np.asarray(cv2.GaussianBlur(values, window, sigma), dtype=np.float64)
