"""What FFmpeg does not read of an AVI: its main header, and an index that is out of place.

FFmpeg looks for the index (``idx1``) where the lengths in the file say. Where bytes were lost or
added before, it lies elsewhere.
"""

from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

__all__ = ["read_main_rate", "read_old_index"]

_NAME = b"idx1"
_BLOCK_BYTES = 1 << 20
#: An index lies at the end; so far back it is searched for (four million chunks).
_FARTHEST_BYTES = 1 << 26
_ENTRY = np.dtype([("name", "S4"), ("flags", "<u4"), ("pos", "<u4"), ("size", "<u4")])


def read_old_index(path: Path, stream: int) -> NDArray[np.int64]:
    """Read the index of one stream.

    Parameters
    ----------
    path
        An AVI file.
    stream
        Number of the stream.

    Returns
    -------
    ndarray
        ``(n, 3)`` position, length and slot of the chunks that hold something; positions count
        from where the index counts. Empty if there is no index.

    Raises
    ------
    OSError
        The disk failed.
    """
    with path.open("rb") as file:
        place = _find_last(file, _NAME)
        if place is None:
            return np.zeros((0, 3), np.int64)
        file.seek(place + len(_NAME))
        length = int.from_bytes(file.read(4), "little")
        body = file.read(min(length, _FARTHEST_BYTES))
    entries = np.frombuffer(body[: len(body) // _ENTRY.itemsize * _ENTRY.itemsize], _ENTRY)
    names = np.char.startswith(entries["name"], f"{stream:02d}".encode())
    own = entries[names & (np.char.str_len(entries["name"]) == len(_NAME))]
    table = np.stack([own["pos"], own["size"], np.arange(len(own))], axis=1).astype(np.int64)
    return table[table[:, 1] > 0]


def read_main_rate(path: Path) -> Fraction | None:
    """Frames per second by an AVI's main header, which FFmpeg passes over; None if not stated."""
    with path.open("rb") as file:
        head = file.read(36)
    if head[8:12] != b"AVI " or head[20:28] != b"hdrlavih":
        return None
    microseconds = int.from_bytes(head[32:36], "little")
    return Fraction(1_000_000, microseconds) if microseconds else None


def _find_last(file: BinaryIO, name: bytes) -> int | None:
    size = file.seek(0, 2)
    end = size
    while end > 0 and size - end < _FARTHEST_BYTES:
        start = max(0, end - _BLOCK_BYTES)
        file.seek(start)
        found = file.read(end - start + len(name) - 1).rfind(name)
        if found >= 0:
            return start + found
        end = start
    return None
