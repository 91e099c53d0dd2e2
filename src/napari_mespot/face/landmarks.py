"""468 landmarks of one face (Face Mesh, run by OpenCV).

The net looks at a square, upright part of the frame, the *region*: one and a half times the
face, turned so that the eyes lie level. A region comes from a detection or, better, from
landmarks that are already known.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from napari_mespot.face.detection import Detection, net_input
from napari_mespot.face.model_files import LANDMARK_MODEL, find_model

__all__ = ["FaceRegion", "Landmarker", "Landmarks", "region_of_detection", "region_of_points"]

_INPUT_PX = 192
_REGION_SCALE = 1.5
_OUTER_EYES = (33, 263)
# Small shifts and sizes of the region, in parts of its side, for the careful measurement.
_CAREFUL = ((0, 0, 1), (0.015, 0, 1.02), (-0.015, 0, 0.98), (0, 0.015, 0.98), (0, -0.015, 1.02))


@dataclass(frozen=True, slots=True)
class FaceRegion:
    """A turned square in the frame: centre and side in pixels, angle in radians."""

    x: float
    y: float
    side: float
    angle: float


@dataclass(frozen=True, slots=True, eq=False)
class Landmarks:
    """468 points, (468, 3): x, y in frame pixels and relative depth; and a score, 0 to 1."""

    points: NDArray[np.float64]
    score: float

    @property
    def box(self) -> NDArray[np.float64]:
        """The smallest upright box around the points, (4,)."""
        xy = self.points[:, :2]
        return np.concatenate([xy.min(axis=0), xy.max(axis=0)])


class Landmarker:
    """Face Mesh, 468 points.

    Parameters
    ----------
    min_score
        Below this score there is no face in the region.
    folder
        Folder of the model, see :func:`~napari_mespot.face.model_files.find_model`.

    Raises
    ------
    NoFaceError
        If the model file is missing.
    """

    def __init__(self, min_score: float = 0.5, folder: str | Path | None = None) -> None:
        self.min_score = min_score
        self._net = cv2.dnn.readNetFromTFLite(str(find_model(LANDMARK_MODEL, folder)))

    def measure(self, image: NDArray[np.uint8], region: FaceRegion) -> Landmarks | None:
        """Return the landmarks in a region of the frame, or None if it shows no face.

        Parameters
        ----------
        image
            (H, W) or (H, W, 3) uint8.
        """
        scale = _INPUT_PX / region.side
        cos, sin = scale * np.cos(region.angle), scale * np.sin(region.angle)
        turn = np.array([[cos, sin], [-sin, cos]])
        shift = _INPUT_PX / 2 - turn @ np.array([region.x, region.y])
        # The net was trained without a half-pixel shift between region and input.
        part = cv2.warpAffine(
            image,
            np.column_stack([turn, shift]),
            (_INPUT_PX, _INPUT_PX),
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        self._net.setInput(net_input(part, 1 / 255, 0.0))
        points, logit = self._net.forward(["conv2d_21", "conv2d_31"])
        score = float(1 / (1 + np.exp(-np.clip(float(logit.ravel()[0]), -80, 80))))
        if score < self.min_score:
            return None
        local = points.reshape(-1, 3).astype(np.float64)
        xy = (local[:, :2] - shift) @ np.linalg.inv(turn).T
        return Landmarks(np.column_stack([xy, local[:, 2] / scale]), score)

    def measure_careful(self, image: NDArray[np.uint8], region: FaceRegion) -> Landmarks | None:
        """Measure from a first guess of the region: settle the region, then take the median.

        Five slightly different regions are measured, which takes away most of the error that
        depends on how the face lies in the region. For the framing of a clip, done once.
        """
        for _ in range(2):
            first = self.measure(image, region)
            if first is None:
                return None
            region = region_of_points(first.points)
        tries = [
            replace(
                region,
                x=region.x + dx * region.side,
                y=region.y + dy * region.side,
                side=region.side * size,
            )
            for dx, dy, size in _CAREFUL
        ]
        measured = [found for part in tries if (found := self.measure(image, part)) is not None]
        if not measured:
            return None
        points = np.median([found.points for found in measured], axis=0)
        return Landmarks(points, float(np.median([found.score for found in measured])))


def region_of_detection(detection: Detection) -> FaceRegion:
    """Return the region around a detected face."""
    return _region(detection.box, detection.keypoints[0], detection.keypoints[1])


def region_of_points(points: NDArray[np.float64]) -> FaceRegion:
    """Return the region around (468, 2 or 3) known landmarks."""
    xy = points[:, :2]
    box = np.concatenate([xy.min(axis=0), xy.max(axis=0)])
    return _region(box, xy[_OUTER_EYES[0]], xy[_OUTER_EYES[1]])


def _region(
    box: NDArray[np.float64], right_eye: NDArray[np.float64], left_eye: NDArray[np.float64]
) -> FaceRegion:
    (x, y), (width, height) = 0.5 * (box[:2] + box[2:]), box[2:] - box[:2]
    dx, dy = left_eye - right_eye
    side = float(max(width, height)) * _REGION_SCALE
    return FaceRegion(float(x), float(y), side, float(np.arctan2(dy, dx)))
