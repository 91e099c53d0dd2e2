"""Decode from a chosen key packet onward, naming every frame that comes out."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import chain
from pathlib import Path

import av
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from napari_mespot.errors import FileReadError
from napari_mespot.frames.container import OpenVideo, open_video
from napari_mespot.frames.index import NO_STAMP, PacketIndex
from napari_mespot.frames.packet_extras import attach, outlast_a_seek

__all__ = ["Decoder", "all_packets", "decode_packets", "keys_back", "packets_of"]

_Packets = Iterator["Packet[VideoStream]"]


def packets_of(video: OpenVideo) -> _Packets:
    """Yield the stream's packets that carry data, up to the end or where the container breaks off.

    Raises
    ------
    FileReadError
        Disk or network failed, or the file changed: that is no end.
    """
    for packet in all_packets(video):
        if packet.size:
            yield packet


def all_packets(video: OpenVideo, on_damage: Callable[[], object] | None = None) -> _Packets:
    """Yield all packets of the stream, empty ones and the last, which only flushes, too.

    Parameters
    ----------
    video
        The open video.
    on_damage
        Called where the container breaks off.
    """
    try:
        for packet in video.container.demux(video.stream):
            # One cut off by a passing error must not be taken for damaged.
            video.file.check()
            yield packet
    except MemoryError:
        raise _no_memory() from None
    except av.FFmpegError:
        if on_damage is not None:
            on_damage()
    video.file.check_unchanged()


def decode_packets(
    video: OpenVideo, packets: _Packets, on_error: Callable[[], None] | None = None
) -> Iterator[VideoFrame]:
    """Decode `packets` and then what the decoder still holds; a bad packet is passed over.

    Parameters
    ----------
    video
        The open video the packets come from.
    packets
        Packets in decode order.
    on_error
        Called for each packet the decoder refuses.
    """
    decoder = video.stream.codec_context
    for packet in packets:
        try:
            frames = packet.decode()
        except MemoryError:
            raise _no_memory() from None
        except av.FFmpegError:
            if on_error is not None:
                on_error()
            continue
        yield from frames
    try:
        yield from decoder.decode(None)
    except MemoryError:
        raise _no_memory() from None
    except av.FFmpegError:
        if on_error is not None:
            on_error()


def _no_memory() -> FileReadError:
    return FileReadError(
        "Expected memory to decode the video, but none is left; nothing was kept: close other "
        "programs and run again."
    )


class Decoder:
    """One open container, used to decode runs of frames from key packets.

    Not thread-safe; :class:`VideoFrames` holds the lock.

    Parameters
    ----------
    path, index
        The video and its index.
    threads, careful
        FFmpeg thread type and strictness, see :func:`open_video`.
    """

    def __init__(
        self, path: Path, index: PacketIndex, *, threads: str = "AUTO", careful: bool = False
    ) -> None:
        self._path = path
        self._index = index
        self._threads = threads
        self._careful = careful
        self._video: OpenVideo | None = None

    def run(self, key: int) -> Iterator[tuple[int, VideoFrame]]:
        """Yield ``(frame number, picture)`` in display order, starting at key packet `key`.

        Only one run may be in use at a time: a new one moves the file position. The first
        frame should be the one `key` promises, see :meth:`PacketIndex.promised`; if it is not,
        the key packet is damaged or only the start of a gradual refresh, and pictures may look
        whole that are not.

        Parameters
        ----------
        key
            Row of ``index.keys``; −1 starts at the beginning of the file.
        """
        promised = self._index.promised(key)
        packets = self._packets_from(key)
        if self._video is None:
            return
        for picture in decode_packets(self._video, packets):
            frame = self._index.frame_of(picture.pts)
            if frame is not None and frame >= promised:
                yield frame, picture

    def sound_run(self, frame: int) -> Iterator[tuple[int, VideoFrame]]:
        """Run from the last key packet before `frame` that keeps its promise."""
        key = self._index.keys.before(frame)
        for start in keys_back(key):
            run = self.run(start)
            first = next(run, None)
            if first is not None and first[0] == self._index.promised(start):
                return chain((first,), run)
        return self.run(-1)

    def close(self) -> None:
        """Close the container."""
        if self._video is not None:
            self._video.close()
            self._video = None

    def _packets_from(self, key: int) -> _Packets:
        """Packets from exactly the key packet on, wherever the container's seek may land."""
        if outlast_a_seek(self._index.extras):
            self.close()
        for target in _seek_targets(self._index, key):
            if self._video is None or target is None:
                self.close()
                self._video = open_video(
                    self._path,
                    threads=self._threads,
                    careful=self._careful,
                    expected=self._index.made_from,
                )
                if target is not None:
                    _prime(self._video)
            if target is not None and not self._seek(target):
                continue
            packets = packets_of(self._video)
            first = self._find(packets, key)
            if first is not None:
                if key >= 0:
                    attach(first, int(self._index.keys.ordinal[key]), self._index.extras)
                return self._stamped(first, packets, key)
        return iter(())

    def _seek(self, target: int) -> bool:
        assert self._video is not None  # noqa: S101  (opened by the caller)
        container, stream = self._video.container, self._video.stream
        self._video.file.check_unchanged()
        try:
            if self._index.seek_by == "pos":
                container.seek(target, stream=stream, unsupported_byte_offset=True)
            else:
                container.seek(target, stream=stream)
        except (av.FFmpegError, OverflowError):
            return False
        return True

    def _find(self, packets: _Packets, key: int) -> "Packet[VideoStream] | None":
        """Skip to the key packet; None if the seek landed behind it."""
        if key < 0:
            return next(packets, None)
        for packet in packets:
            if self._is_key(packet, key):
                return packet
            if self._is_behind(packet, key):
                return None
        return None

    def _is_key(self, packet: "Packet[VideoStream]", key: int) -> bool:
        keys = self._index.keys
        if self._index.by_count:
            # Stamps were guessed by libavformat and may differ after a seek; bytes do not.
            if int(keys.pos[key]) != NO_STAMP and packet.pos is not None:
                return packet.pos == int(keys.pos[key])
            return packet.dts is not None and packet.dts == int(keys.dts[key])
        return packet.is_keyframe and packet.pts == int(keys.pts[key])

    def _is_behind(self, packet: "Packet[VideoStream]", key: int) -> bool:
        keys = self._index.keys
        if self._index.by_count:
            pos = int(keys.pos[key])
            return pos != NO_STAMP and packet.pos is not None and packet.pos > pos
        if packet.is_keyframe and packet.pts is not None:
            return packet.pts > int(keys.pts[key])
        dts = int(keys.dts[key])
        return dts != NO_STAMP and packet.dts is not None and packet.dts > dts

    def _stamped(self, first: "Packet[VideoStream]", rest: _Packets, key: int) -> _Packets:
        """Put the display rank on each packet where frames are known by count."""
        if not self._index.by_count:
            yield first
            yield from rest
            return
        shown_at = self._index.shown_at
        ordinal = int(self._index.keys.ordinal[key]) if key >= 0 else 0
        packet: Packet[VideoStream] | None = first
        while packet is not None:
            rank = int(shown_at[ordinal]) if ordinal < len(shown_at) else -1
            packet.pts = rank if rank >= 0 else None
            yield packet
            ordinal += 1
            packet = next(rest, None)


def _prime(video: OpenVideo) -> None:
    """Let a new decoder of single pictures see the first one before it is sent elsewhere.

    Motion JPEG may have its tables there only, and takes a first picture of less height than
    the container states for half of an interlaced one.
    """
    if not video.stream.codec_context.codec.intra_only:
        return
    with suppress(av.FFmpegError):
        for packet in packets_of(video):
            packet.decode()
            break


def keys_back(key: int) -> Iterator[int]:
    """Yield `key` and the keys 1, 2 and 4 before it, as far as there are any."""
    for back in (0, 1, 2, 4):
        if key - back >= 0:
            yield key - back


def _seek_targets(index: PacketIndex, key: int) -> Iterator[int | None]:
    """Where to seek to reach key packet `key`: itself, then earlier ones, then a fresh start.

    None stands for opening the file anew. A seek may land too late (its clock may be dts while
    ours is pts), which is noticed before anything is decoded.
    """
    keys = index.keys
    column = {"pts": keys.pts, "dts": keys.dts, "pos": keys.pos}[index.seek_by]
    for earlier in keys_back(key):
        if int(column[earlier]) != NO_STAMP:
            yield int(column[earlier])
    yield None
