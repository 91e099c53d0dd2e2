"""Finding and reading checkpoints, strictly: what does not fit is refused in one line."""

import json
from pathlib import Path
from typing import Any, NoReturn

import torch
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from safetensors import SafetensorError, safe_open
from torch import Tensor

from napari_mespot.clips.params import ClipParams
from napari_mespot.errors import CheckpointError
from napari_mespot.face.params import AlignParams, ContrastParams
from napari_mespot.network.checkpoint import FORMAT_VERSION, METADATA_KEY, Checkpoint
from napari_mespot.network.params import NetworkParams
from napari_mespot.network.spotting_params import SpottingParams
from napari_mespot.network.two_stream import TwoStream3DCNN

__all__ = ["DEFAULT_CHECKPOINT", "list_checkpoints", "load_checkpoint"]

DEFAULT_CHECKPOINT = "synthetic-v1"

_SHIPPED = Path(__file__).parent / "checkpoints"
_SUFFIX = ".safetensors"
_PICKLE_SUFFIXES = {".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".bin", ".joblib"}
_ZIP_MAGIC = b"PK\x03\x04"  # a torch.save archive
_PICKLE_MAGIC = (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")


class _Document(BaseModel):
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
    temperature: tuple[float, float] = Field(description="ME, MaE")
    card: dict[str, Any]


def list_checkpoints() -> tuple[str, ...]:
    """Return the names of the checkpoints that come with this library."""
    return tuple(sorted(path.stem for path in _SHIPPED.glob(f"*{_SUFFIX}")))


def load_checkpoint(name_or_path: str | Path = DEFAULT_CHECKPOINT) -> Checkpoint:
    """Read a checkpoint, by the name of a shipped one or by path.

    Parameters
    ----------
    name_or_path
        A name of :func:`list_checkpoints`, or a ``.safetensors`` file.

    Returns
    -------
    The checkpoint, on the CPU and in evaluation mode.

    Raises
    ------
    CheckpointError
        If there is no such checkpoint, or the file is a pickle, not a checkpoint of this
        library, of a newer format, or damaged.
    """
    path = _locate(name_or_path)
    metadata, tensors = _read(path)
    document = _parse(path, metadata)
    network = _restore(path, document.network, tensors)
    try:
        return Checkpoint(
            network=network.eval(),
            name=document.name,
            align=document.align,
            contrast=document.contrast,
            clips=document.clips,
            spotting=document.spotting,
            temperature=document.temperature,
            card=document.card,
        )
    except ValueError as error:
        _damaged(path, str(error))


def _locate(name_or_path: str | Path) -> Path:
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


def _read(path: Path) -> tuple[dict[str, str], dict[str, Tensor]]:
    """Read metadata and tensors of a safetensors file; nothing else is opened."""
    try:
        with path.open("rb") as file:
            head = file.read(4)
        if path.suffix.lower() in _PICKLE_SUFFIXES or _is_pickle(head):
            raise CheckpointError(
                f"{path} is a pickle, which is never loaded, because it can run code: "
                f"expected a {_SUFFIX} checkpoint"
            )
        with safe_open(path, framework="pt") as file:
            names = list(file.keys())
            return file.metadata() or {}, {name: file.get_tensor(name) for name in names}
    except OSError as error:
        raise CheckpointError(f"Cannot read {path}: {error.strerror or error}") from error
    except SafetensorError as error:
        raise CheckpointError(
            f"{path} is not a safetensors file or is cut short: use a checkpoint that "
            "mespot wrote, or download it again"
        ) from error


def _is_pickle(head: bytes) -> bool:
    return head == _ZIP_MAGIC or head[:2] in _PICKLE_MAGIC


def _parse(path: Path, metadata: dict[str, str]) -> _Document:
    if METADATA_KEY not in metadata:
        raise CheckpointError(
            f"{path} is a safetensors file of another program: expected a checkpoint that "
            "mespot wrote"
        )
    try:
        content = json.loads(metadata[METADATA_KEY])
        written = int(content["format_version"])
    except (ValueError, TypeError, KeyError) as error:
        raise CheckpointError(f"{path} is damaged: its metadata cannot be read") from error
    if written > FORMAT_VERSION:
        raise CheckpointError(
            f"{path} has checkpoint format {written}, this version reads up to "
            f"{FORMAT_VERSION}: update napari-mespot"
        )
    try:
        return _Document.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        _damaged(path, f"{where}: {first['msg']}")


def _restore(path: Path, params: NetworkParams, tensors: dict[str, Tensor]) -> TwoStream3DCNN:
    # On the meta device first: sizes are compared before memory is taken for them.
    with torch.device("meta"):
        expected = TwoStream3DCNN(params).state_dict()
    if missing := sorted(set(expected) - set(tensors)):
        _damaged(path, f"weights are missing, the first is {missing[0]}")
    if foreign := sorted(set(tensors) - set(expected)):
        _damaged(path, f"unknown weights, the first is {foreign[0]}")
    for name, tensor in tensors.items():
        if fault := _fault(name, tensor, expected[name]):
            _damaged(path, f"{name} {fault}")
    network = TwoStream3DCNN(params)
    network.load_state_dict(tensors)
    return network


def _fault(name: str, tensor: Tensor, expected: Tensor) -> str | None:
    """Say what is wrong with a weight; None if nothing is."""
    if tensor.shape != expected.shape:
        return f"expected shape {tuple(expected.shape)}, got {tuple(tensor.shape)}"
    if tensor.dtype != expected.dtype:
        return f"expected {expected.dtype}, got {tensor.dtype}"
    if not torch.isfinite(tensor).all():
        return "holds NaN or infinite numbers"
    if name.endswith("running_var") and (tensor < 0).any():
        return "holds negative variances"
    return None


def _damaged(path: Path, reason: str) -> NoReturn:
    raise CheckpointError(f"{path} is damaged or was altered: {' '.join(reason.split())}")
