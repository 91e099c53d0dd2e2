"""Open a video container and find its picture stream, with errors people can act on."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
from av.container import Container, InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from napari_mespot.errors import FrameReadError

__all__ = ["OpenVideo", "open_video"]

#: Titles that are not UTF-8 must not stop a video: PyAV 19 lets them pass, older ones are told to.
_LENIENT: dict[str, Any] = (
    {"metadata_errors": "replace"} if hasattr(Container, "metadata_errors") else {}
)


@dataclass(slots=True)
class OpenVideo:
    """An open container and the video stream read from it."""

    container: InputContainer
    stream: VideoStream

    def close(self) -> None:
        """Close the file."""
        self.container.close()


def open_video(
    path: Path, *, threads: str = "AUTO", thread_count: int = 0, careful: bool = False
) -> OpenVideo:
    """Open `path` with FFmpeg and choose its video stream.

    Parameters
    ----------
    path
        A video file.
    threads
        FFmpeg's thread type: ``"AUTO"``, ``"SLICE"`` (no frame threads, so an error belongs to
        the packet that was just sent) or ``"FRAME"``.
    thread_count
        Decoder threads; 0 leaves it to FFmpeg.
    careful
        Treat damage inside a picture as an error instead of painting over it.

    Raises
    ------
    FrameReadError
        There is no such file, it is empty, not a video, or holds no picture stream that this
        FFmpeg can decode.
    """
    _check_file(path)
    options = {"err_detect": "explode"} if careful else {}
    try:
        # An absolute path keeps a colon in a file name from being read as a protocol.
        container = av.open(str(path.absolute()), "r", **_LENIENT)
    except (av.FFmpegError, OSError) as error:
        raise FrameReadError(_unreadable(path, error)) from None
    try:
        stream = _picture_stream(container, path)
    except FrameReadError:
        container.close()
        raise
    stream.codec_context.options = options
    stream.thread_type = threads
    stream.codec_context.thread_count = thread_count
    return OpenVideo(container, stream)


def _check_file(path: Path) -> None:
    try:
        size = path.stat().st_size
    except OSError:
        raise FrameReadError(
            f"Expected a video file or a folder of images, found nothing at {path}; check the path."
        ) from None
    if size == 0:
        raise FrameReadError(
            f"Expected a video, but {path} is empty (0 bytes); copy or export it again."
        )


def _unreadable(path: Path, error: Exception) -> str:
    if isinstance(error, PermissionError):
        return f"Expected a readable video, but {path} may not be read; check its permissions."
    if path.suffix.lower() in {".mp4", ".mov", ".m4v"} and b"ftyp" in _head(path):
        return (
            f"Expected a complete video, but {path} has lost its index (cut short or never "
            "finished); copy it again or repair it, for instance with untrunc."
        )
    return (
        f"Expected a video file, but {path} is not in a format FFmpeg can read; "
        "check that the file is what its name says."
    )


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(64)


def _picture_stream(container: InputContainer, path: Path) -> VideoStream:
    streams = [
        stream
        for stream in container.streams.video
        if not stream.disposition & Disposition.attached_pic
    ]
    if not streams:
        raise FrameReadError(
            f"Expected a video, but {path} holds no moving pictures (audio only?); "
            "give the file with the pictures."
        )
    stream = streams[0]
    if stream.codec_context is None:
        raise FrameReadError(
            f"Expected a video this FFmpeg can decode, but {path} uses an unknown codec; "
            "convert it, for instance to H.264."
        )
    return stream
