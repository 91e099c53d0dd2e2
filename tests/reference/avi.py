"""AVI files made by hand, as capture programs write them that know no FFmpeg."""

import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_KEY = 0x10


def write_avi(
    path: Path,
    chunks: Sequence[bytes],
    size: tuple[int, int],
    *,
    fourcc: bytes = b"DIB ",
    palette: NDArray[np.uint8] | None = None,
    top_down: bool = False,
    rate: int = 25,
) -> Path:
    """Write picture chunks as they are.

    Parameters
    ----------
    path
        The file.
    chunks
        Stored pictures.
    size
        Height and width.
    fourcc
        Of the codec; ``b"DIB "`` is uncompressed.
    palette
        ``(256, 3)`` blue, green, red of 8-bit pictures.
    top_down
        Whether rows are stored from the top.
    rate
        Pictures per second.
    """
    height, width = size
    bits = 24 if palette is None else 8
    colours = b""
    if palette is not None:
        colours = np.pad(palette, ((0, 0), (0, 1))).tobytes()
    compression = bytes(4) if fourcc == b"DIB " else fourcc
    main = struct.pack("<10I", 10**6 // rate, 0, 0, _KEY, len(chunks), 0, 1, 0, width, height)
    stream = struct.pack(
        "<4s4sIHHIIIIIIiI4h",
        *(b"vids", fourcc, 0, 0, 0, 0, 1, rate, 0, len(chunks), 0, -1, 0),
        *(0, 0, width, height),
    )
    stored_height = -height if top_down else height
    layout = struct.pack(
        "<IiiHH4sIiiII",
        *(40, width, stored_height, 1, bits, compression, 0, 0, 0, len(colours) // 4, 0),
    )
    headers = _list(
        b"hdrl",
        _chunk(b"avih", main + bytes(16)),
        _list(b"strl", _chunk(b"strh", stream), _chunk(b"strf", layout + colours)),
    )
    places, place = [], 4
    for chunk in chunks:
        places.append(struct.pack("<4sIII", b"00dc", _KEY, place, len(chunk)))
        place += 8 + len(chunk) + len(chunk) % 2
    pictures = _list(b"movi", *(_chunk(b"00dc", chunk) for chunk in chunks))
    body = b"AVI " + headers + pictures + _chunk(b"idx1", b"".join(places))
    path.write_bytes(_chunk(b"RIFF", body))
    return path


def _chunk(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def _list(name: bytes, *chunks: bytes) -> bytes:
    return _chunk(b"LIST", name + b"".join(chunks))
