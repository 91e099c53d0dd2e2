"""What a coded packet says of the size of its pictures, found without decoding.

Only whether it changes counts, so most headers are compared as bytes. Formats that are not
known here say nothing; their pictures are looked at now and then.
"""

import re
from collections.abc import Callable, Iterator

from av.packet import Packet
from av.video.stream import VideoStream

from napari_mespot.frames.vp9_sizes import Vp9Sizes

__all__ = ["HeaderWatch"]

#: Parameter sets stand at the beginning of a packet.
_HEAD_BYTES = 4096
_START_CODE = re.compile(rb"\x00\x00\x01")
_H264_SPS, _H264_SEI = 7, 6
_HEVC_SPS, _HEVC_SEI = 33, 39
_SEI_DISPLAY_ORIENTATION = 47
_AV1_SEQUENCE = 1
#: Side data of a packet that changes what the decoder is told.
_NEW_PARAMETERS = ("new_extradata", "param_change")


class HeaderWatch:
    """Follows a stream from its first packet on and tells where its header changes.

    Parameters
    ----------
    codec
        FFmpeg's name of the codec, whatever decodes it.
    """

    def __init__(self, codec: str) -> None:
        self._read = _READERS.get(codec)
        self._vp9 = Vp9Sizes() if codec == "vp9" else None
        self._last: bytes | None = None

    def change(self, packet: "Packet[VideoStream]") -> bytes | None:
        """Return the header that holds from this packet on, if it is another one than before."""
        header = self._header(packet)
        if header is None or header == self._last:
            return None
        self._last = header
        return header

    def _header(self, packet: "Packet[VideoStream]") -> bytes | None:
        for kind in _NEW_PARAMETERS:
            if packet.has_sidedata(kind):  # type: ignore[arg-type]
                return bytes(packet.get_sidedata(kind))  # type: ignore[arg-type]
        data = memoryview(packet)
        if self._vp9 is not None:
            size = self._vp9.shown_by(data)
            return None if size is None else repr(size).encode()
        if self._read is None or not packet.is_keyframe:
            return None
        return self._read(data) or None


def _h264(data: memoryview) -> bytes:
    return b"".join(_sets(data, lambda unit: unit[0] & 31, (_H264_SPS, _H264_SEI), 1))


def _hevc(data: memoryview) -> bytes:
    return b"".join(_sets(data, lambda unit: unit[0] >> 1 & 63, (_HEVC_SPS, _HEVC_SEI), 2))


def _sets(
    data: memoryview, kind: Callable[[bytes], int], wanted: tuple[int, int], header: int
) -> Iterator[bytes]:
    """Yield sequence parameter sets, and messages that say how to turn the picture."""
    sps, sei = wanted
    for unit in _units(bytes(data[:_HEAD_BYTES])):
        if len(unit) > header and kind(unit) == sps:
            yield unit
        elif len(unit) > header and kind(unit) == sei:
            yield _display_orientation(unit[header:])


def _units(head: bytes) -> list[bytes]:
    """Split into NAL units, between start codes or of stated length."""
    if head.startswith((b"\x00\x00\x01", b"\x00\x00\x00\x01")):
        return [unit.rstrip(b"\x00") for unit in _START_CODE.split(head)[1:]]
    units, place = [], 0
    while place + 4 < len(head):
        length = int.from_bytes(head[place : place + 4], "big")
        units.append(head[place + 4 : place + 4 + length])
        place += 4 + length
    return units


def _display_orientation(messages: bytes) -> bytes:
    place = 0
    while place + 2 <= len(messages):
        kind, place = _sei_number(messages, place)
        size, place = _sei_number(messages, place)
        if kind == _SEI_DISPLAY_ORIENTATION:
            return messages[place : place + size]
        place += size
    return b""


def _sei_number(messages: bytes, place: int) -> tuple[int, int]:
    value = 0
    while place < len(messages) and messages[place] == 255:
        value, place = value + 255, place + 1
    return value + (messages[place] if place < len(messages) else 0), place + 1


def _mpeg12(data: memoryview) -> bytes:
    head = bytes(data[:_HEAD_BYTES])
    place = head.find(b"\x00\x00\x01\xb3")
    return head[place + 4 : place + 7] if place >= 0 else b""


def _mpeg4(data: memoryview) -> bytes:
    for unit in _START_CODE.split(bytes(data[:_HEAD_BYTES]))[1:]:
        if unit and 0x20 <= unit[0] <= 0x2F:
            return unit.rstrip(b"\x00")
    return b""


def _vp8(data: memoryview) -> bytes:
    return bytes(data[6:10])


def _av1(data: memoryview) -> bytes:
    """Return the sequence header, one of the open bitstream units."""
    head, place = bytes(data[:_HEAD_BYTES]), 0
    while place + 2 <= len(head):
        first = head[place]
        place += 2 if first & 4 else 1
        if not first & 2:  # no length: the last one
            break
        length, shift = 0, 0
        while place < len(head):
            byte = head[place]
            place += 1
            length |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                break
        if first >> 3 & 15 == _AV1_SEQUENCE:
            return head[place : place + length]
        place += length
    return b""


def _jpeg(data: memoryview) -> bytes:
    """Return height, width and components, from the start-of-frame segment."""
    place = 2
    while place + 9 < len(data) and data[place] == 0xFF:
        marker = data[place + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return bytes(data[place + 4 : place + 10])
        place += 2 + int.from_bytes(data[place + 2 : place + 4], "big")
    return b""


def _png(data: memoryview) -> bytes:
    return bytes(data[16:26])


def _prores(data: memoryview) -> bytes:
    return bytes(data[16:20])


_READERS: dict[str, Callable[[memoryview], bytes]] = {
    "h264": _h264,
    "hevc": _hevc,
    "mpeg1video": _mpeg12,
    "mpeg2video": _mpeg12,
    "mpeg4": _mpeg4,
    "vp8": _vp8,
    "av1": _av1,
    "mjpeg": _jpeg,
    "png": _png,
    "prores": _prores,
}
