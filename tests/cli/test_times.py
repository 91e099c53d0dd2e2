"""Seconds that a user reads, and those that go to other tools, are those that players show."""

import csv
import json
import xml.etree.ElementTree as ET
from fractions import Fraction

import pytest
from tests.fixtures.face_clip import face_frame
from tests.reference.timed_films import TimedFilm, make

from napari_mespot import Annotation, Expression, ExpressionKind, Interval
from napari_mespot.io import read_scores, read_table, write_table

ME, MAE = ExpressionKind.MICRO, ExpressionKind.MACRO
# 20 frames 40 ms apart, five frozen seconds, 20 more.
CALL = [*range(0, 800, 40), *range(800, 5800, 1000), *range(5800, 6600, 40)]
LATE = [1500 + 40 * i for i in range(40)]


def eaf_of(folder, name, *marks):
    """An ELAN file of one tier ME, as a person makes it, times in milliseconds."""
    slots = "".join(
        f'<TIME_SLOT TIME_SLOT_ID="t{i}{end}" TIME_VALUE="{time}"/>'
        for i, mark in enumerate(marks)
        for end, time in zip("ab", mark, strict=True)
    )
    tier = "".join(
        f'<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a{i}" TIME_SLOT_REF1="t{i}a" '
        f'TIME_SLOT_REF2="t{i}b"><ANNOTATION_VALUE/></ALIGNABLE_ANNOTATION></ANNOTATION>'
        for i in range(len(marks))
    )
    path = folder / f"{name}.eaf"
    path.write_text(
        '<ANNOTATION_DOCUMENT><HEADER TIME_UNITS="milliseconds"><MEDIA_DESCRIPTOR '
        f'MEDIA_URL="file:///C:/films/{name}.mp4" MIME_TYPE="video/mp4"/></HEADER>'
        f'<TIME_ORDER>{slots}</TIME_ORDER><TIER TIER_ID="ME">{tier}</TIER></ANNOTATION_DOCUMENT>'
    )
    return path


def times_in(eaf):
    slots = ET.parse(eaf).getroot().iterfind("TIME_ORDER/TIME_SLOT")
    return sorted(int(slot.attrib["TIME_VALUE"]) for slot in slots)


def spans(path):
    (annotation,) = read_table(path)
    return [(e.onset, e.offset) for e in annotation.expressions]


def rows(path):
    lines = [line for line in path.read_text().splitlines() if not line.startswith("#")]
    return list(csv.DictReader(lines))


@pytest.mark.parametrize("file", ["late.mp4", "late.mkv"])
def test_info_tells_of_a_late_first_picture(mespot, tmp_path, file):
    make(tmp_path, TimedFilm(file, LATE, sound_s=(0, 3)))
    done = mespot("info", file)
    assert "starts_late_s: 1.5" in done.stdout
    assert "first picture is shown 1.5 s after the file begins" in done.stderr
    facts = json.loads(mespot("info", file, "--json").stdout)
    assert (facts["starts_late_s"], facts["seconds"], facts["variable_rate"]) == (1.5, 1.6, False)


def test_info_tells_of_a_variable_rate(mespot, tmp_path):
    make(tmp_path, TimedFilm("call.mp4", CALL))
    facts = json.loads(mespot("info", "call.mp4", "--json").stdout)
    assert (facts["seconds"], facts["variable_rate"], facts["starts_late_s"]) == (6.6, True, 0)
    assert "seconds are the video's own" in facts["warnings"][0]


