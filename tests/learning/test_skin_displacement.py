"""Displacements of the skin, and pictures between frames, against movements that are known."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from tests.fixtures.moving_skin import moving_clip, skin_picture, smooth_field, warped

from napari_mespot.learning.between_frames import BetweenFrames
from napari_mespot.learning.injection_fields import lid_closure
from napari_mespot.learning.skin_displacement import SkinDisplacement
from napari_mespot.model import Interval


def clip_of(*pictures):
    frames = np.stack([np.clip(np.rint(p), 0, 255).astype(np.uint8) for p in pictures])
    base = moving_clip(1, ())
    return replace(
        base,
        frames=frames,
        stretch=Interval(0, len(frames) - 1),
        transforms=np.repeat(base.transforms[:1], len(frames), axis=0),
    )


@pytest.mark.parametrize("size", [0.8, 2.0, 3.5, 6.0])
def test_a_movement_has_the_size_that_it_was_made_with(size):
    moved = warped(skin_picture(), smooth_field().backward(size))
    measured = SkinDisplacement(clip_of(skin_picture(), moved)).between(0, 1)
    assert measured == pytest.approx(size, rel=0.15)


def test_noise_alone_hardly_moves_the_skin():
    clip = moving_clip(4, ())
    assert SkinDisplacement(clip).between(0, 3) < 0.3


def test_a_head_that_moves_and_a_blink_are_no_movement():
    picture = skin_picture()
    shift = np.array([[1.01, 0.0, 1.2], [0.0, 1.01, -0.8]])
    turned = cv2.warpAffine(picture, shift, (112, 112), borderMode=cv2.BORDER_REFLECT)
    blink = warped(picture, 0.5 * lid_closure(np.random.default_rng(0)))
    measure = SkinDisplacement(clip_of(picture, turned, blink))
    assert measure.between(0, 1) < 0.5
    assert measure.between(0, 2) < 1.0
    assert measure.between(0, 2) == measure.between(2, 0)


def test_frames_themselves_are_left_as_they_are():
    clip = moving_clip(3, ())
    between = BetweenFrames(clip.frames)
    assert np.array_equal(between.at(1.0), clip.frames[1])
    assert between.kept(1.0) == 1
    assert between.kept(1.5) == 0.5


@pytest.mark.parametrize("share", [0.25, 0.5, 0.8])
def test_what_moves_is_shown_once_and_half_way(share):
    picture = skin_picture()

    def shifted(x):
        move = np.array([[1.0, 0.0, x], [0.0, 1.0, 0.0]])
        return cv2.warpAffine(
            picture, move, (112, 112), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT
        )

    clip = clip_of(picture, shifted(3.0))
    expected = shifted(3.0 * share)[10:-10, 10:-10]
    found = BetweenFrames(clip.frames).at(share)[10:-10, 10:-10]
    doubled = ((1 - share) * picture + share * shifted(3.0))[10:-10, 10:-10]
    assert np.abs(found - expected).mean() < 0.2 * np.abs(doubled - expected).mean()
