"""The training loop: batches in, a trained network and its history out.

A batch is a pure function of its step (see :mod:`napari_mespot.learning.batches`), so that
the same parameters give the same weights, with or without worker processes, and a run that
was interrupted goes on as if nothing had happened.
"""

import csv
import io
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from pickle import UnpicklingError

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from napari_mespot.io import atomic_write
from napari_mespot.learning.losses import spotting_loss
from napari_mespot.learning.params import LossParams, TrainingParams
from napari_mespot.learning.watching import Watch, WatchState
from napari_mespot.network.devices import choose_device
from napari_mespot.progress import ProgressCallback, report

__all__ = ["Batch", "FitHistory", "fit"]

Batch = tuple[Tensor, Tensor, Tensor]
"""Clips (batch, 2, t, H, W), targets (batch, 2) and known (batch, 2)."""


@dataclass(frozen=True, slots=True)
class FitHistory:
    """How a training went.

    Parameters
    ----------
    losses
        Shape (steps,), float32: the loss of each step.
    seconds
        Wall time of this call (not of the part before a resume).
    looks
        Validation: (steps done, loss) of every look, in order.
    best_step
        Steps done when the validation loss was lowest; None without validation.
    """

    losses: NDArray[np.float32]
    seconds: float
    looks: tuple[tuple[int, float], ...] = ()
    best_step: int | None = None

    def mean_loss(self, last: int) -> float:
        """Return the mean of the `last` losses."""
        return float(self.losses[-last:].mean())


def fit(  # noqa: PLR0913 - where it runs, who watches and who is told are three of them
    network: nn.Module,
    batches: Dataset[Batch],
    params: TrainingParams,
    *,
    loss: LossParams | None = None,
    run_dir: Path | None = None,
    progress: ProgressCallback | None = None,
    watch: Watch | None = None,
    device: str = "cpu",
) -> FitHistory:
    """Train `network` in place; it ends with the averaged (EMA) weights and in eval mode.

    AdamW with a one-cycle learning rate; with several cycles each starts anew from the
    average of the one before (warm restarts). All randomness comes from ``params.seed`` and the
    step; the caller's random state is put back.

    Parameters
    ----------
    network
        Takes clips (batch, 2, t, H, W), gives logits (batch, 2).
    batches
        ``batches[step]`` is the batch of that step, for
        ``0 <= step < params.total_steps``.
    params, loss
        How to train.
    run_dir
        Where ``log.csv`` and the resumable ``state.pt`` are kept; a run found there goes on.
        The file is this program's own and is read as plain tensors only.
    progress
        Called after each step; may raise :class:`~napari_mespot.progress.Cancelled`, after
        which the run can be resumed from its last saved state.
    watch
        Looks at the average now and then, and may end the training early; the network then
        ends with the weights that did best, if the watch keeps them.
    device
        ``"auto"``, ``"cpu"``, ``"cuda"`` or ``"mps"``. The network comes back on the CPU.

    Raises
    ------
    CheckpointError
        If the device is not available.
    FloatingPointError
        If the loss is not finite.
    """
    began = time.perf_counter()
    place = choose_device(device)
    run = _Run(network.to(place), params, place)
    if run_dir:
        run_dir.mkdir(parents=True, exist_ok=True)
    with torch.random.fork_rng(devices=[]):
        if run_dir and (run_dir / "state.pt").exists():
            run = _resumed(network, run, run_dir / "state.pt", progress)
        if not run.watched.stopped:
            _train(run, batches, loss or LossParams(), run_dir, watch, progress)
    keep = watch is not None and watch.params.keep_best
    network.load_state_dict(run.watched.best if keep and run.watched.best else run.kept())
    network.to("cpu").eval()
    return FitHistory(
        np.asarray(run.losses, dtype=np.float32),
        time.perf_counter() - began,
        tuple(run.watched.looks),
        run.watched.best_step,
    )


def _resumed(
    network: nn.Module, run: "_Run", state: Path, progress: ProgressCallback | None
) -> "_Run":
    """Return the run as it was saved; one whose file is damaged begins anew, and says so."""
    first = deepcopy(network.state_dict())
    try:
        run.load(state)
    except (OSError, EOFError, ValueError, RuntimeError, LookupError, TypeError, UnpicklingError):
        damaged = state.with_name("state.pt.damaged")
        state.replace(damaged)
        network.load_state_dict(first)
        total = run.params.total_steps
        report(progress, f"{damaged} cannot be read: training begins anew", 0, total)
        return _Run(network, run.params, run.place)
    return run


