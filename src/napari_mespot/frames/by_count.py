"""Index a video whose pictures carry no time stamps of their own, or wrong ones.

The whole file is decoded once, which tells which packet is shown when. In an AVI every chunk has
a slot in time; elsewhere every picture has, one that the decoder refused included. So pictures
that are lost or were dropped while recording keep their place, see
:mod:`napari_mespot.frames.layout`.
"""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import numpy as np
from av.packet import Packet
from av.video.stream import VideoStream
from numpy.typing import NDArray

from napari_mespot.frames.avi_slots import SlotTable, slots_of_chunks
from napari_mespot.frames.container import OpenVideo, open_video
from napari_mespot.frames.decoder import decode_packets, packets_of
from napari_mespot.frames.index import NO_STAMP, PacketIndex
from napari_mespot.frames.keys import key_packets
from napari_mespot.frames.layout import Layout, lay_out
from napari_mespot.frames.rate import ASSUMED_RATE, rate_warning, settle_rate
from napari_mespot.frames.survey import HeadSample, PacketTable, StreamFacts
from napari_mespot.frames.tail import spoilt_frames
from napari_mespot.frames.timing import clock_of, layout_warnings
from napari_mespot.model import Clock

__all__ = ["avi_slots", "index_by_count"]

_Ints = NDArray[np.int64]
_NONE: _Ints = np.zeros(0, np.int64)
#: A shorter packet without a picture says "as before"; a longer one has lost its picture.
_SAYS_AS_BEFORE_BYTES = 12
_MOSTLY = 0.5


@dataclass(frozen=True, eq=False)
class _Shown:
    """Packets by number: those that give a picture, as displayed, and those that lost theirs."""

    order: _Ints
    lost: _Ints


def avi_slots(packets: PacketTable, facts: StreamFacts) -> SlotTable | None:
    """Where the packets of an AVI belong; None for other containers."""
    if facts.chunks is None:
        return None
    return slots_of_chunks(
        packets.pos, packets.size, packets.dts, facts.chunks, facts.stated_frames
    )


def index_by_count(
    path: Path, packets: PacketTable, facts: StreamFacts, head: HeadSample, *, cut: bool
) -> PacketIndex:
    """Make the index of a video whose frames are known by the number of their packet.

    Parameters
    ----------
    path
        The video.
    packets, facts, head
        What :mod:`napari_mespot.frames.survey` found.
    cut
        Whether the end of the file is missing.
    """
    slots = avi_slots(packets, facts)
    shown = _shown(path, packets, facts)
    if slots is not None:  # packets that are no part of the video are decoded, and not shown
        shown = replace(shown, order=shown.order[slots.slot[shown.order] >= 0])
    by_dts = _rises(packets.dts)
    draft = PacketIndex(
        _NONE,
        _NONE,
        key_packets(packets, np.zeros(len(packets), np.int64), 0),
        *head.size,
        seek_by="dts" if by_dts else "pos",
        made_from=facts.made_from,
        extras=packets.extras,
    )
    index = _with_order(draft, packets, shown.order)
    if cut:
        spoilt = spoilt_frames(path, index, cut_short=True)
        gone, kept = shown.order[spoilt], np.delete(shown.order, spoilt)
        slots = None if slots is None else _closed_up(slots, gone)
        shown = replace(shown, order=kept)
        index = _with_order(draft, packets, kept)
    return _timed(path, index, packets, facts, shown, slots)


def _with_order(draft: PacketIndex, packets: PacketTable, order: _Ints) -> PacketIndex:
    shown_at = np.full(len(packets), -1, np.int64)
    shown_at[order] = np.arange(len(order))
    findable = _rises(packets.dts) or _rises(packets.pos)
    keys = key_packets(packets, shown_at, len(packets) if findable else 0)
    return replace(draft, shown_at=shown_at, keys=keys)


def _timed(
    path: Path,
    index: PacketIndex,
    packets: PacketTable,
    facts: StreamFacts,
    shown: _Shown,
    slots: SlotTable | None,
) -> PacketIndex:
    """Give the pictures their places in time."""
    if len(shown.order) == 0:
        return index
    if slots is not None:
        return _in_slots(path, index, packets, facts, shown, slots)
    stamped = _stamps(packets, facts, shown.order)
    if stamped is None:
        index = _in_slots(path, index, packets, facts, shown, _steps(len(packets), shown))
        contradict = not facts.guessed_stamps and (packets.pts != NO_STAMP).mean() > _MOSTLY
        texts = _stamp_warnings(path, 0, went_back=bool(contradict))
        return replace(index, warnings=index.warnings + texts)
    stamps, went_back = stamped
    rate = settle_rate(stamps, facts.time_base, facts.rates) or ASSUMED_RATE
    clock = clock_of(stamps, stamps, packets, facts, rate)
    n_lost = int(((shown.lost > shown.order[0]) & (shown.lost < shown.order[-1])).sum())
    return replace(index, clock=clock, warnings=_stamp_warnings(path, n_lost, went_back=went_back))


