"""From a decoded frame to arrays of 8 bits: luma, RGB, compact copies.

Planes are copied as they are only where that is known to be right. All other formats (palettes,
packed or bit-packed samples, Bayer patterns, colour without luma) go through FFmpeg's own
conversion.
"""

import re

import numpy as np
from av.video.format import VideoFormat
from av.video.frame import VideoFrame
from av.video.plane import VideoPlane
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

__all__ = [
    "compact_copy",
    "deep_samples",
    "frame_bytes",
    "luma",
    "rgb",
    "sample_depth",
    "to_8_bits",
]

_LUMA_8_BIT = re.compile(r"yuv[aj]?4\d\dp|nv12|nv21|nv16|nv24|nv42|gray")
_LUMA_DEEP = re.compile(r"(?:yuva?4\d\dp|gray)(9|10|12|14|16)(le|be)")
#: Semi-planar deep formats keep their bits at the top of a 16-bit word.
_LUMA_TOP_BITS = re.compile(r"p[024]1[026](le|be)")
_GREY_DEEP = re.compile(r"gray(9|10|12|14|16)(le|be)")
#: FFmpeg 8.1 (PyAV 18) takes the bytes of these in the wrong order.
_SWAPPED = re.compile(r"(rgb|bgr)(444|555|565)be")
_FLOAT = re.compile(r".*f(16|32)(le|be)")
_WEIGHTS = np.array([0.299, 0.587, 0.114], np.float32)


def luma(
    frame: VideoFrame, reformatter: VideoReformatter, spare_bits: int = 0
) -> NDArray[np.uint8]:
    """Brightness of a frame as stored, ``(H, W)`` uint8.

    YUV and grey formats give their Y samples as they are: limited range (16–235) stays
    limited, deeper samples are rounded to 8 bits. RGB formats give
    0.299 R + 0.587 G + 0.114 B. The result may be a view into the decoder's buffer.

    Parameters
    ----------
    frame
        A decoded frame.
    reformatter
        FFmpeg's conversion, kept from call to call.
    spare_bits
        How many of the highest bits of deep grey or RGB samples are unused: 4 if 12 bits are
        kept in 16.
    """
    if spare_bits and (samples := deep_samples(frame, reformatter)) is not None:
        eight = to_8_bits(samples, 16 - spare_bits)
        return eight if eight.ndim == 2 else np.rint(eight @ _WEIGHTS).astype(np.uint8)
    frame = _readable(frame)
    name = frame.format.name
    if frame.planes[0].line_size > 0:
        if _LUMA_8_BIT.fullmatch(name):
            return _plane(frame.planes[0], frame.width)
        if match := _LUMA_DEEP.fullmatch(name):
            return to_8_bits(_words(frame, match[2]), int(match[1]))
        if match := _LUMA_TOP_BITS.fullmatch(name):
            return to_8_bits(_words(frame, match[1]), 16)
    if _has_colour_only(frame.format) or name.startswith(("gray", "mono", "ya")):
        # By way of RGB, since a format already grey would be handed back untouched.
        frame = reformatter.reformat(frame, format="rgb24", threads=1)
        return _plane(reformatter.reformat(frame, format="gray", threads=1).planes[0], frame.width)
    return _plane(reformatter.reformat(frame, format="yuv444p", threads=1).planes[0], frame.width)


def rgb(frame: VideoFrame, reformatter: VideoReformatter, spare_bits: int = 0) -> NDArray[np.uint8]:
    """Colours of a frame as stored, a fresh ``(H, W, 3)`` uint8 array; see :func:`luma`."""
    if spare_bits and (samples := deep_samples(frame, reformatter)) is not None:
        eight = to_8_bits(samples, 16 - spare_bits)
        return np.dstack([eight] * 3) if eight.ndim == 2 else eight
    converted = reformatter.reformat(_readable(frame), format="rgb24", threads=1)
    rows = _plane(converted.planes[0], 3 * frame.width)
    return rows.copy().reshape(frame.height, frame.width, 3)


