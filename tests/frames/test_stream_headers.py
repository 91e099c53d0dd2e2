"""Headers of any bytes are read or passed over, and only what says something new is a change."""

import pytest
from av.packet import Packet
from hypothesis import given
from hypothesis import strategies as st

from napari_mespot.frames.stream_headers import HeaderWatch
from napari_mespot.frames.vp9_sizes import Vp9Sizes

CODECS = ["h264", "hevc", "mpeg2video", "mpeg4", "vp8", "vp9", "av1", "mjpeg", "png", "prores"]
BEGINNINGS = [
    b"",
    b"\0\0\1\x67",
    b"\0\0\0\1\x42\1",
    b"\xff\xd8\xff\xe0",
    b"\x12\0\x0a\x0b",
    b"\x82",
]


def key_packet(data):
    packet = Packet(data)
    packet.is_keyframe = True
    return packet


@pytest.mark.parametrize("codec", CODECS)
@given(st.sampled_from(BEGINNINGS), st.binary(max_size=200))
def test_no_bytes_break_it(codec, beginning, rest):
    watch = HeaderWatch(codec)
    data = beginning + rest
    if data:
        watch.change(key_packet(data))
        assert watch.change(key_packet(data)) is None
    Vp9Sizes().shown_by(memoryview(data))


def sps(size):
    return b"\0\0\0\1\x67" + bytes([66, 0, 30, size]) + b"\0\0\0\1\x68\x11"


def nal(data):
    return len(data).to_bytes(4, "big") + data


def test_a_new_parameter_set_is_a_change_and_a_new_picture_is_none():
    watch = HeaderWatch("h264")
    assert watch.change(key_packet(sps(1) + b"\0\0\1\x65one")) is not None
    assert watch.change(key_packet(sps(1) + b"\0\0\1\x65two")) is None
    assert watch.change(key_packet(b"\0\0\1\x65without any")) is None
    assert watch.change(key_packet(sps(2) + b"\0\0\1\x65three")) is not None
    # Units of stated length, as MP4 and Matroska keep them.
    watch = HeaderWatch("h264")
    assert watch.change(key_packet(nal(b"\x67abc") + nal(b"\x65one"))) is not None
    assert watch.change(key_packet(nal(b"\x67abc") + nal(b"\x65two"))) is None
    assert watch.change(key_packet(nal(b"\x67abd") + nal(b"\x65two"))) is not None


def test_a_message_that_turns_the_picture_is_a_change():
    turn, clock = b"\x06\x2f\x02\x40\x01\x80", b"\x06\x01\x02\x11\x22\x80"
    watch = HeaderWatch("h264")
    assert watch.change(key_packet(nal(b"\x67abc") + nal(clock) + nal(b"\x65one"))) is not None
    assert watch.change(key_packet(nal(b"\x67abc") + nal(turn) + nal(b"\x65two"))) is not None
    assert watch.change(key_packet(nal(b"\x67abc") + nal(turn) + nal(b"\x65three"))) is None


def bits(*fields):
    """Join ``(value, n_bits)`` to bytes."""
    text = "".join(f"{value:0{n}b}" for value, n in fields)
    return int(text.ljust(-(-len(text) // 8) * 8, "0"), 2).to_bytes(-(-len(text) // 8), "big")


def vp9_key(height, width):
    start = [(2, 2), (0, 2), (0, 1), (0, 1), (1, 1), (0, 1), (0x498342, 24), (1, 3), (0, 1)]
    return bits(*start, (width - 1, 16), (height - 1, 16), (0, 16))


def vp9_inter(refreshed, references, found=None, size=None):
    start = [(2, 2), (0, 2), (0, 1), (1, 1), (1, 1), (0, 1), (0, 2), (refreshed, 8)]
    slots = [(slot << 1, 4) for slot in references]
    which = [(int(found == place), 1) for place in range(3 if found is None else found + 1)]
    explicit = [] if size is None else [(size[1] - 1, 16), (size[0] - 1, 16)]
    return bits(*start, *slots, *which, *explicit, (0, 16))


def test_vp9_changes_its_size_without_a_key_picture():
    sizes = Vp9Sizes()

    def shown(data):
        return sizes.shown_by(memoryview(data))

    assert shown(vp9_key(360, 640)) == (360, 640)
    assert shown(vp9_inter(0b1, (0, 1, 2), found=0)) == (360, 640)
    # The size is stated anew and kept in slot 0; slot 1 still holds a picture of the old one.
    assert shown(vp9_inter(0b1, (0, 1, 2), size=(180, 320))) == (180, 320)
    assert shown(vp9_inter(0b1, (0, 1, 2), found=0)) == (180, 320)
    assert shown(vp9_inter(0b1, (1, 0, 2), found=0)) == (360, 640)
    assert shown(bits((2, 2), (0, 2), (1, 1), (1, 3))) == (360, 640)
