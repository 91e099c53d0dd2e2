"""Compare two things a network may say of each frame: which kind is present, or which phase.

    python training/phases.py [--clips CLIPS --labels LABELS] [--out FILE.md]

*Kinds*: ME and MaE are present, as in the shipped checkpoint, and the library's search finds the
intervals. *Phases*: the face goes from onset to apex, or from apex to offset; the most likely
course of neutral, rise and fall (Viterbi) gives the intervals, so that a fall that is followed by
a rise ends one expression and begins the next. Both networks have the sizes and the material of
the shipped one, shortened; the streams are switched off. Each decoder has the best of a few
settings, chosen on drawn people and on real ones apart.
"""

import sys
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parents[1]))  # run as a script
from training.ablation_context import (
    Material,
    figures,
    materials_of,
    options_of,
    shortened,
    trained,
)

from napari_mespot.evaluation import match_clear, of_any_kind
from napari_mespot.learning.context_fitting import ContextPool, fit_context
from napari_mespot.learning.context_recipe import ContextRecipe
from napari_mespot.learning.context_stretches import ContextStretch
from napari_mespot.learning.context_training import drawn_stretch, with_context
from napari_mespot.learning.drawn_shape import draw_shape_sequence
from napari_mespot.model import Annotation, Expression, ExpressionKind, Interval
from napari_mespot.network import Checkpoint, ContextNetwork, load_checkpoint
from napari_mespot.network.context_input import TimeGrid
from napari_mespot.spotting import evidence_logits

LONGEST_ME_S, SHORTEST_S = 0.5, 0.1
NEUTRAL, RISE, FALL = range(3)
# From neutral one rises; a fall ends in neutral or in the next rise; a rise may be all there is.
ALLOWED = np.array([[True, True, False], [True, True, True], [True, True, True]])
COSTS, NEUTRALS = (1.0, 3.0, 6.0, 10.0), (-1.0, 0.0, 1.0)


def phase_stretch(recipe: ContextRecipe, seed: int, index: int) -> ContextStretch:
    """Draw a sequence whose targets are the phases."""
    drawn = draw_shape_sequence(recipe.drawn, np.random.default_rng([seed, index]))
    stretch = drawn_stretch(drawn, recipe.context, notch_s=recipe.notch_s)
    grid = TimeGrid(float(drawn.times[0]), recipe.context.rate_hz)
    steps = grid.times_of(range(stretch.n_steps))
    targets = np.zeros((2, stretch.n_steps), np.float32)
    for e in drawn.expressions:
        apex = e.onset + (e.offset - e.onset) // 2 if e.apex is None else e.apex
        onset, top, offset = drawn.times[[e.onset, apex, e.offset]]
        targets[0, (steps >= onset - 1e-6) & (steps <= top + 1e-6)] = 1
        targets[1, (steps > top + 1e-6) & (steps <= offset + 1e-6)] = 1
    return replace(stretch, targets=targets)


def phase_network(recipe: ContextRecipe, seed: int) -> ContextNetwork:
    """Train a network to tell phases."""
    stretches = [phase_stretch(recipe, seed, index) for index in range(recipe.sequences)]
    torch.manual_seed(seed)
    network = ContextNetwork(recipe.context)
    training = recipe.training.model_copy(update={"seed": seed, "me_weight": 1.0})
    fit_context(network, [ContextPool(stretches)], training)
    return network


def best_course(logits: NDArray[np.floating], cost: float, neutral: float) -> NDArray[np.int64]:
    """Return the most likely state of every frame (Viterbi); a change costs `cost`.

    Parameters
    ----------
    logits
        Shape (n, 2): rise and fall.
    cost
        In logits.
    neutral
        What a neutral frame earns; a phase earns its logit.
    """
    earned = np.column_stack([np.full(len(logits), neutral), logits])
    change = np.where(ALLOWED, -cost, -np.inf)
    np.fill_diagonal(change, 0.0)
    best, came = earned[0].copy(), np.zeros((len(earned), 3), np.int64)
    for i in range(1, len(earned)):
        ways = best[:, np.newaxis] + change
        came[i] = ways.argmax(axis=0)
        best = ways.max(axis=0) + earned[i]
    states = np.empty(len(earned), np.int64)
    states[-1] = best.argmax()
    for i in range(len(earned) - 1, 0, -1):
        states[i - 1] = came[i, states[i]]
    return states


def intervals(states: NDArray[np.int64], rate: float) -> Iterator[Expression]:
    """Yield an expression for each rise with the fall after it."""
    first: int | None = None
    for i, state in enumerate([*states.tolist(), NEUTRAL]):
        was_fall = i > 0 and states[i - 1] == FALL
        if first is not None and (state == NEUTRAL or (state == RISE and was_fall)):
            if i - first >= SHORTEST_S * rate - 1e-9:
                is_micro = i - first <= LONGEST_ME_S * rate + 1e-9
                kind = ExpressionKind.MICRO if is_micro else ExpressionKind.MACRO
                yield Expression(Interval(first, i - 1), kind)
            first = None
        if first is None and state != NEUTRAL:
            first = i


def phase_f1(checkpoint: Checkpoint, material: Material) -> tuple[float, float]:
    """Return F1 and F1 of any kind at the best setting."""
    known = [(truth, evidence_logits(checkpoint, evidence)) for truth, evidence in material]
    out = []
    for cost, neutral in product(COSTS, NEUTRALS):
        strict, free = [], []
        for truth, logits in known:
            rate = float(truth.frame_rate or 30)
            states = best_course(np.nan_to_num(logits, nan=-50.0), cost, neutral)
            found = Annotation(truth.video_id, expressions=tuple(intervals(states, rate)))
            strict.append(match_clear(truth, found).counts)
            free.append(match_clear(of_any_kind(truth), of_any_kind(found)).counts)
        out.append((_f1(strict), _f1(free)))
    return max(out)


def _f1(counts: list) -> float:  # type: ignore[type-arg]  # of KindCounts
    total = counts[0]
    for one in counts[1:]:
        total = total + one
    return float(total.overall.f1)


def main() -> None:
    """Print a row for each network and seed."""
    options = options_of(str(__doc__)).parse_args()
    torch.set_num_threads(1)
    recipe = shortened(options)
    streams = load_checkpoint(recipe.streams)
    materials = materials_of(options, recipe, streams)
    lines = [f"| says | seed | {' | '.join(f'{m}: F1' for m in materials)} |"]
    lines.append("|" + "---|" * (2 + len(materials)))
    print("\n".join(lines), flush=True)
    for seed in options.seeds:
        kinds = with_context(streams, trained(recipe, ContextNetwork, seed), recipe, {})
        phases = with_context(streams, phase_network(recipe, seed), recipe, {})
        for name, cells in (
            ("kinds", [figures(kinds, m)[1] for m in materials.values()]),
            ("phases", [phase_f1(phases, m)[0] for m in materials.values()]),
        ):
            lines.append(f"| {name} | {seed} | {' | '.join(f'{x:.3f}' for x in cells)} |")
            print(lines[-1], flush=True)
    if options.out:
        options.out.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
