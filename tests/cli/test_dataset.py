"""``mespot dataset check`` as a user types it."""

import csv

import numpy as np
import pytest
from tests.fixtures.datasets import build_cas_me2, build_samm_lv, samm_row, write_samm_sheet

IMAGES = np.zeros((40, 16, 16), np.uint8)


@pytest.fixture
def cas_me2(tmp_path):
    videos = [(15 + i, 1, IMAGES, [("ME", 2, 4, 7), *[("MaE", 5, 12, None)] * 5]) for i in range(2)]
    return build_cas_me2(tmp_path / "data", videos)


def test_check_says_what_is_there(mespot, cas_me2):
    (cas_me2 / "rawpic" / "s15" / "15_0101clip" / "img009.jpg").unlink()
    (cas_me2 / "rawpic" / "s16" / "16_0101clip" / "img003.jpg").write_bytes(b"")
    done = mespot("dataset", "check", cas_me2)
    assert done.returncode == 0, done.stderr
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert lines[0].endswith("data: CAS(ME)² (cas_me2)")
    for line in (
        "subjects: 2",
        "videos: 2",
        "frames: 79",
        "frames per second: 30",
        "labels in the sheet 2 10",
        "labels with frames 2 10",
        "frames inside a label 12 29",
        "share of reviewed frames 15.19 % 36.71 %",
        "k-th frame 3 7",
        "k-th frame, s 0.100 0.233",
        "expected that offset is known; not so: 10",
        "code_final.xlsx [code], row 2: onset 6, apex 13, offset 0; 20 is taken (mirror)",
        "and 7 more (--all shows them)",
        "15_0101: 1 missing: 9; labels keep to the files that exist",
        "16_0101: 1 empty files: img003.jpg; copy them again, they cannot be read",
    ):
        assert line in lines


def test_check_shows_all_and_writes_a_table(mespot, cas_me2, tmp_path):
    done = mespot("dataset", "check", cas_me2, "--all", "--csv", "p.csv", "--policy", "apex+20")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("(apex+20)") == 10
    with (tmp_path / "p.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    offsets = [row for row in rows if row["rule"] == "offset is known"]
    assert len(offsets) == 10
    assert rows[0] == {
        "sheet": "code_final.xlsx [code]",
        "row": "2",
        "rule": "offset is known",
        "raw": "onset 6, apex 13, offset 0",
        "remedy": "33 is taken (apex+20)",
    }
    dropped = mespot("dataset", "check", cas_me2, "--policy", "drop", "--kind", "cas_me2")
    assert dropped.returncode == 0, dropped.stderr
    assert "labels in the sheet 2 0" in " ".join(dropped.stdout.split())


def test_check_names_labels_that_are_doubtful(mespot, tmp_path):
    """k is that of the sheet; blinks, overlaps, odd lengths and labels out of reach are told."""
    rows = [
        samm_row(6, "006_1_1", "ME", (0, None, 120)),
        samm_row(6, "006_1_2", "MaE", (10, 20, 40)),
        samm_row(6, "006_1_3", "MaE", (30, 35, 2300)),
        (*samm_row(6, "006_1_4", "ME", (2400, 2410, 2420))[:8], "45", None),
        (*samm_row(6, "006_1_5", "MaE", (2500, 2550, 2700))[:8], "53", None),
    ]
    folder = build_samm_lv(tmp_path / "data", [(6, 1, IMAGES, [])])
    write_samm_sheet(folder / "SAMM_LongVideos_V3_Release.xlsx", rows)
    done = mespot("dataset", "check", folder, "--csv", "p.csv", "--all")
    assert done.returncode == 0, done.stderr
    with (tmp_path / "p.csv").open(newline="", encoding="utf-8") as file:
        found = [(r["rule"], r["row"]) for r in csv.DictReader(file) if "kept" in r["remedy"]]
    assert found == [
        ("an ME lasts no more than 0.5 s", "11"),
        ("an MaE lasts more than 0.5 s", "12"),
        ("an MaE lasts no more than 4 s", "13"),
        ("a label can reach an IoU of 0.5", "13"),
        ("an expression is more than a blink", "14"),
        ("an expression moves the face", "15"),
        ("labels of one kind lie apart", "13"),
    ]
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert "k-th frame 35 417" in lines, "of the sheet, though the video ends at frame 39"
    assert "doubtful labels, which are kept: 7" in lines


def test_the_order_of_problems_is_that_of_the_sheet(mespot, tmp_path):
    rows = [samm_row(s, f"{s:03}_1_1", "ME", (3, 4, 9)) for s in (31, 7, 24, 12, 9, 18)]
    folder = build_samm_lv(tmp_path / "data", [(6, 1, IMAGES, [])])
    write_samm_sheet(folder / "SAMM_LongVideos_V3_Release.xlsx", rows)
    assert mespot("dataset", "check", folder, "--csv", "p.csv").returncode == 0
    with (tmp_path / "p.csv").open(newline="", encoding="utf-8") as file:
        missing = [r["raw"] for r in csv.DictReader(file) if r["rule"] == "the video has frames"]
    assert missing == ["007_1", "009_1", "012_1", "018_1", "024_1", "031_1"]


def test_check_fails_where_nothing_can_be_used(mespot, tmp_path):
    sheet = tmp_path / "data" / "SAMM_LongVideos_V3_Release.xlsx"
    write_samm_sheet(sheet, [samm_row(6, "006_1_1", "ME", (3, 4, 9))])
    done = mespot("dataset", "check", sheet.parent)
    assert done.returncode == 1
    assert "labels in the sheet" in done.stdout
    assert "expected that the video has frames; not so: 1" in done.stdout
    assert done.stderr.count("\n") == 1
    assert "--frames" in done.stderr
    build_samm_lv(tmp_path / "else", [(6, 1, IMAGES, [])])
    done = mespot("dataset", "check", sheet.parent, "--frames", tmp_path / "else")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("nowhere",), 1, "No such file"),
        ((".",), 1, "expected a data set"),
        ((".", "--kind", "casme"), 2, "samm_lv"),
        ((".", "--policy", "guess"), 2, "apex+20"),
        ((), 2, "DIR"),
    ],
)
def test_check_says_in_one_line_what_is_wrong(mespot, arguments, code, said):
    done = mespot("dataset", "check", *arguments)
    assert done.returncode == code
    assert said in done.stderr
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1


def test_check_measures_video_files(mespot, face_video, tmp_path):
    folder = tmp_path / "videos"
    folder.mkdir()
    (folder / "P1_a.mp4").write_bytes(face_video.read_bytes())
    (folder / "P2_a.mp4").write_bytes(b"no video")
    (folder / "t.csv").write_text("video,subject,kind,onset,offset\nP1_a,P1,MaE,2,20\n")
    done = mespot("dataset", "check", folder)
    assert done.returncode == 0, done.stderr
    assert "frames: 24\n" in done.stdout
    assert "expected that the video can be read; not so: 1" in done.stdout
    assert "warning: " in done.stderr
    assert "P2_a.mp4" in done.stderr
