"""Texts on intervals: codes of action units, bare numbers, and whatever else people type."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.io.other_tools import ME, expressions

from napari_mespot import Expression, Interval
from napari_mespot.io.labels import is_facs_code, label_of, with_label
from napari_mespot.io.tiers import Tier, TierReader
from napari_mespot.model import parse_facs

BLANK = Expression(Interval(0, 9), ME)
UNITS = st.tuples(
    st.sampled_from(["", "L", "R", "A"]),
    st.sampled_from([1, 2, 4, 5, 6, 7, 9, 10, 12, 14, 15, 17, 20, 23, 24, 25, 26]),
    st.sampled_from("ABCDE"),
)


@given(st.lists(UNITS, min_size=1, max_size=4), st.sampled_from(["+", " + ", ", ", ";", " "]))
def test_a_code_typed_on_an_interval_is_its_action_units(units, between):
    text = between.join(f"{side}{number}{grade}" for side, number, grade in units)
    found = with_label(BLANK, text)
    assert (found.action_units, found.notes) == (text, "")
    assert [u.number for u in parse_facs(found.action_units).units] == [n for _, n, _ in units]


@pytest.mark.parametrize(
    "text", ["AU12", "au 4", "AU4+AU7", "4+7", "AU4, R14", "12C or 14C", "AU04"]
)
def test_codes_of_several_laboratories(text):
    assert with_label(BLANK, text).action_units == text


@pytest.mark.parametrize(
    "text",
    ["4B or so", "see AU4", "smile", "T1", "R2", "46x", "AU99", "3D", "take 3B", "12", "7/8"],
)
def test_other_texts_are_notes(text):
    found = with_label(BLANK, text)
    assert (found.action_units, found.notes) == ("", text)


def test_a_text_that_names_the_other_kind_is_not_lost():
    assert with_label(BLANK, "micro") == BLANK
    assert with_label(BLANK, "macro").notes == "macro"


@given(expressions(100))
def test_what_we_write_is_never_read_as_something_else(expression):
    """Notes that look like a code stay notes, and the other way round."""
    tier = Tier(expression.kind)
    implied = tier.expression(expression.interval, expression.kind)
    for notes in (expression.notes, "4B+7C", "12", "neutral", "macro"):
        text = label_of(Expression(expression.interval, expression.kind, notes=notes), implied)
        assert with_label(implied, text).notes == " ".join(notes.split()) or not notes.isprintable()
        assert not with_label(implied, text).action_units


@given(st.text(max_size=30))
def test_no_text_is_too_odd(text):
    assert is_facs_code(text) in {True, False}
    with_label(BLANK, text)


def gathered(*texts: str) -> TierReader:
    reader = TierReader()
    for start, text in enumerate(texts):
        reader.add(Tier(ME), Interval(10 * start, 10 * start + 5), text)
    return reader


def test_bare_numbers_are_codes_where_the_file_has_codes():
    found, _, n_numbers = gathered("12", "4B+7C", "R14", "left").expressions()
    assert [e.action_units for e in found] == ["12", "4B+7C", "R14", ""]
    assert n_numbers == 0


def test_bare_numbers_alone_may_be_anything():
    found, _, n_numbers = gathered("1", "1", "left").expressions()
    assert [(e.action_units, e.notes) for e in found] == [("", "1"), ("", "1"), ("", "left")]
    assert n_numbers == 2
