"""BORIS projects and tables: what survives, what people's files look like, what is refused."""

import json
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.io.other_tools import CLIP, MAE, ME, annotations, scores, spans, statuses
from tests.reference.io import rows_as_text

from napari_mespot import Annotation, Expression, Interval
from napari_mespot.errors import AnnotationFormatError, OutputError
from napari_mespot.io.boris import write_boris
from napari_mespot.io.boris_project import read_boris
from napari_mespot.io.boris_table import read_boris_tabular
from napari_mespot.io.boris_tabular import write_boris_tabular

NO_CHECKS = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
FORMATS = [(write_boris, read_boris, "a.boris"), (write_boris_tabular, read_boris_tabular, "a.csv")]
TABULAR = (
    "Observation id,Observation date,Description,FPS,Subject,Behavior,Modifier #1,Behavior type,"
    "Time,Media file name,Image index,Comment\n"
)
AGGREGATED = (
    "Observation id,Media file,FPS,Subject,Behavior,Behavior type,Start (s),Stop (s),"
    "Comment start,Comment stop\n"
)


def project(folder: Path, events: list[list], **facts) -> Path:
    """A project with one observation, as BORIS writes it."""
    media = {"file": {"1": ["/data/clip.mp4"], "2": []}, "time offset": 0.0, "description": ""}
    info = {"media_info": {"fps": {"/data/clip.mp4": 25.0}, "length": {"/data/clip.mp4": 40.0}}}
    path = folder / "people.boris"
    ethogram = {
        "0": {"code": "ME", "type": "State event"},
        "1": {"code": "blink", "type": "Point event"},
    }
    observation = {"type": "MEDIA", "events": events, **media, **info, **facts}
    document = {"behaviors_conf": ethogram, "observations": {"first look": observation}}
    path.write_text(json.dumps(document))
    return path


@pytest.mark.parametrize(("write", "read", "name"), FORMATS)
def test_every_annotation_survives_the_round_trip(tmp_path, write, read, name):
    @NO_CHECKS
    @given(annotations())
    def check(annotation):
        write(tmp_path / name, [annotation])
        if not annotation.expressions and name.endswith(".csv"):
            said = []
            assert read(tmp_path / name, notice=said.append) == (Annotation("a"),)
            assert "nothing was read" in said[0]
            return
        found = read(tmp_path / name)
        (back,) = found
        assert spans(back) == spans(annotation)
        assert statuses(back) == statuses(annotation)
        assert scores(back) == scores(annotation)
        assert (back.n_frames, back.frame_rate) == (annotation.n_frames, annotation.frame_rate)
        assert back.reviewed == annotation.reviewed

    check()


@pytest.mark.parametrize(("write", "read", "name"), FORMATS)
def test_several_videos_with_their_texts(tmp_path, write, read, name):
    other = replace(CLIP, video_id="=other", subject_id="007")
    write(tmp_path / name, [CLIP, other])
    assert read(tmp_path / name) == (CLIP, other)


def test_a_project_holds_what_boris_looks_for(tmp_path):
    (tmp_path / "clip.mp4").touch()
    write_boris(tmp_path / "a.boris", [CLIP])
    document = json.loads((tmp_path / "a.boris").read_text())
    assert document["project_format_version"] == "7.0"
    observation = document["observations"]["clip"]
    assert observation["type"] == "MEDIA"
    assert observation["file"]["1"] == ["clip.mp4"]
    assert observation["media_info"]["fps"] == {"clip.mp4": 30.0}
    assert observation["media_info"]["length"] == {"clip.mp4": 10.0}
    kinds = {b["code"]: b["type"] for b in document["behaviors_conf"].values()}
    assert kinds["ME"] == kinds["MaE_2"] == kinds["ME_model"] == "State event"
    assert kinds["ME_apex"] == "Point event"
    of_me = [e for e in observation["events"] if e[2] == "ME"]
    assert [(e[0], e[5]) for e in of_me] == [
        (0.4, 12),
        (0.7, 21),
        (0.7, 21),
        (0.733, 22),
        (7.333, 220),
        (7.7, 231),
    ]
    assert {e[1] for e in observation["events"]} == {"006"}
    assert str(tmp_path) not in (tmp_path / "a.boris").read_text()


def test_a_table_holds_the_columns_of_tabular_events(tmp_path):
    write_boris_tabular(tmp_path / "a.csv", [CLIP])
    rows = rows_as_text(tmp_path / "a.csv")
    assert [r["Behavior type"] for r in rows if r["Behavior"] == "ME"][:2] == ["START", "STOP"]
    assert {r["Behavior type"] for r in rows if "apex" in r["Behavior"]} == {"POINT"}
    assert {r["FPS"] for r in rows} == {"30"}
    times = [float(r["Time"]) for r in rows]
    assert times == sorted(times)


