"""By how much the skin of a face has moved between two aligned crops."""

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from napari_mespot.face.geometry import apply_transform, fit_similarity
from napari_mespot.face.regions import stable_mask
from napari_mespot.face.warp import Cropper
from napari_mespot.frames.synthetic.geometry import MEAN_FACE
from napari_mespot.learning.dense_flow import DenseFlow
from napari_mespot.learning.injection_clip import NeutralClip

__all__ = ["SkinDisplacement", "displacement_px", "own_flow"]

_SIDE = 112
_FIELD_BLUR_PX = 2.0
_EYES = (range(36, 42), range(42, 48))
_LIDS_PX = 7
_EDGE_PX = 5
_ROUNDS = 5
_TUKEY = 4.4
_SMALLEST_SCALE_PX = 0.05
_LARGEST_SCALE_PX = 0.6  # else cheeks that rise would pull the whole face along


class SkinDisplacement:
    """Measures displacements between frames of a clip, in pixels of the 112 px crop.

    Dense optical flow (DIS) between the aligned crops; what the still part of the face says of a
    movement of the whole is taken out. Eyes are left out, so that a blink is no movement.

    Parameters
    ----------
    clip
        The frames and how they are aligned.
    """

    def __init__(self, clip: NeutralClip) -> None:
        self._clip = clip
        self._cropper = Cropper(_SIDE, supersample=True)
        self._cropper.settle(clip.transforms[0])
        self._crops: dict[int, NDArray[np.uint8]] = {}
        self._sizes: dict[tuple[int, int], float] = {}
        self._flow = DenseFlow(fine=True)

    def between(self, one: int, other: int) -> float:
        """Return the mean displacement of the moved region between two frames.

        The moved region is where the displacement is at least half of the largest.
        """
        pair = min(one, other), max(one, other)
        if pair not in self._sizes:
            self._sizes[pair] = self._measured(*pair)
        return self._sizes[pair]

    def _measured(self, one: int, other: int) -> float:
        return displacement_px(self._crop(one), self._crop(other), self._flow)

    def _crop(self, frame: int) -> NDArray[np.uint8]:
        if frame not in self._crops:
            picture, transform = self._clip.frames[frame], self._clip.transforms[frame]
            self._crops[frame] = self._cropper.cut(picture, transform)
        return self._crops[frame]


def displacement_px(
    one: NDArray[np.uint8], other: NDArray[np.uint8], flow_between: DenseFlow
) -> float:
    """Return the mean displacement of the moved region between two aligned crops of 112 px."""
    own = cv2.GaussianBlur(own_flow(one, other, flow_between), (0, 0), _FIELD_BLUR_PX)
    length = np.hypot(own[..., 0], own[..., 1])[_skin_mask()]
    return float(length[length >= length.max() / 2].mean())


def own_flow(
    one: NDArray[np.uint8], other: NDArray[np.uint8], flow_between: DenseFlow
) -> NDArray[np.float32]:
    """Return where the skin of a crop has gone in another, (112, 112, 2), the head's motion out."""
    flow = flow_between(one, other)
    return np.asarray(flow - _common_motion(flow), dtype=np.float32)


def _common_motion(flow: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the flow, (112, 112, 2), of the similarity that most of the still part agrees on."""
    y, x = np.nonzero(stable_mask())
    points = np.stack([x, y], axis=1).astype(np.float64)
    moved = points + flow[y, x]
    error = np.hypot(*(moved - points - np.median(moved - points, axis=0)).T)
    for _ in range(_ROUNDS):
        scale = min(_TUKEY * np.median(error) + _SMALLEST_SCALE_PX, _LARGEST_SCALE_PX)
        motion = fit_similarity(points, moved, np.maximum(1 - (error / scale) ** 2, 1e-6))
        error = np.hypot(*(moved - apply_transform(motion, points)).T)
    grid = np.stack(np.meshgrid(*(np.arange(_SIDE, dtype=np.float64),) * 2), axis=-1)
    return np.asarray(apply_transform(motion, grid) - grid, dtype=np.float32)


@cache
def _skin_mask() -> NDArray[np.bool_]:
    """Return where there is skin of the face and no eye, (112, 112)."""
    face = np.zeros((_SIDE, _SIDE), np.uint8)
    eyes = np.zeros_like(face)
    cv2.fillConvexPoly(face, _hull(range(len(MEAN_FACE))), 1)
    for eye in _EYES:
        cv2.fillConvexPoly(eyes, _hull(eye), 1)
    inside = cv2.erode(face, np.ones((_EDGE_PX, _EDGE_PX), np.uint8)) > 0
    lids = cv2.dilate(eyes, np.ones((_LIDS_PX, _LIDS_PX), np.uint8)) > 0
    return np.asarray(inside & ~lids)


def _hull(points: range) -> NDArray[np.int32]:
    return np.asarray(cv2.convexHull(np.round(MEAN_FACE[list(points)]).astype(np.int32)))
