"""Where a checkpoint comes from: its digest, its parent, and the checkpoints of a folder."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from napari_mespot.errors import CheckpointError
from napari_mespot.network.metadata import (
    CheckpointDocument,
    damaged,
    list_checkpoints,
    locate,
    open_tensors,
    read_document,
)

if TYPE_CHECKING:
    from napari_mespot.network.checkpoint import Checkpoint

__all__ = [
    "ADAPTED_KEY",
    "LINEAGE_KEY",
    "ListedCheckpoint",
    "checkpoint_digest",
    "file_digest",
    "find_checkpoints",
]

LINEAGE_KEY = "retrained"
"""Where the card of a retrained checkpoint says what it was retrained from and on."""

ADAPTED_KEY = "adapted"
"""Where the card of a checkpoint that has learned a face says from what and how."""

_SETTINGS = ("network", "align", "contrast", "clips", "spotting", "temperature")


@dataclass(frozen=True, slots=True, eq=False)
class ListedCheckpoint:
    """A checkpoint in a list.

    Parameters
    ----------
    path
        Its file.
    document
        What it says of itself.
    digest
        Of its weights and settings, whatever it is called.
    is_shipped
        Whether it comes with the library.
    """

    path: Path
    document: CheckpointDocument
    digest: str
    is_shipped: bool

    @property
    def lineage(self) -> Mapping[str, Any]:
        """Parent, data and figures; empty if it was not retrained."""
        found = self.document.card.get(LINEAGE_KEY)
        return found if isinstance(found, dict) else {}

    @property
    def parent_digest(self) -> str:
        """Digest of the parent; empty if there is none."""
        parent = self.lineage.get("parent")
        return str(parent.get("digest", "")) if isinstance(parent, dict) else ""


def checkpoint_digest(checkpoint: "Checkpoint") -> str:
    """Return the digest of weights and settings; name and card do not count."""
    from napari_mespot.network.checkpoint import checkpoint_tensors

    tensors = {k: v.detach().cpu().numpy() for k, v in checkpoint_tensors(checkpoint).items()}
    parts = (
        checkpoint.network_params,
        checkpoint.align,
        checkpoint.contrast,
        checkpoint.clips,
        checkpoint.spotting,
    )
    settings: list[Any] = [p.model_dump(mode="json") for p in parts]
    settings.append(list(checkpoint.temperature))
    if checkpoint.context is not None:
        settings.append(checkpoint.context.params.model_dump(mode="json"))
    return _digest(tensors, settings)


def file_digest(name_or_path: str | Path) -> str:
    """Return the same digest for a file, without torch.

    Raises
    ------
    CheckpointError
        If it is no checkpoint.
    """
    path = locate(name_or_path)
    dumped = read_document(path).model_dump(mode="json")
    with open_tensors(path, framework="numpy") as file:
        try:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        except (TypeError, ValueError, AttributeError):  # a kind of number that numpy lacks
            damaged(path, "its weights are not of 32 bits, as mespot writes them")
    own = [] if dumped["context"] is None else [dumped["context"]]
    return _digest(tensors, [*(dumped[key] for key in _SETTINGS), *own])


def find_checkpoints(folder: Path | None = None) -> tuple[ListedCheckpoint, ...]:
    """Return the shipped checkpoints and those in a folder and below, by name.

    What is no checkpoint of this library is passed over.

    Raises
    ------
    CheckpointError
        If the folder does not exist.
    """
    if folder is not None and not folder.is_dir():
        raise CheckpointError(f"Expected a folder of checkpoints, got {folder}: check the path")
    found = [_listed(locate(name), is_shipped=True) for name in list_checkpoints()]
    shipped = {item.path.resolve() for item in found}
    for path in sorted(folder.rglob("*.safetensors")) if folder else ():
        if path.resolve() in shipped:
            continue
        try:
            found.append(_listed(path, is_shipped=False))
        except CheckpointError:
            continue
    return tuple(found)


def _listed(path: Path, *, is_shipped: bool) -> ListedCheckpoint:
    return ListedCheckpoint(path, read_document(path), file_digest(path), is_shipped)


def _digest(tensors: Mapping[str, NDArray[np.generic]], settings: list[Any]) -> str:
    digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode())
    for name in sorted(tensors):
        digest.update(name.encode())
        digest.update(np.ascontiguousarray(tensors[name]).tobytes())
    return digest.hexdigest()
