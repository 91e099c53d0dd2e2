"""A laboratory's own folder of videos and tables."""

from fractions import Fraction

import numpy as np
from tests.fixtures.datasets import write_frames

from napari_mespot.io import write_table
from napari_mespot.io.datasets import DatasetKind, read_dataset, read_labels
from napari_mespot.model import Annotation, Expression, ExpressionKind, Interval, ReviewStatus

ME, MAE = ExpressionKind.MICRO, ExpressionKind.MACRO
IMAGES = np.zeros((20, 16, 16), np.uint8)


def annotation(name, subject="", *, n_frames=20, kind=ME, onset=3, **more):
    expression = Expression(Interval(onset, onset + 4), kind, status=ReviewStatus.CORRECTED)
    more = {"frame_rate": Fraction(30), "reviewed": (Interval(0, 15),), **more}
    return Annotation(
        name, n_frames=n_frames, expressions=(expression,), subject_id=subject, **more
    )


def test_tables_and_frames_of_the_same_name_belong_together(tmp_path):
    for name in ("P1_a", "P1_b", "P2_a"):
        write_frames(tmp_path / name, IMAGES, "{:03}.png", first=1)
    write_table(tmp_path / "one.csv", [annotation("P1_a", "P1"), annotation("P2_a", "P2")])
    (tmp_path / "notes.csv").write_text("date,weather\n1,good\n")
    found = read_dataset(tmp_path)
    assert found.kind is DatasetKind.PLAIN
    assert found.subjects == ("P1", "P2")
    first, unlooked, last = found.videos
    assert first.annotation == annotation("P1_a", "P1")
    assert unlooked.annotation.reviewed == ()
    assert unlooked.annotation.expressions == ()
    assert last.path == tmp_path / "P2_a"
    assert [p.rule for p in found.problems] == ["the table names the subject"]
    labels = read_labels(tmp_path)
    assert (labels.count(ME), labels.count(MAE)) == (2, 0)


def test_a_video_file_is_measured_when_somebody_can(tmp_path):
    (tmp_path / "P1_a.mp4").write_bytes(b"")
    (tmp_path / "t.csv").write_text(
        "video,kind,onset,offset\nP1_a.mp4,MaE,2,30\nP1_a.mp4,ME,50,60\n"
    )
    (video,) = read_dataset(tmp_path).videos
    assert video.annotation.n_frames is None
    found = read_dataset(tmp_path, measure=lambda path: (25, Fraction(25)))
    (video,) = found.videos
    assert (video.annotation.n_frames, video.annotation.frame_rate) == (25, 25)
    assert [e.interval for e in video.annotation.expressions] == [Interval(2, 24)]
    assert {p.rule for p in found.problems} == {
        "offset is a frame of the video",
        "the table names the subject",
        "the table says what was reviewed",
    }
    (tmp_path / "P2_a.mp4").write_bytes(b"broken")
    lengths = {"P1_a.mp4": (25, Fraction(25))}
    some = read_dataset(tmp_path, measure=lambda path: lengths.get(path.name))
    assert some.videos == found.videos
    assert "the video can be read" in {p.rule for p in some.problems}


def test_what_has_no_video_or_cannot_be_read_is_named(tmp_path):
    write_frames(tmp_path / "P1_a", IMAGES, "{:03}.png", first=1)
    write_table(tmp_path / "one.csv", [annotation("P1_a", "P1"), annotation("gone", "P1")])
    (tmp_path / "bad.csv").write_text("video,kind,onset,offset\nP1_a,ME,nine,12\n")
    found = read_dataset(tmp_path)
    assert found.count(ME) == 1
    assert {p.rule for p in found.problems} == {"the video has frames", "tables can be read"}
    assert any("bad.csv, row 2" in p.raw for p in found.problems)


def test_two_tables_of_one_video_are_joined_and_equal_rows_count_once(tmp_path):
    write_frames(tmp_path / "P1_a", IMAGES, "{:03}.png", first=1)
    write_table(tmp_path / "one.csv", [annotation("P1_a", "P1")])
    other = annotation("P1_a", "P1", kind=MAE, reviewed=(Interval(10, 19),))
    write_table(tmp_path / "two.csv", [other.with_added(*annotation("x").expressions)])
    found = read_dataset(tmp_path)
    (video,) = found.videos
    assert (found.count(ME), found.count(MAE)) == (1, 1)
    assert video.annotation.reviewed == (Interval(0, 19),)
    assert [p.rule for p in found.problems] == ["a video has one table"]


def test_videos_of_one_name_in_the_folders_of_two_subjects(tmp_path):
    for subject in ("s1", "s2"):
        write_frames(tmp_path / subject / "a", IMAGES, "{:03}.png", first=1)
    table = [annotation("a", "s1"), annotation("a", "s2", kind=MAE)]
    write_table(tmp_path / "all.csv", table)
    found = read_dataset(tmp_path)
    assert [v.subject for v in found.videos] == ["s1", "s2"]
    assert [v.annotation for v in found.videos] == table
    assert found.problems == ()