def deep_samples(frame: VideoFrame, reformatter: VideoReformatter) -> NDArray[np.uint16] | None:
    """Return the samples of a grey or RGB frame deeper than 8 bits, at the top of 16 bits.

    Cameras keep 10, 12 or 14 bits in them. In YUV every value has a meaning of its own.

    Returns
    -------
    ndarray or None
        ``(H, W)`` if grey, else ``(H, W, 3)``, uint16; None for any other format.
    """
    depth = sample_depth(frame.format)
    if depth is None:
        return None
    if match := _GREY_DEEP.fullmatch(frame.format.name):
        return np.left_shift(_words(frame, match[2]), 16 - depth, dtype=np.uint16)
    converted = reformatter.reformat(frame, format="rgb48le", threads=1)
    return _words(converted, "le", 3).reshape(frame.height, frame.width, 3)


def compact_copy(frame: VideoFrame) -> VideoFrame:
    """Copy a decoder's frame into a buffer of its own, without the decoder's padding.

    A decoder frame keeps a slot of the decoder's pool and side data alive; a copy costs
    exactly :func:`frame_bytes`.
    """
    frame = _readable(frame)
    if frame.format.has_palette or any(plane.line_size <= 0 for plane in frame.planes):
        # A palette is no plane of rows, and rows may be stored bottom-up.
        name = "rgb24" if sample_depth(frame.format) is None else "rgb48le"
        return VideoReformatter().reformat(frame, format=name, threads=1)
    copy = VideoFrame(frame.width, frame.height, frame.format.name)
    copy.color_range = frame.color_range
    copy.colorspace = frame.colorspace
    for source, target in zip(frame.planes, copy.planes, strict=True):
        rows = np.frombuffer(source, np.uint8).reshape(-1, source.line_size)  # type: ignore[call-overload]
        target_rows = np.frombuffer(target, np.uint8).reshape(-1, target.line_size)  # type: ignore[call-overload]
        n = min(source.line_size, target.line_size)
        target_rows[: len(rows), :n] = rows[: len(target_rows), :n]
    return copy


def frame_bytes(frame: VideoFrame) -> int:
    """Memory a frame's planes take, in bytes."""
    return sum(plane.buffer_size for plane in frame.planes)


def _has_colour_only(kind: VideoFormat) -> bool:
    """Whether a format has no luma of its own."""
    return kind.is_rgb or kind.has_palette or kind.is_bayer or kind.name.startswith("xyz")


def sample_depth(kind: VideoFormat) -> int | None:
    """Bits of the samples of a grey, RGB or Bayer format deeper than 8; None for others."""
    if _FLOAT.fullmatch(kind.name) or kind.name.startswith("xyz"):
        return None
    if not (kind.is_rgb or kind.is_bayer or kind.name.startswith(("gray", "ya"))):
        return None
    bits = max(component.bits for component in kind.components)
    return bits if 8 < bits <= 16 else None


def _readable(frame: VideoFrame) -> VideoFrame:
    """Put the bytes of a format that FFmpeg misreads in the other order."""
    match = _SWAPPED.fullmatch(frame.format.name)
    if not match or frame.planes[0].line_size <= 0:
        return frame
    copy = VideoFrame(frame.width, frame.height, f"{match[1]}{match[2]}le")
    words = _words(frame, "be")
    target = np.frombuffer(copy.planes[0], "<u2").reshape(frame.height, -1)  # type: ignore[call-overload]
    target[:, : frame.width] = words
    return copy


def _plane(plane: VideoPlane, row_bytes: int) -> NDArray[np.uint8]:
    rows: NDArray[np.uint8] = np.frombuffer(plane, np.uint8)  # type: ignore[call-overload]
    return rows.reshape(-1, plane.line_size)[: plane.height, :row_bytes]


def _words(frame: VideoFrame, endian: str, per_pixel: int = 1) -> NDArray[np.uint16]:
    order = "<u2" if endian == "le" else ">u2"
    words: NDArray[np.uint16] = _plane(frame.planes[0], 2 * per_pixel * frame.width).view(order)
    return words


def to_8_bits(samples: NDArray[np.uint16], bits: int) -> NDArray[np.uint8]:
    """Round samples of so many bits to 8, half up; what exceeds them is white."""
    # In steps that never leave 16 bits.
    samples = np.minimum(samples, (1 << bits) - 1)
    halves = samples >> (bits - 9) if bits >= 9 else samples << (9 - bits)
    eight: NDArray[np.uint8] = np.minimum((halves + 1) >> 1, 255).astype(np.uint8)
    return eight