def _train(
    run: "_Run",
    batches: Dataset[Batch],
    loss: LossParams,
    run_dir: Path | None,
    watch: Watch | None,
    progress: ProgressCallback | None,
) -> None:
    """Go on from where the run stands to its end."""
    params = run.params
    for step, batch in _stream(batches, params, first=len(run.losses)):
        torch.manual_seed(params.seed * 1_000_003 + step)  # dropout depends on the step alone
        run.step(batch, loss)
        if watch is not None and watch.is_due(step + 1, params.total_steps):
            watch.look(run.average, run.watched, step + 1, run.place)
        if run_dir and (params.is_save_step(step) or run.watched.stopped):
            run.save(run_dir / "state.pt")
            _write_log(run_dir / "log.csv", run.losses, params.log_every_steps)
            run.watched.write(run_dir / "validation.csv")
        report(progress, "training", step + 1, params.total_steps)
        if run.watched.stopped:
            return


class _Run:
    """Network, average, optimiser and schedule of one training."""

    def __init__(self, network: nn.Module, params: TrainingParams, place: torch.device) -> None:
        self.network = network.train()
        self.average = deepcopy(network).eval()
        self.params = params
        self.place = place
        self.losses: list[float] = []
        self.watched = WatchState()
        self._begin_cycle(0)

    def _begin_cycle(self, cycle: int) -> None:
        """Start the optimiser and its schedule anew."""
        peak = self.params.learning_rate * self.params.cycle_decay**cycle
        self.optimiser = torch.optim.AdamW(
            self.network.parameters(), peak, weight_decay=self.params.weight_decay
        )
        self.schedule = torch.optim.lr_scheduler.OneCycleLR(
            self.optimiser,
            peak,
            total_steps=self.params.steps + 1,
            pct_start=self.params.warmup_fraction,
        )

    def step(self, batch: Batch, loss_params: LossParams) -> None:
        done = len(self.losses)
        if done and done % self.params.steps == 0:
            self.network.load_state_dict(self.average.state_dict())
            self._begin_cycle(done // self.params.steps)
        clips, targets, known = (part.to(self.place) for part in batch)
        with self._precision():
            logits = self.network(clips)
        loss = spotting_loss(logits.float(), targets, known, loss_params)
        value = float(loss.detach())
        if not np.isfinite(value):
            raise FloatingPointError(f"Expected a finite loss, got {value}")
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]  # torch's own stub
        nn.utils.clip_grad_norm_(self.network.parameters(), self.params.gradient_clip)
        self.optimiser.step()
        self.schedule.step()
        self.losses.append(value)
        self._follow()

    def kept(self) -> dict[str, Tensor]:
        """Return the averaged weights."""
        return self.average.state_dict()

    def _precision(self) -> AbstractContextManager[object]:
        """Return the mixed precision of a forward pass; none but on CUDA."""
        if self.params.amp and self.place.type == "cuda":
            return torch.autocast("cuda", dtype=torch.bfloat16)
        return nullcontext()

    @torch.no_grad()
    def _follow(self) -> None:
        """Move the average towards the network; early on it follows faster."""
        n = (len(self.losses) - 1) % self.params.steps + 1
        decay = min(self.params.ema_decay, n / (n + 10))
        pairs = zip(
            self.average.state_dict().values(), self.network.state_dict().values(), strict=True
        )
        for mean, value in pairs:
            if mean.dtype.is_floating_point:
                mean.lerp_(value, 1 - decay)
            else:
                mean.copy_(value)

    def save(self, path: Path) -> None:
        state = io.BytesIO()
        torch.save(
            {
                "network": self.network.state_dict(),
                "average": self.average.state_dict(),
                "optimiser": self.optimiser.state_dict(),
                "schedule": self.schedule.state_dict(),
                "losses": self.losses,
                "watched": self.watched.as_dict(),
            },
            state,
        )
        with atomic_write(path) as file:  # whole on the disk, also if the power fails
            file.write(state.getbuffer())

    def load(self, path: Path) -> None:
        state = torch.load(path, weights_only=True, map_location=self.place)
        self.network.load_state_dict(state["network"])
        self.average.load_state_dict(state["average"])
        self.losses = list(state["losses"])
        self.watched = WatchState.of_dict(state.get("watched", {}))
        cycle = (len(self.losses) - 1) // self.params.steps
        if cycle > 0:
            self._begin_cycle(cycle)
        self.optimiser.load_state_dict(state["optimiser"])
        self.schedule.load_state_dict(state["schedule"])


def _stream(
    batches: Dataset[Batch], params: TrainingParams, *, first: int
) -> Iterator[tuple[int, Batch]]:
    """Yield (step, batch) from `first` on, made ahead by worker processes if there are any."""
    steps = range(first, params.total_steps)
    loader = DataLoader(
        batches,
        batch_size=None,
        sampler=steps,
        num_workers=params.workers,
        prefetch_factor=4 if params.workers else None,
    )
    yield from zip(steps, loader, strict=True)


def _write_log(path: Path, losses: list[float], every: int) -> None:
    """Write the mean loss of every `every` steps as CSV."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["step", "mean_loss"])
        for start in range(0, len(losses), every):
            block = losses[start : start + every]
            writer.writerow([start + len(block), f"{np.mean(block):.5f}"])
