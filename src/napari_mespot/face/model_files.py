"""Where the two face models come from, and proof that they are the right ones.

The models are two Apache-2.0 files of the mediapipe project (see ``models/NOTICE``). They
are looked for, in this order, in the folder the user names (argument, or the environment
variable ``MESPOT_FACE_MODELS``), in this package (put there by its build), and in an
installed mediapipe (found without importing it). Nothing is ever fetched.
"""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from napari_mespot.errors import NoFaceError

__all__ = ["DETECTION_MODEL", "LANDMARK_MODEL", "MODELS_VARIABLE", "ModelFile", "find_model"]

MODELS_VARIABLE = "MESPOT_FACE_MODELS"


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A model: its file name, its place inside mediapipe's package, and its checksum."""

    name: str
    mediapipe_folder: str
    sha256: str


DETECTION_MODEL = ModelFile(
    "face_detection_short_range.tflite",
    "modules/face_detection",
    "bbff11cebd1eb27a1e004cae0b0e63ec8c551cbf34a4451148b4908b8db3eca8",
)
LANDMARK_MODEL = ModelFile(
    "face_landmark.tflite",
    "modules/face_landmark",
    "1055cb9d4a9ca8b8c688902a3a5194311138ba256bcc94e336d8373a5f30c814",
)


def find_model(model: ModelFile, folder: str | Path | None = None) -> Path:
    """Return the path of a model whose content is verified.

    Parameters
    ----------
    model
        Which of the models.
    folder
        The user's folder of models; by default the environment variable
        ``MESPOT_FACE_MODELS``, if set.

    Raises
    ------
    NoFaceError
        If the model is nowhere, or if the user's folder holds a different file.
    """
    chosen = folder or os.environ.get(MODELS_VARIABLE)
    if chosen:
        return _users_model(model, Path(chosen))
    for path in _known_places(model):
        if path.is_file() and _checksum(path, path.stat().st_mtime_ns) == model.sha256:
            return path
    raise NoFaceError(
        f"Expected the face model {model.name} in the package, found none: install "
        f"napari-mespot again with a network, or set {MODELS_VARIABLE} to a folder that has it"
    )


def _users_model(model: ModelFile, folder: Path) -> Path:
    path = folder / model.name
    if not path.is_file():
        raise NoFaceError(
            f"Expected the face model {model.name} in {folder} ({MODELS_VARIABLE}), found none: "
            "copy it there or unset the variable"
        )
    if _checksum(path, path.stat().st_mtime_ns) != model.sha256:
        raise NoFaceError(
            f"Expected {path} to be the published face model (sha256 {model.sha256[:12]}…), got "
            "another file: replace it or unset the variable"
        )
    return path


def _known_places(model: ModelFile) -> Iterator[Path]:
    yield Path(__file__).parent / "models" / model.name
    spec = find_spec("mediapipe")
    for place in (spec.submodule_search_locations or ()) if spec else ():
        yield Path(place) / model.mediapipe_folder / model.name


@lru_cache(maxsize=8)
def _checksum(path: Path, _modified: int) -> str:
    """Return the sha256 of a file; remembered until the file changes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
