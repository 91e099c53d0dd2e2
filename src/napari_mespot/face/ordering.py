"""Which of the faces detected in a frame come first, and which are known already."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from napari_mespot.face.choice import FaceChoice
from napari_mespot.face.detection import Detection, FaceDetector, box_overlap
from napari_mespot.face.landmarks import Landmarker, Landmarks, region_of_detection
from napari_mespot.face.people import preference

__all__ = [
    "FOUND_IN_WHOLE",
    "SAME_PLACE_IOU",
    "fills",
    "is_better_turned",
    "ordered_faces",
    "overlapping",
]

#: Width of a face, in parts of the longer side of the frame, that is surely found in it.
FOUND_IN_WHOLE = 0.16
#: Overlap from which a face is where another was.
SAME_PLACE_IOU = 0.1

_SAME_FACE_IOU = 0.2
_FILLS = 0.4  # of the longer side of the frame
_SURELY_MORE = 0.1


def ordered_faces(
    faces: Sequence[Detection],
    asked: FaceChoice,
    shape: tuple[int, ...],
    last_box: NDArray[np.float64] | None,
) -> list[Detection]:
    """Put first the face that was followed before; else the one that is asked for."""
    row = sorted(faces, key=lambda face: float(face.centre[0]))

    def order(face: Detection) -> tuple[float, float]:
        same = box_overlap(face.box, last_box) if last_box is not None else 0.0
        first = same if same > SAME_PLACE_IOU else 0.0
        if asked.rule in ("left", "right"):
            first = float(face.centre[0]) * (-1 if asked.rule == "left" else 1)
        elif asked.rule == "number":
            first = -abs(row.index(face) + 1 - asked.number)
        elif asked.rule == "place":
            first = -float(np.hypot(*(face.centre - (asked.x, asked.y))))
        return first, preference(face.box, shape)

    return sorted(faces, key=order, reverse=True)


def overlapping(faces: Sequence[Detection], box: NDArray[np.float64]) -> list[Detection]:
    """Return the detections of a face that is known already."""
    middle = 0.5 * (box[:2] + box[2:])

    def is_mine(face: Detection) -> bool:
        inside = bool((face.box[:2] <= middle).all() and (middle <= face.box[2:]).all())
        return inside or box_overlap(face.box, box) >= _SAME_FACE_IOU

    return [face for face in faces if is_mine(face)]


def fills(image: NDArray[np.uint8], face: Landmarks | None) -> bool:
    """Whether a face leaves no room for others that matter."""
    if face is None:
        return False
    return bool(np.ptp(face.points[:, 0]) > _FILLS * max(image.shape))


def is_better_turned(
    image: NDArray[np.uint8],
    detector: FaceDetector,
    landmarker: Landmarker,
    score: float,
    *,
    tiles: bool,
) -> bool:
    """Whether a picture turned by 180° shows a face surer than one of a score, if any."""
    turned = np.ascontiguousarray(image[::-1, ::-1])
    for face in detector.detect(turned, tiles=tiles):
        if score and face.score <= score + _SURELY_MORE:
            return False
        if landmarker.measure(turned, region_of_detection(face)) is not None:
            return True
    return False
