"""Frame rates: what the user says, what the container says, what the time stamps say."""

import math
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from napari_mespot.errors import FrameReadError
from napari_mespot.model import Clock

__all__ = ["format_rate", "parse_frame_rate", "settle_rate", "uneven_spacing"]

#: A measured rate this close (relative) to a declared or usual one is taken to be it.
_RATE_TOLERANCE = 1e-3
_INTERVAL_TOLERANCE = 0.25
_UNEVEN_SHARE = 0.01
_DRIFT_FRAMES = 2.0


def parse_frame_rate(value: Fraction | float | str) -> Fraction:
    """Read a frame rate given by the user.

    Parameters
    ----------
    value
        Frames per second: a number, a fraction, or text such as ``"200"``, ``"29.97"`` or
        ``"30000/1001"``.

    Returns
    -------
    Fraction
        Frames per second, above 0.

    Raises
    ------
    FrameReadError
        The value is not a finite number above 0.
    """
    complaint = f"Expected a frame rate above 0 such as 200, 29.97 or 30000/1001, got {value!r}."
    if isinstance(value, bool):
        raise FrameReadError(complaint)
    try:
        if isinstance(value, float):
            rate = Fraction(value).limit_denominator(1001)
        else:
            rate = Fraction(value.replace(" ", "") if isinstance(value, str) else value)
    except (ValueError, OverflowError, ZeroDivisionError, TypeError):
        raise FrameReadError(complaint) from None
    if rate <= 0:
        raise FrameReadError(complaint)
    return rate


def format_rate(rate: Fraction) -> str:
    """Write a rate for people: ``30`` or ``29.97``."""
    return f"{float(rate):.5g}"


def settle_rate(
    stamps: NDArray[np.int64], time_base: Fraction, declared: tuple[Fraction, ...]
) -> Fraction | None:
    """Choose the average frame rate of a video.

    The time stamps decide; a declared rate they agree with is preferred, because it is exact
    where stamps are rounded (milliseconds in Matroska), and among those one that every frame
    keeps to.

    Parameters
    ----------
    stamps
        ``(n,)`` sorted presentation times, in units of `time_base`; empty if there are none.
    time_base
        Seconds per unit.
    declared
        Rates the container states, best first.

    Returns
    -------
    Fraction or None
        Frames per second; None when neither stamps nor container know it.
    """
    if len(stamps) < 2:
        return declared[0] if declared else None
    span = int(stamps[-1] - stamps[0]) * time_base
    measured = (len(stamps) - 1) / span
    # One tick of rounding at either end limits what the stamps can tell.
    tolerance = max(_RATE_TOLERANCE, float(2 * time_base / span))
    nearby = round(measured)
    usual = (Fraction(nearby), Fraction(nearby * 1000, 1001), Fraction(round(measured * 2), 2))
    plain = measured.limit_denominator(100_000)
    close = [
        candidate
        for candidate in (*declared, *usual)
        if candidate > 0 and math.isclose(candidate, measured, rel_tol=tolerance)
    ]
    # One that all frames keep to comes first: in a long video 0.1 % is many frames.
    for candidate in (*close, plain):
        if Clock.of_stamps(stamps, time_base, candidate).is_even:
            return candidate
    return close[0] if close else plain


def uneven_spacing(
    stamps: NDArray[np.int64], time_base: Fraction, rate: Fraction
) -> tuple[float, float] | None:
    """Tell whether frames are unevenly spaced in time (variable frame rate).

    Parameters
    ----------
    stamps
        ``(n,)`` sorted presentation times in units of `time_base`.
    time_base
        Seconds per unit.
    rate
        The average rate chosen for the video.

    Returns
    -------
    tuple of float or None
        Shortest and longest interval in seconds; None when spacing is even, which allows one
        tick of rounding and the odd late frame, but no drift of more than two frames between
        `frame / rate` and the true time.
    """
    if len(stamps) < 3:
        return None
    intervals = np.diff(stamps)
    middle = float(np.median(intervals))
    odd = np.abs(intervals - middle) > np.maximum(_INTERVAL_TOLERANCE * middle, 1.0)
    per_frame = float(1 / (rate * time_base))
    drift = np.abs((stamps - stamps[0]) - per_frame * np.arange(len(stamps)))
    if odd.mean() <= _UNEVEN_SHARE and drift.max() <= _DRIFT_FRAMES * per_frame:
        return None
    seconds = float(time_base)
    return float(intervals.min()) * seconds, float(intervals.max()) * seconds
