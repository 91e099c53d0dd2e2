"""The recipe that comes with the project says what the library does."""

import tomllib
from pathlib import Path

import pytest
from pydantic import ValidationError

from napari_mespot.learning import RetrainParams

RECIPE = Path(__file__).parents[2] / "training" / "recipes" / "retrain.toml"


def test_the_recipe_holds_the_defaults():
    written = tomllib.loads(RECIPE.read_text("utf-8"))
    assert RetrainParams.model_validate(written) == RetrainParams()
    left_out = RetrainParams.model_fields.keys() - written.keys()
    assert not left_out


def test_unknown_names_are_refused():
    with pytest.raises(ValidationError, match="stepz"):
        RetrainParams.model_validate({"stepz": 3})
