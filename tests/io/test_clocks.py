"""Seconds in files are those at which players show the frames, in files of every kind."""

import csv
import json
import xml.etree.ElementTree as ET
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from napari_mespot import Annotation, Expression, ExpressionKind, Interval, ScoreSignal
from napari_mespot.errors import AnnotationFormatError
from napari_mespot.io import read_annotations, read_scores, write_annotations, write_scores
from napari_mespot.io.clock_text import clock_text, parse_clock
from napari_mespot.io.packed_scores import pack_scores, unpack_scores
from napari_mespot.model import Clock

MS = Fraction(1, 1000)
STAMPS = [*range(0, 800, 40), *range(800, 6800, 1000), *range(6800, 8000, 40)]
CALL = Clock.of_stamps(STAMPS, MS, Fraction(7))
LATE = Clock(Fraction(30000, 1001), Fraction(24, 10))
LATE_CALL = CALL.shifted(Fraction(1, 3))
CLOCKS = {"call": CALL, "late": LATE, "late call": LATE_CALL}
FILES = ["a.intervals.csv", "a.eaf", "a.boris", "a.TextGrid", "a_boris.csv"]


def coded(clock: Clock) -> Annotation:
    return Annotation(
        "a",
        n_frames=len(STAMPS),
        expressions=(
            Expression(Interval(0, 0), ExpressionKind.MICRO),
            Expression(Interval(15, 23), ExpressionKind.MACRO, apex=21),
            Expression(Interval(30, 40), ExpressionKind.MICRO, apex=30),
            Expression(Interval(50, len(STAMPS) - 1), ExpressionKind.MACRO),
        ),
    ).with_clock(clock)


def written(folder: Path, name: str, clock: Clock) -> Path:
    path = folder / name
    kind = "boris-tabular" if name == "a_boris.csv" else None
    write_annotations(path, [coded(clock)], format=kind, notice=lambda text: None)
    return path


def spans(annotation: Annotation) -> list[tuple[int, int, int | None]]:
    return [(e.onset, e.offset, e.apex) for e in annotation.expressions]


@pytest.mark.parametrize("clock", CLOCKS.values(), ids=CLOCKS)
@pytest.mark.parametrize("name", FILES)
def test_frames_survive_where_seconds_are_those_of_the_video(tmp_path, name, clock):
    path = written(tmp_path, name, clock)
    said: list[str] = []
    (back,) = read_annotations(path, clocks={"a": clock}.get, notice=said.append)
    assert spans(back) == spans(coded(clock))
    assert back.clock == clock
    assert not said


@pytest.mark.parametrize("clock", CLOCKS.values(), ids=CLOCKS)
@pytest.mark.parametrize("name", [name for name in FILES if name != "a.TextGrid"])
def test_files_of_ours_tell_their_times_themselves(tmp_path, name, clock):
    (back,) = read_annotations(written(tmp_path, name, clock))
    assert back.clock == clock
    assert spans(back) == spans(coded(clock))


