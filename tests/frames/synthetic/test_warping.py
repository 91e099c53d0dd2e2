import numpy as np
import pytest

from napari_mespot.frames.synthetic.action_units import action_unit_field
from napari_mespot.frames.synthetic.warping import inverse_displacement, warp_image


def dot(x, y, size=112):
    row, column = np.mgrid[:size, :size]
    return np.exp(-((column - x) ** 2 + (row - y) ** 2) / 8).astype(np.float32)


def centre(image):
    row, column = np.mgrid[: image.shape[0], : image.shape[1]]
    return (image * column).sum() / image.sum(), (image * row).sum() / image.sum()


def test_point_goes_where_the_field_says():
    field = np.zeros((2, 112, 112), np.float32)
    field[0], field[1] = 3.0, -2.0
    np.testing.assert_allclose(centre(warp_image(dot(40, 60), field)), (43, 58), atol=1e-3)


def test_inverse_undoes_a_strong_expression():
    field = action_unit_field(12) * 5
    back = inverse_displacement(field, iterations=12)
    row, column = np.mgrid[:112, :112].astype(np.float32)
    source_x, source_y = column + back[0], row + back[1]
    inside = (source_x > 1) & (source_x < 110) & (source_y > 1) & (source_y < 110)
    landed_x = source_x + sampled(field[0], source_x, source_y)
    landed_y = source_y + sampled(field[1], source_x, source_y)
    assert np.abs(landed_x - column)[inside].max() < 0.05
    assert np.abs(landed_y - row)[inside].max() < 0.05


def sampled(values, x, y):
    """Plain bilinear look-up."""
    left, top = np.floor(x).astype(int).clip(0, 110), np.floor(y).astype(int).clip(0, 110)
    u, v = x - left, y - top
    upper = values[top, left] * (1 - u) + values[top, left + 1] * u
    lower = values[top + 1, left] * (1 - u) + values[top + 1, left + 1] * u
    return upper * (1 - v) + lower * v


def test_displacement_is_in_crop_pixels_at_any_size():
    field = np.zeros((2, 224, 224), np.float32)
    field[0] = 1.0
    np.testing.assert_allclose(centre(warp_image(dot(100, 90, 224), field)), (102, 90), atol=1e-3)


def test_colour_pictures_move_too_and_other_shapes_are_refused():
    image = np.random.default_rng(0).random((112, 112, 3)).astype(np.float32)
    still = np.zeros((2, 112, 112), np.float32)
    np.testing.assert_allclose(warp_image(image, still), image, atol=1e-6)
    with pytest.raises(ValueError, match="Expected a field of shape"):
        warp_image(image, np.zeros((2, 56, 56), np.float32))
