"""What each part of drawn people and of the input is worth to the context network.

    python training/ablation_context.py [--clips CLIPS --labels LABELS] [--out FILE.md]

Trains the recipe of the shipped checkpoint, shortened, as it is and with one thing left out, from
several seeds, and measures each on drawn people that nobody learned from and, if given, on clips
of real people (labels as for `python -m benchmarks.real_faces`): AUC of the frames of an expression
against all others, and F1 (strict rule, clear labels) at the best of five thresholds. The streams
are switched off, so that the context network alone is measured.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from napari_mespot.evaluation import match_clear
from napari_mespot.evaluation.frame_level import roc_auc
from napari_mespot.face import extract_faces
from napari_mespot.frames import open_frames
from napari_mespot.learning.context_fitting import ContextPool, fit_context
from napari_mespot.learning.context_recipe import ContextRecipe, read_context_recipe
from napari_mespot.learning.context_training import drawn_stretches, with_context
from napari_mespot.learning.drawn_shape import draw_shape_sequence
from napari_mespot.model import Annotation, Clock
from napari_mespot.network import Checkpoint, ContextNetwork, load_checkpoint
from napari_mespot.spotting import Evidence, find_in_scores, gather_evidence, score_evidence
from napari_mespot.spotting.params import SpottingParams

sys.path.insert(0, str(Path(__file__).parents[1]))  # labels of real clips are read as there
from benchmarks.real_faces import read_clips

RECIPE = Path(__file__).parent / "recipes" / "context.toml"
THRESHOLDS = (0.5, 0.6, 0.7, 0.8, 0.9)
HELD_OUT, HELD_OUT_SEED = 60, 10_000
Material = list[tuple[Annotation, Evidence]]


class WithoutNeutral(ContextNetwork):
    """A context network that is not shown the face beside the running neutral."""

    def forward(self, signals: Tensor, there: Tensor | None = None) -> Tensor:
        """Return logits as its parent, of an input without those channels."""
        kept = signals.clone()
        kept[:, :23] = 0
        return super().forward(kept, there)


def variants(recipe: ContextRecipe) -> dict[str, tuple[ContextRecipe, type[ContextNetwork]]]:
    """Return what is compared."""
    rows: dict[str, tuple[ContextRecipe, type[ContextNetwork]]] = {
        "the recipe": (recipe, ContextNetwork),
        "without the running neutral": (recipe, WithoutNeutral),
    }
    for part in ("chains", "held", "head", "speech"):
        drawn = recipe.drawn.without(part)
        rows[f"without {part}"] = (recipe.model_copy(update={"drawn": drawn}), ContextNetwork)
    no_notch = recipe.model_copy(update={"notch_s": 0.0})
    rows["without gaps in the targets of chains"] = (no_notch, ContextNetwork)
    return rows


def trained(recipe: ContextRecipe, kind: type[ContextNetwork], seed: int) -> ContextNetwork:
    """Train one network."""
    stretches = drawn_stretches(
        recipe.sequences, recipe.drawn, recipe.context, seed=seed, notch_s=recipe.notch_s
    )
    torch.manual_seed(seed)
    network = kind(recipe.context)
    training = recipe.training.model_copy(update={"seed": seed})
    fit_context(network, [ContextPool(stretches)], training)
    return network


def held_out(recipe: ContextRecipe) -> Material:
    """Draw people to measure on; their streams say nothing."""
    out: Material = []
    for index in range(HELD_OUT):
        rng = np.random.default_rng([HELD_OUT_SEED, index])
        drawn = draw_shape_sequence(recipe.drawn, rng)
        n = len(drawn.times)
        clock = Clock(drawn.annotation.frame_rate or 30)
        evidence = Evidence("drawn", clock, silent(n), drawn.shape, np.ones(n, np.bool_))
        out.append((drawn.annotation, evidence))
    return out


def real(clips: Path, labels: Path, checkpoint: Checkpoint) -> Material:
    """Measure the faces of real clips once."""
    out: Material = []
    for clip in read_clips(clips, labels):
        with open_frames(clip.path) as source:
            evidence = gather_evidence(checkpoint, extract_faces(source, checkpoint.align))
        out.append((clip.labels, replace(evidence, logits=silent(evidence.n_frames))))
    return out


def silent(n: int) -> NDArray[np.float32]:
    """Return logits of streams that say nothing."""
    return np.full((n, 2), -50.0, np.float32)


def figures(checkpoint: Checkpoint, material: Material) -> tuple[float, float]:
    """Return AUC of frames and F1 at the best threshold."""
    scored = [(truth, score_evidence(checkpoint, evidence)) for truth, evidence in material]
    values, present = [], []
    for truth, signal in scored:
        inside = np.zeros(signal.n_frames, np.bool_)
        for e in truth.expressions:
            inside[e.onset : e.offset + 1] = True
        known = signal.found
        values.append(signal.values.max(axis=1)[known])
        present.append(inside[known])
    auc = roc_auc(np.concatenate(present), np.concatenate(values))
    return auc, max(f1(scored, at(checkpoint.spotting, t)) for t in THRESHOLDS)


def f1(scored: Sequence[tuple[Annotation, object]], params: SpottingParams) -> float:
    """Return F1 of both kinds together, strict rule, clear labels."""
    tp = fp = fn = 0
    for truth, signal in scored:
        found = find_in_scores(signal, params).annotation  # type: ignore[arg-type]
        counts = match_clear(truth, replace(found, video_id=truth.video_id)).counts
        for kind in (counts.me, counts.mae):
            tp, fp, fn = tp + kind.tp, fp + kind.fp, fn + kind.fn
    return 2 * tp / max(1, 2 * tp + fp + fn)


def at(params: SpottingParams, threshold: float) -> SpottingParams:
    """Return the rules with another threshold for both kinds."""
    rules = params.detection
    changed = {
        name: kind.model_copy(update={"threshold": threshold, "low_threshold": 0.7 * threshold})
        for name, kind in (("me", rules.me), ("mae", rules.mae))
    }
    return params.model_copy(update={"detection": rules.model_copy(update=changed)})


def options_of(description: str) -> argparse.ArgumentParser:
    """Return the options that comparisons of networks share."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--clips", type=Path)
    parser.add_argument("--labels", type=Path)
    parser.add_argument("--steps", type=int, default=600)
    parser.add_argument("--sequences", type=int, default=600)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--out", type=Path)
    return parser


