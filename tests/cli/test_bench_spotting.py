"""``mespot bench-spotting`` on real files, from the video to the table and its picture."""

import csv

import pytest
from tests.fixtures.face_clip import write_face_video

from napari_mespot.batch.spotting_benchmark_figures import least_untouched_per_minute
from napari_mespot.frames.synthetic import sample_path

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
    spotters = {"synthetic-v3", "LBP difference", "optical flow"}
    assert {(row["kind"], row["spotter"]) for row in rows} == {
        (kind, name) for kind in ("ME", "MaE") for name in spotters
    }
    for name in ("bench.md", "bench.png"):
        assert (tmp_path / "bench" / name).stat().st_size > 100
    again = mespot("bench-spotting", still, *SHORT, "--no-baselines")
    rows_of = [
        [line.split()[:-1] for line in run.stdout.splitlines() if "synthetic-v3" in line]
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
