"""How large a network is and how much it computes, for the model card."""

from dataclasses import dataclass

from torch import nn

from napari_mespot.network.blocks import SeparableBlock
from napari_mespot.network.two_stream import N_KINDS, N_STREAMS, TwoStream3DCNN

__all__ = ["NetworkDescription", "describe"]


@dataclass(frozen=True, slots=True)
class NetworkDescription:
    """Size and cost of a network.

    Parameters
    ----------
    parameters
        Trainable numbers.
    macs_per_clip
        Multiply-accumulate operations of convolutions and dense layers for one clip of four
        images, computed by itself. Floating-point operations are twice as many.
    macs_per_frame
        The same for a frame of a video as inference computes it: the layers of the first block
        are composed to one, which is more arithmetic in less time (decision 0033).
    """

    parameters: int
    macs_per_clip: int
    macs_per_frame: int

    @property
    def flops_per_clip(self) -> int:
        """Floating-point operations for one clip."""
        return 2 * self.macs_per_clip

    @property
    def flops_per_frame(self) -> int:
        """Floating-point operations for a frame of a video."""
        return 2 * self.macs_per_frame


def describe(network: TwoStream3DCNN, crop_px: int = 112) -> NetworkDescription:
    """Count the parameters and operations of a network on square images of `crop_px`.

    Examples
    --------
    >>> from napari_mespot.network import NetworkParams
    >>> describe(TwoStream3DCNN(NetworkParams())).parameters
    26938
    """
    side, rest, stem, composed = crop_px, 0, 0, 0
    for block in (network.stem, network.block2, network.block3):
        side = -(-side // SeparableBlock.stride)
        separate = (block.depthwise.weight.numel() + block.pointwise.weight.numel()) * side**2
        if block is network.stem:
            kernel = block.depthwise.weight[0].numel()  # all images of a stream
            stem, composed = separate, block.pointwise.weight.shape[0] * kernel * side**2
        else:
            rest += separate
    dense = _weights(network.dense.first) + _weights(network.dense.second)
    output = N_STREAMS * network.params.channels[-1] * N_KINDS
    return NetworkDescription(
        parameters=sum(p.numel() for p in network.parameters()),
        macs_per_clip=N_STREAMS * (stem + rest + dense) + output,
        macs_per_frame=N_STREAMS * (composed + rest + dense) + output,
    )


def _weights(layer: nn.Linear) -> int:
    return layer.weight.numel()
