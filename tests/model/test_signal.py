"""A score signal knows its frames, times and kinds."""

import pickle
from fractions import Fraction

import numpy as np
import pytest

from napari_mespot import ExpressionKind, ScoreSignal


def signal(**changes) -> ScoreSignal:
    values = np.array([[0.1, 0.2], [np.nan, np.nan], [0.5, 0.6]], dtype=np.float32)
    given = {"values": values, "found": np.array([True, False, True]), "first_frame": 10}
    return ScoreSignal(**{**given, "frame_rate": Fraction(20), **changes})


def test_rows_know_their_frame_and_time():
    assert signal().frames.tolist() == [10, 11, 12]
    assert signal().times_s.tolist() == [0.5, 0.55, 0.6]
    assert signal().n_frames == 3


def test_columns_know_their_kind():
    np.testing.assert_array_equal(
        signal().of_kind(ExpressionKind.MACRO), np.float32([0.2, np.nan, 0.6])
    )
    with pytest.raises(ValueError, match="not in"):
        signal(values=np.zeros((3, 1), np.float32), kinds=(ExpressionKind.MICRO,)).of_kind(
            ExpressionKind.MACRO
        )


def test_equality_is_by_content_and_nan_equals_nan():
    assert signal() == signal()
    assert signal() == pickle.loads(pickle.dumps(signal()))
    assert signal() != signal(first_frame=11)
    assert signal() != signal().with_values(np.zeros((3, 2)))
    assert signal() != 3
    with pytest.raises(TypeError, match="unhashable"):
        hash(signal())


def test_other_values_keep_the_clock():
    other = signal().with_values(np.ones((3, 2), np.float64))
    assert other.values.dtype == np.float32
    assert other.frames.tolist() == [10, 11, 12]


@pytest.mark.parametrize(
    "wrong",
    [
        {"values": np.zeros((3, 3), np.float32)},
        {"values": np.zeros(3, np.float32)},
        {"found": np.array([True])},
    ],
)
def test_shapes_must_fit(wrong):
    with pytest.raises(ValueError, match="Expected"):
        signal(**wrong)
