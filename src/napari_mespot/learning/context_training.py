"""From a recipe to a checkpoint with a context network, on drawn people alone."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from napari_mespot.clips import grid_targets
from napari_mespot.learning.context_fitting import ContextPool, fit_context
from napari_mespot.learning.context_recipe import ContextRecipe
from napari_mespot.learning.context_stretches import ContextStretch
from napari_mespot.learning.drawn_shape import DrawnShape, draw_shape_sequence
from napari_mespot.learning.drawn_shape_params import DrawnShapeParams
from napari_mespot.network import Checkpoint, ContextNetwork, ContextParams
from napari_mespot.network.context_input import TimeGrid, context_input
from napari_mespot.progress import ProgressCallback, report

__all__ = ["drawn_stretch", "drawn_stretches", "join_members", "train_member", "with_context"]


def drawn_stretch(
    drawn: DrawnShape, params: ContextParams, *, notch_s: float = 0.1
) -> ContextStretch:
    """Return a drawn sequence as a stretch to learn from; all of it is known."""
    grid = TimeGrid(float(drawn.times[0]), params.rate_hz)
    steps = range(grid.last_step(float(drawn.times[-1])) + 1)
    shown = context_input(grid.gathered(drawn.times, drawn.shape, steps), params)
    times = grid.times_of(steps)
    targets = grid_targets(drawn.expressions, drawn.times, times, notch_s=notch_s).T.copy()
    return ContextStretch(shown.astype(np.float16), targets, np.ones(targets.shape, np.bool_))


def drawn_stretches(
    count: int,
    drawn: DrawnShapeParams,
    params: ContextParams,
    *,
    seed: int,
    notch_s: float = 0.1,
    progress: ProgressCallback | None = None,
) -> list[ContextStretch]:
    """Draw sequences to learn from; another seed gives other people."""
    out = []
    for index in range(count):
        sequence = draw_shape_sequence(drawn, np.random.default_rng([seed, index]))
        out.append(drawn_stretch(sequence, params, notch_s=notch_s))
        report(progress, "drawing", index + 1, count)
    return out


def train_member(
    recipe: ContextRecipe, seed: int, *, progress: ProgressCallback | None = None
) -> tuple[ContextNetwork, float]:
    """Train one network of a recipe on people of its own.

    Returns
    -------
    The network, and the mean loss of its last 200 steps.
    """
    stretches = drawn_stretches(
        recipe.sequences,
        recipe.drawn,
        recipe.context,
        seed=seed,
        notch_s=recipe.notch_s,
        progress=progress,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = ContextNetwork(recipe.context.model_copy(update={"members": 1}))
    training = recipe.training.model_copy(update={"seed": seed})
    losses = fit_context(network, [ContextPool(stretches)], training, progress=progress)
    return network, float(np.mean(losses[-200:]))


def join_members(networks: Iterable[ContextNetwork], params: ContextParams) -> ContextNetwork:
    """Return one network that averages several.

    Raises
    ------
    ValueError
        If there are not as many as `params` says.
    """
    members = [member for network in networks for member in network.members]
    if len(members) != params.members:
        raise ValueError(f"Expected {params.members} members, got {len(members)}")
    joined = ContextNetwork(params)
    for own, given in zip(joined.members, members, strict=True):
        own.load_state_dict(given.state_dict())
    return joined.eval()


def with_context(
    streams: Checkpoint, network: ContextNetwork, recipe: ContextRecipe, card: dict[str, Any]
) -> Checkpoint:
    """Return the checkpoint of a recipe: two given streams and a trained context network."""
    return replace(
        streams,
        name=recipe.name,
        align=streams.align.model_copy(update={"shape_hz": recipe.shape_hz}),
        spotting=recipe.spotting,
        temperature=recipe.temperature,
        card={**card, "recipe": recipe.model_dump(mode="json")},
        context=network,
    )
