"""A trained network and everything needed to use it: one file, never a pickle.

The file is a safetensors file whose metadata holds one JSON document: all parameters the
network was trained with, the calibration, the thresholds and the model card. Inference takes
its parameters from here and has no argument to contradict them. A pickle (``.pt``, ``.pth``,
``.ckpt``) is never loaded, because it can run code.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save as to_bytes
from torch import Tensor

from napari_mespot.clips.params import ClipParams
from napari_mespot.face.params import AlignParams, ContrastParams
from napari_mespot.io.atomic import atomic_write
from napari_mespot.network.context_network import ContextNetwork
from napari_mespot.network.metadata import METADATA_KEY, format_version
from napari_mespot.network.params import NetworkParams
from napari_mespot.network.spotting_params import SpottingParams
from napari_mespot.network.two_stream import TwoStream3DCNN

__all__ = ["CONTEXT_PREFIX", "Checkpoint", "checkpoint_tensors", "save_checkpoint"]

CONTEXT_PREFIX = "context."
"""Begins the names of the context network's weights in a file."""


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """A trained network with the parameters it was trained with.

    Parameters
    ----------
    network
        The network; its sizes are its ``params``.
    name
        Name of the checkpoint, e.g. ``"synthetic-v3"``; the source of its predictions.
    align, contrast, clips
        How faces are aligned and normalised, and which frames are compared.
    spotting
        Smoothing, thresholds and durations that fit its scores.
    temperature
        Of ME and MaE: the probability is sigmoid(logit / temperature).
    card
        Training data, figures, licence and limits, as JSON values.
    context
        Network that reads the shape of the face over seconds. The logit of a kind is then made
        of its own and that of `network`; see
        :class:`napari_mespot.spotting.context.ContextScorer`.

    Raises
    ------
    ValueError
        If a temperature is not positive, the network takes another number of images than
        the clips have, or a context network is given no shape to read.
    """

    network: TwoStream3DCNN
    name: str
    align: AlignParams = field(default_factory=AlignParams)
    contrast: ContrastParams = field(default_factory=ContrastParams)
    clips: ClipParams = field(default_factory=ClipParams)
    spotting: SpottingParams = field(default_factory=SpottingParams)
    temperature: tuple[float, float] = (1.0, 1.0)
    card: Mapping[str, Any] = field(default_factory=dict)
    context: ContextNetwork | None = None

    def __post_init__(self) -> None:
        if len(self.temperature) != 2 or not all(0 < t < float("inf") for t in self.temperature):
            raise ValueError(f"Expected two temperatures > 0, got {self.temperature}")
        if self.clips.images_per_stream != self.network.params.images_per_stream:
            raise ValueError(
                f"Expected a network of {self.clips.images_per_stream} images per stream for "
                f"reference {self.clips.reference!r} and {self.clips.references_per_side} per "
                f"side, got {self.network.params.images_per_stream}"
            )
        if self.context is not None and not self.align.shape_hz:
            raise ValueError("Expected align.shape_hz above 0 beside a context network, got 0")

    @property
    def network_params(self) -> NetworkParams:
        """Sizes of the network."""
        return self.network.params

    def add_bias(self, me: float, mae: float) -> None:
        """Add to the logits that the probabilities come from, in place."""
        if self.context is not None:
            self.context.add_bias(me, mae)
            return
        with torch.no_grad():
            self.network.output.bias.add_(torch.tensor([me, mae]))


def checkpoint_tensors(checkpoint: Checkpoint) -> dict[str, Tensor]:
    """Return all weights by the names they have in a file."""
    tensors = dict(checkpoint.network.state_dict())
    if checkpoint.context is not None:
        own = checkpoint.context.state_dict()
        tensors |= {f"{CONTEXT_PREFIX}{name}": tensor for name, tensor in own.items()}
    return tensors


def save_checkpoint(checkpoint: Checkpoint, path: str | Path) -> None:
    """Write a checkpoint as one safetensors file, whole or not at all.

    Parameters
    ----------
    checkpoint
        What to write.
    path
        Where to, with the suffix ``.safetensors``; an existing file is replaced.

    Raises
    ------
    ValueError
        If the suffix is another one.
    OutputError
        If the file cannot be written.
    """
    target = Path(path)
    if target.suffix != ".safetensors":
        raise ValueError(f"Expected a path ending in .safetensors, got {target.name!r}")
    tensors = {
        name: tensor.detach().cpu().contiguous()
        for name, tensor in checkpoint_tensors(checkpoint).items()
    }
    payload = to_bytes(tensors, metadata={METADATA_KEY: json.dumps(_document(checkpoint))})
    with atomic_write(target) as file:
        file.write(payload)


def _document(checkpoint: Checkpoint) -> dict[str, Any]:
    context = checkpoint.context
    own = {} if context is None else {"context": context.params.model_dump(mode="json")}
    return {
        "format_version": format_version(has_context=context is not None),
        "library_version": version("napari-mespot"),
        "name": checkpoint.name,
        "network": checkpoint.network_params.model_dump(mode="json"),
        "align": checkpoint.align.model_dump(mode="json"),
        "contrast": checkpoint.contrast.model_dump(mode="json"),
        "clips": checkpoint.clips.model_dump(mode="json"),
        "spotting": checkpoint.spotting.model_dump(mode="json"),
        "temperature": list(checkpoint.temperature),
        "card": dict(checkpoint.card),
        **own,
    }
