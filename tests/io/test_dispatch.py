"""Any file in, any format out."""

import subprocess
import sys
import warnings
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from tests.io.other_tools import CLIP, ME, scores, spans

from napari_mespot import Annotation, Expression, Interval, ReviewStatus
from napari_mespot.errors import AnnotationFormatError, OutputError
from napari_mespot.io import (
    FORMATS,
    AnnotationWarning,
    find_format,
    read_annotations,
    read_table,
    write_annotations,
    write_table,
)

NAMES = {
    "mespot": "clip.csv",
    "elan": "clip.eaf",
    "boris": "clip.boris",
    "boris-tabular": "clip.csv",
    "deepethogram": "clip_labels.csv",
    "textgrid": "clip.TextGrid",
    "megc2022": "cas_pred.csv",
    "megc2023": "cas_pred.csv",
}
APART = Annotation(
    "clip",
    n_frames=60,
    frame_rate=Fraction(30),
    expressions=(Expression(Interval(3, 7), ME), Expression(Interval(20, 40), ME)),
    reviewed=(Interval(0, 59),),
)


def quiet(text: str) -> None:
    """Take a notice that the test is not about."""


@pytest.mark.parametrize("name", FORMATS)
def test_what_is_written_under_a_name_is_recognised_again(tmp_path, name):
    path = tmp_path / NAMES[name]
    write_annotations(path, [APART], format=name, notice=quiet)
    (back,) = read_annotations(path, frame_rate=Fraction(30))
    assert back.video_id == "clip"
    assert spans(back) == spans(APART)


@pytest.mark.parametrize("name", ["mespot", "elan", "boris", "deepethogram", "textgrid"])
def test_the_ending_says_which_format_is_written(tmp_path, name):
    write_annotations(tmp_path / NAMES[name], [APART], notice=quiet)
    (back,) = read_annotations(tmp_path / NAMES[name], format=name, frame_rate=Fraction(30))
    assert spans(back) == spans(APART)


def test_our_own_table_stays_lossless(tmp_path):
    write_annotations(tmp_path / "a.csv", [CLIP])
    assert read_annotations(tmp_path / "a.csv") == read_table(tmp_path / "a.csv") == (CLIP,)


@pytest.mark.parametrize("name", sorted(set(FORMATS) - {"mespot"}))
def test_rejected_expressions_go_to_other_tools_only_when_asked_for(tmp_path, name):
    path = tmp_path / NAMES[name]
    for rejected in (False, True):
        write_annotations(path, [CLIP], format=name, rejected=rejected, notice=quiet)
        (back,) = read_annotations(path, format=name, frame_rate=Fraction(30))
        assert (220 in {e.onset for e in back.expressions}) == rejected


@pytest.mark.parametrize("name", ["elan", "boris", "boris-tabular", "textgrid"])
def test_a_rejected_expression_comes_back_as_rejected(tmp_path, name):
    path = tmp_path / NAMES[name]
    write_annotations(path, [CLIP], format=name, rejected=True, notice=quiet)
    (back,) = read_annotations(path, format=name, frame_rate=Fraction(30))
    assert scores(back) == scores(CLIP)
    (last,) = (e for e in back.expressions if e.onset == 220)
    assert last.status is ReviewStatus.REJECTED


def test_frame_rate_and_length_given_by_the_user_win(tmp_path):
    write_table(tmp_path / "a.csv", [APART])
    said = []
    (back,) = read_annotations(
        tmp_path / "a.csv", frame_rate=Fraction(25), n_frames=30, notice=said.append
    )
    assert (back.frame_rate, back.n_frames) == (25, 30)
    assert spans(back) == [("ME", 3, 7, -1), ("ME", 20, 29, -1)]
    assert back.reviewed == (Interval(0, 29),)
    assert "expressions cut at its end: 1, left out behind it: 0" in said[0]
    (longer,) = read_annotations(tmp_path / "a.csv", n_frames=90)
    assert (longer.n_frames, longer.reviewed) == (90, APART.reviewed)


def test_without_a_notice_nothing_is_lost(tmp_path):
    write_annotations(tmp_path / "a.eaf", [replace(APART, n_frames=None, reviewed=())])
    with pytest.warns(AnnotationWarning, match="47 frames per second"):
        read_annotations(tmp_path / "a.eaf", frame_rate=Fraction(47))


