"""From a decoded frame to arrays: luma, RGB, display orientation, compact copies."""

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from av.sidedata.sidedata import Type as SideDataType
from av.video.frame import VideoFrame
from av.video.plane import VideoPlane
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

__all__ = [
    "UPRIGHT",
    "Orientation",
    "compact_copy",
    "frame_bytes",
    "luma",
    "orientation",
    "resized",
    "rgb",
    "turned",
]

_LUMA_8_BIT = re.compile(r"yuv[aj]?4\d\dp|nv12|nv21|nv16|nv24|nv42|gray")
_LUMA_DEEP = re.compile(r"(?:yuva?4\d\dp|gray)(9|10|12|14|16)(le|be)")
#: Semi-planar deep formats keep their bits at the top of a 16-bit word.
_LUMA_TOP_BITS = re.compile(r"p[024]1[026](le|be)")


@dataclass(frozen=True, slots=True)
class Orientation:
    """How to turn a stored picture upright: transpose first, then flip.

    Covers the eight orientations of a display matrix, mirrored ones included.
    """

    transpose: bool = False
    flip_rows: bool = False
    flip_columns: bool = False

    def apply(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return `image` ``(H, W, ...)`` as it is to be shown, a view where possible."""
        if self.transpose:
            image = image.swapaxes(0, 1)
        if self.flip_rows:
            image = image[::-1]
        if self.flip_columns:
            image = image[:, ::-1]
        return image

    def size(self, height: int, width: int) -> tuple[int, int]:
        """Height and width as displayed."""
        return (width, height) if self.transpose else (height, width)


UPRIGHT = Orientation()


def orientation(frame: VideoFrame) -> Orientation:
    """Read the display matrix of a frame; upright if it has none.

    The matrix maps stored (x, y) to x' = a·x + c·y, y' = b·x + d·y. Angles between the
    quarter turns are rounded to the nearest one.
    """
    try:
        attached: Any = frame.side_data
        matrix = attached[SideDataType.DISPLAYMATRIX]
    except KeyError:
        return UPRIGHT
    except ValueError:  # PyAV 17 and 18 give nothing of a frame that holds a kind they do not know
        return turned(frame.rotation)
    a, b, _, c, d = (int(v) for v in np.frombuffer(matrix, "<i4")[:5])
    if abs(b) + abs(c) > abs(a) + abs(d):
        return Orientation(transpose=True, flip_rows=b < 0, flip_columns=c < 0)
    return Orientation(flip_rows=d < 0, flip_columns=a < 0)


def turned(degrees: int) -> Orientation:
    """Orientation of a picture to be turned counterclockwise, to the nearest quarter turn."""
    quarters = round(degrees / 90) % 4
    return Orientation(
        transpose=quarters in (1, 3), flip_rows=quarters in (1, 2), flip_columns=quarters in (2, 3)
    )


def luma(frame: VideoFrame, reformatter: VideoReformatter) -> NDArray[np.uint8]:
    """Brightness of a frame as stored, ``(H, W)`` uint8.

    YUV and grey formats give their Y samples as they are: limited range (16–235) stays
    limited, deeper samples are rounded to 8 bits. RGB formats give
    0.299 R + 0.587 G + 0.114 B. The result may be a view into the decoder's buffer.
    """
    name = frame.format.name
    if frame.planes[0].line_size > 0:
        if _LUMA_8_BIT.fullmatch(name):
            return _plane(frame.planes[0], frame.width)
        if match := _LUMA_DEEP.fullmatch(name):
            return _deep_plane(frame, int(match[1]), match[2])
        if match := _LUMA_TOP_BITS.fullmatch(name):
            return _deep_plane(frame, 16, match[1])
    colour = frame.format.is_rgb or frame.format.has_palette or frame.format.is_bayer
    grey = name.startswith(("gray", "mono", "ya"))
    if colour or grey:
        # By way of RGB, since a format already grey would be handed back untouched.
        frame = reformatter.reformat(frame, format="rgb24", threads=1)
        return _plane(reformatter.reformat(frame, format="gray", threads=1).planes[0], frame.width)
    return _plane(reformatter.reformat(frame, format="yuv444p", threads=1).planes[0], frame.width)


def rgb(frame: VideoFrame, reformatter: VideoReformatter) -> NDArray[np.uint8]:
    """Colours of a frame as stored, a fresh ``(H, W, 3)`` uint8 array."""
    converted = reformatter.reformat(frame, format="rgb24", threads=1)
    rows = _plane(converted.planes[0], 3 * frame.width)
    return rows.copy().reshape(frame.height, frame.width, 3)


def compact_copy(frame: VideoFrame) -> VideoFrame:
    """Copy a decoder's frame into a buffer of its own, without the decoder's padding.

    A decoder frame keeps a slot of the decoder's pool and side data alive; a copy costs
    exactly :func:`frame_bytes`.
    """
    if any(plane.line_size < 0 for plane in frame.planes):  # stored bottom-up
        return VideoReformatter().reformat(frame, format="rgb24", threads=1)
    copy = VideoFrame(frame.width, frame.height, frame.format.name)
    copy.color_range = frame.color_range
    copy.colorspace = frame.colorspace
    for source, target in zip(frame.planes, copy.planes, strict=True):
        rows = np.frombuffer(source, np.uint8).reshape(-1, source.line_size)  # type: ignore[call-overload]
        target_rows = np.frombuffer(target, np.uint8).reshape(-1, target.line_size)  # type: ignore[call-overload]
        n = min(source.line_size, target.line_size)
        target_rows[: len(rows), :n] = rows[: len(target_rows), :n]
    return copy


def resized(
    frame: VideoFrame, height: int, width: int, reformatter: VideoReformatter
) -> VideoFrame:
    """Bring a frame to a size, which differs only after a change within the stream."""
    if (frame.height, frame.width) == (height, width):
        return frame
    return reformatter.reformat(frame, width=width, height=height, threads=1)


def frame_bytes(frame: VideoFrame) -> int:
    """Memory a frame's planes take, in bytes."""
    return sum(plane.buffer_size for plane in frame.planes)


def _plane(plane: VideoPlane, row_bytes: int) -> NDArray[np.uint8]:
    rows: NDArray[np.uint8] = np.frombuffer(plane, np.uint8)  # type: ignore[call-overload]
    return rows.reshape(-1, plane.line_size)[: plane.height, :row_bytes]


def _deep_plane(frame: VideoFrame, bits: int, endian: str) -> NDArray[np.uint8]:
    order = "<u2" if endian == "le" else ">u2"
    samples = _plane(frame.planes[0], 2 * frame.width).view(order)
    # Round half up without leaving 16 bits.
    rounded = ((samples >> (bits - 9)) + 1) >> 1
    eight: NDArray[np.uint8] = np.minimum(rounded, 255).astype(np.uint8)
    return eight
