"""Files as people code them in BORIS: several videos, offsets, images, coders, old versions."""

import gzip
import json
from fractions import Fraction
from pathlib import Path

import pytest
from tests.io.other_tools import ME, spans

from napari_mespot import Annotation, Interval
from napari_mespot.errors import AnnotationFormatError
from napari_mespot.io.boris import write_boris
from napari_mespot.io.boris_project import read_boris
from napari_mespot.io.boris_table import read_boris_tabular

BEHAVIOURS = {
    "0": {"code": "ME", "type": "State event", "modifiers": {"0": {"name": "FACS", "type": 1}}},
    "1": {"code": "MaE", "type": "State event", "modifiers": {}},
    "2": {"code": "ME_apex", "type": "Point event", "modifiers": {}},
    "3": {"code": "talk", "type": "State event", "modifiers": {}},
}
ONE = [[1.0, "", "ME", "", "", 30], [1.4, "", "ME", "", "", 42]]
TABULAR = [
    *("Observation id", "Description", "Observation type", "Source", "Time offset (s)"),
    *("Media duration (s)", "FPS", "Subject", "Behavior", "Modifier #1", "Modifier #2"),
    *("Behavior type", "Time", "Media file name", "Image index", "Image file path", "Comment"),
]
AGGREGATED = [
    *("Observation id", "Observation type", "Source", "Time offset (s)", "Media duration (s)"),
    *("FPS (frame/s)", "Subject", "Behavior", "Behavior type", "Start (s)", "Stop (s)"),
    *("Media file name", "Image index start", "Image index stop", "Comment start", "Comment stop"),
]


def observation(events, *media: str, length=60.0, fps=30.0, **facts):
    media = media or ("clip.mp4",)
    return {
        "type": "MEDIA",
        "file": {"1": list(media), "2": []},
        "time offset": 0.0,
        "description": "",
        "media_info": {"length": dict.fromkeys(media, length), "fps": dict.fromkeys(media, fps)},
        "events": events,
        **facts,
    }


def read_project(folder: Path, options=None, **observations) -> tuple[list[Annotation], list[str]]:
    path, said = folder / "p.boris", []
    path.write_text(json.dumps({"behaviors_conf": BEHAVIOURS, "observations": observations}))
    return list(read_boris(path, notice=said.append, **options or {})), said


def read_table(folder: Path, header, *rows, **options) -> tuple[list[Annotation], list[str]]:
    path, said = folder / "t.tsv", []
    lines = [header, *([str(row.get(name, "")) for name in header] for row in rows)]
    path.write_text("\n".join("\t".join(line) for line in lines))
    return list(read_boris_tabular(path, notice=said.append, **options)), said


def event(time, what, **cells):
    row = {
        "Behavior": "ME",
        "Behavior type": what,
        "Time": time,
        "Observation type": "Media file(s)",
    }
    row |= {"Source": "player #1:clip.mp4", "Media duration (s)": "60.000", "FPS": "30.000"}
    return row | {name.replace("_", " "): value for name, value in cells.items()}


def heard(said: list[str], words: str) -> bool:
    return any(words in line for line in said)


# --- time offsets -------------------------------------------------------------------------


@pytest.mark.parametrize("offset", [100.0, -3.5, 0.2])
def test_a_time_offset_is_taken_off(tmp_path, offset):
    events = [[e[0] + offset, *e[1:5]] for e in ONE]
    (found,), said = read_project(tmp_path, o=observation(events, **{"time offset": offset}))
    assert (spans(found), found.n_frames) == ([("ME", 30, 41, -1)], 1800)
    assert heard(said, "was taken off")
    rows = [event(1 + offset, "START"), event(1.4 + offset, "STOP")]
    (found,), said = read_table(tmp_path, TABULAR, *(r | {"Time offset (s)": offset} for r in rows))
    assert (spans(found), found.n_frames) == ([("ME", 30, 41, -1)], 1800)
    assert heard(said, "was taken off")


