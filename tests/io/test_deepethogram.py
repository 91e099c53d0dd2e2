"""DeepEthogram labels: frames, kinds and unlabelled stretches survive; the rest is said."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from tests.io.other_tools import CLIP, MAE, ME, annotations
from tests.reference.io import rows_as_text

from napari_mespot import Annotation, Expression, Interval
from napari_mespot.errors import AnnotationFormatError, OutputError
from napari_mespot.io.deepethogram import read_deepethogram, write_deepethogram
from napari_mespot.model import merged

PLAIN = Annotation(
    "clip",
    n_frames=12,
    expressions=(Expression(Interval(2, 4), ME), Expression(Interval(3, 8), MAE)),
    reviewed=(Interval(0, 9),),
)


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(annotations().filter(lambda a: a.n_frames < 2000))
def test_frames_survive_the_round_trip(tmp_path_factory, annotation):
    path = tmp_path_factory.getbasetemp() / "clip_labels.csv"
    write_deepethogram(path, annotation, notice=lambda text: None)
    (back,) = read_deepethogram(path)
    assert (back.video_id, back.n_frames) == ("clip", annotation.n_frames)
    for kind in (ME, MAE):
        frames = merged(e.interval for e in annotation.of_kind(kind))
        assert tuple(e.interval for e in back.of_kind(kind)) == frames
    seen = merged((*annotation.reviewed, *(e.interval for e in annotation.expressions)))
    assert back.reviewed == seen


def test_intervals_apart_survive_whole(tmp_path):
    write_deepethogram(tmp_path / "clip_labels.csv", PLAIN, notice=lambda text: None)
    assert read_deepethogram(tmp_path / "clip_labels.csv") == (PLAIN,)


def test_the_file_looks_as_the_tool_expects(tmp_path):
    said = []
    write_deepethogram(tmp_path / "clip_labels.csv", PLAIN, notice=said.append)
    lines = (tmp_path / "clip_labels.csv").read_text().splitlines()
    assert lines[0] == ",background,ME,MaE"
    assert lines[1] == "0,1,0,0"
    assert lines[4] == "3,0,1,1"
    assert lines[12] == "11,-1,-1,-1"
    assert len(rows_as_text(tmp_path / "clip_labels.csv")) == 12
    assert said == ["clip: 2 frames that nobody has reviewed are written as unlabelled (-1)"]


def test_what_touches_is_joined_and_said(tmp_path):
    said = []
    touching = (Expression(Interval(0, 3), ME), Expression(Interval(4, 5), ME))
    annotation = Annotation("v", 6, expressions=touching)
    write_deepethogram(tmp_path / "v_labels.csv", annotation, notice=said.append)
    assert "1 ME touch or overlap" in said[0]
    (back,) = read_deepethogram(tmp_path / "v_labels.csv", frame_rate=Fraction(25))
    assert [e.interval for e in back.expressions] == [Interval(0, 5)]
    assert back.frame_rate == 25


def test_other_behaviours_are_left_out_and_said(tmp_path):
    (tmp_path / "m_labels.csv").write_text(",background,groom,me\n0,1.0,0.0,0.0\n1,0.0,1.0,1.0\n")
    said = []
    (found,) = read_deepethogram(tmp_path / "m_labels.csv", notice=said.append)
    assert found.expressions == (Expression(Interval(1, 1), ME),)
    assert "left out the columns groom" in said[0]


@pytest.mark.parametrize("name", ["", "frame", "Frame", "Unnamed: 0"])
@pytest.mark.parametrize("first", [0, 1, 100])
def test_rows_say_which_frames_they_are(tmp_path, name, first):
    """A table that was cut to a part of the video, and rows left out of it."""
    frames = [first + i for i in (0, 1, 2, 3, 7, 8, 9)]
    lines = [f"{name},background,ME"]
    lines += [f"{f},{int(i not in (1, 2, 5))},{int(i in (1, 2, 5))}" for i, f in enumerate(frames)]
    (tmp_path / "m_labels.csv").write_text("\n".join(lines))
    said = []
    (found,) = read_deepethogram(tmp_path / "m_labels.csv", notice=said.append)
    assert [e.interval for e in found.expressions] == [
        Interval(first + 1, first + 2),
        Interval(first + 8, first + 8),
    ]
    assert found.reviewed == (Interval(first, first + 3), Interval(first + 7, first + 9))
    assert found.n_frames is None
    assert f"frames from {first} to {first + 9}" in said[0]


def test_rows_in_another_order(tmp_path):
    text = "frame,background,ME\n2,0,1\n0,1,0\n1,0,1\n"
    (tmp_path / "m_labels.csv").write_text(text)
    (found,) = read_deepethogram(tmp_path / "m_labels.csv")
    assert [e.interval for e in found.expressions] == [Interval(1, 2)]
    assert found.n_frames == 3


def test_a_column_of_apexes(tmp_path):
    text = ",background,ME,ME_apex\n0,0,1,0\n1,0,1,1\n2,0,1,0\n"
    (tmp_path / "m_labels.csv").write_text(text)
    (found,) = read_deepethogram(tmp_path / "m_labels.csv")
    assert found.expressions == (Expression(Interval(0, 2), ME, apex=1),)


def test_a_header_row_alone_is_told(tmp_path):
    (tmp_path / "m_labels.csv").write_text(",background,ME\n")
    said = []
    (found,) = read_deepethogram(tmp_path / "m_labels.csv", notice=said.append)
    assert (found.n_frames, found.expressions) == (0, ())
    assert "nothing was read" in said[0]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("background,ME\n1,0\n,\n0,1\n", "row 3: expected a row for each frame, got a blank one"),
        (",background,ME\n0,1,0\n0,0,1\n", "each frame once, got 0 as in row 2"),
        (",background,ME\n0.5,1,0\n", "row 2, column of frames: expected a frame index"),
        (",background,groom\n0,1,0\n", "columns named ME or MaE, got groom"),
        (",background\n0,1\n", "got only background"),
        (",background,ME\n0,1,2\n", "row 2, column ME: expected 1, 0 or -1 (unlabelled), got '2'"),
        (",ME\n0,1\n", "add the missing: background"),
        ("", "empty"),
    ],
)
def test_broken_and_foreign_files(tmp_path, text, words):
    (tmp_path / "m_labels.csv").write_text(text)
    with pytest.raises(AnnotationFormatError) as caught:
        read_deepethogram(tmp_path / "m_labels.csv")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_length_is_needed(tmp_path):
    with pytest.raises(OutputError, match="--frames"):
        write_deepethogram(tmp_path / "v_labels.csv", replace(CLIP, n_frames=None))
