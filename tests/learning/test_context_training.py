"""A recipe becomes a checkpoint with a context network, learned from drawn people."""

from pathlib import Path

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from napari_mespot.learning.context_params import ContextTrainingParams
from napari_mespot.learning.context_recipe import ContextRecipe, read_context_recipe
from napari_mespot.learning.context_training import (
    drawn_stretch,
    drawn_stretches,
    join_members,
    train_member,
    with_context,
)
from napari_mespot.learning.drawn_shape import draw_shape_sequence
from napari_mespot.learning.drawn_shape_params import DrawnShapeParams
from napari_mespot.network import ContextParams, load_checkpoint, save_checkpoint

SMALL = ContextRecipe(
    name="small",
    streams="synthetic-v3",
    sequences=30,
    context=ContextParams(channels=12, dilations=(1, 2, 4, 8), members=2),
    training=ContextTrainingParams(steps=150, batch_size=8, window_s=8, learning_rate=1e-2),
)
RECIPES = Path(__file__).parents[2] / "training" / "recipes"


def test_a_drawn_sequence_says_the_same_as_its_labels():
    drawn = draw_shape_sequence(DrawnShapeParams(), np.random.default_rng(4))
    stretch = drawn_stretch(drawn, SMALL.context, notch_s=0.0)
    assert stretch.known.all()
    for e in drawn.expressions:
        middle = (drawn.times[e.onset] + drawn.times[e.offset]) / 2 - drawn.times[0]
        assert stretch.targets[:, round(middle * 30)].any()


def test_the_seed_draws_other_people():
    one, again, other = (
        drawn_stretches(2, DrawnShapeParams(), SMALL.context, seed=s) for s in (1, 1, 2)
    )
    assert np.array_equal(one[0].shown, again[0].shown)
    assert one[0].shown.shape != other[0].shown.shape or not np.array_equal(
        one[0].shown, other[0].shown
    )


def test_members_are_trained_joined_and_kept_in_a_checkpoint(tmp_path):
    members = [train_member(SMALL, seed)[0] for seed in (0, 1)]
    network = join_members(members, SMALL.context)
    shown = torch.from_numpy(
        drawn_stretches(1, SMALL.drawn, SMALL.context, seed=9)[0].shown.astype(np.float32)
    )[None]
    with torch.inference_mode():
        apart = torch.stack([m(shown) for m in members]).mean(dim=0)
        assert torch.allclose(network(shown), apart, atol=1e-5)
    checkpoint = with_context(load_checkpoint("synthetic-v3"), network, SMALL, {"licence": "x"})
    save_checkpoint(checkpoint, tmp_path / "small.safetensors")
    again = load_checkpoint(tmp_path / "small.safetensors")
    assert again.align.shape_hz == 30
    assert again.context is not None
    assert again.card["recipe"]["sequences"] == 30
    with torch.inference_mode():
        assert torch.equal(again.context(shown), network(shown))


def test_a_trained_member_tells_expressions_from_rest():
    network, loss = train_member(SMALL, 0)
    hits, rest = [], []
    for stretch in drawn_stretches(6, SMALL.drawn, SMALL.context, seed=77):
        with torch.inference_mode():
            out = network(torch.from_numpy(stretch.shown.astype(np.float32))[None])[0].numpy()
        best, there = out.max(axis=0), stretch.targets.any(axis=0)
        hits += list(best[there])
        rest += list(best[~there])
    assert np.median(hits) > np.median(rest) + 1
    assert loss < 0.6


def test_as_many_members_as_the_recipe_says():
    with pytest.raises(ValueError, match="Expected 2 members, got 0"):
        join_members([], SMALL.context)


def test_recipes_that_are_shipped_can_be_read():
    recipe = read_context_recipe(RECIPES / "context.toml")
    assert recipe.name == "synthetic-v4"


def test_an_unknown_key_is_refused(tmp_path):
    path = tmp_path / "r.toml"
    path.write_text('name = "x"\nstreams = "synthetic-v3"\nsequencez = 3\n', encoding="utf-8")
    with pytest.raises(ValidationError, match="sequencez"):
        read_context_recipe(path)