def test_an_offset_that_the_table_does_not_state_is_seen_by_the_length(tmp_path):
    """As in versions 8.12 to 8.22."""
    rows = [event(101, "START"), event(101.4, "STOP")]
    (found,), said = read_table(tmp_path, TABULAR, *rows)
    assert found.expressions == ()
    assert heard(said, "clip has 1800 frames; expressions cut at its end: 0, left out behind it: 1")
    rows = [event(101, "START", Image_index=30), event(101.4, "STOP", Image_index=42)]
    (found,), said = read_table(tmp_path, TABULAR, *rows)
    assert spans(found) == [("ME", 30, 41, -1)]
    assert heard(said, "placed by their frame index")


# --- several videos -----------------------------------------------------------------------


def test_videos_that_run_one_after_the_other(tmp_path):
    events = [
        *ONE,
        [61.0, "", "ME", "", ""],
        [61.2, "", "ME_apex", "", ""],
        [61.4, "", "ME", "", ""],
    ]
    found, said = read_project(tmp_path, o=observation(events, "v/a.mp4", "v/b.mp4"))
    assert [(a.video_id, spans(a), a.n_frames) for a in found] == [
        ("a", [("ME", 30, 41, -1)], 1800),
        ("b", [("ME", 30, 41, 36)], 1800),
    ]
    assert said == []


@pytest.mark.parametrize("behind", ["", "|30.000"])
def test_videos_that_run_one_after_the_other_in_a_table(tmp_path, behind):
    facts = {"Source": "player #1:a.mp4;b.mp4" + ("|player #2:c.mp4" if behind else "")}
    facts |= {"Media duration (s)": "60.000;60.000" + behind, "FPS": "25.000;50.000" + behind}
    rows = [
        event(t, w) | facts for t, w in ((1, "START"), (1.4, "STOP"), (61, "START"), (61.4, "STOP"))
    ]
    found, said = read_table(tmp_path, TABULAR, *rows)
    assert [(a.video_id, a.frame_rate, spans(a)) for a in found] == [
        ("a", 25, [("ME", 25, 34, -1)]),
        ("b", 50, [("ME", 50, 69, -1)]),
    ]
    assert heard(said, "its frames are those of a, b; beside it: c.mp4") == bool(behind)


def test_an_interval_that_runs_over_the_end_of_a_video(tmp_path):
    events = [[59.9, "", "MaE", "", ""], [60.5, "", "MaE", "", ""]]
    found, said = read_project(tmp_path, o=observation(events, "a.mp4", "b.mp4"))
    assert [spans(a) for a in found] == [[("MaE", 1797, 1799, -1)], [("MaE", 0, 14, -1)]]
    assert heard(said, "run over the end of a video, cut into one for each: 1")


def test_videos_that_begin_at_their_creation_dates(tmp_path):
    made = {"a.mp4": 1_700_000_000.0, "b.mp4": 1_700_000_500.0}
    events = [[t + 1_700_000_500, "", "ME", "", ""] for t in (1.0, 1.4)]
    facts = observation(events, "a.mp4", "b.mp4", media_creation_date_as_offset=True)
    facts["media_info"]["media_creation_time"] = made
    found, _ = read_project(tmp_path, o=facts)
    assert [spans(a) for a in found] == [[], [("ME", 30, 41, -1)]]


def test_a_shifted_first_player_is_told(tmp_path):
    facts = observation(ONE)
    facts["media_info"]["offset"] = {"1": 2.0}
    (found,), said = read_project(tmp_path, o=facts)
    assert spans(found) == [("ME", 30, 41, -1)]
    assert heard(said, "first player is shifted by 2 s")


# --- indexes and images -------------------------------------------------------------------


def test_folders_of_images_are_counted_by_their_images(tmp_path):
    """BORIS numbers them from 1 and has no times for them."""
    events = [[float("nan"), "P1", "ME", "", "", i, f"s15/img{i:03}.jpg"] for i in (31, 43)]
    facts = {"type": "IMAGES", "file": [], "media_info": {}, "directories_list": ["data/s15"]}
    (found,), said = read_project(tmp_path, o=observation(events, **facts))
    assert (found.video_id, found.frame_rate, spans(found)) == ("s15", None, [("ME", 30, 41, -1)])
    assert heard(said, "numbered from 1, so that image 1 is frame 0")


