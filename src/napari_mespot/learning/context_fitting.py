"""Learning a context network: windows of stretches in, a trained network out."""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from napari_mespot.learning.context_params import ContextTrainingParams
from napari_mespot.learning.context_stretches import ContextStretch, mirrored_input
from napari_mespot.network import ContextNetwork
from napari_mespot.progress import ProgressCallback, report

__all__ = ["ContextPool", "fit_context"]

_Batch = tuple[Tensor, Tensor, Tensor, Tensor]


@dataclass(frozen=True, eq=False, slots=True)
class ContextPool:
    """Stretches of one kind of material, and how much of a batch they are.

    Parameters
    ----------
    stretches
        What windows are drawn from, longer ones more often.
    share
        Of a batch, against the shares of the other pools.
    """

    stretches: Sequence[ContextStretch]
    share: float = 1.0


def fit_context(
    network: ContextNetwork,
    pools: Sequence[ContextPool],
    params: ContextTrainingParams,
    *,
    progress: ProgressCallback | None = None,
) -> list[float]:
    """Train `network` in place; it ends with the averaged weights and in evaluation mode.

    All randomness comes from ``params.seed``; the caller's random state is put back.

    Parameters
    ----------
    network
        On the CPU.
    pools
        What it learns from.
    params
        How.
    progress
        Called after each step; may raise :class:`~napari_mespot.progress.Cancelled`.

    Returns
    -------
    The loss of each step.

    Raises
    ------
    ValueError
        If there is nothing to learn from.
    FloatingPointError
        If the loss is not finite.
    """
    drawn = _Windows(pools, params, network.params.rate_hz)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(params.seed)
        average = _train(network, drawn, params, progress)
    network.load_state_dict(average.state_dict())
    network.eval()
    return drawn.losses


def _train(
    network: ContextNetwork,
    windows: "_Windows",
    params: ContextTrainingParams,
    progress: ProgressCallback | None,
) -> ContextNetwork:
    network.train()
    if params.steady_norms:
        _hold_norms(network)
    average = deepcopy(network)
    optimiser = torch.optim.AdamW(
        network.parameters(), params.learning_rate, weight_decay=params.weight_decay
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser,
        params.learning_rate,
        total_steps=params.steps + 1,
        pct_start=params.warmup_fraction,
    )
    for step in range(params.steps):
        shown, targets, weights, there = windows.batch(step)
        every = functional.binary_cross_entropy_with_logits(
            network(shown, there), targets, reduction="none"
        )
        loss = (every * weights).sum() / weights.sum().clamp(min=1)
        value = float(loss.detach())
        if not np.isfinite(value):
            raise FloatingPointError(f"Expected a finite loss, got {value}")
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]  # torch's own stub
        optimiser.step()
        schedule.step()
        _follow(average, network, min(params.ema_decay, (step + 1) / (step + 11)))
        windows.losses.append(value)
        report(progress, "training", step + 1, params.steps)
    return average


def _hold_norms(network: ContextNetwork) -> None:
    for module in network.modules():
        if isinstance(module, nn.BatchNorm1d):
            module.eval()


@torch.no_grad()
def _follow(average: ContextNetwork, network: ContextNetwork, decay: float) -> None:
    """Move the average towards the network."""
    pairs = zip(average.state_dict().values(), network.state_dict().values(), strict=True)
    for mean, value in pairs:
        if mean.dtype.is_floating_point:
            mean.lerp_(value, 1 - decay)
        else:
            mean.copy_(value)


class _Windows:
    """Batches of windows, each a function of the seed and the step."""

    def __init__(
        self, pools: Sequence[ContextPool], params: ContextTrainingParams, rate_hz: float
    ) -> None:
        filled = [p for p in pools if p.stretches and p.share > 0]
        if not filled:
            raise ValueError("Expected stretches to learn from, got none")
        self._pools = [p.stretches for p in filled]
        self._params = params
        self._length = max(2, round(params.window_s * rate_hz))
        shares = np.array([p.share for p in filled], dtype=np.float64)
        self._shares = shares / shares.sum()
        self._odds = [_by_length(pool, self._length) for pool in self._pools]
        self.losses: list[float] = []

    def batch(self, step: int) -> _Batch:
        """Return inputs, targets, weights and which steps are there, of one batch."""
        rng = np.random.default_rng([self._params.seed, step])
        which = rng.choice(len(self._pools), self._params.batch_size, p=self._shares)
        parts = [self._window(int(pool), rng) for pool in which]
        shown, targets, weights, there = (np.stack(column) for column in zip(*parts, strict=True))
        return (
            torch.from_numpy(shown),
            torch.from_numpy(targets),
            torch.from_numpy(weights),
            torch.from_numpy(there),
        )

    def _window(self, pool: int, rng: np.random.Generator) -> tuple[NDArray[np.float32], ...]:
        stretch = self._pools[pool][int(rng.choice(len(self._pools[pool]), p=self._odds[pool]))]
        spare = max(0, stretch.n_steps - self._length)
        first = 0 if rng.random() < self._params.start_share else int(rng.integers(spare + 1))
        part = slice(first, min(first + self._length, stretch.n_steps))
        shown = stretch.shown[:, part].astype(np.float32)
        if rng.random() < self._params.mirror_probability:
            shown = mirrored_input(shown)
        targets, known = stretch.targets[:, part], stretch.known[:, part]
        weights = known.astype(np.float32)
        weights[0] *= 1 + (self._params.me_weight - 1) * targets[0]
        there = np.ones((1, shown.shape[1]), np.float32)
        missing = ((0, 0), (0, self._length - shown.shape[1]))
        return tuple(
            np.pad(x, missing).astype(np.float32) for x in (shown, targets, weights, there)
        )


def _by_length(pool: Sequence[ContextStretch], window: int) -> NDArray[np.float64]:
    """Return how often each stretch is drawn from: by its length, a short one as a window."""
    lengths = np.array([max(s.n_steps, window) for s in pool], dtype=np.float64)
    return np.asarray(lengths / lengths.sum())
