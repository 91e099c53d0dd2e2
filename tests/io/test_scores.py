"""Score tracks in and out of files."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from tests.reference.io import rows_as_text

from napari_mespot import ScoreSignal
from napari_mespot.errors import AnnotationFormatError
from napari_mespot.io import read_scores, write_scores

RATES = [
    Fraction(30),
    Fraction(200),
    Fraction(30000, 1001),
    Fraction("12.5"),
    Fraction(90000, 3753),
]


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_every_signal_survives_the_round_trip(tmp_path, data):
    n_frames = data.draw(st.integers(2, 40))
    values = data.draw(hnp.arrays(np.float32, (n_frames, 2)))
    found = data.draw(hnp.arrays(np.bool_, (n_frames,)))
    rate = data.draw(
        st.sampled_from(RATES) | st.fractions(Fraction(1, 10), 1000, max_denominator=100_000)
    )
    first = data.draw(st.integers(0, 100_000))
    signal = ScoreSignal(values, found, rate, "my clip", first_frame=first)
    write_scores(tmp_path / "my clip.scores.csv", signal)
    assert read_scores(tmp_path / "my clip.scores.csv") == signal


def test_file_looks_as_documented(tmp_path):
    values = np.array([[np.nan, np.nan], [0.1, 0.75]], dtype=np.float32)
    signal = ScoreSignal(values, np.array([False, True]), Fraction(25))
    write_scores(tmp_path / "a.csv", signal)
    assert (tmp_path / "a.csv").read_text() == (
        "frame,time_s,p_me,p_mae,found\n0,0.0,nan,nan,0\n1,0.04,0.1,0.75,1\n"
    )
    assert rows_as_text(tmp_path / "a.csv")[1]["p_mae"] == "0.75"


def test_one_frame_needs_a_frame_rate(tmp_path):
    signal = ScoreSignal(np.zeros((1, 2), np.float32), np.array([True]), Fraction(25), "a")
    write_scores(tmp_path / "a.csv", signal)
    with pytest.raises(AnnotationFormatError, match="give the frame rate"):
        read_scores(tmp_path / "a.csv")
    assert read_scores(tmp_path / "a.csv", frame_rate=Fraction(25)) == signal


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("", "a row per frame"),
        ("0,0,0,0,1\n2,0.1,0,0,1\n", "row 3, column frame: expected 1"),
        ("x,0,0,0,1\n", "row 2, column frame"),
        ("1,0.1,high,0,1\n", "row 2, column p_me"),
        ("1,0.1,0,,1\n", "row 2, column p_mae"),
        ("1,0.1,0,0,yes\n", "row 2, column found"),
        ("1,-3,0,0,1\n", "give the frame rate"),
    ],
)
def test_bad_rows_are_named(tmp_path, rows, words):
    (tmp_path / "a.csv").write_text("frame,time_s,p_me,p_mae,found\n" + rows)
    with pytest.raises(AnnotationFormatError, match=words):
        read_scores(tmp_path / "a.csv")
