"""Write AVI files chunk by chunk, as capture programs do: an empty chunk is a dropped picture."""

import struct
from collections.abc import Sequence
from pathlib import Path

import av


def write_avi(
    path: Path, chunks: Sequence[bytes], codec: bytes, *, rate: int = 30, with_index: bool = True
) -> Path:
    """Write an AVI of 96 × 64 pixels with exactly these chunks, and return its path."""
    movi, entries = b"movi", b""
    for chunk in chunks:
        entries += struct.pack("<4sIII", b"00dc", 16 if chunk else 0, len(movi), len(chunk))
        movi += _chunk(b"00dc", chunk)
    n = len(chunks)
    main = struct.pack("<14I", 10**6 // rate, 0, 0, 16, n, 0, 1, 0, 96, 64, 0, 0, 0, 0)
    stream = b"vids" + codec + struct.pack("<3I", 0, 0, 0)
    stream += struct.pack("<8I4H", 1, rate, 0, n, 0, 2**32 - 1, 0, 0, 0, 0, 96, 64)
    picture = struct.pack("<IiiHH4s5I", 40, 96, 64, 1, 24, codec, 96 * 64 * 3, 0, 0, 0, 0)
    formats = _list(b"strl", _chunk(b"strh", stream) + _chunk(b"strf", picture))
    body = b"AVI " + _list(b"hdrl", _chunk(b"avih", main) + formats) + _chunk(b"LIST", movi)
    if with_index:
        body += _chunk(b"idx1", entries)
    path.write_bytes(_chunk(b"RIFF", body))
    return path


def chunks_of(film: Path) -> list[bytes]:
    """Return what the packets of a film hold."""
    with av.open(str(film)) as container:
        return [bytes(packet) for packet in container.demux(video=0) if packet.size]


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content + bytes(len(content) % 2)


def _list(name: bytes, content: bytes) -> bytes:
    return _chunk(b"LIST", name + content)
