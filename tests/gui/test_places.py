"""Places as people type them."""

from fractions import Fraction

import pytest

from napari_mespot.gui.places import parse_place
from napari_mespot.model import Clock


@pytest.mark.parametrize(
    ("text", "frame"),
    [
        ("0", 0),
        (" 1234 ", 1234),
        ("12f", 12),
        ("2s", 60),
        ("1.5 s", 45),
        ("1,5 s", 45),
        ("0:02.5", 75),
        ("1:00", 1800),
        ("0:01:00.1", 1803),
    ],
)
def test_frames_seconds_and_times(text, frame):
    assert parse_place(text, n_frames=2000, clock=Clock(Fraction(30))) == frame


@pytest.mark.parametrize("text", ["", "here", "-1", "1:2:3:4", "²", "12 m"])
def test_anything_else_is_explained(text):
    with pytest.raises(ValueError, match="type a frame"):
        parse_place(text, n_frames=2000, clock=Clock(Fraction(30)))


def test_past_the_end():
    with pytest.raises(ValueError, match=r"last frame is 1999 \(66.63 s\)"):
        parse_place("2000", n_frames=2000, clock=Clock(Fraction(30)))
