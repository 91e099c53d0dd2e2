import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation
from tests.reference import shape as reference

from napari_mespot.face import SHAPE_SIGNALS, shape_signals
from napari_mespot.face.shape import RIGID_MESH, reference_mesh

NAMES = list(SHAPE_SIGNALS)
POSE = slice(23, 26)
SIDED = [(NAMES.index(n), NAMES.index(n.replace("right", "left"))) for n in NAMES if "right" in n]


def faces(seed, n=3, spread=1.5):
    """Some faces with other features than the mean one, and another expression."""
    rng = np.random.default_rng(seed)
    return reference_mesh() + rng.normal(0, spread, (n, 468, 3))


def turned(meshes, pitch=0.0, yaw=0.0, roll=0.0, size=1.0, shift=(0, 0, 0)):
    rotation = Rotation.from_euler("xyz", [pitch, yaw, roll], degrees=True).as_matrix()
    return size * meshes @ rotation.T + shift


def mirrored(mesh):
    """A face in a mirror: every landmark goes to its partner on the other side."""
    mean = reference_mesh()
    axis = mean[[10, 152, 1, 4], 0].mean()
    flip = lambda m: m * [-1, 1, 1] + [2 * axis, 0, 0]  # noqa: E731
    partner = ((flip(mean)[:, None] - mean) ** 2).sum(-1).argmin(1)
    assert (partner[partner] == np.arange(468)).all()
    return flip(mesh)[..., partner, :]


def test_there_are_23_numbers_of_the_shape_and_three_of_the_pose():
    assert len(NAMES) == len(set(NAMES)) == 26
    assert NAMES[POSE] == ["pitch_deg", "yaw_deg", "roll_deg"]


def test_the_mean_face_is_zero():
    np.testing.assert_allclose(shape_signals(reference_mesh()), np.zeros(26), atol=1e-4)


@settings(max_examples=30)
@given(
    st.integers(0, 10**6),
    st.tuples(*[st.floats(-40, 40)] * 3),
    st.floats(0.3, 4),
    st.floats(-500, 500),
)
def test_it_equals_the_plain_version(seed, angles, size, shift):
    meshes = turned(faces(seed), *angles, size, (shift, -shift, 0))
    plain = [reference.shape_of(mesh, reference_mesh()) for mesh in meshes]
    np.testing.assert_allclose(shape_signals(meshes), plain, atol=1e-4)


@settings(max_examples=30)
@given(st.integers(0, 10**6), st.floats(0.2, 8), st.floats(-180, 180), st.floats(-900, 900))
def test_place_size_and_roll_in_the_picture_do_not_count(seed, size, roll, shift):
    rest = faces(seed)
    moved = turned(rest, roll=roll, size=size, shift=(shift, shift / 2, 0))
    before, after = shape_signals(rest), shape_signals(moved)
    np.testing.assert_allclose(after[:, :23], before[:, :23], atol=2e-3)


@settings(max_examples=30)
@given(st.integers(0, 10**6), st.floats(-15, 15), st.floats(-15, 15))
def test_a_rigid_head_that_turns_keeps_its_shape(seed, pitch, yaw):
    rest = faces(seed)
    before, after = shape_signals(rest), shape_signals(turned(rest, pitch, yaw))
    np.testing.assert_allclose(after[:, :23], before[:, :23], atol=1e-3)


def test_a_turn_is_told_as_pitch_yaw_or_roll():
    nod = shape_signals(turned(reference_mesh()[None], pitch=-10))
    shake = shape_signals(turned(reference_mesh()[None], yaw=-10))
    sway = shape_signals(turned(reference_mesh()[None], roll=-10))
    np.testing.assert_allclose(nod[0, POSE], [10, 0, 0], atol=1e-3)
    np.testing.assert_allclose(shake[0, POSE], [0, 10, 0], atol=1e-3)
    np.testing.assert_allclose(sway[0, POSE], [0, 0, 10], atol=1e-3)


@settings(max_examples=30)
@given(st.integers(0, 10**6), st.tuples(*[st.floats(-20, 20)] * 3))
def test_in_a_mirror_right_becomes_left(seed, angles):
    mesh = turned(faces(seed, n=1), *angles)
    here, there = shape_signals(mesh)[0], shape_signals(mirrored(mesh))[0]
    expected = here.copy()
    for right, left in SIDED:
        expected[[right, left]] = here[[left, right]]
    for name in ("mouth_to_left", "yaw_deg", "roll_deg"):
        expected[NAMES.index(name)] *= -1
    np.testing.assert_allclose(there, expected, atol=1e-2)


@pytest.mark.parametrize(
    ("points", "move", "name", "by"),
    [
        ([61], (0, -3, 0), "mouth_corner_up_right", 3),
        ([291], (2, 0, 0), "mouth_corner_out_left", 2),
        ([107], (0, -2, 0), "brow_inner_right", 2),
        ([336, 107], (0, -2, 0), "brow_inner_left", 2),
        ([145], (0, 1, 0), "lids_open_right", 1),
        ([386], (0, 1, 0), "lids_open_left", -1),
        ([14], (0, 5, 0), "lips_apart", 5),
        ([152], (0, 6, 0), "chin_down", 6),
        ([0, 17], (0, 0, -2), "mouth_forward", 2),
        ([61, 291, 0, 17], (2, 0, 0), "mouth_to_left", 2),
    ],
)
def test_each_number_grows_with_the_motion_it_is_named_after(points, move, name, by):
    mesh = reference_mesh().copy()
    mesh[points] += move
    assert shape_signals(mesh)[NAMES.index(name)] == pytest.approx(by, abs=1e-4)


def test_what_is_not_known_is_nan_and_only_that():
    meshes = faces(1, n=4)
    meshes[1] = np.nan
    meshes[2] = 7.0
    shapes = shape_signals(meshes)
    assert shapes.dtype == np.float32
    np.testing.assert_array_equal(np.isnan(shapes).all(1), [False, True, True, False])
    np.testing.assert_array_equal(shapes[[0, 3]], shape_signals(meshes[[0, 3]]))
    assert shape_signals(np.zeros((0, 468, 3))).shape == (0, 26)
    assert shape_signals(meshes.reshape(2, 2, 468, 3)).shape == (2, 2, 26)


def test_other_meshes_are_refused():
    with pytest.raises(ValueError, match=r"468, 3"):
        shape_signals(np.zeros((478, 3)))


def test_the_mean_face_is_symmetrical_and_as_deep_as_a_face():
    mean = reference_mesh()
    np.testing.assert_allclose(mirrored(mean), mean, atol=2e-3)
    nose, cheeks = mean[1, 2], mean[[234, 454], 2].mean()
    assert 50 < cheeks - nose < 90  # the tip of the nose lies nearest
    assert abs(mean[RIGID_MESH, 2].mean()) < 0.01
