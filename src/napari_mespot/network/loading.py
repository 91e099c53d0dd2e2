"""Reading checkpoints, strictly: what does not fit is refused in one line."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import torch
from torch import Tensor, nn

from napari_mespot.network.checkpoint import CONTEXT_PREFIX, Checkpoint
from napari_mespot.network.context_network import ContextNetwork
from napari_mespot.network.metadata import (
    DEFAULT_CHECKPOINT,
    damaged,
    locate,
    open_tensors,
    read_document,
)
from napari_mespot.network.two_stream import TwoStream3DCNN

__all__ = ["load_checkpoint"]

_Net = TypeVar("_Net", bound=nn.Module)


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
    path = locate(name_or_path)
    document = read_document(path)
    tensors = _tensors(path)
    context = None
    if document.context is not None:
        sizes, prefix = document.context, CONTEXT_PREFIX
        own = {name: tensors.pop(name) for name in [*tensors] if name.startswith(prefix)}
        own = {name.removeprefix(prefix): tensor for name, tensor in own.items()}
        context = _restored(path, lambda: ContextNetwork(sizes), own).eval()
    network = _restored(path, lambda: TwoStream3DCNN(document.network), tensors)
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
            context=context,
        )
    except ValueError as error:
        damaged(path, str(error))


def _tensors(path: Path) -> dict[str, Tensor]:
    with open_tensors(path, framework="pt") as file:
        return {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping


def _restored(path: Path, build: Callable[[], _Net], tensors: dict[str, Tensor]) -> _Net:
    # On the meta device first: sizes are compared before memory is taken for them.
    with torch.device("meta"):
        expected = build().state_dict()
    if missing := sorted(set(expected) - set(tensors)):
        damaged(path, f"weights are missing, the first is {missing[0]}")
    if foreign := sorted(set(tensors) - set(expected)):
        damaged(path, f"unknown weights, the first is {foreign[0]}")
    for name, tensor in tensors.items():
        if fault := _fault(name, tensor, expected[name]):
            damaged(path, f"{name} {fault}")
    network = build()
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
