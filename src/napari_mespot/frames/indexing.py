"""Build the packet index of a video.

1. All packets are demultiplexed once; no picture is decoded for that.
2. The first pictures are decoded. They give size and orientation, and show whether the time
   stamps can be trusted: pictures must come out with rising, known stamps, one per packet.
3. Where stamps are missing or guessed, the whole file is decoded once and frames are numbered
   by packet instead (see :mod:`napari_mespot.frames.by_count`).
4. The very end is decoded, so that a file cut short ends with its last whole picture.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from napari_mespot.errors import FrameReadError
from napari_mespot.frames.appearance import settle_pictures
from napari_mespot.frames.by_count import avi_slots, index_by_count
from napari_mespot.frames.completeness import completeness_warnings
from napari_mespot.frames.index import NO_STAMP, PacketIndex
from napari_mespot.frames.keys import key_packets
from napari_mespot.frames.rate import ASSUMED_RATE, rate_warning, settle_rate
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

__all__ = ["build_index"]

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
        cut = packets.ends_damaged or is_cut_short(path) or _ends_early(packets, facts)
    if _stamps_are_sound(packets, facts, head):
        index = _index_by_stamp(path, packets, facts, head, cut=cut)
    else:
        index = index_by_count(path, packets, facts, head, cut=cut)
    index = settle_pictures(path, packets, head, index)
    warnings = _stream_warnings(path, packets, facts, index.n_frames, cut)
    if not cut and index.n_frames:
        with reading(path):
            warnings += completeness_warnings(path, packets, facts, index)
    return _with_warnings(index, warnings)


def _ends_early(packets: PacketTable, facts: StreamFacts) -> bool:
    """Whether an AVI states slots after its last chunk."""
    slots = avi_slots(packets, facts)
    return slots is not None and int(slots.slot.max(initial=-1)) + 1 < facts.stated_frames


def _stamps_are_sound(packets: PacketTable, facts: StreamFacts, head: HeadSample) -> bool:
    """Whether each shown packet has its own stamp and pictures carry them in rising order."""
    shown = packets.pts[~packets.hidden]
    stamps = np.unique(shown)
    if facts.guessed_stamps or not _fills_its_slots(packets, facts):
        return False
    if len(stamps) < len(shown) or (shown == NO_STAMP).any():
        return False
    # Damage brings pictures out of order; what came before it tells how the file is made.
    enough = head.n_sound is not None and head.n_sound > 1
    judged = head.stamps[: head.n_sound] if enough else head.stamps
    if any(stamp is None for stamp in judged):
        return False
    came = np.array(judged, np.int64)
    if (np.diff(came) <= 0).any() or not np.isin(came, stamps).all():
        return False
    due = int(((stamps >= came[0]) & (stamps <= came[-1])).sum())
    # A packet the decoder took without showing a picture is no frame (field pairs, hidden
    # reference pictures): only a full decode can tell which are.
    return due == len(came) or head.refused > 0


def _fills_its_slots(packets: PacketTable, facts: StreamFacts) -> bool:
    """Whether no chunk of an AVI is empty or lost, so that its running numbers can be trusted."""
    slots = avi_slots(packets, facts)
    return slots is None or (
        len(slots.lost) == 0
        and np.array_equal(slots.slot, np.arange(len(packets)))
        and np.array_equal(packets.dts, slots.slot)
    )


def _index_by_stamp(
    path: Path, packets: PacketTable, facts: StreamFacts, head: HeadSample, *, cut: bool
) -> PacketIndex:
    stamps = np.unique(packets.pts[~packets.hidden])
    first = int(np.searchsorted(stamps, head.stamps[0] or 0))
    draft = PacketIndex(
        stamps,
        _NONE,
        key_packets(packets, np.searchsorted(stamps, packets.pts), len(stamps)),
        *head.size,
        seek_by="dts" if facts.seek_by_dts else "pts",
        made_from=facts.made_from,
        extras=packets.extras,
    )
    spoilt = spoilt_frames(path, draft, cut_short=cut)
    kept = np.delete(stamps, np.union1d(np.arange(first), spoilt))
    keys = key_packets(packets, np.searchsorted(kept, packets.pts), len(kept))
    rate = settle_rate(kept, facts.time_base, facts.rates)
    warnings = _edge_warnings(path, first, 0 if cut else len(spoilt))
    if rate is None:
        warnings.append(rate_warning(path, ASSUMED_RATE))
    clock = clock_of(kept, stamps, packets, facts, rate or ASSUMED_RATE)
    return _with_warnings(replace(draft, stamps=kept, keys=keys, clock=clock), warnings)


def _with_warnings(index: PacketIndex, warnings: list[str]) -> PacketIndex:
    return replace(index, warnings=index.warnings + tuple(warnings))


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
