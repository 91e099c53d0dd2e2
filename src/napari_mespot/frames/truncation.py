"""Tell from a container's own framing whether its end is missing.

The outermost boxes of MP4, Matroska/WebM and AVI state their length, and MPEG-TS comes in
packets of 188 (or 192) bytes, so a cut file gives itself away without being decoded.
"""

from pathlib import Path
from typing import BinaryIO

__all__ = ["is_cut_short"]

_EBML = b"\x1a\x45\xdf\xa3"
_SEGMENT = b"\x18\x53\x80\x67"
_TS_SYNC = 0x47
#: More zeros than this at the end, and than a fiftieth of the file, are no padding.
_ZEROS_BYTES = 1024


def is_cut_short(path: Path) -> bool:
    """Whether the file ends before its container says it does.

    False also where the container states no length (a live recording) or is not known here.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(400)
        if head[4:8] in {b"ftyp", b"moov", b"mdat", b"wide", b"free"}:
            return _boxes_overrun(file, size)
        if head[:4] == _EBML:
            return _segment_overruns(file, size)
        if head[:4] == b"RIFF":
            return _riff_overruns(file, size)
    for packet, first in ((188, 0), (192, 4)):
        if len(head) > first + packet and head[first] == head[first + packet] == _TS_SYNC:
            return size % packet != 0 or _ends_in_zeros(path, size)
    return _ends_in_zeros(path, size)


def _ends_in_zeros(path: Path, size: int) -> bool:
    """Whether the end was given its place on the disk and never written."""
    length = max(_ZEROS_BYTES, size // 50)
    with path.open("rb") as file:
        file.seek(max(0, size - length))
        return not any(file.read(length))


def _boxes_overrun(file: BinaryIO, size: int) -> bool:
    """ISO base media (MP4, MOV): walk the outermost boxes."""
    position = 0
    while position + 8 <= size:
        file.seek(position)
        header = file.read(16)
        length = int.from_bytes(header[:4], "big")
        if length == 1:
            length = int.from_bytes(header[8:16], "big")
        if length == 0:
            return False
        if length < 8:
            return False
        position += length
    return position != size


def _segment_overruns(file: BinaryIO, size: int) -> bool:
    """Matroska, WebM: the EBML header, then one segment of stated or unknown length."""
    file.seek(4)
    header_length = _vint(file)
    if header_length is None:
        return False
    file.seek(header_length, 1)
    if file.read(4) != _SEGMENT:
        return False
    length = _vint(file)
    return length is not None and file.tell() + length > size


def _vint(file: BinaryIO) -> int | None:
    """Read an EBML length; None when it is the reserved "unknown"."""
    first = file.read(1)
    if not first or first[0] == 0:
        return None
    width = 9 - first[0].bit_length()
    value = first[0] & ((1 << (8 - width)) - 1)
    for byte in file.read(width - 1):
        value = value << 8 | byte
    return None if value == (1 << 7 * width) - 1 else value


def _riff_overruns(file: BinaryIO, size: int) -> bool:
    """AVI: a chain of RIFF chunks (several in OpenDML files)."""
    position = 0
    while position + 8 <= size:
        file.seek(position)
        header = file.read(8)
        length = int.from_bytes(header[4:], "little")
        # A writer that cannot go back leaves no length, or the largest there is.
        if header[:4] != b"RIFF" or length in {0, 0xFFFFFFFF}:
            return False
        position += 8 + length + length % 2
    return position > size + 1
