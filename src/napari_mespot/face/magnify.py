"""Make small motion of an aligned face visible: a difference picture, and magnified motion.

Motion is measured from the onset, the first image, to every other one. Measuring is the slow
half and does not depend on the factor: :func:`motion_from_onset` once, then :func:`amplify`
for every factor (decision 0027).
"""

from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from napari_mespot.face.geometry import ALIGNED_PX
from napari_mespot.face.magnify_params import MagnifyParams
from napari_mespot.progress import ProgressCallback, report

__all__ = ["BRIGHTER", "DARKER", "amplify", "difference", "magnify_motion", "motion_from_onset"]

_Value = TypeVar("_Value", np.uint8, np.float32)

_STAGE = "measuring motion"
_DEFAULT_PARAMS = MagnifyParams()

#: Blue and orange, RGB, with grey between them: apart for every kind of colour vision, and darker
#: means darker.
DARKER, BRIGHTER = (20, 75, 190), (255, 170, 50)
_SAME = (128, 128, 128)
# Blur of a difference, in pixels of the aligned face: registration is off by less.
_DIFFERENCE_SIGMA_PX = 1.0

# Flow is measured at this size whatever the size of the crops, and kept at half of it.
_MEASURED_PX = 224
# Squared gradient (grey levels per pixel) below which an area says little about motion.
_PLAIN = 1.0
# The second pass measures what the first one, smoothed, has left over.
_PASSES = 2
# Motion fades out towards the edge of the crop, where half of what moves is out of sight.
_EDGE_PX = 6.0
_INVERSION_STEPS = 12
# Largest stretch by which neighbouring points may be moved apart or together, and how far
# around a steeper one the motion is held back.
_STEEPEST = 0.7
_HELD_BACK_PX, _EASING_ROUNDS = 9, 3


def difference(images: NDArray[np.uint8], a: int, b: int, gain: float = 4.0) -> NDArray[np.uint8]:
    """Draw what changes from image `a` to image `b`.

    A change of the whole picture's brightness does not count, and a mild blur takes out what
    is left of sensor noise and registration.

    Parameters
    ----------
    images
        (n, H, W) uint8 grey.
    a, b
        Rows of `images`.
    gain
        A change of ``127 / gain`` grey levels has the full colour.

    Returns
    -------
    (H, W, 3) uint8 RGB: grey where nothing changes, blue where it gets darker, orange where it
    gets brighter.

    Raises
    ------
    ValueError
        If the images are not (n, H, W) uint8 or the gain is not above 0.
    """
    _check_images(images)
    if gain <= 0:
        raise ValueError(f"Expected gain > 0, got {gain}")
    change = images[b].astype(np.float32) - images[a].astype(np.float32)
    change -= np.median(change)
    change = _blurred(change, _DIFFERENCE_SIGMA_PX * images.shape[1] / ALIGNED_PX)
    level = np.clip(np.rint(128 + gain * change), 0, 255).astype(np.uint8)
    return np.asarray(_colours()[level], dtype=np.uint8)


def magnify_motion(
    images: NDArray[np.uint8], factor: float, params: MagnifyParams = _DEFAULT_PARAMS
) -> NDArray[np.uint8]:
    """Magnify the motion of an interval against its onset, the first image.

    Parameters
    ----------
    images
        (n, H, W) uint8 grey, the face held still.
    factor
        How many times as far a point moves, at least 1; 1 returns the images as they are.
    params
        How motion is measured.

    Returns
    -------
    (n, H, W) uint8. The first image is the first one given.

    Raises
    ------
    ValueError
        If the images are not (n, H, W) uint8 or the factor is below 1.
    """
    if factor == 1:
        _check_images(images)
        return images.copy()
    return amplify(images, motion_from_onset(images, params), factor, params)


