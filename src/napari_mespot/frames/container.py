"""Open a video container and find its picture stream, with errors people can act on."""

from dataclasses import dataclass
from pathlib import Path

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from napari_mespot.errors import FrameReadError
from napari_mespot.frames.plain_open import open_container
from napari_mespot.frames.stream_choice import choose_stream
from napari_mespot.frames.watched_file import FileIdentity, WatchedFile

__all__ = ["OpenVideo", "open_video"]


@dataclass(slots=True)
class OpenVideo:
    """An open container, its video stream, the file below, and a line about its other streams."""

    container: InputContainer
    stream: VideoStream
    file: WatchedFile
    note: str | None = None

    def close(self) -> None:
        """Close the file."""
        self.container.close()
        self.file.close()


def open_video(
    path: Path,
    *,
    threads: str = "AUTO",
    thread_count: int = 0,
    careful: bool = False,
    expected: FileIdentity | None = None,
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
    expected
        What the file was when it was opened for the first time.

    Raises
    ------
    FrameReadError
        There is no such file, it is empty, not a video, or holds no picture stream that this
        FFmpeg can decode.
    FileReadError
        Disk or network failed, or the file is not the one expected.
    """
    file = WatchedFile(path, expected)
    try:
        video = _open(file, path)
        # What FFmpeg could not read it has passed over without a word.
        file.check()
    except BaseException:
        file.close()
        raise
    decoder = video.stream.codec_context
    decoder.options = {"err_detect": "explode"} if careful else {}
    video.stream.thread_type = threads
    decoder.thread_count = thread_count
    return video


def _open(file: WatchedFile, path: Path) -> OpenVideo:
    try:
        container = open_container(file)
    except (av.FFmpegError, OSError):
        file.check()
        raise FrameReadError(_not_a_video(file, path)) from None
    try:
        stream, note = choose_stream(container, path)
        return OpenVideo(container, stream, file, note)
    except FrameReadError:
        container.close()
        file.check()
        raise


def _not_a_video(file: WatchedFile, path: Path) -> str:
    file.seek(0)
    if path.suffix.lower() in {".mp4", ".mov", ".m4v"} and b"ftyp" in file.read(64):
        return (
            f"Expected a complete video, but {path} has lost its index (cut short or never "
            "finished); copy it again or repair it, for instance with untrunc."
        )
    return (
        f"Expected a video file, but {path} is not in a format FFmpeg can read; "
        "check that the file is what its name says."
    )
