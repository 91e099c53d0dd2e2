"""Look over a video once: all its packets without decoding, and its first pictures decoded."""

import re
from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Protocol

import av
import numpy as np
from av.container import InputContainer
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

from napari_mespot.frames.avi_slots import ChunkIndex, chunk_index
from napari_mespot.frames.container import OpenVideo, open_video
from napari_mespot.frames.decoder import all_packets, decode_packets, packets_of
from napari_mespot.frames.index import NO_STAMP
from napari_mespot.frames.look import Look
from napari_mespot.frames.packet_extras import ExtrasWatch, PacketExtra
from napari_mespot.frames.picture import Picture
from napari_mespot.frames.stream_headers import HeaderWatch
from napari_mespot.frames.watched_file import FileIdentity, reading

__all__ = ["HeadSample", "PacketTable", "StreamFacts", "sample_head", "survey_packets"]

#: Name and length of a chunk, or two entries of a table.
_LEAST_FRAME_BYTES = 8
_HEAD_PICTURES = 128
_STATES_DURATION = ("matroska,webm", "flv")
#: As Matroska writers put the duration of a stream among its tags.
_CLOCK_TIME = re.compile(r"(\d{1,4}):(\d\d):(\d\d(?:\.\d{1,9})?)", re.ASCII)
_SEEK_BY_DTS = ("mpegts", "mpeg")


class _Ratio(Protocol):
    """What PyAV gives for a ratio: a fraction up to PyAV 18, then a kind of its own."""

    @property
    def numerator(self) -> int: ...

    @property
    def denominator(self) -> int: ...


@dataclass(frozen=True, eq=False)
class PacketTable:
    """All packets in decode order; columns of equal length, :data:`NO_STAMP` for unknown.

    `key` and `hidden` are booleans (a hidden packet is decoded but not shown, as an edit list
    demands); `damaged` holds the numbers of packets the container gave incomplete, and
    `last_duration` says for how long the picture shown last is shown, 0 if unknown. `headers`
    are stream headers, each with the number of the first packet for which it holds, and `extras`
    is what the decoder is told beside the packets.
    """

    pts: NDArray[np.int64]
    dts: NDArray[np.int64]
    pos: NDArray[np.int64]
    key: NDArray[np.bool_]
    hidden: NDArray[np.bool_]
    damaged: NDArray[np.int64]
    size: NDArray[np.int64]
    broken_off: bool = False
    last_duration: int = 0
    headers: tuple[tuple[int, bytes], ...] = ()
    extras: tuple[PacketExtra, ...] = ()

    def __len__(self) -> int:
        return len(self.pts)

    @property
    def ends_damaged(self) -> bool:
        """Whether reading broke off, or one of the last packets is incomplete."""
        return self.broken_off or bool((self.damaged >= len(self) - 4).any())


@dataclass(frozen=True)
class StreamFacts:
    """What the container states about its video stream.

    `rates` are stated frame rates, the average first; `coded_rate` is libavformat's best guess,
    which listens to the coded stream where the container has no clock. `made_from` is the file.
    `starts_at_s` is when it begins: the earliest of its streams, on the clock of the stamps.
    `other_streams` is a line about picture streams that are not read; `chunks` is the index of an
    AVI, None for other containers. `stated_s` is how long the pictures last by a header of their
    own; None where there is none, or where it may mean the sound.
    """

    time_base: Fraction
    rates: tuple[Fraction, ...]
    coded_rate: Fraction | None
    stated_frames: int
    pixel_aspect: Fraction
    guessed_stamps: bool
    seek_by_dts: bool
    made_from: FileIdentity
    starts_at_s: Fraction | None = None
    other_streams: str | None = None
    chunks: ChunkIndex | None = None
    stated_s: Fraction | None = None