def motion_from_onset(
    images: NDArray[np.uint8],
    params: MagnifyParams = _DEFAULT_PARAMS,
    *,
    progress: ProgressCallback | None = None,
) -> NDArray[np.float32]:
    """Measure how far every point of the first image has moved in each image.

    Parameters
    ----------
    images
        (n, H, W) uint8 grey, the face held still.
    params
        How to measure.
    progress
        Called after every image; may raise :class:`~napari_mespot.progress.Cancelled`.

    Returns
    -------
    (n, 112, 112, 2) float32: motion (x, y) in pixels of the 112×112 aligned face. Zero for the
    first image.
    """
    _check_images(images)
    motion = np.zeros((len(images), ALIGNED_PX, ALIGNED_PX, 2), np.float32)
    if len(images) == 0:
        return motion
    measure = _FlowFrom(_prepared(images[0], params), params)
    for row in range(1, len(images)):
        if not np.array_equal(images[row], images[0]):
            motion[row] = measure.to(_prepared(images[row], params))
        report(progress, _STAGE, row + 1, len(images))
    return _denoised(motion, params)


def amplify(
    images: NDArray[np.uint8],
    motion: NDArray[np.float32],
    factor: float,
    params: MagnifyParams = _DEFAULT_PARAMS,
) -> NDArray[np.uint8]:
    """Let every point move `factor` times as far as it was measured to.

    Parameters
    ----------
    images
        (n, H, W) uint8 grey.
    motion
        (n, 112, 112, 2) of :func:`motion_from_onset`.
    factor
        At least 1.
    params
        Its limit says how far a point is moved at most.

    Returns
    -------
    (n, H, W) uint8.
    """
    _check_images(images)
    if factor < 1:
        raise ValueError(f"Expected factor >= 1, got {factor}")
    if len(motion) != len(images):
        raise ValueError(f"Expected motion of {len(images)} images, got {len(motion)}")
    out = images.copy()
    if factor == 1:
        return out
    height, width = images.shape[1:]
    here = _grid(height, width)
    scale = np.array([width, height], np.float32) / ALIGNED_PX
    for row, seen in enumerate(motion):
        if not seen.any():
            continue
        further = _further(seen, factor, params.limit_px)
        back = cv2.resize(further, (width, height), interpolation=cv2.INTER_LINEAR)
        places = here - np.asarray(back * scale, dtype=np.float32)
        out[row] = _sampled(images[row], places, cv2.INTER_CUBIC)
    return out


def _check_images(images: NDArray[np.uint8]) -> None:
    if images.ndim != 3 or images.dtype != np.uint8:
        raise ValueError(
            f"Expected (n, H, W) uint8 images, got shape {images.shape}, {images.dtype}"
        )


def _colours() -> NDArray[np.uint8]:
    """Return the 256 colours from darker over unchanged (128) to brighter, (256, 3)."""
    levels = np.arange(256)
    channels = zip(DARKER, _SAME, BRIGHTER, strict=True)
    table = np.stack([np.interp(levels, [0, 128, 255], channel) for channel in channels], axis=1)
    return np.rint(table).astype(np.uint8)


def _blurred(image: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    if sigma <= 0:
        return image
    return np.asarray(cv2.GaussianBlur(image, (0, 0), sigma), dtype=np.float32)


def _grid(height: int, width: int) -> NDArray[np.float32]:
    """Return the place (x, y) of every pixel, (height, width, 2)."""
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    return np.stack([x, y], axis=-1).astype(np.float32)


def _sampled(image: NDArray[_Value], places: NDArray[np.float32], method: int) -> NDArray[_Value]:
    """Read an image at places (x, y), (H, W, 2); outside, its edge goes on."""
    x, y = (np.ascontiguousarray(places[..., k], dtype=np.float32) for k in (0, 1))
    sampled = cv2.remap(image, x, y, method, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(sampled, dtype=image.dtype)


def _prepared(image: NDArray[np.uint8], params: MagnifyParams) -> NDArray[np.uint8]:
    """Bring an image to the size at which flow is measured, with less noise."""
    size = (_MEASURED_PX, _MEASURED_PX)
    if image.shape != size:
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_CUBIC), np.uint8)
    if params.image_sigma_px <= 0:
        return image
    sigma = params.image_sigma_px * _MEASURED_PX / ALIGNED_PX
    return np.asarray(cv2.GaussianBlur(image, (0, 0), sigma), dtype=np.uint8)


