"""The videos of a BORIS observation, one after the other: where in them a time lies."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_mespot.io.boris_media import Medium, TimeLine, of_first_player, other_players

MS = Fraction(1, 1000)
LENGTHS = st.lists(st.integers(500, 90_000), min_size=1, max_size=4)
TWO = TimeLine((Medium("a", None, Fraction(60)), Medium("b", None, Fraction(60))))


@given(LENGTHS, st.integers(-5_000, 5_000), st.data())
def test_every_time_lies_in_the_video_that_was_shown_then(lengths, offset, data):
    media = tuple(Medium(f"v{i}", None, n * MS) for i, n in enumerate(lengths))
    place = data.draw(st.integers(0, len(lengths) - 1))
    inside = data.draw(st.integers(0, lengths[place] - 1))
    time = offset + sum(lengths[:place]) + inside
    assert TimeLine(media, offset * MS).find(time * MS) == (place, inside * MS)


@given(LENGTHS, st.data())
def test_the_parts_of_a_stretch_of_time_cover_it_once(lengths, data):
    line = TimeLine(tuple(Medium(f"v{i}", None, n * MS) for i, n in enumerate(lengths)))
    start = data.draw(st.integers(0, sum(lengths) - 2))
    stop = data.draw(st.integers(start + 1, sum(lengths) - 1))
    parts = list(line.parts(start * MS, stop * MS))
    assert sum(part.stop_s - part.start_s for part in parts) == (stop - start) * MS
    places = [part.medium for part in parts]
    assert places == sorted(set(places))
    for part in parts:
        assert 0 <= part.start_s < part.stop_s <= lengths[part.medium] * MS


def test_what_lies_outside_is_in_the_first_or_the_last_video():
    assert TWO.find(Fraction(-3)) == (0, -3)
    assert TWO.find(Fraction(130)) == (1, 70)


def test_a_video_after_one_of_unknown_length():
    line = TimeLine((Medium("a"), Medium("b")))
    assert line.find(Fraction(10), "v/a.mp4") == (0, 10)
    assert line.find(Fraction(10), "v/b.mp4") is None
    assert line.find(Fraction(10)) is None
    assert list(line.parts(Fraction(1), Fraction(2), ("a.mp4", "b.mp4"))) == []


def test_videos_that_begin_when_they_were_made():
    made = 1_700_000_000
    line = TimeLine(
        (
            Medium("a", None, Fraction(60), Fraction(made)),
            Medium("b", None, Fraction(60), Fraction(made + 500)),
        )
    )
    assert line.find(Fraction(made + 2)) == (0, 2)
    assert line.find(Fraction(made + 502)) == (1, 2)


@pytest.mark.parametrize(
    ("length", "rate", "n_frames"),
    [
        (Fraction(60), Fraction(30), 1800),
        (Fraction("10.010"), Fraction(30000, 1001), 300),
        (Fraction("1.665"), Fraction(200), 333),
        (Fraction("60.021"), Fraction(30), None),  # the sound is longer
        (None, Fraction(30), None),
    ],
)
def test_a_length_that_is_no_whole_number_of_frames_says_nothing(length, rate, n_frames):
    assert Medium("a", rate, length).n_frames(rate) == n_frames


@pytest.mark.parametrize(
    ("cell", "first", "others"),
    [
        ("player #1:a.mp4;b.mp4|player #2:c.mp4", ["a.mp4", "b.mp4"], ["c.mp4"]),
        ("player #1: a.mp4;b.mp4 player #2: c.mp4", ["a.mp4", "b.mp4"], ["c.mp4"]),
        ("player #1:C:\\lab\\my clip.mp4", ["C:\\lab\\my clip.mp4"], []),
        ("25.000;25.000|30.000", ["25.000", "25.000"], []),
        ("30.0", ["30.0"], []),
        ("NA", [], []),
        ("", [], []),
    ],
)
def test_cells_about_several_players(cell, first, others):
    assert of_first_player(cell) == first
    assert other_players(cell) == others
