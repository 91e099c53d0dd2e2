"""``mespot bench-spotting`` on real files, from the video to the table and its picture."""

import csv

import pytest
from tests.fixtures.face_clip import write_face_video
from tests.fixtures.still_face import write_actor

from napari_mespot.batch.spotting_benchmark_figures import least_untouched_per_minute
from napari_mespot.frames.synthetic import sample_path
from napari_mespot.io import write_table

SHORT = ("--renditions", "1", "--seconds", "6")


@pytest.fixture(scope="module")
def still(tmp_path_factory):
    """A face that moves as a whole and shows nothing."""
    return write_face_video(tmp_path_factory.mktemp("still") / "sitter.mp4", 90)


def test_three_spotters_are_measured_in_one_run(mespot, still, tmp_path):
    done = mespot("bench-spotting", still, *SHORT, "--out", "bench")
    assert done.returncode == 0, done.stderr
    assert "1 video, 1 rendition of 6 s, seed 0, strict rule" in done.stdout
    with (tmp_path / "bench" / "bench.csv").open() as file:
        rows = list(csv.DictReader(file))
    spotters = {"synthetic-v4", "LBP difference", "optical flow"}
    assert {(row["kind"], row["spotter"]) for row in rows} == {
        (kind, name) for kind in ("ME", "MaE") for name in spotters
    }
    for name in ("bench.md", "bench.png"):
        assert (tmp_path / "bench" / name).stat().st_size > 100
    again = mespot("bench-spotting", still, *SHORT, "--no-baselines")
    rows_of = [
        [line.split()[:-1] for line in run.stdout.splitlines() if "synthetic-v4" in line]
        for run in (done, again)
    ]
    assert rows_of[0] == rows_of[1], "the same seed gives the same figures"
    assert len(rows_of[0]) == 2


def test_a_video_that_shows_expressions_is_told(mespot):
    done = mespot("bench-spotting", sample_path(30), "--no-baselines", *SHORT, "--seconds", "15")
    assert done.returncode == 0, done.stderr
    assert "expected neutral video" in done.stderr
    assert "--neutral" in done.stderr


def test_nothing_measured_warns_of_nothing():
    assert least_untouched_per_minute(()) == 0.0


def test_what_cannot_be_measured_is_one_line(mespot, still, tmp_path):
    (tmp_path / "labels.csv").write_text("nothing\n")
    for arguments in (
        ("missing.mp4",),
        (still, "--neutral", "labels.csv"),
        (still, "--rate", "fast"),
        (still, "--checkpoint", "gone"),
    ):
        done = mespot("bench-spotting", *arguments)
        assert done.returncode in {1, 2}
        (line,) = done.stderr.splitlines()
        assert line.startswith("error: ")


@pytest.fixture(scope="module")
def labelled_face(tmp_path_factory):
    """A still face that is moved, as a video file, and labels of it."""
    folder = tmp_path_factory.mktemp("labelled")
    video, labels = write_actor(folder)
    assert len(labels.expressions) == 2
    write_table(folder / "actor.labels.csv", [labels])
    return video


def test_a_persons_own_expressions_are_walked(mespot, labelled_face, tmp_path):
    own = ("bench-spotting", labelled_face, "--motion", "own", *SHORT, "--no-baselines")
    table = labelled_face.with_name("actor.labels.csv")
    done = mespot(*own, "--labels", table, "--out", "bench", "--seconds", "12")
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "bench" / "bench.md").read_text()
    assert "real motion along the video's own time" in text
    assert "0.8 to 3.5 px" in text
    with (tmp_path / "bench" / "bench.csv").open() as file:
        rows = {row["kind"]: row for row in csv.DictReader(file) if row["video"] == "all"}
    assert int(rows["ME"]["tp"]) + int(rows["ME"]["fn"]) == 3
    again = mespot(*own, "--labels", table.parent, "--seconds", "12")
    assert [line for line in again.stdout.splitlines() if "synthetic" in line] == [
        line for line in done.stdout.splitlines() if "synthetic" in line
    ]


def test_labels_that_cannot_be_walked_are_one_line(mespot, labelled_face, still, tmp_path):
    (tmp_path / "early.csv").write_text("video,kind,onset,offset\nactor,MaE,2,40\n")
    (tmp_path / "empty").mkdir()
    own = ("--motion", "own")
    for arguments, wanted in (
        ((labelled_face, *own), "--labels"),
        ((labelled_face, *own, "--neutral", "early.csv"), "--neutral"),
        ((labelled_face, "--labels", "early.csv"), "--motion own"),
        ((labelled_face, *own, "--labels", "early.csv"), "expected a labelled onset"),
        ((labelled_face, *own, "--labels", "empty"), "actor.labels.csv"),
        ((still, *own, "--labels", "early.csv"), "expected labels of 'sitter'"),
    ):
        done = mespot("bench-spotting", *arguments)
        assert done.returncode in {1, 2}
        (line,) = done.stderr.splitlines()
        assert line.startswith("error: ")
        assert wanted in line
