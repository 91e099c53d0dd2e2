import pytest

from napari_mespot.errors import RecipeError
from napari_mespot.learning.recipe import DatasetRecipe, SubmissionRecipe, SyntheticRecipe
from napari_mespot.learning.recipe_files import find_recipe, load_recipe, recipe_names

NAMES = ("cas_me2", "megc2022", "samm_lv", "synthetic")


def test_every_recipe_that_comes_with_the_program_can_be_read():
    assert set(NAMES) <= set(recipe_names())
    kinds = {name: type(load_recipe(name)) for name in NAMES}
    assert kinds["samm_lv"] is kinds["cas_me2"] is DatasetRecipe
    assert kinds["megc2022"] is SubmissionRecipe
    assert kinds["synthetic"] is SyntheticRecipe


@pytest.mark.parametrize(
    ("name", "rate", "random_skips", "skips", "loss"),
    [
        ("samm_lv", 200, ((25, 75), (200, 400)), (37, 217), (0.9, 0.1, 3.0)),
        ("cas_me2", 30, ((3, 9), (16, 50)), (6, 19), (1.0, 1.0, 1.0)),
    ],
)
def test_the_numbers_are_those_of_the_paper(name, rate, random_skips, skips, loss):
    recipe = load_recipe(name)
    clips, augmentation = recipe.clips, recipe.augmentation
    spans = (clips.random_skip_me, clips.random_skip_mae)
    assert tuple((round(s.low_s * rate), round(s.high_s * rate)) for s in spans) == random_skips
    assert (round(clips.skip_me_s * rate), round(clips.skip_mae_s * rate)) == skips
    weights = recipe.loss
    assert (weights.weight_me, weights.weight_mae, weights.positive_weight) == loss
    assert (augmentation.photometric_low, augmentation.photometric_high) == (0.5, 1.5)
    assert (augmentation.flip_probability, augmentation.rotation_deg) == (0.5, 10.0)
    assert recipe.clips.images_per_stream == 2
    assert not recipe.sampling.balanced
    assert recipe.calibration.normalisation == "minmax"


def test_values_can_be_changed():
    changes = (
        "training.steps=60",
        "name = short",
        "calibration.me.cutoffs_hz=[4.0]",
        "validation.keep_best=false",
    )
    recipe = load_recipe("samm_lv", changes)
    assert recipe.training.steps == 60
    assert recipe.name == "short"
    assert recipe.calibration.me.cutoffs_hz == (4.0,)
    assert recipe.calibration.me.merge_gaps_s == load_recipe("samm_lv").calibration.me.merge_gaps_s
    assert not recipe.validation.keep_best


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("training.stps=5", "training.stps"),
        ("training.steps=many", "valid integer"),
        ("training.steps", "KEY=VALUE"),
        ("name.first=a", "table of the recipe"),
        ("rule=lenient", "strict"),
        ("clips.reference=both", "images_per_stream"),
        ("data.kind=casme", "samm_lv"),
    ],
)
def test_a_change_that_is_not_allowed_is_named(change, said):
    with pytest.raises(RecipeError, match=said) as error:
        load_recipe("samm_lv", [change])
    assert "\n" not in str(error.value)


def test_a_recipe_that_is_not_there_is_told(tmp_path):
    with pytest.raises(RecipeError, match="samm_lv"):
        find_recipe("sam_lv")
    with pytest.raises(RecipeError, match="no such file"):
        find_recipe(str(tmp_path / "mine.toml"))
    broken = tmp_path / "broken.toml"
    broken.write_text("name = ")
    with pytest.raises(RecipeError, match="TOML"):
        load_recipe(str(broken))


def test_a_recipe_of_another_command_is_told(tmp_path):
    other = tmp_path / "other.toml"
    other.write_text("steps = 300\n")
    with pytest.raises(RecipeError, match="mespot retrain"):
        load_recipe(str(other))


def test_a_recipe_of_ones_own_is_a_path(tmp_path):
    own = tmp_path / "own.toml"
    own.write_text('name = "own"\n[data]\nkind = "plain"\n')
    assert load_recipe(str(own)).data.kind == "plain"
