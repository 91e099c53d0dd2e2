"""Sheets as long as the published ones, with as many defects, and invented numbers."""

import numpy as np
import pytest
from tests.fixtures.datasets import (
    write_cas_me2_sheet,
    write_cas_me3_sheet,
    write_samm_sheet,
)

from napari_mespot.errors import AnnotationFormatError
from napari_mespot.io.datasets import DatasetKind, read_dataset, read_labels
from napari_mespot.model import ExpressionKind

ME, MAE = ExpressionKind.MICRO, ExpressionKind.MACRO


def counted(problems):
    rules = [problem.rule for problem in problems]
    return {rule: rules.count(rule) for rule in dict.fromkeys(rules)}


def by_row(found):
    return {dict(e.extras)["sheet_row"]: e for a in found.annotations for e in a.expressions}


def samm_rows():
    """502 rows: 343 macro, 159 micro; see each defect below."""
    rng = np.random.default_rng(6)
    rows = []
    for i in range(502):
        macro = i < 343
        subject, video, index = 1 + i % 30, 1 + i % 5, 1 + i // 30
        onset = int(rng.integers(50, 3000))
        offset = onset + int(rng.integers(100, 500) if macro else rng.integers(20, 99))
        apex = (onset + offset) // 2
        numbers = [onset, apex, offset]
        if i < 170:
            numbers = [onset + 0.5, apex, offset + 0.25]
        elif i < 180:
            numbers[0] = 0
        elif i < 186:
            numbers[1] = (-1, offset + 5, onset - 5, 0, 99_999, "?")[i - 180]
        name = f"{subject:03}_{video}_{index}"
        duration = numbers[2] - numbers[0] + 1
        word = "Macro" if macro else "Micro - 1/2"
        # Half of the subjects are numbers, half are text.
        written = f"{subject:03}" if i % 2 else subject
        rows.append((written, name, 7, *numbers, duration, word, "L12B+ref(10)", None))
    rows[400] = (*rows[370][:2], *rows[400][2:7], "Micro - 1/2", *rows[400][8:])
    return rows


@pytest.mark.parametrize("version", [1, 2, 3])
@pytest.mark.parametrize(("header_row", "sheet"), [(10, "FACS_Movement_Only"), (1, "Sheet1")])
def test_samm_lv_has_343_and_159_labels(tmp_path, version, header_row, sheet):
    path = tmp_path / f"SAMM_LongVideos_V{version}_Release.xlsx"
    write_samm_sheet(path, samm_rows(), header_row=header_row, sheet=sheet)
    found = read_labels(tmp_path)
    assert found.kind is DatasetKind.SAMM_LV
    assert (found.count(MAE), found.count(ME)) == (343, 159)
    assert len({a.subject_id for a in found.annotations}) == 30
    assert {a.subject_id for a in found.annotations} >= {"001", "030"}
    assert counted(found.problems) == {
        "a file name is used once": 1,
        "frame numbers are whole": 170,
        "onset is a frame of the video": 10,
        "apex lies inside the interval": 5,
        "apex is a number": 1,
    }


def test_samm_lv_keeps_raw_values_and_rounds_half_up(tmp_path):
    rows = [
        ("006", "006_1_1", 7, 12.5, 20, 30.25, 18.75, "Macro", "4B+7C", "odd"),
        (6, "006_1_2", 7, 0, -1, 40, 41, "Macro", "12C", None),
    ]
    write_samm_sheet(tmp_path / "SAMM_LongVideos_V2_Release.xlsx", rows)
    found = read_labels(tmp_path)
    (annotation,) = found.annotations
    assert (annotation.video_id, annotation.subject_id) == ("006_1", "006")
    first, second = by_row(found)["11"], by_row(found)["12"]
    assert (first.onset, first.apex, first.offset) == (12, 19, 29)
    assert (second.onset, second.apex, second.offset) == (0, None, 39)
    assert (first.action_units, first.notes, first.source) == ("4B+7C", "odd", "SAMM-LV")
    assert dict(first.extras)["raw_onset"] == "12.5"
    assert dict(second.extras) | {"raw_onset": "0", "raw_apex": "-1"} == dict(second.extras)
    texts = [str(problem) for problem in found.problems]
    assert (
        "SAMM_LongVideos_V2_Release.xlsx [FACS_Movement_Only], row 11: expected that frame "
        "numbers are whole, got onset 12.5, apex 20, offset 30.25; 13, 30 is taken" in texts
    )
    assert all("row 11" in t or "row 12" in t for t in texts)
    assert all("\n" not in t for t in texts)


def cas_me2_rows():
    """357 rows: 300 macro, 57 micro."""
    rng = np.random.default_rng(2)
    rows = []
    for i in range(357):
        onset = int(rng.integers(1, 2000))
        offset = onset + int(rng.integers(15, 100) if i < 300 else rng.integers(6, 15))
        apex = (onset + offset) // 2
        if i < 44:
            offset = 0
        elif i < 47:
            apex = offset + 3
        elif i == 47:
            apex = 0
        word = "macro-expression" if i < 300 else "micro-expression"
        name = f"anger{1 + i % 2}_{1 + i // 44}"
        rows.append((1 + i % 22, name, onset, apex, offset, "4+7", "others", word, "fear"))
    return rows


