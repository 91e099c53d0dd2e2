from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_mespot.frames.synthetic.geometry import MEAN_FACE, RIGID_POINTS
from napari_mespot.frames.synthetic.identity import (
    EyeTraits,
    FaceIdentity,
    HeadTraits,
    MouthTraits,
    NoseTraits,
    face_points,
)
from napari_mespot.frames.synthetic.population import random_identity


def person(seed):
    return random_identity(np.random.default_rng(seed))


def test_same_seed_same_person():
    assert person(4) == person(4)
    assert hash(person(4)) == hash(person(4))
    assert person(4) != person(5)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10_000))
def test_everybody_is_aligned_to_the_mean_face(seed):
    points = face_points(person(seed))
    rigid = points[list(RIGID_POINTS)]
    mean = MEAN_FACE[list(RIGID_POINTS)]
    np.testing.assert_allclose(rigid.mean(axis=0), mean.mean(axis=0), atol=1e-6)
    size, wanted = rigid.std(axis=0), mean.std(axis=0)
    assert np.hypot(*size) == pytest.approx(np.hypot(*wanted), rel=1e-6)
    away, target = rigid - rigid.mean(axis=0), mean - mean.mean(axis=0)
    assert (away[:, 0] * target[:, 1] - away[:, 1] * target[:, 0]).sum() == pytest.approx(
        0, abs=1e-6
    )
    assert np.hypot(*(points - MEAN_FACE).T).max() < 9


def test_traits_change_the_part_they_name():
    plain = FaceIdentity()

    def width(identity, left, right):
        points = face_points(identity)
        return points[right, 0] - points[left, 0]

    assert width(replace(plain, head=HeadTraits(width=1.06)), 2, 14) > width(plain, 2, 14)
    assert width(replace(plain, nose=NoseTraits(width=1.3)), 31, 35) > width(plain, 31, 35) + 4
    assert width(replace(plain, mouth=MouthTraits(width=1.2)), 48, 54) > width(plain, 48, 54) + 5
    wide_open = face_points(replace(plain, eyes=EyeTraits(openness=1.4)))
    assert wide_open[41, 1] - wide_open[37, 1] > 1.2 * np.diff(face_points(plain)[[37, 41], 1])


def test_points_are_shared_and_cannot_be_changed():
    with pytest.raises(ValueError, match="read-only"):
        face_points(FaceIdentity())[0] = 0


def test_people_differ_in_what_matters():
    people = [person(seed) for seed in range(60)]
    assert 3 < sum(p.glasses is not None for p in people) < 25
    assert 5 < sum(p.hair.beard > 0 for p in people) < 40
    assert np.ptp([p.skin.melanin for p in people]) > 0.7
    assert len({p.eyes.iris for p in people}) > 50
