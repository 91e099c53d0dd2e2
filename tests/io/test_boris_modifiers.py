"""Modifiers of BORIS events become action units as far as they are codes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_mespot.io.boris_modifiers import read_modifiers
from napari_mespot.model import parse_facs


@pytest.mark.parametrize(
    ("text", "units", "rest"),
    [
        ("AU4,AU7|B", "AU4B+AU7B", ""),
        ("AU4B,AU7C", "AU4B+AU7C", ""),
        ("AU4|AU7", "AU4+AU7", ""),
        ("None|AU12|None", "AU12", ""),
        ("12|C", "12C", ""),
        ("AU6+AU12|left", "AU6+AU12", "left"),
        ("AU4,smile|B", "AU4B", "smile"),
        ("AU4B|C", "AU4B", "C"),
        ("L14|NA", "", "L14"),
        ("left", "", "left"),
        ("4|3", "", "4|3"),
        ("B", "", "B"),
        ("", "", ""),
        ("None", "", ""),
    ],
)
def test_codes_of_several_laboratories(text, units, rest):
    read = read_modifiers(text)
    assert (read.action_units, read.rest) == (units, rest)


def test_a_set_that_is_called_after_action_units_may_hold_bare_numbers():
    assert read_modifiers("4,7|2", ("AU", "intensity")).action_units == "4+7"
    assert read_modifiers("4,7|2", ("AU", "intensity")).rest == "2"
    assert read_modifiers("4,7|2", ("place", "intensity")).action_units == ""


@given(st.text(st.sampled_from("AU4712BL,|+ NoneXsmil"), max_size=20))
def test_no_word_is_lost(text):
    read = read_modifiers(text)
    kept = read.action_units + read.rest
    assert sorted(c for c in text if c.isdigit()) == sorted(c for c in kept if c.isdigit())
    assert not any("not read" in remark for remark in parse_facs(read.action_units).remarks)
