"""The face room: from video frames to aligned, contrast-normalised faces.

Everything here works on grey frames, (H, W) uint8. Importing this room imports neither
OpenCV nor PyAV; using one of its functions does.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from napari_mespot.face.params import AlignParams, ContrastParams

if TYPE_CHECKING:
    from napari_mespot.face.cache import FaceCache
    from napari_mespot.face.choice import FaceChoice, parse_face_choice
    from napari_mespot.face.contrast import contrast_normalise
    from napari_mespot.face.faces import (
        FaceStream,
        FaceSummary,
        extract_faces,
        follow_right_face,
        store_faces,
        stream_faces,
    )
    from napari_mespot.face.openface import read_openface
    from napari_mespot.face.sequence import FaceChunk, FaceSequence
    from napari_mespot.face.shape import SHAPE_SIGNALS, shape_signals

__all__ = [
    "SHAPE_SIGNALS",
    "AlignParams",
    "ContrastParams",
    "FaceCache",
    "FaceChoice",
    "FaceChunk",
    "FaceSequence",
    "FaceStream",
    "FaceSummary",
    "contrast_normalise",
    "extract_faces",
    "follow_right_face",
    "parse_face_choice",
    "read_openface",
    "shape_signals",
    "store_faces",
    "stream_faces",
]

_HOMES = {
    "SHAPE_SIGNALS": "shape",
    "FaceCache": "cache",
    "FaceChoice": "choice",
    "FaceChunk": "sequence",
    "FaceSequence": "sequence",
    "FaceStream": "faces",
    "FaceSummary": "faces",
    "contrast_normalise": "contrast",
    "extract_faces": "faces",
    "follow_right_face": "faces",
    "parse_face_choice": "choice",
    "read_openface": "openface",
    "shape_signals": "shape",
    "store_faces": "faces",
    "stream_faces": "faces",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
