"""Open a video container and find its picture stream, with errors people can act on."""

from dataclasses import dataclass
from pathlib import Path

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from napari_mespot.errors import FrameReadError
from napari_mespot.frames.plain_open import open_container
from napari_mespot.frames.stream_choice import choose_stream

__all__ = ["OpenVideo", "open_video"]


@dataclass(slots=True)
class OpenVideo:
    """An open container, the video stream read from it, and a line about its other ones."""

    container: InputContainer
    stream: VideoStream
    note: str | None = None

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
        container = open_container(path)
    except (av.FFmpegError, OSError) as error:
        raise FrameReadError(_unreadable(path, error)) from None
    try:
        stream, note = choose_stream(container, path)
    except FrameReadError:
        container.close()
        raise
    stream.codec_context.options = options
    stream.thread_type = threads
    stream.codec_context.thread_count = thread_count
    return OpenVideo(container, stream, note)


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
