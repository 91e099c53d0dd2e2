import numpy as np
import pytest

from napari_mespot.learning import AugmentationParams
from napari_mespot.learning.augmentation import (
    AugmentationDraw,
    adjust_contrast,
    adjust_gain,
    adjust_gamma,
    augment,
    draw_augmentation,
    flip,
    rotate,
)


@pytest.fixture
def same_image(rng):
    """A sample whose three images are one and the same."""
    y, x = np.mgrid[:112, :112]
    image = 120 + 60 * np.sin(x / 9) * np.cos(y / 13) + rng.normal(0, 5, (112, 112))
    return np.repeat(image[np.newaxis].astype(np.float32), 3, axis=0)


def test_all_images_of_a_sample_undergo_the_same(same_image):
    rng = np.random.default_rng(1)
    for _ in range(20):
        out = augment(same_image, draw_augmentation(AugmentationParams(), rng))
        assert np.array_equal(out[0], out[1])
        assert np.array_equal(out[0], out[2])


def test_draws_stay_within_the_papers_ranges(rng):
    draws = [draw_augmentation(AugmentationParams(), rng) for _ in range(500)]
    for name in ("contrast", "gamma", "gain"):
        values = [getattr(d, name) for d in draws]
        assert 0.5 <= min(values) < 0.6
        assert 1.4 < max(values) <= 1.5
    assert 0.4 < np.mean([d.flipped for d in draws]) < 0.6
    assert 9 < max(abs(d.rotation_deg) for d in draws) <= 10


def test_no_change_is_no_change(same_image):
    assert augment(same_image, AugmentationDraw()) is same_image


def test_flip_twice_is_the_same(same_image):
    assert np.array_equal(flip(flip(same_image)), same_image)


def test_rotation_turns_counter_clockwise():
    image = np.zeros((1, 101, 101), dtype=np.float32)
    image[0, 50, 90] = 255  # to the right of the centre
    turned = rotate(image, 90)
    row, column = np.unravel_index(turned[0].argmax(), (101, 101))
    assert (row, column) == (10, 50)  # above the centre


def test_photometric_changes_keep_the_range(same_image):
    for changed in (
        adjust_contrast(same_image, 1.5),
        adjust_gain(same_image, 1.5),
        adjust_gamma(same_image, 0.5),
    ):
        assert changed.min() >= 0
        assert changed.max() <= 255
        assert changed.dtype == np.float32


def test_contrast_keeps_differences_between_images_in_proportion():
    images = np.stack([np.full((8, 8), 100.0), np.full((8, 8), 110.0)]).astype(np.float32)
    out = adjust_contrast(images, 0.5)
    assert np.allclose(out[1] - out[0], 5)
