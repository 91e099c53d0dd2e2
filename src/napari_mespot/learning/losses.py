"""What training minimises: the paper's weighted loss, and plain binary cross-entropy.

Eq. 2 of the paper is printed with a minus before ``(1 - t) log(1 - s)``, which would reward
wrong answers; the term is added here.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from napari_mespot.learning.params import LossParams

__all__ = ["SpottingLoss", "spotting_loss"]


def spotting_loss(logits: Tensor, targets: Tensor, known: Tensor, params: LossParams) -> Tensor:
    """Return the loss of a batch, as a mean over samples.

    ``-sum_i M_i [ W t_i log s_i + (1 - t_i) log(1 - s_i) ]`` (paper, Eq. 2, corrected), with
    ``s = sigmoid(logits)``, M the weights per kind and W the weight of positives. Plain
    binary cross-entropy is the case of equal M and W = 1.

    Parameters
    ----------
    logits
        Shape (batch, 2), columns ME and MaE.
    targets
        Shape (batch, 2), 0 to 1.
    known
        Shape (batch, 2), bool; entries nobody has looked at count for nothing.
    params
        The weights.

    Returns
    -------
    Tensor
        Scalar. The sum over kinds, averaged over the samples.

    Raises
    ------
    ValueError
        If the shapes differ.
    """
    if not logits.shape == targets.shape == known.shape:
        raise ValueError(
            "Expected logits, targets and known of one shape, got "
            f"{tuple(logits.shape)}, {tuple(targets.shape)} and {tuple(known.shape)}"
        )
    kind_weights = logits.new_tensor([params.weight_me, params.weight_mae])
    positive = params.positive_weight * targets * F.logsigmoid(logits)
    negative = (1 - targets) * F.logsigmoid(-logits)
    per_entry = -kind_weights * (positive + negative)
    return torch.where(known, per_entry, 0.0).sum(1).mean()


class SpottingLoss(nn.Module):
    """Module twin of :func:`spotting_loss`."""

    def __init__(self, params: LossParams) -> None:
        super().__init__()
        self.params = params

    def forward(self, logits: Tensor, targets: Tensor, known: Tensor) -> Tensor:
        """Return the scalar loss; shapes as in :func:`spotting_loss`."""
        return spotting_loss(logits, targets, known, self.params)
