"""Read a place in a video as people write it: a frame, seconds, or a clock time."""

import re
from fractions import Fraction

from napari_mespot.model import Clock

__all__ = ["parse_place"]

_FRAME = re.compile(r"(\d+)\s*f?", re.ASCII | re.IGNORECASE)
_SECONDS = re.compile(r"(\d+(?:\.\d*)?|\.\d+)\s*s", re.ASCII | re.IGNORECASE)
_CLOCK = re.compile(r"(?:(\d+):)?(\d+):(\d+(?:\.\d*)?)", re.ASCII)


def parse_place(text: str, *, n_frames: int, clock: Clock) -> int:
    """Return the frame that a text names.

    Parameters
    ----------
    text
        ``"1234"`` is a frame, ``"12.5 s"`` seconds, ``"1:02.5"`` and ``"1:00:02.5"`` a time.
    n_frames
        Length of the video.
    clock
        When the frames are shown.

    Raises
    ------
    ValueError
        If it names no frame of the video; the text says what to type.
    """
    stripped = text.strip().replace(",", ".")
    frame = _frame(stripped, clock)
    if frame is None:
        raise ValueError("type a frame (1234), seconds (12.5 s) or a time (1:02.5)")
    if frame >= n_frames:
        last = float(clock.second_of(n_frames - 1))
        raise ValueError(f"the last frame is {n_frames - 1} ({last:.2f} s)")
    return frame


def _frame(text: str, clock: Clock) -> int | None:
    if match := _FRAME.fullmatch(text):
        return int(match[1])
    if match := _SECONDS.fullmatch(text):
        return max(clock.shown_at(Fraction(match[1].rstrip("."))), 0)
    if match := _CLOCK.fullmatch(text):
        hours, minutes = int(match[1] or 0), int(match[2])
        seconds = 3600 * hours + 60 * minutes + Fraction(match[3].rstrip("."))
        return max(clock.shown_at(seconds), 0)
    return None
