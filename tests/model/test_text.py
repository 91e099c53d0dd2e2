"""Typed text, with a mark for what is no character."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_mespot.model import sound_text


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("4B+7C", "4B+7C"),
        ("tab\tand\r\nlines", "tab\tand\r\nlines"),
        ("é中🙂\u2028\x85", "é中🙂\u2028\x85"),
        ("a" + chr(0xD83D), "a\ufffd"),
        (chr(0xDE00) + "b", "\ufffdb"),
        ("nul\0 bell\x07 escape\x1b", "nul\ufffd bell\ufffd escape\ufffd"),
        ("\ufffe\uffff", "\ufffd\ufffd"),
    ],
)
def test_only_what_is_no_character_is_replaced(typed, kept):
    assert sound_text(typed) == kept


@given(st.text(st.integers(0, 0x10FFFF).map(chr), max_size=20))
def test_sound_text_is_as_long_and_can_be_written(typed):
    kept = sound_text(typed)
    assert len(kept) == len(typed)
    assert kept == sound_text(kept)
    kept.encode()
