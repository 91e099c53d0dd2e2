"""Small motion becomes visible: by as much as was asked for, and only where there is some."""

import numpy as np
import pytest
from pydantic import ValidationError
from scipy import ndimage
from tests.face.conftest import astronaut_face

from napari_mespot.face.magnify import amplify, difference, magnify_motion, motion_from_onset
from napari_mespot.face.magnify_params import MagnifyParams
from napari_mespot.progress import Cancelled

SIDE = 112
STILL = MagnifyParams(time_sigma_frames=0)
PLACES = [(48, 78, 0.4, 0.2), (70, 40, -0.2, 0.4), (40, 38, 0.0, -0.5)]


def crop(side=SIDE):
    """A real face, cut out and scaled to the size of a crop."""
    face = astronaut_face()[10:234, 64:288].astype(np.float64)
    return ndimage.zoom(face, side / 224, order=3).clip(0, 255)


def bump(x, y, dx, dy, radius=9.0, side=SIDE):
    """A motion that is largest at (x, y), in pixels."""
    rows, columns = np.mgrid[:side, :side].astype(float)
    weight = np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * radius**2))
    return np.stack([dx * weight, dy * weight], axis=-1)


def moved(image, motion):
    """Move what lies at p to p + motion(p), by splines."""
    rows, columns = np.mgrid[: len(image), : len(image)].astype(float)
    back = motion
    for _ in range(12):
        places = [rows - back[..., 1], columns - back[..., 0]]
        back = np.stack(
            [ndimage.map_coordinates(motion[..., k], places, order=1) for k in (0, 1)], axis=-1
        )
    places = [rows - back[..., 1], columns - back[..., 0]]
    return ndimage.map_coordinates(image, places, order=3, mode="nearest")


def as_images(*pictures, noise=0.0):
    rng = np.random.default_rng(0)
    noisy = [picture + rng.normal(0, noise, picture.shape) for picture in pictures]
    return np.clip(np.rint(noisy), 0, 255).astype(np.uint8)


def measured_factor(onset, motion, image):
    """By which factor `motion` best explains `image`."""
    near = np.linalg.norm(motion, axis=-1) > 0.3 * np.linalg.norm(motion, axis=-1).max()
    factors = np.arange(0.5, 14.0, 0.5)
    errors = [
        np.square((moved(onset, f * motion) - image.astype(float))[near]).mean() for f in factors
    ]
    return factors[int(np.argmin(errors))]


@pytest.mark.parametrize("factor", [3.0, 8.0])
@pytest.mark.parametrize("place", PLACES)
def test_motion_is_multiplied_by_the_factor(place, factor):
    onset, motion = crop(), bump(*place)
    images = as_images(onset, moved(onset, motion), noise=0.5)
    magnified = magnify_motion(images, factor, STILL)
    assert measured_factor(onset, motion, magnified[1]) == pytest.approx(factor, rel=0.3)
    np.testing.assert_array_equal(magnified[0], images[0])


def test_larger_crops_show_the_same_motion():
    place = np.array(PLACES[0])
    small, large = crop(), crop(2 * SIDE)
    motion = bump(*place)
    twice = bump(*(2 * place), radius=18, side=2 * SIDE)
    seen_small = motion_from_onset(as_images(small, moved(small, motion)), STILL)
    seen_large = motion_from_onset(as_images(large, moved(large, twice)), STILL)
    assert seen_small.shape == seen_large.shape == (2, SIDE, SIDE, 2)
    for seen in (seen_small[1], seen_large[1]):
        assert 0.6 < (seen * motion).sum() / (motion * motion).sum() < 1.2
    magnified = magnify_motion(as_images(large, moved(large, twice)), 5, STILL)
    assert measured_factor(large, twice, magnified[1]) == pytest.approx(5, rel=0.3)


def test_what_does_not_move_stays():
    images = as_images(crop(), crop(), crop())
    np.testing.assert_array_equal(magnify_motion(images, 20), images)
    onset = crop()
    images = as_images(onset, moved(onset, bump(*PLACES[0])))
    away = np.abs(magnify_motion(images, 8, STILL)[1].astype(int) - images[1])[:30, 75:]
    assert away.mean() < 1.5


