"""Which of a file's picture streams is the video, and what to say of the others."""

from contextlib import closing, suppress
from pathlib import Path

import av
from av.container import InputContainer
from av.stream import Disposition
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

from napari_mespot.errors import FrameReadError
from napari_mespot.frames.plain_open import open_container
from napari_mespot.frames.watched_file import WatchedFile

__all__ = ["choose_stream"]

#: Covers, thumbnails and single pictures: never the video.
_STILL = Disposition.attached_pic | Disposition.timed_thumbnails | Disposition.still_image
#: Writers mark the first stream as default unasked; one this much smaller is a preview.
_PREVIEW = 8
#: A stream with this many times fewer pictures than another holds thumbnails.
_SPARSE = 8
_SHOWN = 3
_COUNTED = 64


def choose_stream(container: InputContainer, path: Path) -> tuple[VideoStream, str | None]:
    """Choose the video among the picture streams of a file.

    That is the one marked as default, else the largest, else the first. Covers and thumbnails
    are never taken, nor a preview that is marked as default beside a picture eight times its
    size.

    Returns
    -------
    stream
        The stream to read.
    note
        One line about the others; None if there are none.

    Raises
    ------
    FrameReadError
        There are no moving pictures, or none that this FFmpeg can decode.
    """
    moving = [stream for stream in container.streams.video if not stream.disposition & _STILL]
    if not moving:
        raise FrameReadError(
            f"Expected a video, but {path} holds no moving pictures (audio only?); "
            "give the file with the pictures."
        )
    usable = [stream for stream in moving if _decoder(stream) is not None]
    if not usable:
        raise FrameReadError(
            f"Expected a video this FFmpeg can decode, but {path} uses an unknown codec; "
            "convert it, for instance to H.264."
        )
    chosen = _video_among(usable, path)
    others = [stream for stream in moving if stream is not chosen]
    return chosen, _note(path, chosen, others) if others else None


def _video_among(streams: list[VideoStream], path: Path) -> VideoStream:
    if len(streams) == 1:
        return streams[0]
    counts = _counts(streams, path)
    full = [s for s in streams if counts[s.index] * _SPARSE >= max(counts.values())]
    # The first of the largest ones: max keeps the order of the file.
    largest = max(full, key=_area)
    marked = [stream for stream in full if stream.disposition & Disposition.default]
    if not marked:
        return largest
    default = max(marked, key=_area)
    return default if _area(default) * _PREVIEW >= _area(largest) else largest


def _counts(streams: list[VideoStream], path: Path) -> dict[int, int]:
    """Pictures of each stream: as stated, else as many as come while one gives the first few."""
    stated = {stream.index: stream.frames for stream in streams}
    if all(stated.values()):
        return stated
    counts = dict.fromkeys(stated, 0)
    # Opened apart, since what is read here would be missing to the decoder.
    with closing(WatchedFile(path)) as file:
        with suppress(av.FFmpegError), open_container(file) as container:
            for packet in container.demux():
                if packet.size and packet.stream_index in counts:
                    counts[packet.stream_index] += 1
                    if counts[packet.stream_index] == _COUNTED:
                        break
        file.check()
    return counts


def _decoder(stream: VideoStream) -> VideoCodecContext | None:
    return stream.codec_context


def _area(stream: VideoStream) -> int:
    return stream.codec_context.width * stream.codec_context.height


def _note(path: Path, chosen: VideoStream, others: list[VideoStream]) -> str:
    listed = ", ".join(map(_described, others[:_SHOWN])) + (", ..." if others[_SHOWN:] else "")
    return (
        f"{path.name} holds {1 + len(others)} picture streams: number {_described(chosen)} is "
        f"read, not {listed}; if another is meant, save it as a file of its own, for instance "
        f"with ffmpeg -i FILE -map 0:{others[0].index} -c copy OUT."
    )


def _described(stream: VideoStream) -> str:
    decoder = _decoder(stream)
    if decoder is None:
        return f"{stream.index} (of an unknown codec)"
    size = f"{decoder.width}×{decoder.height}"
    mark = ", marked as default" if stream.disposition & Disposition.default else ""
    return f"{stream.index} ({size}{mark})"