@pytest.mark.parametrize("kind", ["From directories of images", "From pictures"])
def test_folders_of_images_in_tables(tmp_path, kind):
    facts = {
        "Observation type": kind,
        "Source": "data/s15; ",
        "FPS": "NA",
        "Media duration (s)": "NA",
    }
    rows = [event("NA", w, Image_index=i) | facts for w, i in (("START", 31), ("STOP", 43))]
    (found,), _ = read_table(tmp_path, TABULAR, *rows, frame_rate=Fraction(200))
    assert (found.video_id, found.frame_rate, spans(found)) == ("s15", 200, [("ME", 30, 41, -1)])


def test_images_of_a_second_folder_are_left_out(tmp_path):
    images = (("d1", 3), ("d1", 5), ("d2", 9), ("d2", 12))
    events = [[float("nan"), "", "ME", "", "", i, f"{d}/x.jpg"] for d, i in images]
    facts = {"type": "IMAGES", "file": [], "directories_list": ["d1", "d2"]}
    (found,), said = read_project(tmp_path, o=observation(events, **facts))
    assert (found.video_id, spans(found)) == ("d1", [("ME", 2, 3, -1)])
    assert heard(said, "unknown in which of its videos they lie: 2")


def test_a_frame_index_stands_in_for_a_missing_rate_or_time(tmp_path):
    rows = [event(1, "START", Image_index=30), event(1.4, "STOP", Image_index=42)]
    (found,), said = read_table(tmp_path, TABULAR, *(r | {"FPS": "NA"} for r in rows))
    assert (found.frame_rate, spans(found)) == (None, [("ME", 30, 41, -1)])
    assert heard(said, "placed by their frame index")
    (found,), _ = read_table(tmp_path, TABULAR, *(r | {"Time": "NA"} for r in rows))
    assert spans(found) == [("ME", 30, 41, -1)]


def test_times_and_indexes_that_disagree_are_told(tmp_path):
    (found,), said = read_project(tmp_path, o=observation(ONE, fps=25.0))
    assert spans(found) == [("ME", 25, 34, -1)]
    assert heard(said, "more than a frame away from the frame index beside them: 1")


# --- observations -------------------------------------------------------------------------


def test_one_observation_of_no_use_does_not_spoil_the_others(tmp_path):
    found, said = read_project(
        tmp_path,
        live=observation(ONE, type="LIVE", file=[]),
        other=observation([[1.0, "", "talk", "", ""], [2.0, "", "talk", "", ""]], "b.mp4"),
        broken=observation([[1.0, "ME"]], "c.mp4"),
        rateless=observation([e[:5] for e in ONE], "d.mp4", fps=0.0),
        good=observation(ONE, "a.mp4"),
        empty=observation([], "e.mp4"),
    )
    assert [(a.video_id, len(a.expressions)) for a in found] == [("a", 1), ("e", 0)]
    for name in ("live", "other", "broken", "rateless"):
        assert sum(f"left out the observation {name}" in line for line in said) == 1
    assert heard(said, "named ME or MaE, got talk")
    with pytest.raises(AnnotationFormatError, match="got live, which has none"):
        read_project(tmp_path, live=observation(ONE, type="LIVE", file=[]))


def test_two_coders_of_one_video(tmp_path):
    two = {"ann": observation(ONE), "bob": observation([[1.1, *ONE[0][1:]], ONE[1]])}
    found, said = read_project(tmp_path, **two)
    assert [(a.video_id, a.expressions[0].coder, spans(a)) for a in found] == [
        ("clip", "ann", [("ME", 30, 41, -1)]),
        ("clip", "bob", [("ME", 33, 41, -1)]),
    ]
    assert heard(said, "several observations of clip (ann, bob)")
    (found,), _ = read_project(tmp_path, {"observation": "bob"}, **two)
    assert (found.expressions[0].coder, found.expressions[0].onset) == ("", 33)
    with pytest.raises(AnnotationFormatError, match="called eve, got ann, bob"):
        read_project(tmp_path, {"observation": "eve"}, **two)


def test_coders_that_are_named_keep_their_names(tmp_path):
    events = [[1.0, "", "ME", "", "coder: KL | notes: x"], [1.4, "", "ME", "", ""]]
    found, _ = read_project(tmp_path, o1=observation(events), o2=observation(ONE))
    assert [a.expressions[0].coder for a in found] == ["KL", "o2"]


