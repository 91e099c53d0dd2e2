"""Look over the pictures of a whole video: their sizes, fields and the depth they really use.

The first picture is not like all others: calls grow, phones are turned, exposure changes.
Stream headers tell where pictures may change; one picture after each kind of header is decoded,
and some spread over the video besides.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
from av.video.reformatter import VideoReformatter

from napari_mespot.frames.canvas import canvas_for
from napari_mespot.frames.index import NO_STAMP, PacketIndex
from napari_mespot.frames.look import Look
from napari_mespot.frames.random_access import RandomAccess
from napari_mespot.frames.seek_proof import with_proven_keys
from napari_mespot.frames.survey import HeadSample, PacketTable
from napari_mespot.frames.used_depth import used_depth

__all__ = ["settle_pictures"]

_Size = tuple[int, int]

_SPREAD = 16
_MOST_HEADERS = 64
_MOST_NARROWED = 8
#: Share of pictures with two fields from which the user is told.
_INTERLACED_SHARE = 0.05
_CACHE_BYTES = 1 << 24


def settle_pictures(
    path: Path, packets: PacketTable, head: HeadSample, index: PacketIndex
) -> PacketIndex:
    """Complete an index by its proven key packets, the size and depth of its frames, and warnings.

    Parameters
    ----------
    path, packets, head
        The video, what its packets tell, and its first pictures.
    index
        The index so far.
    """
    first = dict(_first_looks(head, index))
    index = with_proven_keys(path, index, first)
    seen = _Seen(path, index)
    for frame, look in first.items():
        seen.note(frame, look)
    try:
        seen.look_at_others(packets)
    finally:
        seen.close()
    height, width = canvas_for([head.size, *seen.sizes.values()])
    spare_bits, depth_text = used_depth(path, index, seen.looks)
    texts = (_size_text(path, seen, height, width), _interlaced_text(path, seen.looks), depth_text)
    return replace(
        index,
        height=height,
        width=width,
        spare_bits=spare_bits,
        warnings=index.warnings + tuple(text for text in texts if text),
    )


def _first_looks(head: HeadSample, index: PacketIndex) -> Iterator[tuple[int, Look]]:
    for place, (stamp, look) in enumerate(zip(head.stamps, head.looks, strict=True)):
        frame = place if index.by_count else index.frame_of(stamp)
        if frame is not None and frame < index.n_pictures:
            yield frame, look


class _Seen:
    """What is known of the pictures of a video, by frame."""

    def __init__(self, path: Path, index: PacketIndex) -> None:
        self.looks: list[Look] = []
        self.sizes: dict[int, _Size] = {}
        self._index = index
        self._access = RandomAccess(path, index, _CACHE_BYTES)
        self._reformatter = VideoReformatter()

    def note(self, frame: int, look: Look) -> None:
        self.looks.append(look)
        self.sizes[frame] = look.size

    def look(self, frame: int) -> Look | None:
        """Decode a frame and take note of it; None if that fails."""
        picture = self._access.picture(frame)
        if picture is None:
            return None
        look = Look.at(picture, self._reformatter)
        self.note(frame, look)
        return look

    def look_at_others(self, packets: PacketTable) -> None:
        """Look at frames beyond the first ones, until all changes of size are known."""
        stated = set(self._follow_headers(packets))
        for frame in _spread(self._index):
            if frame not in self.sizes:
                self.look(frame)
        vague = [change for change in self.changes() if change[1] not in stated]
        for before, after in vague[:_MOST_NARROWED]:
            self._narrow(before, after)

    def changes(self) -> list[tuple[int, int]]:
        """Frames next to each other, as far as known, whose sizes differ."""
        return [
            (before, after)
            for before, after in pairwise(sorted(self.sizes))
            if self.sizes[before] != self.sizes[after]
        ]

    def close(self) -> None:
        self._access.close()

    def _follow_headers(self, packets: PacketTable) -> Iterator[int]:
        """Note the size after each change of the stream's header; yield these frames."""
        known: dict[bytes, _Size] = {}
        for ordinal, header in packets.headers:
            frame = _frame_of_packet(self._index, packets, ordinal)
            if frame is None:
                continue
            wanted = header not in known and len(known) < _MOST_HEADERS
            if wanted and (frame in self.sizes or self.look(frame)):
                known[header] = self.sizes[frame]
            if header in known:
                self.sizes[frame] = known[header]
                yield frame

    def _narrow(self, before: int, after: int) -> None:
        """Find the frame between two at which the size changes."""
        while after - before > 1:
            middle = (before + after) // 2
            look = self.look(middle)
            if look is None:
                return
            if look.size == self.sizes[before]:
                before = middle
            else:
                after = middle


def _frame_of_packet(index: PacketIndex, packets: PacketTable, ordinal: int) -> int | None:
    """First frame shown from a packet on."""
    if index.by_count:
        frame = int(index.shown_at[ordinal])
    else:
        stamp = int(packets.pts[ordinal])
        frame = -1 if stamp == NO_STAMP else int(np.searchsorted(index.stamps, stamp))
    return frame if 0 <= frame < index.n_pictures else None


def _spread(index: PacketIndex) -> list[int]:
    """Frames at key packets, evenly spread, which are decoded at little cost."""
    keys = index.keys.frame
    if len(keys) == 0:
        return []
    rows = np.linspace(0, len(keys) - 1, _SPREAD).round().astype(int)
    return [int(keys[row]) for row in np.unique(rows)]


def _size_text(path: Path, seen: _Seen, height: int, width: int) -> str | None:
    changes = seen.changes()
    if not changes:
        return None
    before, after = changes[0]
    (h, w), (h2, w2) = seen.sizes[before], seen.sizes[after]
    often = "changes" if len(changes) == 1 else f"changes {len(changes)} times, first"
    return (
        f"{path.name}: the picture size {often} at frame {after} ({w}×{h}, then {w2}×{h2}); "
        f"all frames are read at {width}×{height}, none reduced or squashed."
    )


def _interlaced_text(path: Path, looks: list[Look]) -> str | None:
    n_interlaced = sum(look.interlaced for look in looks)
    if not n_interlaced or n_interlaced < _INTERLACED_SHARE * len(looks):
        return None
    return (
        f"{path.name} is interlaced: each picture holds two fields of different moments, so what "
        "moves is combed; deinterlace it first, for instance with ffmpeg -i FILE "
        "-vf bwdif=mode=send_field OUT, which makes a frame of each field."
    )
