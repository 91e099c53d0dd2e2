"""The two-stream 3-D convolutional network (paper, section 2.2 and Fig. 1)."""

import torch
from torch import Tensor, nn

from napari_mespot.network.blocks import ResidualDense, SeparableBlock
from napari_mespot.network.params import NetworkParams

__all__ = ["TwoStream3DCNN"]

DIFFERENCE_SHARE = 0.75
N_STREAMS = 2
N_KINDS = 2


class TwoStream3DCNN(nn.Module):
    """Two structurally identical streams with shared weights, and one logit per kind.

    Each stream sees a frame and its reference frame, or one on either side: stream 1 with the
    short skip (ME), stream 2 with the long one (MaE). Three depthwise separable convolutional
    blocks (the first one's temporal kernel spans these images), global average pooling and a
    residual dense layer make the features of a stream; those of both streams side by side make
    the two outputs.

    Parameters
    ----------
    params
        Sizes; the paper leaves them open (decision 0031).

    Examples
    --------
    >>> network = TwoStream3DCNN(NetworkParams()).eval()
    >>> network(torch.zeros(3, 2, 2, 112, 112)).shape
    torch.Size([3, 2])
    """

    def __init__(self, params: NetworkParams) -> None:
        super().__init__()
        self.params = params
        first, second, third = params.channels
        self.stem = SeparableBlock(
            1,
            first,
            frames=params.images_per_stream,
            filters=params.stem_filters,
            kernel_px=params.stem_kernel_px,
            dropout=params.dropout,
        )
        self.stem.start_as_differences(DIFFERENCE_SHARE)
        self.block2 = SeparableBlock(first, second, dropout=params.dropout)
        self.block3 = SeparableBlock(second, third, dropout=params.dropout)
        self.dense = ResidualDense(third)
        self.output = nn.Linear(N_STREAMS * third, N_KINDS)

    def forward(self, clips: Tensor) -> Tensor:
        """Return the logits of clips; their sigmoid is the probability.

        Parameters
        ----------
        clips
            Shape (n, 2, t, H, W), float32: contrast-normalised images of each clip, by stream
            (ME, MaE) and place, t = ``params.images_per_stream``
            (see :func:`~napari_mespot.clips.clip_places`).

        Returns
        -------
        Shape (n, 2): logits of ME and MaE.
        """
        images = clips.flatten(0, 1).contiguous(memory_format=torch.channels_last)
        return self.logits_of_streams(self.tail(self.stem(images)), clips.shape[0])

    def tail(self, x: Tensor) -> Tensor:
        """Return stream features, shape (n, channels), of stem outputs (n, channels, H, W)."""
        x = self.block3(self.block2(x)).mean(dim=(2, 3))
        out: Tensor = self.dense(x)
        return out

    def logits_of_streams(self, features: Tensor, n_clips: int) -> Tensor:
        """Return logits, shape (n_clips, 2), of stream features in (clip, stream) order."""
        out: Tensor = self.output(features.reshape(n_clips, -1))
        return out