# --- texts --------------------------------------------------------------------------------


def test_modifiers_are_action_units_and_comments_of_both_ends_are_kept(tmp_path):
    events = [[1.0, "", "ME", "4,7|B|left", "brow"], [1.4, "", "ME", "4,7|B|left", "unsure"]]
    (found,), said = read_project(tmp_path, o=observation(events))
    (e,) = found.expressions
    assert (e.action_units, e.notes) == ("4B+7B", "brow; unsure; modifiers: left")
    assert heard(said, "modifiers read as action units: 1, kept in the notes: 1")
    cells = {"Modifier_#1": "AU4,AU7", "Modifier_#2": "None"}
    rows = [event(1, "START", **cells), event(1.4, "STOP", Comment="late", **cells)]
    (found,), _ = read_table(tmp_path, TABULAR, *rows)
    assert (found.expressions[0].action_units, found.expressions[0].notes) == ("AU4+AU7", "late")


def test_events_without_a_partner_are_told(tmp_path):
    (found,), said = read_project(tmp_path, o=observation([*ONE, [3.0, "", "ME", "", ""]]))
    assert spans(found) == [("ME", 30, 41, -1)]
    assert heard(said, "lack their START or STOP or are point events of ME or MaE: 1")


def test_a_start_that_stands_before_the_stop_of_the_same_time(tmp_path):
    rows = [event(1, "START"), event(2, "START"), event(2, "STOP"), event(3, "STOP")]
    (found,), said = read_table(tmp_path, TABULAR, *rows)
    assert spans(found) == [("ME", 30, 59, -1), ("ME", 60, 89, -1)]
    assert said == []


# --- tables of several versions -----------------------------------------------------------


def test_aggregated_events_as_boris_exports_them(tmp_path):
    facts = {"Observation type": "Media file", "Source": "player #1:a.mp4;b.mp4", "Behavior": "ME"}
    facts |= {"Media duration (s)": "60.000;60.000", "FPS (frame/s)": "29.970;29.970"}
    span = facts | {"Behavior type": "STATE", "Start (s)": "61.001", "Stop (s)": "61.401"}
    point = facts | {"Behavior": "ME_apex", "Behavior type": "POINT"}
    point |= {"Start (s)": "61.201", "Stop (s)": "61.201"}
    turned = span | {"Start (s)": "5.0", "Stop (s)": "4.0"}
    (a, b), said = read_table(tmp_path, AGGREGATED, span, point, turned)
    assert (b.video_id, b.frame_rate) == ("b", Fraction(30000, 1001))
    assert spans(b) == [("ME", 30, 41, 36)]
    assert a.expressions == ()
    assert heard(said, "left out, as they stop before they start: 1")


def test_old_aggregated_events_over_several_videos(tmp_path):
    """They name the video of each row, and neither lengths nor the order of the videos."""
    header = ["Observation id", "Media file", "FPS", "Behavior", "Behavior type"]
    header += ["Start (s)", "Stop (s)"]
    facts = {"Observation id": "o", "FPS": "30", "Behavior": "ME", "Behavior type": "STATE"}
    rows = [
        facts | {"Media file": "b.mp4", "Start (s)": "61", "Stop (s)": "61.4"},
        facts | {"Media file": "a.mp4", "Start (s)": "1", "Stop (s)": "1.4"},
    ]
    (a,), said = read_table(tmp_path, header, *rows)
    assert (a.video_id, spans(a)) == ("a", [("ME", 30, 41, -1)])
    assert heard(said, "left out the observation o (b): expected to know when each of its videos")
    rows[0] |= {"Start (s)": "1.2", "Stop (s)": "1.6"}  # times in each video, as scripts write them
    found, _ = read_table(tmp_path, header, *rows)
    assert [(a.video_id, a.expressions[0].onset) for a in found] == [("b", 36), ("a", 30)]


