import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.reference.face import normalise_contrast

from napari_mespot.face import ContrastParams, contrast_normalise


def picture(seed, height=24, width=30, flat_part=0):
    rng = np.random.default_rng(seed)
    image = cv2.GaussianBlur(rng.uniform(0, 255, (height, width)), (0, 0), 1.5)
    image[:, :flat_part] = 0
    return np.round(image).astype(np.uint8)


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 2**31), st.sampled_from([1.0, 2.0, 3.0]), st.sampled_from([0, 12]))
def test_equals_the_pixel_by_pixel_version(seed, sigma, flat_part):
    image = picture(seed, flat_part=flat_part)
    params = ContrastParams(sigma_px=sigma)
    expected = normalise_contrast(image, sigma, params.truncate)
    np.testing.assert_allclose(contrast_normalise(image[None], params)[0], expected, atol=1e-5)


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 2**31), st.floats(0.1, 5), st.floats(-100, 100))
def test_gain_and_bias_do_not_matter(seed, gain, bias):
    image = picture(seed).astype(np.float32)
    changed = (image * np.float32(gain) + np.float32(bias)).astype(np.float32)
    np.testing.assert_allclose(
        contrast_normalise(changed[None]), contrast_normalise(image[None]), atol=1e-3
    )


def test_every_image_is_normalised_on_its_own():
    images = np.stack([picture(seed) for seed in range(4)])
    together = contrast_normalise(images)
    for image, expected in zip(images, together, strict=True):
        np.testing.assert_array_equal(contrast_normalise(image[None])[0], expected)
    assert together.dtype == np.float32


def test_a_flat_image_becomes_zero():
    images = np.stack([np.full((16, 16), value, np.uint8) for value in (0, 128, 255)])
    np.testing.assert_array_equal(contrast_normalise(images), 0)


def test_no_images_is_no_error():
    assert contrast_normalise(np.zeros((0, 112, 112), np.uint8)).shape == (0, 112, 112)


def test_switched_off_it_only_scales():
    images = np.array([[[0, 255]]], dtype=np.uint8)
    np.testing.assert_allclose(
        contrast_normalise(images, ContrastParams(enabled=False)), [[[-1, 1]]]
    )


def test_the_input_is_left_alone_and_its_shape_checked():
    image = picture(1).astype(np.float32)
    before = image.copy()
    contrast_normalise(image[None])
    np.testing.assert_array_equal(image, before)
    with pytest.raises(ValueError, match=r"\(n, h, w\)"):
        contrast_normalise(image)
