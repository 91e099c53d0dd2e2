"""Any text becomes bytes; what is no character becomes a replacement mark."""

from hypothesis import given
from hypothesis import strategies as st

from napari_mespot.io.encoding import encoded

ANY_TEXT = st.text(st.characters(codec=None) | st.integers(0xD800, 0xDFFF).map(chr), max_size=20)


@given(ANY_TEXT)
def test_any_text_can_be_written(text):
    back = encoded(text).decode("utf-8", "surrogateescape")
    halves = {chr(c) for c in (*range(0xD800, 0xDC80), *range(0xDD00, 0xE000))}
    if not set(text) & halves:
        assert encoded(text) == text.encode("utf-8", "surrogateescape")
    else:
        assert "\ufffd" in back


@given(st.binary(max_size=20))
def test_names_of_files_become_their_bytes_again(name):
    assert encoded(name.decode("utf-8", "surrogateescape")) == name


def test_the_rest_of_the_text_is_kept():
    assert encoded("a\ud83db é中🙂") == "a\ufffdb é中🙂".encode()
