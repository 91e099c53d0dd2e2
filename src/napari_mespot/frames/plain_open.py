"""Open a file with FFmpeg in the way that every supported PyAV understands."""

from pathlib import Path
from typing import Any, cast

import av
from av.container import Container, InputContainer

__all__ = ["open_container"]

#: Titles that are not UTF-8 must not stop a video: PyAV 19 lets them pass, older ones are told to.
_LENIENT: dict[str, Any] = (
    {"metadata_errors": "replace"} if hasattr(Container, "metadata_errors") else {}
)


def open_container(path: Path) -> InputContainer:
    """Open `path` for reading; FFmpeg's and the system's errors pass through."""
    # An absolute path keeps a colon in a file name from being read as a protocol.
    return cast("InputContainer", av.open(str(path.absolute()), "r", **_LENIENT))
