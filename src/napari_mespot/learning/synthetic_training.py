"""From a recipe to a checkpoint, on drawn faces alone.

Draw faces and movements, train, draw other faces and movements, calibrate on them, measure.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from napari_mespot.clips import frame_targets
from napari_mespot.evaluation import frame_figures
from napari_mespot.learning.batches import BatchRecipe, ClipBatches
from napari_mespot.learning.calibration import (
    Platt,
    ScoredSequence,
    calibrate_spotting,
    count_hits,
    fit_platt,
)
from napari_mespot.learning.fitting import FitHistory, fit
from napari_mespot.learning.labelled_logits import pooled_frames, probabilities
from napari_mespot.learning.recipe import SyntheticRecipe
from napari_mespot.learning.run_folder import begin_run
from napari_mespot.learning.sequences import (
    draw_corpus,
    draw_sequence,
    sequence_logits,
    sequence_repertoire,
)
from napari_mespot.model import Annotation, ExpressionKind, ScoreSignal
from napari_mespot.network import Checkpoint, TwoStream3DCNN, describe
from napari_mespot.progress import ProgressCallback, report

__all__ = ["calibrated_checkpoint", "train_network"]


@dataclass(frozen=True, eq=False, slots=True)
class _RawSequence:
    """The truth about a sequence and the logits of its frames, shape (n, 2)."""

    truth: Annotation
    logits: NDArray[np.float32]

    @property
    def frame_rate(self) -> Fraction:
        return self.truth.frame_rate or Fraction(30)


def train_network(
    recipe: SyntheticRecipe, run_dir: Path, *, progress: ProgressCallback | None = None
) -> tuple[TwoStream3DCNN, FitHistory]:
    """Train the network of a recipe; a run of it found in `run_dir` goes on where it stopped.

    What a run of another recipe has left there is put aside, see
    :func:`~napari_mespot.learning.run_folder.begin_run`.
    """
    begin_run(run_dir, hashlib.sha256(_deciding(recipe).encode()).hexdigest())
    seed = recipe.training.seed
    corpus = draw_corpus(recipe.synthetic, recipe.drawn, progress=progress)
    batches = ClipBatches(corpus, BatchRecipe.of(recipe))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = TwoStream3DCNN(recipe.network)
    history = fit(
        network, batches, recipe.training, loss=recipe.loss, run_dir=run_dir, progress=progress
    )
    return network, history


def _deciding(recipe: SyntheticRecipe) -> str:
    """Return what decides the weights: all of a recipe but its name and the calibration."""
    return recipe.model_dump_json(exclude={"name", "sequences", "shown", "calibration"})


def calibrated_checkpoint(
    network: TwoStream3DCNN,
    recipe: SyntheticRecipe,
    card: dict[str, Any],
    *,
    progress: ProgressCallback | None = None,
) -> Checkpoint:
    """Calibrate a trained network on people it never saw and measure it on them.

    The bias of the calibration is added to that of the output layer of `network`, in place;
    temperatures, thresholds and figures go into the checkpoint. Probabilities and thresholds
    are chosen on one half of the sequences, the figures come from the other half.
    """
    raw = list(_scored(network, recipe, progress))
    half = (raw[::2], raw[1::2])
    platts = tuple(_platt(half[0], column) for column in range(2))
    chosen = [_calibrated(r, platts) for r in half[0]]
    held = [_calibrated(r, platts) for r in half[1]]
    spotting = calibrate_spotting(chosen, recipe.calibration)
    checkpoint = Checkpoint(
        network=network,
        name=recipe.name,
        align=recipe.align,
        contrast=recipe.contrast,
        clips=recipe.clips,
        spotting=spotting,
        temperature=(platts[0].temperature, platts[1].temperature),
    )
    checkpoint.add_bias(platts[0].bias, platts[1].bias)
    figures = {
        f"{rate}_fps": _figures([s for s in held if s[1].frame_rate == rate], checkpoint)
        for rate in recipe.sequences.frame_rates
    }
    size = describe(network, recipe.align.crop_px)
    return replace(
        checkpoint,
        card={
            **card,
            "parameters": size.parameters,
            "macs_per_frame": size.macs_per_frame,
            "recipe": recipe.model_dump(mode="json"),
            "held_out_drawn_people": figures,
        },
    )


def _scored(
    network: TwoStream3DCNN, recipe: SyntheticRecipe, progress: ProgressCallback | None
) -> Iterator[_RawSequence]:
    """Draw and score the sequences, one in memory at a time."""
    params = recipe.sequences
    synthetic = recipe.shown.model_copy(update={"texture_share": 0.0})
    repertoire = sequence_repertoire(synthetic, params, progress=progress)
    total = params.sequences * len(params.frame_rates)
    for index in range(total):
        rate = params.frame_rates[index // params.sequences]
        rng = np.random.default_rng([params.seed, 2, index])
        drawn = draw_sequence(repertoire, synthetic, params, rng, rate)
        logits = sequence_logits(network, drawn, recipe.clips, recipe.contrast)
        yield _RawSequence(drawn.annotation, logits)
        report(progress, "calibrating", index + 1, total)


def _platt(sequences: Sequence[_RawSequence], column: int) -> Platt:
    """Fit one kind; every second of video counts alike, whatever its frame rate."""
    parts = []
    for one in sequences:
        targets, known = frame_targets(one.truth)
        parts.append((one.logits[:, column], targets[:, column], known[:, column], one.frame_rate))
    return fit_platt(*pooled_frames(parts))


def _calibrated(sequence: _RawSequence, platts: Sequence[Platt]) -> ScoredSequence:
    values = probabilities(sequence.logits, platts)
    found = np.ones(len(values), dtype=np.bool_)
    return sequence.truth, ScoreSignal(values, found, sequence.frame_rate, sequence.truth.video_id)


def _figures(held: Sequence[ScoredSequence], checkpoint: Checkpoint) -> dict[str, Any]:
    """Measure each kind: frame AUC, and counts of intervals under the strict rule."""
    out: dict[str, Any] = {}
    for kind in ExpressionKind:
        frames = frame_figures(held, kind)
        counts = count_hits(held, checkpoint.spotting, kind)
        minutes = sum(s.n_frames / float(s.frame_rate) for _, s in held) / 60
        out[kind.value] = {
            "frame_auc": round(frames.roc_auc, 4),
            "average_precision": round(frames.average_precision, 4),
            "prevalence": round(frames.prevalence, 4),
            **counts.as_dict(),
            "false_alarms_per_minute": round(counts.fp / minutes, 2),
        }
    return out
