"""The face room: from video frames to aligned, contrast-normalised faces.

Everything here works on grey frames, (H, W) uint8.
"""

from napari_mespot.face.cache import FaceCache
from napari_mespot.face.contrast import contrast_normalise
from napari_mespot.face.faces import FaceStream, FaceSummary, extract_faces, stream_faces
from napari_mespot.face.openface import read_openface
from napari_mespot.face.params import AlignParams, ContrastParams
from napari_mespot.face.sequence import FaceChunk, FaceSequence

__all__ = [
    "AlignParams",
    "ContrastParams",
    "FaceCache",
    "FaceChunk",
    "FaceSequence",
    "FaceStream",
    "FaceSummary",
    "contrast_normalise",
    "extract_faces",
    "read_openface",
    "stream_faces",
]
