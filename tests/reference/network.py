"""The network and its input, plainly: 3-D convolutions, one clip at a time, nothing shared."""

from collections.abc import Callable
from fractions import Fraction

import numpy as np
import torch
from tests.reference.clips import slow_places
from torch import Tensor
from torch.nn import functional

from napari_mespot.clips import ClipParams
from napari_mespot.face import ContrastParams
from napari_mespot.network import Checkpoint, NetworkParams, TwoStream3DCNN


def lively_network(seed: int = 0, params: NetworkParams | None = None) -> TwoStream3DCNN:
    """Make an untrained network whose statistics and outputs are far from their initial values."""
    generator = torch.Generator().manual_seed(seed)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        network = TwoStream3DCNN(params or NetworkParams())
        with torch.no_grad():
            for block in (network.stem, network.block2, network.block3):
                for tensor in (block.norm.weight, block.norm.running_var):
                    tensor.uniform_(0.5, 2, generator=generator)
                for tensor in (block.norm.bias, block.norm.running_mean):
                    tensor.uniform_(-0.5, 0.5, generator=generator)
            network.output.weight.mul_(10)
    return network.eval()


def lively_checkpoint(
    seed: int = 0, clips: ClipParams | None = None, **changes: object
) -> Checkpoint:
    """Make a checkpoint around such a network."""
    clips = clips or ClipParams()
    network = lively_network(seed, NetworkParams(images_per_stream=clips.images_per_stream))
    return Checkpoint(network, f"lively-{seed}", clips=clips, **changes)


def plain_contrast(image: np.ndarray, params: ContrastParams) -> Tensor:
    """Eq. 1 of the paper as it stands, the Gaussian along rows and then columns; (H, W)."""
    radius = int(np.ceil(params.truncate * params.sigma_px))
    offsets = torch.arange(-radius, radius + 1, dtype=torch.float64)
    row = torch.exp(-(offsets**2) / (2 * params.sigma_px**2))
    window = (row / row.sum()).view(1, 1, 1, -1)
    f = torch.from_numpy(image.astype(np.float64))[None, None]

    def blurred(x: Tensor) -> Tensor:
        padded = functional.pad(x, [radius] * 4, mode="reflect")
        return functional.conv2d(functional.conv2d(padded, window), window.mT)

    mean = blurred(f)
    sigma = (blurred(f * f) - mean * mean).clamp(min=0).sqrt()
    return ((f - mean) / torch.maximum(sigma, sigma.mean()))[0, 0].float()


def plain_forward(network: TwoStream3DCNN, clip: Tensor) -> Tensor:
    """Logits of one clip (2, t, H, W) by plain 3-D convolutions and loops; shape (2,)."""
    streams = []
    for pair in clip:
        x = pair[None, None]  # one sample, one channel, t images
        for block in (network.stem, network.block2, network.block3):
            kernel = block.depthwise.weight
            half = kernel.shape[-1] // 2
            x = functional.conv3d(
                x, kernel, stride=(1, 2, 2), padding=(0, half, half), groups=x.shape[1]
            )
            x = functional.conv3d(x, block.pointwise.weight)
            norm = block.norm
            shape = (1, -1, 1, 1, 1)
            x = (x - norm.running_mean.view(shape)) / (
                norm.running_var.view(shape) + norm.eps
            ).sqrt()
            x = (x * norm.weight.view(shape) + norm.bias.view(shape)).clamp(min=0)
        assert x.shape[2] == 1  # the images have become one
        v = x.mean(dim=(2, 3, 4))[0]
        hidden = (network.dense.first.weight @ v + network.dense.first.bias).clamp(min=0)
        hidden = (network.dense.second.weight @ hidden + network.dense.second.bias).clamp(min=0)
        streams.append(v + hidden)
    return network.output.weight @ torch.cat(streams) + network.output.bias


def plain_scores(
    checkpoint: Checkpoint,
    images: np.ndarray,
    frame_rate: Fraction,
    frames: range,
    normalise: Callable[[np.ndarray, ContrastParams], Tensor] = plain_contrast,
) -> np.ndarray:
    """Score frames one by one: all images of a clip normalised, one clip through the network."""
    skips = (checkpoint.clips.skip_me_s, checkpoint.clips.skip_mae_s)
    sides = slow_places(checkpoint.clips.reference, checkpoint.clips.references_per_side)
    scores = []
    with torch.no_grad():
        for frame in frames:
            pairs = []
            for skip in skips:
                wanted = [frame + side * round(skip * float(frame_rate)) for side in sides]
                places = [min(max(i, 0), len(images) - 1) for i in wanted]
                pair = [normalise(images[i], checkpoint.contrast) for i in places]
                pairs.append(torch.stack(pair))
            logits = checkpoint.network(torch.stack(pairs)[None])[0]
            scores.append(torch.sigmoid(logits / torch.tensor(checkpoint.temperature)).numpy())
    return np.array(scores)
