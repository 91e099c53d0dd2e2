"""Where the pictures of an AVI belong in time.

An AVI has no time stamps: its chunks follow each other at a steady rate, one for every slot. A
capture program that dropped a picture leaves the chunk of its slot empty, which means: show the
last picture again. The index of the file knows the slot of every chunk, even where chunks have
been lost by damage.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from av.video.stream import VideoStream
from numpy.typing import NDArray

from napari_mespot.frames.avi_index import read_old_index
from napari_mespot.frames.index import NO_STAMP

__all__ = ["ChunkIndex", "SlotTable", "chunk_index", "slots_of_chunks"]

_Ints = NDArray[np.int64]
#: FFmpeg counts a packet from behind the chunk's name and length, its index from before.
_CHUNK_HEADER_BYTES = 8
_LOOK_AHEAD = 256
_MOST_OF_IT = 0.9


@dataclass(frozen=True, eq=False)
class ChunkIndex:
    """What the index of an AVI says of its chunks that hold something, in order.

    Parameters
    ----------
    pos
        ``(n,)`` byte position of each chunk.
    size
        ``(n,)`` bytes in it.
    slot
        ``(n,)`` number of its slot, rising.
    """

    pos: _Ints
    size: _Ints
    slot: _Ints

    def __len__(self) -> int:
        return len(self.pos)


@dataclass(frozen=True, eq=False)
class SlotTable:
    """Where each packet belongs.

    Parameters
    ----------
    slot
        ``(n_packets,)`` slot of each packet, rising; −1 for one that is no part of the video.
    lost
        Slots whose chunks the index knows and the file no longer gives, rising.
    """

    slot: _Ints
    lost: _Ints


def chunk_index(path: Path, stream: VideoStream) -> ChunkIndex:
    """Read the index of an AVI; empty if the file has none.

    Parameters
    ----------
    path
        The file.
    stream
        Its video, just opened: later on FFmpeg adds what it meets.
    """
    rows = [(entry.pos, entry.size, entry.timestamp) for entry in stream.index_entries]
    table = np.array(rows, np.int64).reshape(-1, 3)
    # Where it finds no index FFmpeg makes one up, of the first packets only.
    old = read_old_index(path, stream.index)
    if len(old) >= len(table):
        table = old
    elif len(table) < _MOST_OF_IT * stream.frames:
        table = table[:0]
    return ChunkIndex(*(table if (np.diff(table[:, 2]) > 0).all() else table[:0]).T)


def slots_of_chunks(
    pos: _Ints, size: _Ints, dts: _Ints, index: ChunkIndex, stated: int
) -> SlotTable:
    """Find the slot of every packet.

    Parameters
    ----------
    pos, size, dts
        ``(n_packets,)`` byte position, length and running number of each packet as read.
    index
        The index, empty if there is none; the running numbers are then all there is.
    stated
        Number of slots that the head of the file states; 0 if none.
    """
    rising = bool((dts != NO_STAMP).all() and (np.diff(dts) > 0).all())
    rising = rising and bool(dts[-1] < max(stated, len(dts)))
    if len(index) == 0 or (rising and len(dts) == dts[-1] + 1 == stated):
        slot = dts if rising else np.arange(len(dts))
        return SlotTable(slot, np.setdiff1d(index.slot, slot))
    rows = _rows_in_index(pos - _CHUNK_HEADER_BYTES, size, index)
    slot = _with_strangers(np.where(rows >= 0, index.slot[rows], -1))
    return SlotTable(slot, np.setdiff1d(index.slot, slot))


def _rows_in_index(pos: _Ints, size: _Ints, index: ChunkIndex) -> _Ints:
    """Row of the index for each packet; −1 for one that is not in it."""
    rows = np.minimum(np.searchsorted(index.pos, pos), len(index) - 1)
    same = (index.pos[rows] == pos) & (index.size[rows] == size)
    if same.all() and (np.diff(rows) > 0).all():
        return rows
    # Bytes that were lost or added move all chunks behind: follow them by their lengths.
    found = np.full(len(pos), -1, np.int64)
    after, shifts = 0, {0}
    for packet in range(len(pos)):
        places = {int(pos[packet]) - shift for shift in shifts}
        row = _at_place(index, after, places, int(size[packet]))
        if row is None:
            row = _by_lengths(index, after, size[packet : packet + 2])
        if row is not None:
            found[packet] = row
            after, shifts = row + 1, _shifts(index, row, pos[packet : packet + 2])
    return found


def _at_place(index: ChunkIndex, after: int, places: set[int], size: int) -> int | None:
    """Row of the chunk of that length at one of the places.

    The place alone is not enough: of the first packet behind a hole FFmpeg states where the hole
    begins.
    """
    for place in places:
        row = int(np.searchsorted(index.pos, place))
        if after <= row < len(index) and int(index.pos[row]) == place and index.size[row] == size:
            return row
    return None


def _shifts(index: ChunkIndex, row: int, pos: _Ints) -> set[int]:
    """How far chunks may have moved, by this packet and, if it follows at once, the one behind."""
    return {int(p) - int(known) for p, known in zip(pos, index.pos[row : row + 2], strict=False)}


def _by_lengths(index: ChunkIndex, after: int, sizes: _Ints) -> int | None:
    """Find two chunks of these lengths one after the other; at the end one is enough."""
    near = index.size[after : after + _LOOK_AHEAD]
    same = near == sizes[0]
    if len(sizes) > 1:
        same = same[:-1] & (near[1:] == sizes[1])
    places = np.flatnonzero(same)
    return after + int(places[0]) if len(places) else None


def _with_strangers(slot: _Ints) -> _Ints:
    """Give packets that are not in the index the free slots between their neighbours."""
    filled = slot.copy()
    known = np.flatnonzero(slot >= 0)
    free = 0
    for packet in range(len(slot)):
        if slot[packet] < 0:
            next_known = np.searchsorted(known, packet)
            if next_known == len(known) or free < slot[known[next_known]]:
                filled[packet] = free
                free += 1
        else:
            free = int(slot[packet]) + 1
    return filled