def test_labels_of_elan_are_put_to_the_frames_that_were_seen(mespot, tmp_path):
    make(tmp_path, TimedFilm("call.mp4", CALL))
    make(tmp_path, TimedFilm("late.mp4", LATE, sound_s=(0, 3)))
    eaf_of(tmp_path, "call", (200, 400), (5880, 6080))
    eaf_of(tmp_path, "late", (1700, 1900))
    assert mespot("convert", "call.eaf", "call.csv").returncode == 0
    assert spans(tmp_path / "call.csv") == [(5, 9), (27, 31)]
    done = mespot("convert", "late.eaf", "late.csv")
    assert spans(tmp_path / "late.csv") == [(5, 9)]
    assert "1.5 s after the file begins" in done.stderr
    # There and back again, the times are those that ELAN has.
    (tmp_path / "late.mp4").unlink()
    (tmp_path / "call.mp4").unlink()
    mespot("convert", "call.csv", "back.eaf")
    assert times_in(tmp_path / "back.eaf") == [200, 400, 5880, 6080]
    mespot("convert", "late.csv", "back2.eaf")
    assert times_in(tmp_path / "back2.eaf") == [1700, 1900]


def test_the_video_may_be_named(mespot, tmp_path):
    (tmp_path / "films").mkdir()
    make(tmp_path / "films", TimedFilm("talk_small.mkv", CALL))
    eaf_of(tmp_path, "talk", (5880, 6080))
    done = mespot("convert", "talk.eaf", "talk.csv")
    assert done.returncode == 1
    assert "--video" in done.stderr
    done = mespot("convert", "talk.eaf", "talk.csv", "--video", "films/talk_small.mkv")
    assert done.returncode == 0, done.stderr
    assert spans(tmp_path / "talk.csv") == [(27, 31)]
    done = mespot("convert", "talk.eaf", "talk.csv", "--video", "films/gone.mkv")
    assert done.returncode == 1
    assert "gone.mkv" in done.stderr


def test_one_video_cannot_stand_for_several(mespot, tmp_path):
    make(tmp_path, TimedFilm("c.mp4", CALL))
    one = Expression(Interval(1, 5), ME)
    write_table(tmp_path / "t.csv", [Annotation(n, expressions=(one,)) for n in ("a", "b")])
    done = mespot("convert", "t.csv", "t.boris", "--video", "c.mp4")
    assert done.returncode == 1
    assert "'a' and 'b'" in done.stderr


def test_a_table_at_another_rate_than_the_file_keeps_its_own(mespot, tmp_path):
    """High-speed material stored as 25: the table was made with --fps 200."""
    make(tmp_path, TimedFilm("fast.mp4", [40 * i for i in range(60)]))
    fast = Annotation("fast", 60, Fraction(200), (Expression(Interval(20, 39), ME),))
    write_table(tmp_path / "fast.csv", [fast])
    assert mespot("convert", "fast.csv", "fast.eaf").returncode == 0
    assert times_in(tmp_path / "fast.eaf") == [100, 200]


def test_spot_writes_the_seconds_of_the_pictures(mespot, checkpoint, tmp_path):
    frame = face_frame()
    stamps = [*range(0, 400, 40), 400, 1413, *range(2400, 2800, 40)]
    make(tmp_path, TimedFilm("call.mp4", stamps, picture=lambda number: frame))
    done = mespot(
        "spot",
        "call.mp4",
        *("--out", "out", "--checkpoint", checkpoint),
        *("--threshold-me", 1, "--threshold-mae", 0),
    )
    assert done.returncode == 0, done.stderr
    assert "seconds are the video's own" in done.stderr
    out = tmp_path / "out"
    table = csv.DictReader((out / "call.scores.csv").read_text().splitlines())
    assert [float(row["time_s"]) for row in table] == pytest.approx([t / 1000 for t in stamps])
    # All 22 frames: below 1 s at their usual spacing, but shown for 2.8 s.
    (row,) = rows(out / "call.intervals.csv")
    assert (row["kind"], row["onset"], row["offset"]) == ("MaE", "0", "21")
    assert (row["onset_s"], row["offset_s"], row["duration_s"]) == ("0", "2.8", "2.8")
    assert mespot("convert", out / "call.intervals.csv", "call.eaf").returncode == 0
    assert max(times_in(tmp_path / "call.eaf")) == 2800
    (found,) = read_table(out / "call.intervals.csv")
    assert read_scores(out / "call.scores.csv", clock=found.clock).clock == found.clock