@pytest.mark.parametrize(
    ("policy", "macros"), [("mirror", 300), ("apex", 300), ("apex+20", 300), ("drop", 256)]
)
def test_cas_me2_has_300_and_57_labels(tmp_path, policy, macros):
    rows = cas_me2_rows()
    write_cas_me2_sheet(tmp_path / "code_final.xlsx", rows, range(15, 37))
    found = read_labels(tmp_path, missing_offset=policy)
    assert found.kind is DatasetKind.CAS_ME2
    assert (found.count(MAE), found.count(ME)) == (macros, 57)
    assert {a.subject_id for a in found.annotations} == {f"s{n}" for n in range(15, 37)}
    assert counted(found.problems) == {
        "offset is known": 44,
        "apex lies inside the interval": 4,
    }
    onset, apex = rows[0][2:4]
    offsets = {"mirror": 2 * apex - onset, "apex": apex, "apex+20": apex + 20}
    if policy in offsets:
        assert by_row(found)["1"].offset == offsets[policy] - 1
        assert dict(by_row(found)["1"].extras)["raw_offset"] == "0"


def test_cas_me2_without_its_sheets_of_names(tmp_path):
    from tests.fixtures.datasets import write_xlsx

    write_xlsx(tmp_path / "code_final.xlsx", {"code": cas_me2_rows()})
    found = read_labels(tmp_path)
    assert (found.count(MAE), found.count(ME)) == (300, 57)
    assert {a.subject_id for a in found.annotations} >= {"s15", "s40"}
    assert {a.video_id for a in found.annotations} >= {"15_0401", "40_0402"}
    assert sum("a sheet names the" in problem.rule for problem in found.problems) == 2


@pytest.mark.parametrize("suffix", [".xls", ".xlsx"])
def test_cas_me3_has_3346_and_860_labels_and_blinks(tmp_path, suffix):
    rng = np.random.default_rng(3)
    rows, blinks = [], []
    for i in range(4206):
        onset = int(rng.integers(0, 3000))
        # 572 of the micro-expressions last longer than half a second.
        length = 40 if i < 3346 else (20 if i < 3346 + 572 else 10)
        word = "Macro-expression" if i < 3346 else "Micro-expression"
        name = f"spNO.{1 + i % 100}", "abcdefghijklm"[i % 13]
        rows.append((*name, onset, onset + 5, onset + length, "4+7", word, "IV"))
        if i % 10 == 0:
            blinks.append((*name, onset, onset + 6))
    write_cas_me3_sheet(tmp_path / f"CAS(ME)3_part_A_v2{suffix}", rows, blinks)
    found = read_labels(tmp_path)
    assert found.kind is DatasetKind.CAS_ME3
    assert (found.count(MAE), found.count(ME)) == (3346, 860)
    assert found.n_non_expressions == len(blinks)
    assert found.problems == ()
    micro = [e for a in found.annotations for e in a.of_kind(ME)]
    assert sum(e.interval.n_frames > 15 for e in micro) == 572
    first = next(e for a in found.annotations for e in a.expressions)
    assert first.onset == int(dict(first.extras)["raw_onset"])  # 0-based already


def test_labels_without_frames_are_counted_and_left_out(tmp_path):
    write_samm_sheet(tmp_path / "SAMM_LongVideos_V3_Release.xlsx", samm_rows())
    found = read_dataset(tmp_path)
    assert found.videos == ()
    assert counted(found.problems)["the video has frames"] == 502


def test_rows_that_say_nothing_are_named_and_left_out(tmp_path):
    good = ("006", "006_1_1", 7, 5, 6, 9, 5, "Macro", "4", None)
    rows = [
        good,
        ("006", "elsewhere", *good[2:]),
        ("006", "006_1_2", 7, 5, 6, 9, 5, "gesture", "4", None),
        ("006", "006_1_3", 7, None, None, None, None, "Macro", "4", None),
        ("007", "006_1_4", *good[2:]),
        ("006", "006_1_5", 7, 9, 6, 5, 5, "Macro", "4", None),
        ("006", "006_1_6", 7, None, 6, 9, 5, "Macro", "4", None),
    ]
    write_samm_sheet(tmp_path / "SAMM_LongVideos_V3_Release.xlsx", rows)
    found = read_labels(tmp_path)
    assert sorted(by_row(found)) == ["11", "15", "16", "17"]
    assert {(p.row, p.rule) for p in found.problems} == {
        (12, "file names are subject_video_index"),
        (13, "type is macro or micro"),
        (14, "onset is a number"),
        (15, "subject and file name agree"),
        (16, "onset is not after offset"),
        (17, "onset is a number"),
    }
    assert by_row(found)["16"].interval.frames == range(4, 9)
    assert by_row(found)["17"].onset == 5


def test_the_highest_version_of_a_sheet_is_taken(tmp_path):
    row = ("006", "006_1_1", 7, 5, 6, 9, 5, "Macro", "4", None)
    for version in (1, 2, 10):
        path = tmp_path / f"SAMM_LongVideos_V{version}_Release.xlsx"
        write_samm_sheet(path, [row] * version)
    found = read_labels(tmp_path)
    assert found.count(MAE) == 10
    assert any("V10" in p.remedy for p in found.problems)
    assert read_labels(tmp_path / "SAMM_LongVideos_V2_Release.xlsx").count(MAE) == 2


def test_what_cannot_be_read_says_what_was_looked_for(tmp_path):
    with pytest.raises(AnnotationFormatError, match="expected a data set, got neither"):
        read_dataset(tmp_path)
    with pytest.raises(AnnotationFormatError, match="code_final"):
        read_dataset(tmp_path, DatasetKind.CAS_ME2)
    with pytest.raises(AnnotationFormatError, match="No such file"):
        read_dataset(tmp_path / "nowhere")
    (tmp_path / "SAMM_LongVideos_V1_Release.xlsx").write_bytes(b"PK no workbook")
    with pytest.raises(AnnotationFormatError, match="expected samm_lv"):
        read_dataset(tmp_path, DatasetKind.SAMM_LV)
