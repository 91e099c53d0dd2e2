import numpy as np

from napari_mespot.frames.synthetic.canvas import Canvas
from napari_mespot.frames.synthetic.texture import blotches, noise, strands


def averaged(field, factor):
    size = field.shape[0] // factor
    return field.reshape(size, factor, size, factor).mean((1, 3))


def test_pattern_stays_in_its_place_at_any_resolution():
    coarse, fine = noise(Canvas.of_crop(112), 8.0, 3), noise(Canvas.of_crop(448), 8.0, 3)
    np.testing.assert_allclose(averaged(fine, 4), coarse, atol=0.12)
    place, part = Canvas.of_crop(112).window(20, 30, 60, 70)
    np.testing.assert_allclose(noise(part, 8.0, 3), coarse[place], atol=1e-3)


def test_seed_chooses_the_pattern():
    canvas = Canvas.of_crop(112)
    first = noise(canvas, 4.0, 1)
    np.testing.assert_array_equal(first, noise(canvas, 4.0, 1))
    assert abs(np.corrcoef(first.ravel(), noise(canvas, 4.0, 2).ravel())[0, 1]) < 0.3
    assert 0.3 < first.std() < 1.2
    assert 0.2 < blotches(canvas, (11.0, 5.0), 1).std() < 1.0


def test_grain_finer_than_a_pixel_is_left_out():
    assert not noise(Canvas.of_crop(112), 0.5, 1).any()
    assert noise(Canvas.of_crop(448), 0.5, 1).any()
    across, along = np.linspace(0, 300, 112)[None], np.linspace(0, 5, 112)[:, None]
    assert not strands(across, along, 1, width=0.2).any()


def test_strands_run_along():
    across, along = np.linspace(0, 40, 112)[None], np.linspace(0, 2, 112)[:, None]
    streak = strands(across, along, 5)
    over, down = np.abs(np.diff(streak, axis=1)).mean(), np.abs(np.diff(streak, axis=0)).mean()
    assert over > 4 * down