def _in_slots(
    path: Path,
    index: PacketIndex,
    packets: PacketTable,
    facts: StreamFacts,
    shown: _Shown,
    slots: SlotTable,
) -> PacketIndex:
    """Put the pictures into slots of equal length."""
    timed = bool((packets.dts != NO_STAMP).any())
    rate = (facts.rates[0] if timed and facts.rates else facts.coded_rate) or ASSUMED_RATE
    lost = np.union1d(slots.lost, slots.slot[shown.lost])
    layout = lay_out(shown.order, slots.slot, lost[lost >= 0])
    warnings = layout_warnings(path.name, layout)
    if not timed:
        warnings.append(rate_warning(path, rate))
    clock = Clock(rate, layout.first_slot / rate)
    index = replace(index, clock=clock, warnings=tuple(warnings))
    if layout.n_repeats > len(shown.order):
        return replace(index, clock=_clock_of_slots(layout, rate))
    return index if layout.is_one_to_one else replace(index, shows=layout.shows)


def _stamps(packets: PacketTable, facts: StreamFacts, order: _Ints) -> tuple[_Ints, bool] | None:
    """Stamps of the pictures, where most have one, and whether some went back.

    Pictures without a stamp, or with one that goes back, follow those before at the rate.
    """
    stamps = packets.pts[order]
    known = stamps != NO_STAMP
    if facts.guessed_stamps or not facts.rates or known.mean() <= _MOSTLY or not known[0]:
        return None
    ordered = np.sort(stamps)
    if _rises(ordered):
        return ordered, False
    latest = np.maximum.accumulate(np.where(known, stamps, stamps[0]))
    n_known = int(known.sum())
    known[1:] &= stamps[1:] > latest[:-1]
    beat = 1 / float(facts.rates[0] * facts.time_base)
    rows = np.flatnonzero(known)
    before = rows[np.searchsorted(rows, np.arange(len(stamps)), side="right") - 1]
    filled = stamps[before] + np.round((np.arange(len(stamps)) - before) * beat).astype(np.int64)
    usable = len(rows) > _MOSTLY * len(stamps) and _rises(filled)
    return (filled, len(rows) < n_known) if usable else None


def _stamp_warnings(path: Path, n_lost: int, *, went_back: bool) -> tuple[str, ...]:
    texts = []
    if n_lost:
        texts.append(
            f"{path.name} is damaged: {n_lost} pictures cannot be decoded and are left out; the "
            "others keep their time."
        )
    if went_back:
        texts.append(
            f"{path.name} has time stamps that go back (damaged, or put together from parts?): "
            "the frames concerned follow those before at the stated rate."
        )
    return tuple(texts)


def _clock_of_slots(layout: Layout, rate: Fraction) -> Clock:
    """Where most slots repeat (a high nominal rate), pictures are frames and last longer."""
    first = np.flatnonzero(np.diff(layout.shows, prepend=-1) > 0)
    average = len(first) * rate / len(layout.shows)
    return Clock.of_stamps(
        first,
        1 / rate,
        settle_rate(first, 1 / rate, ()) or average,
        starts_late_s=layout.first_slot / rate,
        last=len(layout.shows) - int(first[-1]),
    )


def _closed_up(slots: SlotTable, gone: _Ints) -> SlotTable:
    """Take packets out at a missing end, where what is left moves up."""
    taken = np.sort(slots.slot[gone])
    moved = slots.slot - np.searchsorted(taken, slots.slot)
    lost = slots.lost - np.searchsorted(taken, slots.lost)
    return SlotTable(np.where(np.isin(slots.slot, taken), -1, moved), lost)


def _steps(n_packets: int, shown: _Shown) -> SlotTable:
    """One slot for every packet that has or should have a picture."""
    has_slot = np.zeros(n_packets, np.bool_)
    has_slot[shown.order] = has_slot[shown.lost] = True
    return SlotTable(np.where(has_slot, np.cumsum(has_slot) - 1, -1), _NONE)


def _shown(path: Path, packets: PacketTable, facts: StreamFacts) -> _Shown:
    """Find out, by decoding the whole file once, which packet is shown when."""
    if not facts.guessed_stamps and facts.chunks is not None:  # every picture by itself
        return _Shown(np.arange(len(packets)), _NONE)
    for threads in ("AUTO", "SLICE"):
        order, refused = _display_order(path, facts, threads)
        # Frame threads may lose a good picture beside a refused one; slice threads do not.
        if len(refused) == 0:
            break
    silent = np.setdiff1d(np.arange(len(packets)), np.union1d(order, refused))
    silent = silent[packets.size[silent] > _SAYS_AS_BEFORE_BYTES]
    # Where pictures come in pairs of packets, one of each is silent by nature.
    is_usual = len(silent) > len(order) // 4
    return _Shown(order, refused if is_usual else np.union1d(refused, silent))


def _display_order(path: Path, facts: StreamFacts, threads: str) -> tuple[_Ints, _Ints]:
    """Packet numbers in the order their pictures come out, and those refused."""
    order, refused, sent = array("q"), array("q"), array("q", [-1])
    video = open_video(path, threads=threads, expected=facts.made_from)
    try:
        numbered = _numbered(video, sent)
        for picture in decode_packets(video, numbered, lambda: refused.append(sent[0])):
            if picture.pts is not None:
                order.append(picture.pts)
    finally:
        video.close()
    came = np.array(order, np.int64)
    return came, np.setdiff1d(np.array(refused, np.int64), came)


def _numbered(video: OpenVideo, sent: "array[int]") -> Iterator["Packet[VideoStream]"]:
    for number, packet in enumerate(packets_of(video)):
        packet.pts = sent[0] = number
        yield packet


def _rises(values: _Ints) -> bool:
    return bool((values != NO_STAMP).all() and (np.diff(values) > 0).all())
