import numpy as np
import pytest

from napari_mespot.frames.synthetic.geometry import (
    CROP_PX,
    MEAN_FACE,
    MIRROR,
    RIGID_POINTS,
    eye_centre,
    mirror_points,
    pixel_grid,
)

# Published positions of the rigid points in OpenFace's own crop.
OPENFACE = {
    1: (5.1, 48.3),
    4: (14.1, 85.8),
    12: (96.1, 85.7),
    15: (105.3, 47.8),
    27: (56.5, 26.5),
    33: (56.4, 60.6),
    36: (23.8, 29.8),
    39: (42.2, 30.3),
    42: (69.5, 30.1),
    45: (87.6, 29.3),
}


def test_face_is_its_own_mirror_image():
    np.testing.assert_allclose(mirror_points(MEAN_FACE)[MIRROR], MEAN_FACE, atol=1e-9)
    assert sorted(MIRROR) == list(range(68))


@pytest.mark.parametrize("index", OPENFACE)
def test_rigid_points_lie_where_openface_puts_them(index):
    assert index in RIGID_POINTS
    assert np.hypot(*(MEAN_FACE[index] - OPENFACE[index])) < 4.0


def test_eyes_are_in_the_geometry_of_the_crop():
    np.testing.assert_allclose(eye_centre(-1), (33.0, 28.2), atol=1.0)
    np.testing.assert_allclose(eye_centre(1), (78.6, 28.2), atol=1.0)


def test_grid_covers_the_same_face_at_any_size():
    x, y = pixel_grid()
    assert x[0, 0] == 0
    assert x[0, -1] == CROP_PX - 1
    fine_x, fine_y = pixel_grid(224)
    np.testing.assert_allclose(fine_x.reshape(224, 112, 2).mean(2)[::2], x, atol=1e-4)
    np.testing.assert_allclose(fine_y[:, ::2].reshape(112, 2, 112).mean(1), y, atol=1e-4)