def test_the_seconds_written_are_those_of_the_pictures(tmp_path):
    rows = [
        row
        for row in csv.reader(written(tmp_path, FILES[0], LATE_CALL).read_text().splitlines())
        if not row[0].startswith("#")
    ]
    table = [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
    assert float(table[1]["onset_s"]) == pytest.approx(0.6 + 1 / 3, abs=1e-6)
    assert float(table[1]["offset_s"]) == pytest.approx(4.8 + 1 / 3, abs=1e-6)
    assert float(table[1]["duration_s"]) == pytest.approx(4.2, abs=1e-6)
    root = ET.parse(written(tmp_path, "a.eaf", LATE_CALL)).getroot()
    times = [int(slot.attrib["TIME_VALUE"]) for slot in root.iterfind("TIME_ORDER/*")]
    assert (min(times), max(times)) == (333, 8333)
    boris = json.loads(written(tmp_path, "a.boris", LATE_CALL).read_text())
    seen = {event[0] for event in boris["observations"]["a"]["events"]}
    assert {0.333, 0.933, 5.133, 8.333} < seen
    praat = written(tmp_path, "a.TextGrid", CALL).read_text()
    assert "xmin = 0.6 \n" in praat
    assert "xmax = 4.8 \n" in praat
    assert "xmax = 8 \n" in praat


def test_other_tools_files_are_read_by_the_video_at_hand(tmp_path):
    eaf = written(tmp_path, "a.eaf", CALL)
    tree = ET.parse(eaf)
    header = tree.getroot().find("HEADER")
    for fact in list(header):
        header.remove(fact)
    tree.write(eaf)
    with pytest.raises(AnnotationFormatError, match="--video"):
        read_annotations(eaf)
    (back,) = read_annotations(eaf, clocks={"a": CALL}.get)
    assert spans(back) == spans(coded(CALL))


def test_a_rate_that_the_user_states_goes_before_all(tmp_path):
    path = written(tmp_path, "a.intervals.csv", LATE)
    (back,) = read_annotations(path, frame_rate=Fraction(25), clocks={"a": CALL}.get)
    assert back.clock == Clock(Fraction(25))
    assert spans(back) == spans(coded(LATE))


def test_the_times_of_another_video_are_not_taken(tmp_path):
    path = written(tmp_path, "a.intervals.csv", CALL)
    said: list[str] = []
    (back,) = read_annotations(path, clocks={"a": CALL.clipped(50)}.get, notice=said.append)
    assert back.clock == CALL
    assert "56 frames, the video of that name 50" in said[0]


def test_long_times_do_not_fill_boris(tmp_path):
    rng = np.random.default_rng(1)
    stamps = np.cumsum(rng.integers(20_000, 60_000, 5_000))
    clock = Clock.of_stamps(stamps, Fraction(1, 1_000_000), Fraction(25))
    one = Annotation(
        "a", 5_000, expressions=(Expression(Interval(40, 50), ExpressionKind.MICRO),)
    ).with_clock(clock)
    for name, kind in (("a.boris", None), ("b.csv", "boris-tabular")):
        said: list[str] = []
        write_annotations(tmp_path / name, [one], format=kind, notice=said.append)
        assert "frame rate" in said[0]
        assert len((tmp_path / name).read_bytes()) < 6_000
        with pytest.raises(AnnotationFormatError, match="--video"):
            read_annotations(tmp_path / name)
        (back,) = read_annotations(tmp_path / name, clocks={"a": clock}.get)
        assert spans(back) == spans(one)


def test_a_table_splits_long_times_into_cells_that_spreadsheets_keep(tmp_path):
    rng = np.random.default_rng(1)
    stamps = np.cumsum(rng.integers(20_000, 60_000, 60_000))
    clock = Clock.of_stamps(stamps, Fraction(1, 1_000_000), Fraction(25))
    write_annotations(tmp_path / "a.csv", [Annotation("a", 60_000).with_clock(clock)])
    cells = [
        cell for row in csv.reader((tmp_path / "a.csv").read_text().splitlines()) for cell in row
    ]
    assert max(map(len, cells)) < 32_767
    (back,) = read_annotations(tmp_path / "a.csv")
    assert back.clock == clock


@pytest.mark.parametrize("kept", [0.5, 0.99])
def test_damaged_times_are_told(tmp_path, kept):
    path = written(tmp_path, "a.intervals.csv", CALL)
    text = clock_text(CALL)
    path.write_text(path.read_text().replace(text, text[: int(len(text) * kept)]))
    with pytest.raises(AnnotationFormatError, match=r"row \d.*times"):
        read_annotations(path)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.integers(1, 10**7), min_size=2, max_size=200),
    st.fractions(0, 10**4, max_denominator=90_000),
    st.sampled_from([MS, Fraction(1, 90_000), Fraction(1001, 30_000)]),
    st.sampled_from([" ", ","]),
)
def test_any_clock_is_written_exactly(steps, late, unit, separator):
    clock = Clock.of_stamps(np.cumsum(steps), unit, Fraction(30000, 1001), starts_late_s=late)
    assert parse_clock(clock_text(clock, separator), clock.rate) == clock


@pytest.mark.parametrize(
    "text",
    [
        "soon",
        "late=1/0",
        "late=1e9",
        "late=" + "9" * 40,
        "late=0 tick=1/1000 steps=abc",
        "late=0 tick=0 " + clock_text(CALL).split()[2],
        "late=0 tick=1/1000 steps=eNoDAAAAAAE=",
    ],
)
def test_what_is_no_clock_is_refused(text):
    with pytest.raises(ValueError, match="times"):
        parse_clock(text, Fraction(30))


def signal(clock: Clock, first: int = 0) -> ScoreSignal:
    n = len(STAMPS) - first
    values = np.linspace(0, 1, 2 * n, dtype=np.float32).reshape(n, 2)
    return ScoreSignal(
        values, np.ones(n, np.bool_), clock.rate, "a", first_frame=first, times=clock
    )


@pytest.mark.parametrize("first", [0, 10])
@pytest.mark.parametrize("clock", CLOCKS.values(), ids=CLOCKS)
def test_scores_are_written_with_their_times(tmp_path, clock, first):
    one = signal(clock, first)
    path = tmp_path / "a.scores.csv"
    write_scores(path, one)
    times = [float(row["time_s"]) for row in csv.DictReader(path.read_text().splitlines())]
    expected = [float(clock.second_of(i)) for i in range(first, len(STAMPS))]
    assert times == pytest.approx(expected, abs=1e-9)
    assert read_scores(path, clock=clock) == one
    np.testing.assert_allclose(read_scores(path).times_s, expected, atol=1e-6)
    assert read_scores(path, frame_rate=Fraction(25)).clock == Clock(Fraction(25))
    assert unpack_scores(pack_scores(one), "a") == one


def test_a_late_start_is_read_from_the_scores_exactly(tmp_path):
    write_scores(tmp_path / "a.scores.csv", signal(LATE))
    assert read_scores(tmp_path / "a.scores.csv").clock == LATE


def test_times_that_do_not_rise_are_told(tmp_path):
    (tmp_path / "a.csv").write_text(
        "frame,time_s,p_me,p_mae,found\n0,0,0,0,1\n1,0.5,0,0,1\n2,0.3,0,0,1\n3,1,0,0,1\n"
    )
    with pytest.raises(AnnotationFormatError, match="times that rise"):
        read_scores(tmp_path / "a.csv")
