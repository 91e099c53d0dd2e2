"""The mark on a table of results: right as long as nobody has touched the file."""

import csv
import io
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from napari_mespot import Annotation, Expression, ExpressionKind, Interval, ReviewStatus
from napari_mespot.io import read_table, result_facts, write_result_table, write_table

FOUND = Annotation(
    "clip",
    n_frames=90,
    frame_rate=Fraction(30),
    expressions=(
        Expression(
            Interval(10, 15),
            ExpressionKind.MICRO,
            apex=12,
            score=0.4,
            status=ReviewStatus.PREDICTED,
            source="net",
        ),
    ),
)
FACTS = {"scores": "4f0c", "made from": 'a "file", =1+1'}


@pytest.fixture
def table(tmp_path):
    write_result_table(tmp_path / "clip.intervals.csv", [FOUND], FACTS)
    return tmp_path / "clip.intervals.csv"


def test_an_untouched_result_says_what_it_was_made_from(table):
    assert result_facts(table.read_bytes()) == FACTS
    assert read_table(table) == (FOUND,)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_one_other_byte_anywhere_makes_it_a_file_of_somebody_else(table, data):
    content = table.read_bytes()
    place = data.draw(st.integers(0, len(content) - 1))
    other = data.draw(st.binary(max_size=3).filter(lambda b: b != content[place : place + 1]))
    assert result_facts(content[:place] + other + content[place + 1 :]) is None


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_spreadsheet_that_saves_it_again_has_touched_it(table, delimiter):
    rows = list(csv.reader(io.StringIO(table.read_text())))
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(rows)
    assert result_facts(text.getvalue().encode()) is None
    table.write_bytes(text.getvalue().encode())
    assert read_table(table) == (FOUND,)


def test_a_table_that_is_exported_is_no_result(tmp_path):
    write_table(tmp_path / "a.csv", [FOUND])
    assert result_facts((tmp_path / "a.csv").read_bytes()) is None
    assert result_facts(b"") is result_facts(b"\x00# result,digest,\n") is None


def test_a_result_read_and_written_again_belongs_to_whoever_did_it(table):
    (annotation,) = read_table(table)
    write_table(table, [replace(annotation, n_frames=91)])
    assert result_facts(table.read_bytes()) is None