def old_export(folder: Path, *rows: str, media=("clip.mp4",), offset="0.0") -> Path:
    """Tabular events up to version 8.9: facts in rows above, Status in place of Behavior type."""
    lines = ["Observation id,look 3", ",", "Media file(s)", ","]
    lines += [f"Player #1,{file}" for file in media]
    lines += [",", "Observation date,2019-03-01 10:00:00", ",", "Description,", ","]
    lines += [f"Time offset (s),{offset}", ",", "independent variables", "variable,value", ","]
    columns = "Time,Media file path,Total length,FPS,Subject,Behavior,Behavioral category"
    lines.append(columns + ",Modifier 1,Comment,Status")
    path = folder / "old.csv"
    path.write_text("\n".join([*lines, *rows]) + "\n")
    return path


def test_tables_of_old_versions(tmp_path):
    rows = [
        "11.000,clip.mp4,60.000,30.0,P1,ME,,AU4,brow,START",
        "11.200,clip.mp4,60.000,30.0,P1,ME_apex,,,,POINT",
        "11.400,clip.mp4,60.000,30.0,P1,ME,,AU4,,STOP",
    ]
    (found,) = read_boris_tabular(old_export(tmp_path, *rows, offset="10"), notice=lambda _: None)
    assert (found.video_id, found.subject_id, found.n_frames) == ("clip", "P1", 1800)
    assert spans(found) == [("ME", 30, 41, 36)]
    assert (found.expressions[0].action_units, found.expressions[0].notes) == ("AU4", "brow")


def test_old_tables_do_not_say_when_a_second_video_begins(tmp_path):
    rows = [
        f"{time},{file},120.000,30.0,P1,ME,,,,{what}"
        for time, file, what in (
            *((1.0, "a.mp4", "START"), (1.4, "a.mp4", "STOP")),
            *((61.0, "b.mp4", "START"), (61.4, "b.mp4", "STOP")),
        )
    ]
    said: list[str] = []
    path = old_export(tmp_path, *rows, media=("a.mp4", "b.mp4"))
    a, b = read_boris_tabular(path, notice=said.append)
    assert (spans(a), spans(b)) == ([("ME", 30, 41, -1)], [])
    assert heard(said, "unknown in which of its videos they lie: 2")


def test_old_tables_of_unknown_videos_are_one_cell_short(tmp_path):
    rows = ["1.000,NA,NA,P1,ME,,,,START,", "1.400,NA,NA,P1,ME,,,,STOP,"]
    path = old_export(tmp_path, *rows)
    (found,) = read_boris_tabular(path, frame_rate=Fraction(30), notice=lambda _: None)
    assert (found.video_id, found.subject_id, spans(found)) == ("clip", "P1", [("ME", 30, 41, -1)])


def test_a_table_without_rows_is_an_empty_annotation_and_told(tmp_path):
    for path in (tmp_path / "t.tsv", old_export(tmp_path)):
        if path.suffix == ".tsv":
            path.write_text("\t".join(TABULAR))
        said: list[str] = []
        (found,) = read_boris_tabular(path, notice=said.append)
        assert found.expressions == ()
        assert heard(said, "nothing was read")
    assert found.video_id == "clip"


# --- projects of several versions ---------------------------------------------------------


def test_packed_projects(tmp_path):
    annotation = Annotation("v", 90, Fraction(30)).with_reviewed(Interval(0, 9))
    write_boris(tmp_path / "a.boris.gz", [annotation])
    assert (tmp_path / "a.boris.gz").read_bytes()[:2] == b"\x1f\x8b"
    assert read_boris(tmp_path / "a.boris.gz") == (annotation,)
    (tmp_path / "b.boris.gz").write_bytes(gzip.compress(b"{}" * 99)[:-9])
    with pytest.raises(AnnotationFormatError, match="broken JSON"):
        read_boris(tmp_path / "b.boris.gz")


def test_projects_of_old_versions(tmp_path):
    facts = observation([e[:5] for e in ONE], file=["clip.avi"])
    del facts["media_info"]
    facts["media_file_info"] = {"d41d": {"video_length": 60000, "nframe": 1800}}
    (found,), _ = read_project(tmp_path, o=facts)
    assert (found.video_id, found.n_frames, spans(found)) == ("clip", 1800, [("ME", 30, 41, -1)])
    assert found.of_kind(ME)
