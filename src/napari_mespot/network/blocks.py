"""The parts of the network: depthwise separable 3-D convolution and the residual dense layer.

A 3-D convolution that spans all frames of its input in time and has no other temporal
extent is a 2-D convolution whose input planes are the frames. The blocks store 3-D kernels,
shape (filters, 1, time, height, width), and run them in that equal 2-D form with the
channels last in memory, which is several times faster on a CPU (decision 0032).
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

__all__ = ["ResidualDense", "SeparableBlock"]


class SeparableBlock(nn.Module):
    """Depthwise separable 3-D convolution, batch normalisation, ReLU, dropout (section 2.2).

    Parameters
    ----------
    in_channels
        Channels of the input.
    out_channels
        Channels of the output.
    frames
        Frames of the input, and size of the temporal kernel: the output has one frame.
    filters
        Depthwise filters over all channels, a multiple of `in_channels`; by default one per
        channel.
    kernel_px
        Spatial kernel, odd, in pixels. The stride is 2 in space.
    dropout
        Probability of dropping a whole channel of a sample in training; dropping single
        activations makes a training step six times slower here (decision 0032).
    """

    stride = 2

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        *,
        frames: int = 1,
        filters: int | None = None,
        kernel_px: int = 3,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        filters = in_channels if filters is None else filters
        self.groups = in_channels
        self.depthwise = nn.Conv3d(
            in_channels,
            filters,
            (frames, kernel_px, kernel_px),
            stride=(1, self.stride, self.stride),
            padding=(0, kernel_px // 2, kernel_px // 2),
            groups=in_channels,
            bias=False,
        )
        self.pointwise = nn.Conv3d(filters, out_channels, 1, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)
        self.dropout = nn.Dropout2d(dropout)

    def forward(self, planes: Tensor) -> Tensor:
        """Apply the block.

        Parameters
        ----------
        planes
            Shape (n, in_channels · frames, H, W): the frames of each channel side by side.

        Returns
        -------
        Shape (n, out_channels, ceil(H / 2), ceil(W / 2)).
        """
        kernel = self.depthwise.weight.flatten(1, 2)
        x = functional.conv2d(
            planes,
            kernel,
            stride=self.stride,
            padding=kernel.shape[-1] // 2,
            groups=self.groups,
        )
        x = functional.conv2d(x, self.pointwise.weight.squeeze(2))
        out: Tensor = self.dropout(functional.relu(self.norm(x)))
        return out

    def start_as_differences(self, share: float) -> None:
        """Let the first `share` of the temporal kernels start as differences of two images.

        Such a filter sees the change between two images and nothing else, so that the
        network learns motion from its first steps on (decision 0031). Of three images, a third
        of these filters compare the first two, a third the last two, and a third weigh all
        three with a sum of zero; of more images, each weighs all of them so.

        Raises
        ------
        ValueError
            If the temporal kernel spans a single image.
        """
        weight = self.depthwise.weight
        if weight.shape[2] < 2:
            raise ValueError(f"Expected a temporal kernel of at least 2, got {weight.shape[2]}")
        if weight.is_meta:  # about to be loaded; arithmetic on it would import a compiler
            return
        count = int(weight.shape[0] * share)
        with torch.no_grad():
            if weight.shape[2] == 2:
                weight[:count, :, 1] = -weight[:count, :, 0]
                return
            if weight.shape[2] > 3:
                weight[:count] -= weight[:count].mean(dim=2, keepdim=True)
                return
            third = count // 3
            earlier, later, rest = (
                weight[:third],
                weight[third : 2 * third],
                weight[2 * third : count],
            )
            earlier[:, :, 1], earlier[:, :, 2] = -earlier[:, :, 0], 0
            later[:, :, 2], later[:, :, 0] = -later[:, :, 1], 0
            rest -= rest.mean(dim=2, keepdim=True)


class ResidualDense(nn.Module):
    """Two fully connected layers with a skip connection (section 2.2)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = nn.Linear(width, width)
        self.second = nn.Linear(width, width)

    def forward(self, features: Tensor) -> Tensor:
        """Apply the layers to features of shape (n, width)."""
        hidden = functional.relu(self.first(features))
        return features + functional.relu(self.second(hidden))
