"""Build the packet index of a video.

1. All packets are demultiplexed once; no picture is decoded for that.
2. The first pictures are decoded. They give size and orientation, and show whether the time
   stamps can be trusted: pictures must come out with rising, known stamps, one per packet.
3. Where stamps are missing or guessed, the whole file is decoded once and frames are numbered
   by packet instead (see :mod:`napari_mespot.frames.index`).
4. The very end is decoded, so that a file cut short ends with its last whole picture.
"""

from array import array
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
from av.packet import Packet
from av.video.stream import VideoStream
from numpy.typing import NDArray

from napari_mespot.errors import FrameReadError
from napari_mespot.frames.appearance import settle_pictures
from napari_mespot.frames.container import OpenVideo, open_video
from napari_mespot.frames.decoder import decode_packets, packets_of
from napari_mespot.frames.index import NO_STAMP, KeyPackets, PacketIndex
from napari_mespot.frames.rate import format_rate, settle_rate
from napari_mespot.frames.survey import (
    HeadSample,
    PacketTable,
    StreamFacts,
    sample_head,
    survey_packets,
)
from napari_mespot.frames.tail import spoilt_frames
from napari_mespot.frames.timing import clock_of
from napari_mespot.frames.truncation import is_cut_short
from napari_mespot.frames.watched_file import FileIdentity, file_identity, reading
from napari_mespot.model import Clock

__all__ = ["build_index"]

#: Taken when nothing in the file tells its rate; said in a warning.
_ASSUMED_RATE = Fraction(30)

_Ints = NDArray[np.int64]
_NONE: _Ints = np.zeros(0, np.int64)
_NONE.flags.writeable = False


def build_index(path: Path, made_from: FileIdentity | None = None) -> PacketIndex:
    """Index a video file; the module's text says how.

    Parameters
    ----------
    path
        The video.
    made_from
        What the file is known to be; looked up if not given.

    Raises
    ------
    FrameReadError
        The file cannot be opened as a video, or no picture in it can be decoded.
    FileReadError
        It could not be read to its end, or changed meanwhile.
    """
    made_from = made_from or file_identity(path)
    packets, facts = survey_packets(path, made_from)
    head = sample_head(path, made_from)
    if not head.stamps:
        raise FrameReadError(
            f"Expected a video with pictures, but none can be decoded in {path} "
            f"({len(packets)} packets); export it again."
        )
    with reading(path):
        cut = packets.ends_damaged or is_cut_short(path)
    if _stamps_are_sound(packets, facts, head):
        index = _index_by_stamp(path, packets, facts, head, cut=cut)
    else:
        index = _index_by_count(path, packets, facts, head, cut=cut)
    index = settle_pictures(path, packets, head, index)
    return _with_warnings(index, _stream_warnings(path, packets, facts, index.n_frames, cut))


def _stamps_are_sound(packets: PacketTable, facts: StreamFacts, head: HeadSample) -> bool:
    """Whether each shown packet has its own stamp and pictures carry them in rising order."""
    shown = packets.pts[~packets.hidden]
    stamps = np.unique(shown)
    if facts.guessed_stamps or len(stamps) < len(shown) or (shown == NO_STAMP).any():
        return False
    if any(stamp is None for stamp in head.stamps):
        return False
    came = np.array(head.stamps, np.int64)
    if (np.diff(came) <= 0).any() or not np.isin(came, stamps).all():
        return False
    due = int(((stamps >= came[0]) & (stamps <= came[-1])).sum())
    # A packet the decoder took without showing a picture is no frame (field pairs, hidden
    # reference pictures): only a full decode can tell which are.
    return due == len(came) or head.refused > 0


def _index_by_stamp(
    path: Path, packets: PacketTable, facts: StreamFacts, head: HeadSample, *, cut: bool
) -> PacketIndex:
    stamps = np.unique(packets.pts[~packets.hidden])
    first = int(np.searchsorted(stamps, head.stamps[0] or 0))
    draft = PacketIndex(
        stamps,
        _NONE,
        _key_packets(packets, np.searchsorted(stamps, packets.pts), len(stamps)),
        *head.size,
        seek_by="dts" if facts.seek_by_dts else "pts",
        made_from=facts.made_from,
        extras=packets.extras,
    )
    spoilt = spoilt_frames(path, draft, cut_short=cut)
    kept = np.delete(stamps, np.union1d(np.arange(first), spoilt))
    keys = _key_packets(packets, np.searchsorted(kept, packets.pts), len(kept))
    rate = settle_rate(kept, facts.time_base, facts.rates)
    warnings = _edge_warnings(path, first, 0 if cut else len(spoilt))
    if rate is None:
        warnings.append(_rate_warning(path, _ASSUMED_RATE))
    clock = clock_of(kept, stamps, packets, facts, rate or _ASSUMED_RATE)
    return _with_warnings(replace(draft, stamps=kept, keys=keys, clock=clock), warnings)


