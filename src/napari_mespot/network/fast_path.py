"""The network rearranged for inference: fewer, denser layers with the same result.

Nothing lies between the depthwise and the pointwise convolution of the first block, so the two
are one dense convolution over the images of a stream; batch normalisation is folded into the
pointwise convolutions of all blocks. The output layer is a sum over the streams, so each stream
adds its part to the logits by itself. The result equals
:meth:`napari_mespot.network.TwoStream3DCNN.forward` in evaluation mode (decision 0033).
"""

import torch
from torch import Tensor
from torch.nn import functional

from napari_mespot.network.blocks import SeparableBlock
from napari_mespot.network.two_stream import N_STREAMS, TwoStream3DCNN

__all__ = ["FastNetwork"]


class FastNetwork:
    """A copy of a network's weights, ready for inference on one device.

    Parameters
    ----------
    network
        The network; later changes to it are not seen.
    device
        Where to compute.
    """

    def __init__(self, network: TwoStream3DCNN, device: torch.device) -> None:
        with torch.inference_mode():
            self._stem, self._stem_bias = _composed_stem(network.stem, device)
            self._blocks = tuple(
                (
                    _channels_last(block.depthwise.weight.detach().squeeze(2).to(device)),
                    *_folded_pointwise(block, device),
                )
                for block in (network.block2, network.block3)
            )
            dense = (network.dense.first, network.dense.second)
            self._dense = tuple((_moved(x.weight, device), _moved(x.bias, device)) for x in dense)
            parts = network.output.weight.detach().to(device).chunk(N_STREAMS, dim=1)
            self._output = tuple(part.clone() for part in parts)
            self.output_bias = _moved(network.output.bias, device)

    def stream_logits(self, clips: Tensor, stream: int) -> Tensor:
        """Return what one stream adds to the logits.

        Parameters
        ----------
        clips
            Contrast-normalised images of one stream, shape (n, H, W, t), float32.
        stream
            0 (ME) or 1 (MaE).

        Returns
        -------
        Shape (n, 2). The logits are the sum over both streams and ``output_bias``.
        """
        x = functional.conv2d(
            clips.permute(0, 3, 1, 2),
            self._stem,
            self._stem_bias,
            stride=SeparableBlock.stride,
            padding=self._stem.shape[-1] // 2,
        ).relu_()
        for depthwise, weight, bias in self._blocks:
            groups = depthwise.shape[0]
            padding = depthwise.shape[-1] // 2
            x = functional.conv2d(
                x, depthwise, stride=SeparableBlock.stride, padding=padding, groups=groups
            )
            x = functional.conv2d(x, weight, bias).relu_()
        features = x.mean(dim=(2, 3))
        hidden = features
        for weight, bias in self._dense:
            hidden = functional.linear(hidden, weight, bias).relu_()
        return functional.linear(features + hidden, self._output[stream])


def _composed_stem(stem: SeparableBlock, device: torch.device) -> tuple[Tensor, Tensor]:
    """Return weight (outputs, t, height, width) and bias of the whole first block."""
    pointwise, bias = _folded_pointwise(stem, torch.device("cpu"))
    depthwise = stem.depthwise.weight.detach().squeeze(1).cpu().double()
    weight = torch.einsum("of,fthw->othw", pointwise.squeeze(3).squeeze(2).double(), depthwise)
    return _channels_last(weight.float().to(device)), bias.to(device)


def _folded_pointwise(block: SeparableBlock, device: torch.device) -> tuple[Tensor, Tensor]:
    """Return weight and bias of the pointwise convolution with batch normalisation in it."""
    norm = block.norm
    statistics = dict(norm.named_buffers())
    # On the CPU in float64, so that folding costs no accuracy.
    mean, variance = (
        statistics["running_mean"].cpu().double(),
        statistics["running_var"].cpu().double(),
    )
    scale = norm.weight.detach().cpu().double() / (variance + norm.eps).sqrt()
    pointwise = block.pointwise.weight.detach().squeeze(2).cpu().double()
    weight = pointwise * scale[:, None, None, None]
    bias = norm.bias.detach().cpu().double() - mean * scale
    return _channels_last(weight.float().to(device)), bias.float().to(device)


def _channels_last(weight: Tensor) -> Tensor:
    # Through permuted strides, since with one input channel PyTorch cannot tell the two memory
    # formats apart and would compute the first layer in the slow one.
    return weight.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2)


def _moved(parameter: Tensor, device: torch.device) -> Tensor:
    return parameter.detach().to(device).clone()