def test_noise_is_not_blown_up():
    images = as_images(*[crop()] * 6, noise=2.0)
    changed = np.abs(magnify_motion(images, 10).astype(float) - images)
    assert changed[:, 8:-8, 8:-8].mean() < 4.0


@pytest.mark.parametrize("side", [SIDE, 160])
def test_factor_one_returns_the_input(side):
    onset = crop(side)
    images = as_images(onset, np.roll(onset, 1, axis=0))
    np.testing.assert_array_equal(magnify_motion(images, 1), images)
    np.testing.assert_array_equal(amplify(images, motion_from_onset(images), 1), images)
    assert magnify_motion(images, 1) is not images


def test_a_large_motion_does_not_tear_the_face():
    onset = crop()
    images = as_images(onset, moved(onset, bump(56, 80, 0, 5, radius=10)))
    magnified = magnify_motion(images, 20, STILL)[1].astype(float)
    # Where a picture folds, neighbouring pixels come from places far apart.
    assert np.abs(np.diff(magnified, axis=0)).max() < 1.5 * np.abs(np.diff(onset, axis=0)).max()


def test_motion_is_measured_once_for_all_factors():
    onset = crop()
    images = as_images(onset, moved(onset, bump(*PLACES[1])))
    motion = motion_from_onset(images, STILL)
    np.testing.assert_array_equal(
        amplify(images, motion, 6, STILL), magnify_motion(images, 6, STILL)
    )


def test_measuring_can_be_cancelled_and_few_images_are_fine():
    def cancel(step):
        assert (step.done, step.total) == (2, 3)
        raise Cancelled

    with pytest.raises(Cancelled):
        motion_from_onset(as_images(*[crop()] * 3), progress=cancel)
    for n in (0, 1):
        images = np.zeros((n, SIDE, SIDE), np.uint8)
        np.testing.assert_array_equal(magnify_motion(images, 5), images)


def test_a_difference_is_grey_where_nothing_changes_and_tells_darker_from_brighter():
    images = np.full((2, SIDE, SIDE), 100, np.uint8)
    images[1, 20:40, 20:40] = 130
    images[1, 70:90, 20:40] = 70
    picture = difference(images, 0, 1, gain=3)
    assert picture.shape == (SIDE, SIDE, 3)
    assert picture.dtype == np.uint8
    assert picture[56, 90].tolist() == [128, 128, 128]
    red, _, blue = picture[30, 30].astype(int)
    assert red > blue + 60  # orange
    red, _, blue = picture[80, 30].astype(int)
    assert blue > red + 60
    luminance = picture @ [0.3, 0.6, 0.1]
    assert luminance[30, 30] > luminance[56, 90] > luminance[80, 30]
    back = difference(images, 1, 0, gain=3)
    np.testing.assert_array_equal(back[30, 30], picture[80, 30])


def test_a_change_of_the_light_is_no_difference():
    images = as_images(crop() * 0.5, crop() * 0.5 + 12)
    assert np.abs(difference(images, 0, 1, gain=8).astype(int) - 128).max() <= 8


def test_more_gain_gives_more_colour():
    onset = crop()
    images = as_images(onset, moved(onset, bump(*PLACES[0])))
    colour = [np.ptp(difference(images, 0, 1, gain).astype(int), axis=-1).sum() for gain in (1, 6)]
    assert colour[1] > 4 * colour[0]


def test_senseless_arguments_are_refused():
    images = np.zeros((2, SIDE, SIDE), np.uint8)
    with pytest.raises(ValueError, match="factor >= 1"):
        magnify_motion(images, 0.5)
    with pytest.raises(ValueError, match="gain > 0"):
        difference(images, 0, 1, 0)
    with pytest.raises(ValueError, match=r"Expected \(n, H, W\) uint8"):
        magnify_motion(images[0], 3)
    with pytest.raises(ValueError, match=r"Expected \(n, H, W\) uint8"):
        difference(images.astype(float), 0, 1, 2)
    with pytest.raises(ValueError, match="motion of 2 images"):
        amplify(images, np.zeros((1, SIDE, SIDE, 2), np.float32), 2)
    with pytest.raises(ValidationError):
        MagnifyParams(sharpness=1)