def _index_by_count(
    path: Path, packets: PacketTable, facts: StreamFacts, head: HeadSample, *, cut: bool
) -> PacketIndex:
    shown_at = _display_ranks(path, facts.made_from, len(packets))
    by_dts = _rises(packets.dts)
    findable = by_dts or _rises(packets.pos)
    timed = bool((packets.dts != NO_STAMP).any())
    stated = facts.rates[0] if timed and facts.rates else facts.coded_rate
    rate = stated or _ASSUMED_RATE
    index = PacketIndex(
        _NONE,
        shown_at,
        _key_packets(packets, shown_at, len(packets) if findable else 0),
        *head.size,
        Clock(rate),
        () if timed else (_rate_warning(path, rate),),
        seek_by="dts" if by_dts else "pos",
        made_from=facts.made_from,
        extras=packets.extras,
    )
    if not cut:
        return index
    shown_at = _without(shown_at, spoilt_frames(path, index, cut_short=True))
    keys = _key_packets(packets, shown_at, len(packets) if findable else 0)
    return replace(index, shown_at=shown_at, keys=keys)


def _without(shown_at: _Ints, left_out: _Ints) -> _Ints:
    """Drop frames from the display order and close the ranks."""
    moved = shown_at - np.searchsorted(left_out, shown_at)
    return np.where(np.isin(shown_at, left_out), -1, moved)


def _display_ranks(path: Path, made_from: FileIdentity, n_packets: int) -> _Ints:
    """Decode the whole file once: which packet is shown when, −1 for never."""
    for threads in ("AUTO", "SLICE"):
        order, refused = _display_order(path, made_from, threads)
        # Frame threads may lose a good picture beside a refused one; slice threads do not.
        if not refused:
            break
    shown_at = np.full(n_packets, -1, np.int64)
    shown_at[order] = np.arange(len(order))
    return shown_at


def _display_order(path: Path, made_from: FileIdentity, threads: str) -> tuple[_Ints, int]:
    """Packet numbers in the order their pictures come out, and how many were refused."""
    head = HeadSample()
    order = array("q")
    video = open_video(path, threads=threads, expected=made_from)
    try:
        for picture in decode_packets(video, _numbered(video), head.note_refusal):
            if picture.pts is not None:
                order.append(picture.pts)
    finally:
        video.close()
    return np.array(order, np.int64), head.refused


def _numbered(video: OpenVideo) -> Iterator["Packet[VideoStream]"]:
    for number, packet in enumerate(packets_of(video)):
        packet.pts = number
        yield packet


def _key_packets(packets: PacketTable, rank: _Ints, n_frames: int) -> KeyPackets:
    """Key packets with the first frame each reaches, which is its own or the next one shown."""
    rows = np.flatnonzero(packets.key & (rank >= 0) & (rank < n_frames))
    rows = rows[np.argsort(rank[rows], kind="stable")]
    return KeyPackets(
        rank[rows].astype(np.int64),
        packets.pts[rows],
        packets.dts[rows],
        packets.pos[rows],
        rows.astype(np.int64),
    )


def _rises(values: _Ints) -> bool:
    return bool((values != NO_STAMP).all() and (np.diff(values) > 0).all())


def _with_warnings(index: PacketIndex, warnings: list[str]) -> PacketIndex:
    return replace(index, warnings=index.warnings + tuple(warnings))


def _rate_warning(path: Path, rate: Fraction) -> str:
    return (
        f"{path.name} carries no time stamps: {format_rate(rate)} fps is assumed; "
        "give the frame rate if that is wrong."
    )


def _edge_warnings(path: Path, before: int, after: int) -> list[str]:
    places = (("first", before), ("last", after))
    return [
        f"The {place} {count} pictures of {path.name} cannot be decoded and are left out."
        for place, count in places
        if count
    ]


def _stream_warnings(
    path: Path, packets: PacketTable, facts: StreamFacts, n_frames: int, cut: bool
) -> list[str]:
    warnings = [facts.other_streams] if facts.other_streams else []
    if cut:
        stated = f" of about {facts.stated_frames}" if facts.stated_frames > n_frames else ""
        warnings.append(
            f"{path.name} is cut short: its {n_frames} whole frames{stated} are used; "
            "copy it again if more should be there."
        )
    inside = int((packets.damaged < len(packets) - 4).sum())
    if inside:
        warnings.append(
            f"{path.name} has {inside} damaged packets: pictures near them may be missing or "
            "smeared."
        )
    if facts.pixel_aspect not in (0, 1):
        warnings.append(
            f"{path.name} has pixels of aspect {facts.pixel_aspect.numerator}:"
            f"{facts.pixel_aspect.denominator}; pictures are read as stored, unstretched."
        )
    return warnings