def test_notices_keep_warnings_quiet(tmp_path):
    write_annotations(tmp_path / "a.eaf", [APART])
    said = []
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read_annotations(tmp_path / "a.eaf", frame_rate=Fraction(47), notice=said.append)
    assert said


def test_a_folder_of_files(tmp_path):
    videos = [replace(APART, video_id=name) for name in ("b", "a")]
    write_annotations(tmp_path, videos, format="elan")
    (tmp_path / "notes.txt").write_text("mine")
    assert [a.video_id for a in read_annotations(tmp_path, format="elan")] == ["a", "b"]
    with pytest.raises(AnnotationFormatError, match="say which format"):
        read_annotations(tmp_path)
    with pytest.raises(AnnotationFormatError, match=r"end in \.boris or \.boris\.gz, got none"):
        read_annotations(tmp_path, format="boris")


def test_one_video_name_for_two_subjects_becomes_two_files(tmp_path):
    videos = [replace(APART, subject_id=name) for name in ("s1", "s2")]
    write_annotations(tmp_path, videos, format="textgrid", notice=quiet)
    assert {p.name for p in tmp_path.iterdir()} == {"s1_clip.TextGrid", "s2_clip.TextGrid"}


@pytest.mark.parametrize(
    ("name", "annotations", "words"),
    [
        ("a.eaf", [APART, replace(APART, video_id="b")], "got 2; name a folder"),
        ("a.eaf", [], "got 0"),
        ("a.csv", [APART, APART], "'clip' twice"),
        ("a.xyz", [APART], "say which format to write"),
        ("a", [APART], "no ending"),
        ("cas_pred.csv", [APART], "megc2022 or megc2023"),
        ("none/a.eaf", [APART], "No such file"),
    ],
)
def test_what_cannot_be_written(tmp_path, name, annotations, words):
    with pytest.raises(OutputError) as caught:
        write_annotations(tmp_path / name, annotations)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_names_that_can_be_no_files_stay_in_the_folder(tmp_path):
    (tmp_path / "out").mkdir()
    with pytest.raises(OutputError, match="names of files"):
        write_annotations(tmp_path / "out", [replace(APART, video_id="../x")], format="elan")
    assert not list((tmp_path / "out").iterdir())


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.csv", "a,b,c\n1,2,3\n", "expected the columns video, kind, onset, offset"),
        ("a.csv", "", "empty"),
        ("a.docx", "x", "say which format it has"),
        ("a.eaf", "x", "broken XML"),
        ("gone.csv", None, "no such file"),
        ("gone.boris", None, "no such file"),
    ],
)
def test_what_cannot_be_read(tmp_path, name, text, words):
    if text is not None:
        (tmp_path / name).write_text(text)
    with pytest.raises(AnnotationFormatError) as caught:
        read_annotations(tmp_path / name)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_unknown_format_is_a_programmers_mistake():
    with pytest.raises(ValueError, match="mespot, elan, boris"):
        find_format("excel")


@pytest.mark.parametrize("name", FORMATS)
def test_a_failed_write_leaves_the_old_file(tmp_path, name):
    path = tmp_path / NAMES[name]
    path.write_text("old")
    broken = replace(APART, frame_rate=None, n_frames=None)
    if name in {"mespot", "megc2022", "megc2023"}:  # these need no frame rate
        broken = replace(APART, video_id="")
        if name != "mespot":
            return
    with pytest.raises((OutputError, ValueError)):
        write_annotations(path, [broken], format=name)
    assert path.read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 1


def test_reading_and_writing_needs_nothing_heavy(tmp_path):
    write_table(tmp_path / "a.csv", [APART])
    script = (
        "import sys\nfrom pathlib import Path\nfrom napari_mespot.io import *\n"
        f"folder = Path({str(tmp_path)!r})\nclip = read_annotations(folder / 'a.csv')\n"
        "for end in ('eaf', 'boris', 'TextGrid'):\n"
        "    write_annotations(folder / f'a.{end}', clip)\n"
        "    read_annotations(folder / f'a.{end}', frame_rate=clip[0].frame_rate)\n"
        "print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    heavy = {"pandas", "torch", "cv2", "av", "scipy", "pympi", "praatio", "napari", "lxml"}
    assert not heavy & set(done.stdout.split())


def test_every_format_says_what_it_is():
    for name, known in FORMATS.items():
        assert known.name == name
        assert known.description
        assert all(isinstance(Path("a" + s), Path) and s for s in known.suffixes)
