"""The times of the frames of a video as one word of text.

::

    late=12/5                           even, but the first picture comes after 2.4 s
    late=0 tick=1/1000 steps=eNpjYGBg…  uneven: a step from each frame to the next, packed

A plain clock is an empty text: there the frame rate says it all.
"""

import base64
import re
import zlib
from fractions import Fraction

import numpy as np

from napari_mespot.model import Clock
from napari_mespot.model.bounds import MOST_FRAMES

__all__ = ["clock_text", "parse_clock"]

_NUMBER = r"-?\d{1,18}(?:/\d{1,18})?"
_TEXT = re.compile(
    rf"late=(?P<late>{_NUMBER})(?:[ ,]tick=(?P<tick>{_NUMBER})[ ,]steps=(?P<steps>[\w+/=-]+))?",
    re.ASCII,
)
_STEP = np.dtype("<i8")


def clock_text(clock: Clock | None, separator: str = " ") -> str:
    """Write what a clock says beyond its frame rate, exactly."""
    if clock is None or clock.is_plain:
        return ""
    words = [f"late={clock.starts_late_s}"]
    if clock.ticks is not None:
        # Bytes of one rank side by side: all but the lowest are mostly alike.
        steps = np.diff(clock.ticks).astype(_STEP).view(np.uint8).reshape(-1, _STEP.itemsize)
        packed = base64.b64encode(zlib.compress(steps.T.tobytes(), 9)).decode("ascii")
        words += [f"tick={clock.tick_s}", f"steps={packed}"]
    return separator.join(words)


def parse_clock(text: str, rate: Fraction | None) -> Clock | None:
    """Read what :func:`clock_text` wrote; None if the frame rate is unknown.

    Raises
    ------
    ValueError
        If the text is damaged.
    """
    if rate is None or not text:
        return None if rate is None else Clock(rate)
    match = _TEXT.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"expected times such as late=12/5, got {text[:40]!r}")
    try:
        late = Fraction(match["late"])
        if match["steps"] is None:
            return Clock(rate, late)
        steps = _unpacked(match["steps"])
        ticks = np.concatenate([[0], np.cumsum(steps)])
        return Clock(rate, late, ticks, Fraction(match["tick"]))
    except (ValueError, ZeroDivisionError, zlib.error) as error:
        raise ValueError(f"expected whole times of frames, got damaged ones ({error})") from None


def _unpacked(text: str) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    unpacker = zlib.decompressobj()
    data = unpacker.decompress(base64.b64decode(text, validate=True), MOST_FRAMES * _STEP.itemsize)
    if not unpacker.eof or len(data) % _STEP.itemsize:
        raise ValueError("they end too early or never")
    columns = np.frombuffer(data, np.uint8).reshape(_STEP.itemsize, -1)
    return np.ascontiguousarray(columns.T).view(_STEP).reshape(-1).astype(np.int64)