class _FlowFrom:
    """Smooth dense flow from one image to others of the same size."""

    def __init__(self, onset: NDArray[np.uint8], params: MagnifyParams) -> None:
        self._onset = onset
        self._here = _grid(*onset.shape)
        self._sigma = params.flow_sigma_px * _MEASURED_PX / ALIGNED_PX
        self._flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
        self._flow.setVariationalRefinementIterations(0)
        # How much each pixel can say about motion: its squared gradient.
        grey = onset.astype(np.float32)
        x, y = cv2.Sobel(grey, cv2.CV_32F, 1, 0) / 8, cv2.Sobel(grey, cv2.CV_32F, 0, 1) / 8
        self._weight = np.asarray(x * x + y * y, dtype=np.float32)
        self._total = _blurred(self._weight, self._sigma) + _PLAIN

    def to(self, image: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the flow to an image, (112, 112, 2), in pixels of the aligned face."""
        motion = np.zeros_like(self._here)
        for _ in range(_PASSES):
            back = _sampled(image, self._here + motion, cv2.INTER_CUBIC).astype(np.uint8)
            flow = self._flow.calc(self._onset, back, np.zeros_like(motion))
            weighted = _blurred(np.asarray(flow) * self._weight[..., np.newaxis], self._sigma)
            motion = motion + weighted / self._total[..., np.newaxis]
        small = cv2.resize(motion, (ALIGNED_PX, ALIGNED_PX), interpolation=cv2.INTER_AREA)
        return np.asarray(small * (ALIGNED_PX / _MEASURED_PX), dtype=np.float32)


def _denoised(motion: NDArray[np.float32], params: MagnifyParams) -> NDArray[np.float32]:
    """Smooth along time, shrink what is no more than noise, and let the edges rest."""
    if params.time_sigma_frames > 0 and len(motion) > 1:
        from scipy.ndimage import gaussian_filter1d

        motion = gaussian_filter1d(motion, params.time_sigma_frames, axis=0, mode="nearest")
        motion[0] = 0
    squared = np.sum(motion * motion, axis=-1, keepdims=True)
    shrunk = motion * (squared / np.maximum(squared + params.noise_px**2, 1e-12))
    along = np.arange(ALIGNED_PX)
    ramp = np.clip((np.minimum(along, along[::-1]) + 0.5) / _EDGE_PX, 0, 1)
    fade = np.minimum.outer(ramp, ramp)[..., np.newaxis]
    return np.asarray(shrunk * fade, dtype=np.float32)


def _further(seen: NDArray[np.float32], factor: float, limit: float) -> NDArray[np.float32]:
    """Return how far to look back from each pixel of the magnified image, (112, 112, 2).

    A point p of the onset is seen at p + seen(p) and is to appear at p + seen(p) + extra(p).
    Which p appears at a given pixel is found by iteration.
    """
    extra = (factor - 1) * seen
    length = np.maximum(np.linalg.norm(extra, axis=-1, keepdims=True), 1e-6)
    extra = _unfolded((extra * (limit * np.tanh(length / limit) / length)).astype(np.float32))
    moved = seen + extra
    here = _grid(*seen.shape[:2])
    back = np.zeros_like(moved)
    for _ in range(_INVERSION_STEPS):
        back = 0.5 * (back + _sampled(moved, here - back, cv2.INTER_LINEAR))
    return np.asarray(_sampled(extra, here - back, cv2.INTER_LINEAR), dtype=np.float32)


def _unfolded(extra: NDArray[np.float32]) -> NDArray[np.float32]:
    """Hold motion back where the picture would fold over itself."""
    around = np.ones((_HELD_BACK_PX, _HELD_BACK_PX), np.uint8)
    for _ in range(_EASING_ROUNDS):
        down, right = np.gradient(extra, axis=(0, 1))
        steepness = np.sqrt((down * down + right * right).sum(axis=-1))
        if steepness.max() <= _STEEPEST:
            break
        ease = _STEEPEST / np.maximum(cv2.dilate(steepness, around), _STEEPEST)
        extra = extra * _blurred(ease.astype(np.float32), _HELD_BACK_PX / 3)[..., np.newaxis]
    return extra