def test_what_people_code_in_boris(tmp_path):
    events = [
        [1.0, "s1", "ME", "", "brow", 25],
        [1.2, "s1", "apex", "", ""],
        [1.2, "s2", "ME", "", ""],
        [1.399, "s1", "ME", "", "", 35],  # a STOP that BORIS made lies a millisecond early
        [2.0, "s2", "ME", "", ""],
        [3.0, "s1", "ME", "left", ""],
        [3.1, "s1", "ME", "right", ""],
        [3.4, "s1", "ME", "left", ""],
        [3.5, "s1", "blink", "", ""],
        [3.6, "s1", "ME", "right", ""],
        [5.0, "s1", "ME", "", ""],
    ]
    said = []
    first, second = read_boris(project(tmp_path, events), notice=said.append)
    assert (first.video_id, first.subject_id, first.frame_rate) == ("clip", "s1", 25)
    assert first.expressions == (
        Expression(Interval(25, 34), ME, apex=30, notes="brow"),
        Expression(Interval(75, 84), ME, notes="modifiers: left"),
        Expression(Interval(78, 89), ME, notes="modifiers: right"),
    )
    assert second.expressions == (Expression(Interval(30, 49), ME),)
    assert any("left out the behaviours blink" in text for text in said)
    assert any(
        "lack their START or STOP or are point events of ME or MaE: 1" in text for text in said
    )


def test_an_observation_without_files_needs_a_rate(tmp_path):
    events = [[1, "", "ME", "", ""], [2, "", "ME", "", ""]]
    path = project(tmp_path, events, file=[], media_info={})
    with pytest.raises(AnnotationFormatError, match="--fps"):
        read_boris(path)
    (found,) = read_boris(path, frame_rate=Fraction(50))
    assert (found.video_id, spans(found)) == ("first look", [("ME", 50, 99, -1)])


@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_tabular_events(tmp_path, delimiter):
    rows = (
        "o,2026-01-01,,29.97003,No focal subject,MaE,None,START,1.001,c/clip.avi,30,\n"
        "o,2026-01-01,,29.97003,No focal subject,ME,left,START,1.1,c/clip.avi,NA,hi\n"
        "o,2026-01-01,,29.97003,No focal subject,ME,left,STOP,1.3013,c/clip.avi,NA,\n"
        "o,2026-01-01,,29.97003,No focal subject,MaE,None,STOP,2.002,c/clip.avi,60,\n"
    )
    path = tmp_path / "a.tsv"
    path.write_text((TABULAR + rows).replace(",", delimiter))
    (found,) = read_boris_tabular(path, notice=lambda text: None)
    assert found.frame_rate == Fraction(30000, 1001)
    assert (found.video_id, found.subject_id) == ("clip", "")
    assert found.expressions == (
        Expression(Interval(30, 59), MAE),
        Expression(Interval(33, 38), ME, notes="hi; modifiers: left"),
    )


def test_aggregated_events(tmp_path):
    rows = "o,clip.mp4,25,s1,MaE,STATE,1.0,2.0,joy,\no,clip.mp4,25,s1,MaE_apex,POINT,1.4,1.4,,\n"
    (tmp_path / "a.csv").write_text(AGGREGATED + rows)
    (found,) = read_boris_tabular(tmp_path / "a.csv")
    assert found.expressions == (Expression(Interval(25, 49), MAE, apex=35, notes="joy"),)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Behavior,Time\nME,1\n", "Behavior type and Time"),
        (TABULAR + "o,,,25,,ME,,BEGIN,1,,,\n", "row 2, column Behavior type"),
        (TABULAR + "o,,,25,,ME,,START,soon,,,\n", "row 2, column time: expected a time"),
        (TABULAR + "o,,,,,ME,,START,1,,,\n", "--fps"),
        (TABULAR + "o,,,25,,groom,,START,1,,,\n", "behaviours named ME or MaE, got groom"),
        ("a,b\n1,2\n", "add the missing: behavior"),
    ],
)
def test_broken_and_foreign_tables(tmp_path, text, words):
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(AnnotationFormatError) as caught:
        read_boris_tabular(tmp_path / "a.csv")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "broken JSON"),
        ("[" * 100_000, "broken JSON"),
        ("[]", "without observations"),
        ('{"observations": 3}', "save it again in BORIS"),
        ('{"observations": {"a": {}}}', "save it again in BORIS"),
        ('{"observations": {"a": {"events": [[1]]}}}', "save it again in BORIS"),
        ('{"observations": {"a": {"events": [["x", "", "ME", "", ""]]}}}', "time in seconds"),
        ('{"observations": {"a": {"events": [[NaN, "", "ME", "", ""]]}}}', "time in seconds"),
        ('{"observations": {"a": {"events": [[1e999999999, "", "ME", "", ""]]}}}', "seconds"),
    ],
)
def test_broken_and_foreign_projects(tmp_path, text, words):
    (tmp_path / "a.boris").write_text(text)
    with pytest.raises(AnnotationFormatError) as caught:
        read_boris(tmp_path / "a.boris")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["ME", "", "1"]),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(st.sampled_from(["events", "file", "1", "media_info", "fps"]), inner)
    ),
    max_leaves=12,
)


@NO_CHECKS
@given(JSON, JSON)
def test_no_content_crashes_the_reader(tmp_path_factory, observations, events):
    path = tmp_path_factory.getbasetemp() / "fuzz.boris"
    for document in ({"observations": observations}, {"observations": {"o": {"events": events}}}):
        path.write_text(json.dumps(document))
        with suppress(AnnotationFormatError):
            read_boris(path, frame_rate=Fraction(30), notice=lambda text: None)


@pytest.mark.parametrize(("write", "read", "name"), FORMATS)
def test_what_boris_cannot_hold_is_refused(tmp_path, write, read, name):
    with pytest.raises(OutputError, match="--fps"):
        write(tmp_path / name, [replace(CLIP, frame_rate=None)])
    with pytest.raises(OutputError, match="1000 frames per second"):
        write(tmp_path / name, [Annotation("v", frame_rate=Fraction(5000))])
    assert not list(tmp_path.iterdir())
