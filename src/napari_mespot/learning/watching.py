"""Early stopping: a look now and then at people who are not learned from.

The loss on their clips, with random skips as in training (paper, section 3.2), is taken from
the averaged weights. What was seen is part of a run's saved state, so that a resumed run stops
where an uninterrupted one would have.
"""

import csv
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from napari_mespot.learning.losses import spotting_loss
from napari_mespot.learning.params import LossParams, ValidationParams

if TYPE_CHECKING:
    from torch.utils.data import Dataset

    from napari_mespot.learning.fitting import Batch

__all__ = ["Watch", "WatchState"]


@dataclass
class WatchState:
    """What has been seen so far.

    Parameters
    ----------
    looks
        (steps done, loss) of every look.
    best
        Weights of the lowest loss; empty before the first look.
    stopped
        Whether training is to end.
    """

    looks: list[tuple[int, float]] = field(default_factory=list)
    best: dict[str, Tensor] = field(default_factory=dict)
    stopped: bool = False

    @property
    def best_step(self) -> int | None:
        """Steps done at the lowest loss; the first of equals."""
        return min(self.looks, key=lambda look: look[1])[0] if self.looks else None

    def as_dict(self) -> dict[str, Any]:
        """Return the state as tensors and plain values."""
        return {"looks": self.looks, "best": self.best, "stopped": self.stopped}

    @classmethod
    def of_dict(cls, values: dict[str, Any]) -> "WatchState":
        """Read what :meth:`as_dict` gave; an empty dictionary is a state before any look."""
        looks = [(int(step), float(loss)) for step, loss in values.get("looks", [])]
        return cls(looks, dict(values.get("best", {})), bool(values.get("stopped", False)))

    def write(self, path: Path) -> None:
        """Write the looks as CSV, if there are any."""
        if not self.looks:
            return
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["step", "loss"])
            writer.writerows((step, f"{loss:.5f}") for step, loss in self.looks)


class Watch:
    """Measures a network on the clips of other people.

    Parameters
    ----------
    batches
        ``batches[0]`` to ``batches[params.batches - 1]``, of people who are not learned from.
    params
        When to look and when to stop.
    loss
        The loss that training minimises.
    """

    def __init__(
        self, batches: "Dataset[Batch]", params: ValidationParams, loss: LossParams
    ) -> None:
        self.params = params
        self._batches, self._loss = batches, loss
        self._made: list[Batch] = []

    def is_due(self, done: int, total: int) -> bool:
        """Whether to look after `done` of `total` steps."""
        return done % self.params.every_steps == 0 or done == total

    def look(self, network: nn.Module, state: WatchState, done: int, place: torch.device) -> None:
        """Measure `network`, an average in eval mode, and enter the result into `state`."""
        value = self._mean_loss(network, place)
        lowest = min((loss for _, loss in state.looks), default=float("inf"))
        state.looks.append((done, value))
        if value < lowest:
            state.best = {k: v.detach().clone() for k, v in network.state_dict().items()}
        since = sum(step > (state.best_step or 0) for step, _ in state.looks)
        state.stopped = bool(self.params.patience) and since >= self.params.patience

    @torch.no_grad()
    def _mean_loss(self, network: nn.Module, place: torch.device) -> float:
        if not self._made:
            self._made = [self._batches[step] for step in range(self.params.batches)]
        losses = []
        for clips, targets, known in self._made:
            logits = network(clips.to(place)).float()
            loss = spotting_loss(logits, targets.to(place), known.to(place), self._loss)
            losses.append(float(loss))
        return float(np.mean(losses))
