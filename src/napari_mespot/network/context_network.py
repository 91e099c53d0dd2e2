"""The context network: what the shape of the face says over seconds.

The two streams of the paper compare a frame with frames at fixed distances. What they cannot
see is how long something lasts, whether the face was neutral before, and whether the head turned
meanwhile. This network reads the shape of the face, step by step of a steady time grid, beside
the person's own neutral, and gives logits of both kinds.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from napari_mespot.network.context_input import N_CHANNELS
from napari_mespot.network.context_params import ContextParams

__all__ = ["ContextNetwork"]

N_KINDS = 2


class ContextNetwork(nn.Module):
    """Networks of dilated convolutions over time whose logits are averaged (decision 0115).

    Parameters
    ----------
    params
        Sizes, and how many members are averaged.

    Examples
    --------
    >>> network = ContextNetwork(ContextParams(channels=8, dilations=(1, 2))).eval()
    >>> network(torch.zeros(1, N_CHANNELS, 40)).shape
    torch.Size([1, 2, 40])
    """

    def __init__(self, params: ContextParams) -> None:
        super().__init__()
        self.params = params
        self.members = nn.ModuleList(_Member(params) for _ in range(params.members))

    def forward(self, signals: Tensor, there: Tensor | None = None) -> Tensor:
        """Return the logits of ME and MaE at every step.

        Parameters
        ----------
        signals
            Shape (n, N_CHANNELS, t), float32: see :func:`.context_input.context_input`.
        there
            Shape (n, 1, t): 0 in steps that only fill up a batch of stretches of different
            length; None: all are there.

        Returns
        -------
        Shape (n, 2, t).
        """
        return torch.stack([member(signals, there) for member in self.members]).mean(dim=0)

    def add_bias(self, me: float, mae: float) -> None:
        """Add to the logits of both kinds, and to those of the streams beside them, in place."""
        with torch.no_grad():
            for member in self.members:
                bias = member.get_parameter("output.bias")
                bias.add_(torch.tensor([me, mae], dtype=bias.dtype))
        beside = self.params.streams_bias
        changed = {"streams_bias": (beside[0] + me, beside[1] + mae)}
        self.params = self.params.model_copy(update=changed)


class _Member(nn.Module):
    """Dilated convolutions over time, each added to what it was given."""

    def __init__(self, params: ContextParams) -> None:
        super().__init__()
        self.entry = nn.Conv1d(N_CHANNELS, params.channels, 1)
        self.layers = nn.ModuleList(
            _Layer(params.channels, dilation, params.dropout) for dilation in params.dilations
        )
        self.output = nn.Conv1d(params.channels, N_KINDS, 1)

    def forward(self, signals: Tensor, there: Tensor | None) -> Tensor:
        x = self.entry(signals)
        x = x if there is None else x * there
        for layer in self.layers:
            x = layer(x)
            x = x if there is None else x * there
        out: Tensor = self.output(functional.relu(x))
        return out


class _Layer(nn.Module):
    """A dilated convolution over three steps, added to its input."""

    def __init__(self, channels: int, dilation: int, dropout: float) -> None:
        super().__init__()
        self.wide = nn.Conv1d(channels, channels, 3, padding=dilation, dilation=dilation)
        self.norm = nn.BatchNorm1d(channels)
        self.mix = nn.Conv1d(channels, channels, 1)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        added: Tensor = self.dropout(self.mix(functional.relu(self.norm(self.wide(x)))))
        return x + added
