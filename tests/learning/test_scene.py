from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from tests.reference.learning import displaced

from napari_mespot.frames.synthetic import TimeCourse
from napari_mespot.learning.scene import (
    Appearance,
    Camera,
    Movement,
    Scene,
    ShownExpression,
    render,
)
from napari_mespot.model import ExpressionKind, Interval

SIZE = 112


@pytest.fixture
def still():
    """A smooth face that nothing happens to."""
    y, x = np.mgrid[: 2 * SIZE, : 2 * SIZE] / 2
    face = 120 + 60 * np.sin(x / 7) * np.cos(y / 9)
    return Scene(
        face=np.rint(face).astype(np.uint8), shape=np.zeros((2, SIZE, SIZE), dtype=np.float32)
    )


def shift(dx, dy):
    field = np.zeros((2, SIZE, SIZE), dtype=np.float32)
    field[0], field[1] = dx, dy
    return field


def test_a_face_at_rest_is_the_same_in_every_frame(still, rng):
    images = render(still, np.arange(3), rng)
    assert images.shape == (3, SIZE, SIZE)
    assert images.dtype == np.uint8
    assert np.array_equal(images[0], images[2])


def test_a_movement_moves_the_picture_by_its_strength(still, rng):
    course = TimeCourse(10, 15, 5, 25)
    moving = replace(still, movements=(Movement(shift(1, -2), course.strength, 2.0),))
    before, peak = render(moving, np.array([0, 17]), rng)
    expected = displaced(before, 2, -4)
    inner = slice(8, -8)
    assert np.abs(peak.astype(int) - expected)[inner, inner].max() <= 1


def test_an_appearance_is_mixed_in(still, rng):
    other = 255 - still.face
    steps = np.stack([still.face, other])
    changed = replace(still, appearances=(Appearance(steps, TimeCourse(5, 5, 0, 5).strength),))
    rest, full = render(changed, np.array([0, 5]), rng)
    assert np.abs(rest.astype(int) + full - 255).max() <= 1


def test_light_and_shade_change_brightness_only_while_they_last(still, rng):
    shade = np.full((SIZE, SIZE), 0.1, dtype=np.float32)
    movement = Movement(shift(0, 0), TimeCourse(5, 5, 0, 5).strength, 0.0, shade, 1.0)
    rest, full = render(replace(still, movements=(movement,)), np.array([0, 5]), rng)
    assert np.abs(full - 1.1 * rest.astype(float)).max() < 1.01


def test_jitter_and_noise_have_the_size_they_say(still, rng):
    noisy = replace(still, camera=Camera(noise=2.0))
    images = render(noisy, np.zeros(40, dtype=np.int64), rng).astype(float)
    assert images.std(axis=0).mean() == pytest.approx(2.0, rel=0.1)
    ramp = np.tile(np.arange(2 * SIZE, dtype=np.uint8) // 2 + 20, (2 * SIZE, 1))
    shaky = replace(still, face=ramp, camera=Camera(jitter_px=1.0))
    centre = render(shaky, np.zeros(300, dtype=np.int64), rng)[:, SIZE // 2, SIZE // 2]
    assert centre.astype(float).std() == pytest.approx(1.0, rel=0.2)


def test_the_truth_of_a_scene_is_cut_to_its_frames(still):
    me = ShownExpression(ExpressionKind.MICRO, TimeCourse(3, 5, 0, 8))
    mae = ShownExpression(ExpressionKind.MACRO, TimeCourse(-10, -5, 0, 4))
    scene = replace(still, expressions=(me, mae))
    truth = scene.annotation(6, Fraction(30), "x")
    assert [(e.kind, e.interval) for e in truth.expressions] == [
        (ExpressionKind.MACRO, Interval(0, 4)),
        (ExpressionKind.MICRO, Interval(3, 5)),
    ]
    assert truth.is_reviewed(5)
