"""Try whether decoding may really start where the container says it may.

A codec may need what came once, before: tables of the first picture, or all pictures so far
where a container calls every packet a key. What a seek gives is therefore compared with what a
plain decode of the first pictures gave.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
from av.video.reformatter import VideoReformatter

from napari_mespot.frames.decoder import Decoder
from napari_mespot.frames.index import KeyPackets, PacketIndex
from napari_mespot.frames.look import Look
from napari_mespot.frames.picture import Picture

__all__ = ["with_proven_keys"]


def with_proven_keys(path: Path, index: PacketIndex, known: Mapping[int, Look]) -> PacketIndex:
    """Give up an index's key packets if half of those tried do not give the right picture.

    All decoding then starts at the beginning of the file: slow, but right.

    Parameters
    ----------
    path, index
        The video and its index.
    known
        Looks at its first pictures as a plain decode gave them, by frame.
    """
    right = list(_tries(path, index, known))
    if not right or 2 * right.count(False) < len(right):
        return index
    none = np.zeros(0, np.int64)
    return replace(index, keys=KeyPackets(none, none, none, none, none))


def _tries(path: Path, index: PacketIndex, known: Mapping[int, Look]) -> Iterator[bool]:
    """Start at some key packets whose picture is known, and tell whether it comes out.

    A key packet that gives no picture, or a later one than promised, is met elsewhere.
    """
    rows = [row for row, frame in enumerate(index.keys.frame[: len(known)]) if int(frame) in known]
    chosen = sorted({rows[place] for place in _spread(len(rows))})
    decoder, reformatter = Decoder(path, index, threads="SLICE"), VideoReformatter()
    try:
        for row in chosen:
            # A decoder that has seen the beginning would know what another does not.
            decoder.close()
            frame, decoded = next(decoder.run(row), (-1, None))
            if decoded is not None and frame == index.promised(row):
                yield Look.at(Picture.of(decoded), reformatter) == known[frame]
    finally:
        decoder.close()


def _spread(n: int) -> list[int]:
    """Choose the first two, a middle and the last of `n` places."""
    return [place for place in (0, 1, n // 2, n - 1) if place < n] if n else []
