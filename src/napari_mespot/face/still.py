"""Hold crops still that were aligned frame by frame by someone else."""

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from napari_mespot.face.geometry import ALIGNED_PX, apply_transform, compose, crop_scaling, invert
from napari_mespot.face.params import AlignParams
from napari_mespot.face.sequence import FaceSequence
from napari_mespot.face.template import Template

__all__ = ["hold_still"]

_CORNERS = np.array([[20.0, 20.0], [92.0, 20.0], [20.0, 92.0], [92.0, 92.0]])


def hold_still(faces: FaceSequence, params: AlignParams | None = None) -> FaceSequence:
    """Register the crops of a sequence to each other and warp away what is left of the motion.

    Parameters
    ----------
    faces
        Crops in OpenFace's aligned frame.
    params
        When to renew the template and when to leave a crop as it is.

    Returns
    -------
    The same faces, their images warped and their transforms corrected.
    """
    params = params or AlignParams()
    side = faces.crop_px
    to_aligned, from_aligned = crop_scaling(side, ALIGNED_PX), crop_scaling(ALIGNED_PX, side)
    images = np.array(faces.images, dtype=np.uint8)
    transforms = faces.transforms.copy()
    steadier = _Steadier(params)
    breaks = set(faces.breaks)
    for frame in range(faces.n_frames):
        if frame in breaks:
            steadier = _Steadier(params)
        if faces.found[frame]:
            correction = steadier.correction(images[frame], to_aligned)
            change = compose(from_aligned, correction, to_aligned)
            images[frame] = _warped(images[frame], change)
            transforms[frame] = compose(change, transforms[frame])
        elif frame:
            images[frame] = images[frame - 1]
    return replace(faces, images=images, transforms=transforms)


class _Steadier:
    """Finds how far each crop is off, in the aligned frame."""

    def __init__(self, params: AlignParams) -> None:
        self._params = params
        self._template: Template | None = None

    def correction(
        self, image: NDArray[np.uint8], to_aligned: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return the (2, 3) motion of the aligned frame that stills this crop."""
        if self._template is None:
            self._template = Template(image, to_aligned)
            return np.eye(2, 3)
        found = self._template.register(image, to_aligned)
        correction = compose(found.transform, invert(to_aligned))
        off = np.abs(apply_transform(correction, _CORNERS) - _CORNERS).max()
        if off > self._params.max_deviation_px or found.ncc < self._template.limit(
            self._params.lost_ncc
        ):
            self._template = Template(image, to_aligned)
            return np.eye(2, 3)
        if found.ncc < self._template.limit(self._params.rekey_ncc):
            self._template = Template(image, found.transform)
        else:
            self._template.learn(image, found)
        return correction


def _warped(image: NDArray[np.uint8], change: NDArray[np.float64]) -> NDArray[np.uint8]:
    size = (image.shape[1], image.shape[0])
    return np.asarray(cv2.warpAffine(image, change, size, flags=cv2.INTER_LINEAR), dtype=np.uint8)