def shortened(options: argparse.Namespace) -> ContextRecipe:
    """Return the recipe of the shipped checkpoint with one member, as short as asked for."""
    whole = read_context_recipe(RECIPE)
    return whole.model_copy(
        update={
            "sequences": options.sequences,
            "context": whole.context.model_copy(update={"members": 1}),
            "training": whole.training.model_copy(update={"steps": options.steps}),
        }
    )


def materials_of(
    options: argparse.Namespace, recipe: ContextRecipe, streams: Checkpoint
) -> dict[str, Material]:
    """Return what is measured on: drawn people, and real ones if clips are given."""
    materials = {"drawn": held_out(recipe)}
    if options.clips:
        shaped = replace(streams, align=streams.align.model_copy(update={"shape_hz": 30.0}))
        materials["real"] = real(options.clips, options.labels or options.clips, shaped)
    return materials


def main() -> None:
    """Print the table, row by row."""
    parser = options_of(str(__doc__))
    parser.add_argument("--rows", nargs="+", metavar="NAME", help="some of the rows only")
    options = parser.parse_args()
    torch.set_num_threads(1)
    recipe = shortened(options)
    streams = load_checkpoint(recipe.streams)
    materials = materials_of(options, recipe, streams)
    head = ["left out", "seed", *(f"{m}: {x}" for m in materials for x in ("AUC", "F1"))]
    lines = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    print("\n".join(lines), flush=True)
    for name, (own, kind) in variants(recipe).items():
        if options.rows and name not in options.rows:
            continue
        for seed in options.seeds:
            checkpoint = with_context(streams, trained(own, kind, seed), recipe, {})
            cells = [x for m in materials.values() for x in figures(checkpoint, m)]
            lines.append(f"| {name} | {seed} | {' | '.join(f'{x:.3f}' for x in cells)} |")
            print(lines[-1], flush=True)
    if options.out:
        options.out.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
