"""Find faces in a whole frame (BlazeFace, run by OpenCV).

The frame may be grey, (H, W), or colour, (H, W, 3); a grey frame is what the pipeline gives.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from napari_mespot.face.model_files import DETECTION_MODEL, find_model

__all__ = ["Detection", "FaceDetector", "box_overlap", "net_input"]

_INPUT_PX = 128
_SAME_FACE_IOU = 0.3
# Tiles as fractions of the longer side: with them faces down to 2.5 % of the width are found.
_TILE_FRACTIONS = (1 / 2, 1 / 3)


@dataclass(frozen=True, slots=True, eq=False)
class Detection:
    """A face found in a frame.

    Parameters
    ----------
    box
        (4,) left, top, right, bottom, in frame pixels.
    keypoints
        (6, 2) right eye, left eye, nose tip, mouth, right ear, left ear, in frame pixels.
    score
        The detector's own score, 0 to 1.
    """

    box: NDArray[np.float64]
    keypoints: NDArray[np.float64]
    score: float

    @property
    def size(self) -> float:
        """The longer side of the box, in frame pixels."""
        return float(max(self.box[2] - self.box[0], self.box[3] - self.box[1]))

    @property
    def centre(self) -> NDArray[np.float64]:
        """The middle of the box, (2,)."""
        return 0.5 * (self.box[:2] + self.box[2:])


class FaceDetector:
    """BlazeFace, short range.

    Parameters
    ----------
    min_score
        Detections below this score are dropped.
    folder
        Folder of the model, see :func:`~napari_mespot.face.model_files.find_model`.

    Raises
    ------
    NoFaceError
        If the model file is missing.
    """

    def __init__(self, min_score: float = 0.5, folder: str | Path | None = None) -> None:
        self.min_score = min_score
        self._net = cv2.dnn.readNetFromTFLite(str(find_model(DETECTION_MODEL, folder)))

    def detect(self, image: NDArray[np.uint8], *, tiles: bool = False) -> list[Detection]:
        """Return the faces in a frame, best score first.

        Parameters
        ----------
        image
            (H, W) or (H, W, 3) uint8.
        tiles
            If the whole frame shows no face, look again at overlapping parts of it, which
            finds small faces and takes ten to twenty times as long.
        """
        found = self._detect_part(image, (0, 0))
        if found or not tiles:
            return found
        for fraction in _TILE_FRACTIONS:
            found += self._detect_tiles(image, fraction)
            if found:
                break
        return _merge(found)

    def detect_finely(self, image: NDArray[np.uint8]) -> list[Detection]:
        """Return the faces in a frame and in its overlapping halves, best score first.

        It finds faces half as large as :meth:`detect` does, and takes four to seven times as
        long.
        """
        found = self._detect_part(image, (0, 0))
        return _merge(found + self._detect_tiles(image, _TILE_FRACTIONS[0]))

    def _detect_tiles(self, image: NDArray[np.uint8], fraction: float) -> list[Detection]:
        height, width = image.shape[:2]
        side = max(1, int(max(height, width) * fraction))
        found: list[Detection] = []
        for top in _tile_starts(height, side):
            for left in _tile_starts(width, side):
                part = image[top : top + side, left : left + side]
                found += self._detect_part(part, (left, top))
        return found

    def _detect_part(self, image: NDArray[np.uint8], origin: tuple[int, int]) -> list[Detection]:
        height, width = image.shape[:2]
        longer = max(height, width)
        scale = _INPUT_PX / longer
        to_input = np.array(
            [
                [scale, 0, (_INPUT_PX - width * scale) / 2 + (scale - 1) / 2],
                [0, scale, (_INPUT_PX - height * scale) / 2 + (scale - 1) / 2],
            ]
        )
        small = cv2.warpAffine(image, to_input, (_INPUT_PX, _INPUT_PX), flags=cv2.INTER_LINEAR)
        self._net.setInput(net_input(small, 1 / 127.5, -1.0))
        regressors, logits = self._net.forward(["regressors", "classificators"])
        scores = 1 / (1 + np.exp(-np.clip(logits.ravel().astype(np.float64), -80, 80)))
        keep = np.flatnonzero(scores > self.min_score)
        values = regressors.reshape(-1, 16)[keep].astype(np.float64) / _INPUT_PX
        anchors = _anchors()[keep]
        offset = np.array([(longer - width) / 2, (longer - height) / 2]) - origin
        centres = (values[:, :2] + anchors) * longer - offset
        half = values[:, 2:4] * longer / 2
        keypoints = (values[:, 4:].reshape(-1, 6, 2) + anchors[:, None]) * longer - offset
        boxes = np.hstack([centres - half, centres + half])
        found = zip(boxes, keypoints, scores[keep], strict=True)
        return _merge([Detection(box, points, float(score)) for box, points, score in found])


def box_overlap(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """Return the intersection over union of two (4,) boxes."""
    corner = np.minimum(first[2:], second[2:]) - np.maximum(first[:2], second[:2])
    shared = float(np.prod(np.clip(corner, 0, None)))
    areas = float(np.prod(first[2:] - first[:2]) + np.prod(second[2:] - second[:2]))
    return shared / (areas - shared) if areas > shared else 0.0


def _merge(found: list[Detection]) -> list[Detection]:
    """Average overlapping detections, weighted by their scores (weighted NMS)."""
    left = sorted(found, key=lambda detection: -detection.score)
    merged: list[Detection] = []
    while left:
        best = left[0]
        near = [d for d in left if d is best or box_overlap(best.box, d.box) >= _SAME_FACE_IOU]
        left = [d for d in left if not any(d is other for other in near)]
        weights = np.array([d.score for d in near])
        box = np.average([d.box for d in near], axis=0, weights=weights)
        points = np.average([d.keypoints for d in near], axis=0, weights=weights)
        merged.append(Detection(box, points, best.score))
    return merged


def net_input(image: NDArray[Any], scale: float, shift: float) -> NDArray[np.float32]:
    """Turn an image into the (1, 3, H, W) float32 input of a net; grey fills all channels."""
    values = image.astype(np.float32) * np.float32(scale) + np.float32(shift)
    if values.ndim == 2:
        return np.repeat(values[None, None], 3, axis=1)
    return np.ascontiguousarray(values.transpose(2, 0, 1)[None])


def _tile_starts(length: int, side: int) -> list[int]:
    """Return where tiles start so that neighbours overlap by at least 40 %."""
    if length <= side:
        return [0]
    n = int(np.ceil((length - side) / (0.6 * side))) + 1
    return [round(start) for start in np.linspace(0, length - side, n)]


@cache
def _anchors() -> NDArray[np.float64]:
    """Return the (896, 2) anchor centres of the net, as fractions of its input."""
    layers = []
    for stride, per_cell in ((8, 2), (16, 6)):
        cells = _INPUT_PX // stride
        y, x = np.mgrid[:cells, :cells]
        centres = np.stack([(x + 0.5) / cells, (y + 0.5) / cells], axis=-1).reshape(-1, 2)
        layers.append(np.repeat(centres, per_cell, axis=0))
    return np.concatenate(layers)
