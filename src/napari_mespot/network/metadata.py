"""What a checkpoint says of itself, read without torch: its name, parameters and card.

What does not fit is refused in one line; a pickle is never opened.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, NoReturn

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from safetensors import SafetensorError, safe_open

from napari_mespot.clips.params import ClipParams
from napari_mespot.errors import CheckpointError
from napari_mespot.face.params import AlignParams, ContrastParams
from napari_mespot.model.bounds import whole_number
from napari_mespot.network.context_params import ContextParams
from napari_mespot.network.params import NetworkParams
from napari_mespot.network.spotting_params import SpottingParams

__all__ = [
    "DEFAULT_CHECKPOINT",
    "FORMAT_VERSION",
    "METADATA_KEY",
    "CheckpointDocument",
    "damaged",
    "format_version",
    "list_checkpoints",
    "locate",
    "open_tensors",
    "read_document",
]

DEFAULT_CHECKPOINT = "synthetic-v4"
FORMAT_VERSION = 2
_WITHOUT_CONTEXT = 1
METADATA_KEY = "napari-mespot"

_SHIPPED = Path(__file__).parent / "checkpoints"
_SUFFIX = ".safetensors"
_PICKLE_SUFFIXES = {".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".bin", ".joblib"}
_ZIP_MAGIC = b"PK\x03\x04"  # a torch.save archive
_PICKLE_MAGIC = (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")


Temperature = Annotated[float, Field(gt=0, le=1e6)]


class CheckpointDocument(BaseModel):
    """The JSON document in the metadata of a checkpoint."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format_version: int
    library_version: str
    name: str
    network: NetworkParams
    align: AlignParams
    contrast: ContrastParams
    clips: ClipParams
    spotting: SpottingParams
    temperature: tuple[Temperature, Temperature] = Field(description="ME, MaE")
    card: dict[str, Any]
    context: ContextParams | None = None


def format_version(*, has_context: bool) -> int:
    """Return the oldest format that can hold a checkpoint, so that older programs read it."""
    return FORMAT_VERSION if has_context else _WITHOUT_CONTEXT


def list_checkpoints() -> tuple[str, ...]:
    """Return the names of the checkpoints that come with this library."""
    return tuple(sorted(path.stem for path in _SHIPPED.glob(f"*{_SUFFIX}")))


def locate(name_or_path: str | Path) -> Path:
    """Return the file of a checkpoint.

    Raises
    ------
    CheckpointError
        If there is none.
    """
    if isinstance(name_or_path, str) and name_or_path in list_checkpoints():
        return _SHIPPED / f"{name_or_path}{_SUFFIX}"
    path = Path(name_or_path)
    if path.is_dir():
        raise CheckpointError(
            f"Expected a checkpoint file, got the folder {path}: name a {_SUFFIX} file in it"
        )
    if path.is_file():
        return path
    names = ", ".join(list_checkpoints()) or "none"
    raise CheckpointError(
        f"No checkpoint {str(name_or_path)!r}: expected a {_SUFFIX} file or one of: {names}"
    )


def read_document(name_or_path: str | Path = DEFAULT_CHECKPOINT) -> CheckpointDocument:
    """Read all but the weights of a checkpoint.

    Raises
    ------
    CheckpointError
        As for :func:`~napari_mespot.network.load_checkpoint`.
    """
    path = locate(name_or_path)
    with open_tensors(path, framework="numpy") as file:
        metadata = file.metadata() or {}
    return _parse(path, metadata)


@contextmanager
def open_tensors(path: Path, *, framework: str) -> Iterator[Any]:
    """Open a safetensors file, and nothing else.

    Raises
    ------
    CheckpointError
        If it is a pickle, or no whole safetensors file.
    """
    try:
        with path.open("rb") as file:
            head = file.read(4)
        if path.suffix.lower() in _PICKLE_SUFFIXES or _is_pickle(head):
            raise CheckpointError(
                f"{path} is a pickle, which is never loaded, because it can run code: "
                f"expected a {_SUFFIX} checkpoint"
            )
        with safe_open(path, framework=framework) as file:
            yield file
    except OSError as error:
        raise CheckpointError(f"Cannot read {path}: {error.strerror or error}") from error
    except SafetensorError as error:
        raise CheckpointError(
            f"{path} is not a safetensors file or is cut short: use a checkpoint that "
            "mespot wrote, or download it again"
        ) from error


def _is_pickle(head: bytes) -> bool:
    return head == _ZIP_MAGIC or head[:2] in _PICKLE_MAGIC


def _parse(path: Path, metadata: dict[str, str]) -> CheckpointDocument:
    if METADATA_KEY not in metadata:
        raise CheckpointError(
            f"{path} is a safetensors file of another program: expected a checkpoint that "
            "mespot wrote"
        )
    try:
        content = json.loads(metadata[METADATA_KEY])
        written = whole_number(content["format_version"])
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise CheckpointError(f"{path} is damaged: its metadata cannot be read") from error
    if written > FORMAT_VERSION:
        raise CheckpointError(
            f"{path} has checkpoint format {written}, this version reads up to "
            f"{FORMAT_VERSION}: update napari-mespot"
        )
    try:
        return CheckpointDocument.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        damaged(path, f"{where}: {first['msg']}")


def damaged(path: Path, reason: str) -> NoReturn:
    """Raise what tells the user that a checkpoint is damaged."""
    raise CheckpointError(f"{path} is damaged or was altered: {' '.join(reason.split())}")
