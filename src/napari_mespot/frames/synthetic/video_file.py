"""Writing a drawn sequence as a video file."""

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

__all__ = ["write_video"]


def write_video(
    path: str | Path,
    frames: Iterable[NDArray[np.uint8]],
    frame_rate: Fraction,
    *,
    crf: int = 20,
) -> None:
    """Encode frames as H.264 (yuv420p) in the container that the suffix names.

    Parameters
    ----------
    path
        File to write, e.g. ``face.mp4``.
    frames
        Each of shape (height, width, 3), uint8, RGB, with even sides.
    frame_rate
        Frames per second.
    crf
        Constant rate factor of libx264: lower is better and larger.

    Raises
    ------
    ValueError
        If there are no frames.
    """
    with av.open(str(path), "w") as container:
        stream = None
        for frame in frames:
            if stream is None:
                stream = container.add_stream("libx264", rate=frame_rate)
                stream.height, stream.width = frame.shape[:2]
                stream.pix_fmt = "yuv420p"
                # one thread: the bytes do not depend on the machine's number of cores
                stream.options = {"crf": str(crf), "preset": "slow", "threads": "1"}
            picture = av.VideoFrame.from_ndarray(frame, format="rgb24")
            container.mux(stream.encode(picture))
        if stream is None:
            raise ValueError("Expected at least one frame, got none")
        container.mux(stream.encode(None))
