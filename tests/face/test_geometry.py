import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.reference import face as slow

from napari_mespot.face.geometry import (
    RIGID_INDICES,
    RIGID_POINTS,
    apply_transform,
    compose,
    crop_scaling,
    face_points_68,
    fit_similarity,
    frame_face,
    invert,
    mean_face,
    transform_scale,
)


def similarity(scale, angle, tx, ty):
    c, s = scale * np.cos(angle), scale * np.sin(angle)
    return np.array([[c, -s, tx], [s, c, ty]])


similarities = st.builds(
    similarity,
    st.floats(0.05, 20),
    st.floats(-np.pi, np.pi),
    st.floats(-500, 500),
    st.floats(-500, 500),
)


@settings(deadline=None, max_examples=50)
@given(similarities, st.integers(2, 30), st.integers(0, 2**31))
def test_fit_finds_the_transform_the_points_were_moved_by(truth, n, seed):
    points = np.random.default_rng(seed).normal(0, 50, (n, 2))
    for rms_scale in (False, True):
        found = fit_similarity(points, apply_transform(truth, points), rms_scale=rms_scale)
        np.testing.assert_allclose(found, truth, atol=1e-6 * max(1, np.abs(truth).max()))


@settings(deadline=None, max_examples=50)
@given(st.integers(3, 20), st.integers(0, 2**31))
def test_fit_equals_plain_least_squares(n, seed):
    rng = np.random.default_rng(seed)
    source, target = rng.normal(0, 30, (2, n, 2))
    weights = rng.uniform(0.1, 1, n)
    np.testing.assert_allclose(
        fit_similarity(source, target, weights),
        slow.fit_similarity(source, target, weights),
        atol=1e-7,
    )


def test_rms_scale_does_not_shrink_when_shapes_differ():
    rng = np.random.default_rng(0)
    source = rng.normal(0, 30, (24, 2))
    target = source + rng.normal(0, 15, source.shape)
    ratio = target.std(axis=0).sum() / source.std(axis=0).sum()
    assert transform_scale(fit_similarity(source, target, rms_scale=True)) == pytest.approx(
        ratio, rel=0.05
    )
    assert transform_scale(fit_similarity(source, target)) < ratio


def test_fit_refuses_a_single_place():
    with pytest.raises(ValueError, match="two different"):
        fit_similarity([[1, 1], [1, 1]], [[0, 0], [5, 5]])


@settings(deadline=None, max_examples=50)
@given(similarities, similarities, similarities)
def test_compose_is_applying_one_after_the_other(a, b, c):
    points = np.array([[0.0, 0.0], [10.0, -3.0]])
    one_by_one = apply_transform(a, apply_transform(b, apply_transform(c, points)))
    scale = max(1, np.abs(one_by_one).max())
    np.testing.assert_allclose(
        apply_transform(compose(a, b, c), points) / scale, one_by_one / scale, atol=1e-9
    )


@settings(deadline=None, max_examples=50)
@given(similarities)
def test_inverse_undoes(transform):
    np.testing.assert_allclose(compose(invert(transform), transform), np.eye(2, 3), atol=1e-6)


def test_crop_scaling_keeps_the_borders_together():
    corners = np.array([[-0.5, -0.5], [111.5, 111.5]])
    np.testing.assert_allclose(
        apply_transform(crop_scaling(112, 56), corners), [[-0.5, -0.5], [55.5, 55.5]]
    )


def test_the_mean_face_lies_in_the_frame_of_openface():
    """OpenFace's eye centres and mouth corners, within the difference between faces."""
    points = face_points_68(mean_face())
    landmarks = np.array(
        [points[36:42].mean(axis=0), points[42:48].mean(axis=0), points[48], points[54]]
    )
    openface = np.array([[33.0, 29.2], [79.0, 28.9], [35.8, 76.0], [76.2, 75.7]])
    np.testing.assert_allclose(landmarks, openface, atol=2.6)
    assert np.abs(points[RIGID_INDICES] - RIGID_POINTS).mean() < 2


@settings(deadline=None, max_examples=50)
@given(similarities)
def test_framing_does_not_depend_on_where_the_face_is(where):
    there = apply_transform(where, mean_face())
    expected = compose(frame_face(mean_face()), invert(where))
    found = frame_face(there)
    probes = apply_transform(where, np.array([[0.0, 0.0], [112.0, 112.0]]))
    np.testing.assert_allclose(
        apply_transform(found, probes), apply_transform(expected, probes), atol=1e-5
    )
