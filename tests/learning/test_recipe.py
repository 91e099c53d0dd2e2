from copy import deepcopy
from pathlib import Path

import pytest
import torch
from pydantic import ValidationError

from napari_mespot.clips import ClipParams
from napari_mespot.learning import (
    CalibrationParams,
    KindCalibrationParams,
    Range,
    SequenceParams,
    SyntheticRecipe,
    calibrated_checkpoint,
    read_recipe,
    train_network,
)
from napari_mespot.learning.context_recipe import ContextRecipe, read_context_recipe
from napari_mespot.network import NetworkParams, load_checkpoint, save_checkpoint

RECIPES = Path(__file__).parents[2] / "training" / "recipes"

QUICK = CalibrationParams(
    me=KindCalibrationParams(
        cutoffs_hz=(5.0,),
        low_shares=(0.5,),
        merge_gaps_s=(0.0,),
        thresholds=(0.3, 0.6),
        min_duration_s=0.1,
        max_duration_s=0.7,
    ),
    mae=KindCalibrationParams(
        cutoffs_hz=(1.5,),
        low_shares=(0.5,),
        merge_gaps_s=(0.3,),
        thresholds=(0.3, 0.6),
        min_duration_s=0.5,
        max_duration_s=5.0,
    ),
)


def test_a_recipe_is_read_and_the_rest_keeps_its_default(tmp_path):
    path = tmp_path / "r.toml"
    path.write_text('name = "x"\n[training]\nsteps = 7\n[synthetic]\nnoise = {low = 1, high = 2}\n')
    recipe = read_recipe(path)
    assert recipe.training.steps == 7
    assert recipe.training.batch_size == 64
    assert recipe.synthetic.noise == Range(low=1, high=2)


def test_an_unknown_key_is_refused(tmp_path):
    path = tmp_path / "r.toml"
    path.write_text('name = "x"\n[training]\nsteps = 7\nsteeps = 3\n')
    with pytest.raises(ValidationError, match="steeps"):
        read_recipe(path)


def test_the_shipped_checkpoint_carries_its_recipe():
    checkpoint = load_checkpoint()
    recipe = ContextRecipe.model_validate(checkpoint.card["recipe"])
    assert recipe.name == checkpoint.name
    assert recipe.context == checkpoint.context.params
    assert recipe.spotting == checkpoint.spotting
    assert recipe.temperature == checkpoint.temperature
    assert recipe == read_context_recipe(RECIPES / "context.toml")


def test_the_checkpoint_of_its_streams_carries_its_own():
    checkpoint = load_checkpoint("synthetic-v3")
    recipe = checkpoint.card["recipe"]
    assert recipe["name"] == checkpoint.name
    assert ClipParams.model_validate(recipe["clips"]) == checkpoint.clips
    assert NetworkParams.model_validate(recipe["network"]) == checkpoint.network_params


def test_a_recipe_becomes_a_network_the_same_each_time(tmp_path, small_params):
    recipe = SyntheticRecipe(
        name="tiny",
        synthetic=small_params,
        drawn=SequenceParams(faces=1, fields=10, frame_rates=(30,), sequences=2, duration_s=4.0),
        training={"steps": 2, "batch_size": 4, "seed": 5},
    )
    first, history = train_network(recipe, tmp_path / "a")
    second, _ = train_network(recipe, tmp_path / "b")
    assert len(history.losses) == 2
    for a, b in zip(first.parameters(), second.parameters(), strict=True):
        assert torch.equal(a, b)


def test_calibration_makes_a_checkpoint_that_can_be_read_back(tmp_path):
    network = deepcopy(load_checkpoint().network)
    recipe = SyntheticRecipe(
        name="tiny",
        clips=load_checkpoint().clips,
        network=load_checkpoint().network_params,
        sequences=SequenceParams(
            faces=2,
            fields=12,
            frame_rates=(30,),
            sequences=4,
            duration_s=20.0,
            gap_s=Range(low=0.5, high=1.5),
        ),
        calibration=QUICK,
    )
    checkpoint = calibrated_checkpoint(network, recipe, {"training_data": "a test"})
    save_checkpoint(checkpoint, tmp_path / "tiny.safetensors")
    again = load_checkpoint(tmp_path / "tiny.safetensors")
    assert again.temperature == checkpoint.temperature
    assert again.spotting == checkpoint.spotting
    figures = again.card["held_out_drawn_people"]["30_fps"]["MaE"]
    assert figures["tp"] + figures["fn"] > 0
    assert again.card["parameters"] == sum(p.numel() for p in network.parameters())
