"""Open a file with FFmpeg in the way that every supported PyAV understands."""

from typing import Any, cast

import av
from av.container import Container, InputContainer

from napari_mespot.frames.watched_file import WatchedFile

__all__ = ["open_container"]

#: Titles that are not UTF-8 must not stop a video: PyAV 19 lets them pass, older ones are told to.
_LENIENT: dict[str, Any] = (
    {"metadata_errors": "replace"} if hasattr(Container, "metadata_errors") else {}
)


_BUFFER_BYTES = 1 << 16


def open_container(file: WatchedFile) -> InputContainer:
    """Open a video for reading; FFmpeg's errors pass through, those of the disk stay in `file`."""
    container = av.open(
        file,
        "r",
        buffer_size=_BUFFER_BYTES,
        # A playlist, which names other files to be read, is no video.
        container_options={"protocol_whitelist": "none"},
        **_LENIENT,
    )
    return cast("InputContainer", container)
