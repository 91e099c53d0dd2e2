import numpy as np
import pytest

from napari_mespot.frames.synthetic.creases import CREASED_UNITS, crease_picture
from napari_mespot.frames.synthetic.geometry import MIDLINE_X
from napari_mespot.frames.synthetic.identity import FaceIdentity


@pytest.mark.parametrize("code", CREASED_UNITS)
def test_folds_change_the_brightness_a_little_and_locally(code):
    change = crease_picture(FaceIdentity(), code)
    assert change.shape == (112, 112)
    assert change.dtype == np.float32
    assert -0.6 <= change.min() < -0.02
    assert change.max() <= 0.4
    assert (np.abs(change) > 0.01).mean() < 0.2


def test_folds_lie_where_the_skin_folds():
    who = FaceIdentity()
    brow = np.abs(crease_picture(who, 1))
    smile = np.abs(crease_picture(who, 12))
    assert brow[25:].max() < 0.01
    assert smile[:45].max() < 0.01
    assert smile[60:80, 25:45].max() > 0.1


def test_one_side_folds_alone():
    middle = round(MIDLINE_X)
    left = np.abs(crease_picture(FaceIdentity(), 12, "L"))
    assert left[:, : middle - 5].max() < 0.01
    assert left[:, middle:].max() > 0.1


def test_unit_without_folds_gives_zeros():
    assert not crease_picture(FaceIdentity(), 25).any()