@dataclass
class HeadSample:
    """What the first pictures of a video show.

    `refused` counts packets not decoded; `n_sound` pictures came before the first sign of damage.
    """

    stamps: list[int | None] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)
    refused: int = 0
    n_sound: int | None = None

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the first picture as displayed."""
        return self.looks[0].size

    def look_at(self, picture: VideoFrame, reformatter: VideoReformatter) -> None:
        """Take note of one decoded picture."""
        if picture.is_corrupt:
            self._note_damage()
        self.stamps.append(picture.pts)
        self.looks.append(Look.at(Picture.of(picture), reformatter))

    def note_refusal(self) -> None:
        """Take note of a packet the decoder refused."""
        self.refused += 1
        self._note_damage()

    def _note_damage(self) -> None:
        if self.n_sound is None:
            self.n_sound = len(self.stamps)


def survey_packets(path: Path, made_from: FileIdentity) -> tuple[PacketTable, StreamFacts]:
    """Demultiplex the whole file once; memory stays at some 30 bytes a packet."""
    video = open_video(path, expected=made_from)
    try:
        with reading(path):
            chunks = chunk_index(path, video.stream) if _is_avi(video) else None
        packets = _demultiplex(video)
        return packets, _facts(video, made_from, chunks)
    finally:
        video.close()


def sample_head(path: Path, made_from: FileIdentity) -> HeadSample:
    """Decode the first pictures of a video."""
    head, reformatter = HeadSample(), VideoReformatter()
    video = open_video(path, threads="SLICE", expected=made_from)
    try:
        for picture in decode_packets(video, packets_of(video), head.note_refusal):
            head.look_at(picture, reformatter)
            if len(head.stamps) >= _HEAD_PICTURES:
                break
    finally:
        video.close()
    return head


def _demultiplex(video: OpenVideo) -> PacketTable:
    pts, dts, pos, size, damaged = (array("q") for _ in range(5))
    key, hidden = array("b"), array("b")
    latest, last_duration = NO_STAMP, 0
    broken_off: list[bool] = []
    watch = HeaderWatch(video.stream.codec_context.codec.canonical_name)
    headers: list[tuple[int, bytes]] = []
    extras = ExtrasWatch()
    for packet in all_packets(video, lambda: broken_off.append(True)):
        if not packet.size:
            continue
        if packet.is_corrupt:
            damaged.append(len(pts))
        if header := watch.change(packet):
            headers.append((len(pts), header))
        extras.look_at(len(pts), packet)
        pts.append(NO_STAMP if packet.pts is None else packet.pts)
        if pts[-1] > latest and not packet.is_discard:
            latest, last_duration = pts[-1], packet.duration or 0
        dts.append(NO_STAMP if packet.dts is None else packet.dts)
        pos.append(NO_STAMP if packet.pos is None else packet.pos)
        size.append(packet.size)
        key.append(packet.is_keyframe)
        hidden.append(packet.is_discard)
    return PacketTable(
        _ints(pts),
        _ints(dts),
        _ints(pos),
        np.array(key, np.bool_),
        np.array(hidden, np.bool_),
        _ints(damaged),
        _ints(size),
        bool(broken_off),
        last_duration,
        tuple(headers),
        tuple(extras.extras),
    )


def _ints(values: Iterable[int]) -> NDArray[np.int64]:
    return np.array(values, np.int64)


def _start(container: InputContainer) -> Fraction | None:
    """When the file begins: its earliest stream, as FFmpeg and players have it.

    A cover has no time, though it is given one.
    """
    sounds_and_pictures = (*container.streams.video, *container.streams.audio)
    covers = [s for s in sounds_and_pictures if s.disposition & Disposition.attached_pic]
    if not covers:
        start = container.start_time
        return None if start is None else Fraction(start, av.time_base)
    starts = [
        stream.start_time * base
        for stream in sounds_and_pictures
        if stream not in covers
        and stream.start_time is not None
        and (base := _fraction(stream.time_base))
    ]
    return min(starts, default=None)


def _fraction(value: _Ratio | None) -> Fraction | None:
    """Make a fraction of PyAV's ratio, which may be n/0 or 0; None if it is not known."""
    return Fraction(value.numerator, value.denominator) if value else None


def _stated_duration(video: OpenVideo) -> Fraction | None:
    container = video.container
    if match := _CLOCK_TIME.fullmatch(video.stream.metadata.get("DURATION", "")):
        hours, minutes, seconds = match.groups()
        return 3600 * int(hours) + 60 * int(minutes) + Fraction(seconds)
    alone = len(container.streams.video) == 1 == len(container.streams)
    if not alone or container.format.name not in _STATES_DURATION or not container.duration:
        return None
    return Fraction(container.duration, av.time_base)


def _possible(stated: int, made_from: FileIdentity) -> int:
    """Return a number of frames; 0 for one that stands in a file never finished."""
    return stated if stated * _LEAST_FRAME_BYTES <= made_from.size else 0


def _is_avi(video: OpenVideo) -> bool:
    return video.container.format.name == "avi"


def _facts(video: OpenVideo, made_from: FileIdentity, chunks: ChunkIndex | None) -> StreamFacts:
    stream, container = video.stream, video.container
    stated = (stream.average_rate, stream.guessed_rate, stream.base_rate)
    rates = tuple(rate for rate in map(_fraction, stated) if rate)
    seconds = Fraction(container.duration or 0, av.time_base)
    return StreamFacts(
        time_base=_fraction(stream.time_base) or Fraction(1, av.time_base),
        rates=rates,
        coded_rate=_fraction(stream.guessed_rate),
        stated_frames=_possible(stream.frames, made_from)
        or (round(seconds * rates[0]) if rates and chunks is None else 0),
        pixel_aspect=_fraction(stream.sample_aspect_ratio) or Fraction(1),
        guessed_stamps=(_is_avi(video) and not stream.codec_context.codec.intra_only),
        seek_by_dts=container.format.name in _SEEK_BY_DTS,
        made_from=made_from,
        starts_at_s=_start(video.container),
        other_streams=video.note,
        chunks=chunks,
        stated_s=_stated_duration(video),
    )
