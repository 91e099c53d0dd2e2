import numpy as np
import pytest

from napari_mespot.frames.synthetic.action_units import ACTION_UNITS, action_unit_field
from napari_mespot.frames.synthetic.geometry import MEAN_FACE, MIDLINE_X

INNER_BROW, MOUTH_CORNER, LOWER_LIP, CHIN = 21, 48, 57, 8


def moved(field, index):
    """Displacement of one of the 68 points."""
    x, y = MEAN_FACE[index].round().astype(int)
    return field[:, y, x]


@pytest.mark.parametrize("code", ACTION_UNITS)
def test_longest_vector_is_one_pixel(code):
    field = action_unit_field(code)
    assert field.shape == (2, 112, 112)
    assert field.dtype == np.float32
    assert np.hypot(*field).max() == pytest.approx(1, abs=1e-5)


def test_units_move_the_part_they_are_named_after():
    assert moved(action_unit_field(1), INNER_BROW)[1] < -0.8
    assert moved(action_unit_field(4), INNER_BROW)[1] > 0.5
    assert moved(action_unit_field(4), INNER_BROW)[0] > 0.2
    assert np.all(moved(action_unit_field(12), MOUTH_CORNER) < -0.5)
    assert moved(action_unit_field(15), MOUTH_CORNER)[1] > 0.8
    assert moved(action_unit_field(25), LOWER_LIP)[1] > 0.8
    assert moved(action_unit_field(26), CHIN)[1] > 0.7


@pytest.mark.parametrize("code", [c for c in ACTION_UNITS if c not in (17, 25, 26)])
def test_left_is_the_mirror_image_of_right(code):
    width = 2 * MIDLINE_X
    columns = np.arange(20, 92)
    right, left = action_unit_field(code, "R", 448), action_unit_field(code, "L", 448)
    mirror = np.round((width - columns) * 4 + 1.5).astype(int)
    here = np.round(columns * 4 + 1.5).astype(int)
    mirrored = left[:, :, mirror] * np.array([-1, 1], np.float32)[:, None, None]
    assert np.abs(mirrored - right[:, :, here]).max() < 0.15


def test_one_side_leaves_the_other_still():
    right = action_unit_field(12, "R")
    assert np.hypot(*right[:, :, 75:]).max() < 0.05
    assert np.hypot(*action_unit_field(12, "L")[:, :, :36]).max() < 0.05


def test_same_seed_same_variation_other_seed_other():
    first = action_unit_field(6, rng=np.random.default_rng(3))
    np.testing.assert_array_equal(first, action_unit_field(6, rng=np.random.default_rng(3)))
    assert np.abs(first - action_unit_field(6, rng=np.random.default_rng(4))).max() > 0.05
    plain = action_unit_field(6, rng=np.random.default_rng(3), jitter=0)
    np.testing.assert_array_equal(plain, action_unit_field(6))


def test_field_is_the_same_motion_at_any_size():
    fine = action_unit_field(12, size=224)
    np.testing.assert_allclose(
        fine.reshape(2, 112, 2, 112, 2).mean((2, 4)), action_unit_field(12), atol=0.02
    )


def test_unknown_unit_and_side_are_refused():
    with pytest.raises(ValueError, match="Expected an action unit"):
        action_unit_field(3)
    with pytest.raises(ValueError, match="Expected side"):
        action_unit_field(12, "X")
