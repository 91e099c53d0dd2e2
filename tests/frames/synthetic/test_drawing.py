from dataclasses import replace

import cv2
import numpy as np
import pytest

from napari_mespot.frames.synthetic.canvas import Canvas
from napari_mespot.frames.synthetic.drawing import (
    FaceState,
    draw_aligned_face,
    draw_face,
    draw_portrait,
)
from napari_mespot.frames.synthetic.geometry import eye_centre
from napari_mespot.frames.synthetic.identity import FaceIdentity, HairTraits, face_points
from napari_mespot.frames.synthetic.population import random_identity


def person(seed):
    return random_identity(np.random.default_rng(seed))


@pytest.fixture(scope="module")
def portrait():
    return draw_portrait(Canvas.of_crop(448), FaceIdentity())


def grey(portrait, state):
    return portrait.flattened(state) @ np.array([0.299, 0.587, 0.114], np.float32)


def eye(picture, side):
    """The opening of one eye and its surroundings, at any resolution."""
    scale = picture.shape[0] / 112
    x, y = eye_centre(side)
    return picture[
        int((y - 6) * scale) : int((y + 6) * scale), int((x - 11) * scale) : int((x + 11) * scale)
    ]


@pytest.mark.parametrize("seed", range(12))
def test_face_is_a_picture(seed):
    picture = draw_face(person(seed))
    assert picture.shape == (112, 112, 3)
    assert picture.dtype == np.float32
    assert np.isfinite(picture).all()
    assert picture.min() >= 0
    assert picture.max() <= 1
    assert picture[25:100, 20:90].std() > 0.01


def test_same_person_same_bytes():
    np.testing.assert_array_equal(draw_face(person(3)), draw_face(person(3)))
    assert np.abs(draw_face(person(3)) - draw_face(person(4))).mean() > 0.01


def test_grey_crop_is_the_luma_of_the_picture():
    crop = draw_aligned_face(person(1))
    colour = draw_face(person(1))
    assert crop.shape == (112, 112)
    assert crop.dtype == np.float32
    wanted = cv2.cvtColor(colour, cv2.COLOR_RGB2GRAY)
    np.testing.assert_allclose(crop, wanted, atol=1e-5)


def test_face_is_the_same_at_any_resolution():
    small = draw_face(FaceIdentity(), 112)
    large = cv2.resize(draw_face(FaceIdentity(), 448), (112, 112), interpolation=cv2.INTER_AREA)
    assert np.corrcoef(small.ravel(), large.ravel())[0, 1] > 0.995
    shift, _ = cv2.phaseCorrelate(
        small[..., 1].astype(np.float64), large[..., 1].astype(np.float64)
    )
    assert np.hypot(*shift) < 0.1


@pytest.mark.parametrize("seed", [0, 3, 11, 17])
def test_blink_covers_the_eye_with_skin(seed):
    who = replace(person(seed), glasses=None)
    drawn = draw_portrait(Canvas.of_crop(448), who)
    at_rest, shut = drawn.flattened(FaceState()), drawn.flattened(FaceState(lids=(1.0, 1.0)))
    for side in (-1, 1):
        opening = eye(at_rest, side), eye(shut, side)
        whites = [np.quantile(part.min(axis=2), 0.99) for part in opening]
        middle = opening[1].shape[0] // 2, opening[1].shape[1] // 2
        skin = at_rest[45 * 4, 30 * 4].mean()
        pupil = opening[0][middle[0] - 8 : middle[0] + 8, middle[1] - 8 : middle[1] + 8].min()
        lid = opening[1][middle[0] - 8 : middle[0], middle[1] - 8 : middle[1] + 8].mean()
        assert pupil < 0.1
        assert lid > 0.5 * skin
        assert whites[0] > whites[1] or whites[1] < 1.6 * skin


def test_wink_closes_one_eye_only():
    at_rest, wink = draw_face(FaceIdentity()), draw_face(FaceIdentity(), 112, FaceState((1.0, 0.0)))
    assert np.abs(eye(at_rest, -1) - eye(wink, -1)).max() > 0.2
    np.testing.assert_array_equal(eye(at_rest, 1), eye(wink, 1))


def test_lids_close_step_by_step(portrait):
    def openness(closed):
        return float((eye(grey(portrait, FaceState((closed, closed))), -1) < 0.12).sum())

    dark = [openness(c) for c in (0.0, 0.4, 0.8)]
    assert dark[0] > dark[1] > dark[2]


@pytest.mark.parametrize("gaze", [(3.0, 0.0), (-2.5, 0.5), (0.0, 1.0)])
def test_gaze_moves_the_irises_and_nothing_else(portrait, gaze):
    at_rest, aside = grey(portrait, FaceState()), grey(portrait, FaceState(gaze=gaze))
    rows = np.flatnonzero((np.abs(aside - at_rest) > 0.02).any(axis=1))
    assert rows.min() > 20 * 4
    assert rows.max() < 36 * 4
    for side in (-1, 1):
        shift = pupil_of(aside, side) - pupil_of(at_rest, side)
        np.testing.assert_allclose(shift, gaze, atol=0.25)


def pupil_of(picture, side):
    """Centre of the darkest part of an eye, in crop pixels."""
    part = eye(picture, side)
    rows, columns = np.nonzero(part[12:36] < 0.06)
    return np.array([columns.mean(), rows.mean()]) / 4


def test_open_mouth_parts_the_lips():
    who = FaceIdentity()
    x, y = face_points(who)[62].round().astype(int)
    closed, wide = draw_aligned_face(who), draw_aligned_face(who, FaceState(lips_apart=8.0))
    assert np.abs(wide - closed)[y - 1 : y + 6, x - 6 : x + 6].max() > 0.15
    assert np.abs(wide - closed)[:54].max() == 0
    assert np.abs(wide - closed)[60:, :12].max() == 0


def test_hair_and_baldness():
    bald = replace(FaceIdentity(), hair=HairTraits(hairline=-80.0))
    fringe = replace(FaceIdentity(), hair=HairTraits(fringe=20.0))
    assert draw_aligned_face(bald)[2, 50:60].mean() > draw_aligned_face(fringe)[2, 50:60].mean()


def test_too_small_a_picture_is_refused():
    with pytest.raises(ValueError, match="size >= 16"):
        draw_face(FaceIdentity(), 8)
