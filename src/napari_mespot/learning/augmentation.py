"""Changes of light and pose that leave the label alone (paper, section 4.1).

Every function takes the images of *one* sample as (n, H, W) float32 in 0..255 and treats
them alike: a flip or a turn that differed between the frames of a pair would be motion.
The draw is separate from the deed, so that one :class:`AugmentationDraw` serves both streams.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from napari_mespot.learning.params import AugmentationParams

__all__ = [
    "AugmentationDraw",
    "adjust_contrast",
    "adjust_gain",
    "adjust_gamma",
    "augment",
    "draw_augmentation",
    "flip",
    "rotate",
]

Images = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class AugmentationDraw:
    """One random draw, to be applied to all images of a sample."""

    contrast: float = 1.0
    gamma: float = 1.0
    gain: float = 1.0
    flipped: bool = False
    rotation_deg: float = 0.0


def draw_augmentation(params: AugmentationParams, rng: np.random.Generator) -> AugmentationDraw:
    """Draw what one sample undergoes."""
    low, high = params.photometric_low, params.photometric_high
    lit = rng.random() < params.photometric_probability
    contrast, gamma, gain = rng.uniform(low, high, 3) if lit else (1.0, 1.0, 1.0)
    return AugmentationDraw(
        contrast=float(contrast),
        gamma=float(gamma),
        gain=float(gain),
        flipped=bool(rng.random() < params.flip_probability),
        rotation_deg=float(rng.uniform(-1, 1) * params.rotation_deg),
    )


def adjust_contrast(images: Images, factor: float) -> Images:
    """Stretch grey values about the mean of the whole sample, clipped to 0..255."""
    mean = float(images.mean())
    return _clipped((images - mean) * np.float32(factor) + np.float32(mean))


def adjust_gamma(images: Images, gamma: float) -> Images:
    """Raise grey values, as fractions of 255, to the power `gamma`."""
    return np.float32(255) * (_clipped(images) / np.float32(255)) ** np.float32(gamma)


def adjust_gain(images: Images, gain: float) -> Images:
    """Multiply grey values, clipped to 0..255."""
    return _clipped(images * np.float32(gain))


def flip(images: Images) -> Images:
    """Mirror left and right."""
    return np.ascontiguousarray(images[:, :, ::-1])


def rotate(images: Images, angle_deg: float) -> Images:
    """Turn about the centre, counter-clockwise in degrees; the border is repeated."""
    height, width = images.shape[1:]
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), angle_deg, 1.0)
    turned = [
        cv2.warpAffine(
            image, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        for image in images
    ]
    return np.stack(turned).astype(np.float32)


def augment(images: Images, draw: AugmentationDraw) -> Images:
    """Apply one draw to all images of a sample, shape (n, H, W), 0..255."""
    if (draw.contrast, draw.gamma, draw.gain) != (1.0, 1.0, 1.0):
        images = adjust_gain(
            adjust_gamma(adjust_contrast(images, draw.contrast), draw.gamma), draw.gain
        )
    if draw.flipped:
        images = flip(images)
    return rotate(images, draw.rotation_deg) if draw.rotation_deg else images


def _clipped(images: Images) -> Images:
    return np.asarray(np.clip(images, 0, 255), dtype=np.float32)
