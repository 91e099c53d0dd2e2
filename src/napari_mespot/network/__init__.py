"""The two-stream network and its checkpoints.

Importing this room does not import torch; using one of its names does.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from napari_mespot.network.context_params import ContextParams
from napari_mespot.network.params import NetworkParams

if TYPE_CHECKING:
    from napari_mespot.network.checkpoint import Checkpoint, save_checkpoint
    from napari_mespot.network.context_network import ContextNetwork
    from napari_mespot.network.description import NetworkDescription, describe
    from napari_mespot.network.devices import choose_device
    from napari_mespot.network.loading import load_checkpoint
    from napari_mespot.network.metadata import (
        DEFAULT_CHECKPOINT,
        CheckpointDocument,
        list_checkpoints,
        read_document,
    )
    from napari_mespot.network.two_stream import TwoStream3DCNN

__all__ = [
    "DEFAULT_CHECKPOINT",
    "Checkpoint",
    "CheckpointDocument",
    "ContextNetwork",
    "ContextParams",
    "NetworkDescription",
    "NetworkParams",
    "TwoStream3DCNN",
    "choose_device",
    "describe",
    "list_checkpoints",
    "load_checkpoint",
    "read_document",
    "save_checkpoint",
]

_HOMES = {
    "Checkpoint": "checkpoint",
    "CheckpointDocument": "metadata",
    "ContextNetwork": "context_network",
    "DEFAULT_CHECKPOINT": "metadata",
    "NetworkDescription": "description",
    "TwoStream3DCNN": "two_stream",
    "choose_device": "devices",
    "describe": "description",
    "list_checkpoints": "metadata",
    "load_checkpoint": "loading",
    "read_document": "metadata",
    "save_checkpoint": "checkpoint",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
