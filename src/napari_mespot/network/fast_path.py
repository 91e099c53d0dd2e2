"""The network rearranged for inference: what concerns one frame is computed once per frame.

The depthwise kernel of the first block is a sum over the two frames of a pair, so the response
to a pair is the response of its first temporal half to the reference frame plus that of its
second half to the frame. Both are computed once per frame and shared by all pairs the frame
takes part in; the weights of the streams are shared, so both streams use the same. The output
layer is a sum over the streams too, so each stream adds its part to the logits by itself.
Batch normalisation is folded into the pointwise convolutions. The result equals
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
            kernel = network.stem.depthwise.weight.detach().to(device)
            # Both temporal halves side by side, as filters of one 2-D convolution.
            self._stem = _channels_last(torch.cat([kernel[:, :, 0], kernel[:, :, 1]]))
            self._stem_pointwise = _folded_pointwise(network.stem, device)
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

    def frame_features(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Return the first layer's response to each image in either place of a pair.

        Parameters
        ----------
        images
            Shape (n, H, W), float32: contrast-normalised.

        Returns
        -------
        as_reference, as_frame
            Shape (n, ceil(H / 2), ceil(W / 2), filters), views of one tensor.
        """
        padding = self._stem.shape[-1] // 2
        responses = functional.conv2d(
            images.unsqueeze(1), self._stem, stride=SeparableBlock.stride, padding=padding
        )
        as_reference, as_frame = responses.permute(0, 2, 3, 1).chunk(2, dim=-1)
        return as_reference, as_frame

    def stream_logits(self, pair_features: Tensor, stream: int) -> Tensor:
        """Return what one stream adds to the logits.

        Parameters
        ----------
        pair_features
            The sum ``as_reference + as_frame`` of :meth:`frame_features`, of the reference
            frame of each pair and of its frame; shape (n, h, w, filters).
        stream
            0 (ME) or 1 (MaE).

        Returns
        -------
        Shape (n, 2). The logits are the sum over both streams and ``output_bias``.
        """
        x = functional.conv2d(pair_features.permute(0, 3, 1, 2), *self._stem_pointwise).relu_()
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
