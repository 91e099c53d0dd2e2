"""Frame rates: what the user says, what the container says, what the time stamps say."""

import math
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from napari_mespot.errors import FrameReadError
from napari_mespot.model import Clock
from napari_mespot.model.bounds import frame_rate_of, short

__all__ = [
    "ASSUMED_RATE",
    "format_rate",
    "parse_frame_rate",
    "rate_warning",
    "settle_rate",
    "steps_between",
    "uneven_spacing",
]

#: Taken when nothing in the file tells its rate; said in a warning.
ASSUMED_RATE = Fraction(30)
#: A measured rate this close (relative) to a declared or usual one is taken to be it.
_RATE_TOLERANCE = 1e-3
_INTERVAL_TOLERANCE = 0.25
_UNEVEN_SHARE = 0.01
_DRIFT_FRAMES = 2.0
_FEW_HOLES = 3
_HOLE_TICKS = 2
_HOLES_SHARE = 0.02


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
    try:
        rate = frame_rate_of(value.replace(" ", "") if isinstance(value, str) else value)
    except ValueError:
        raise FrameReadError(
            f"Expected a frame rate above 0 such as 200, 29.97 or 30000/1001, got {short(value)}."
        ) from None
    return rate.limit_denominator(1001) if isinstance(value, float) else rate


def format_rate(rate: Fraction) -> str:
    """Write a rate for people: ``30`` or ``29.97``."""
    return f"{float(rate):.5g}"


def rate_warning(path: Path, rate: Fraction) -> str:
    """Say that a rate is assumed."""
    return (
        f"{path.name} carries no time stamps: {format_rate(rate)} fps is assumed; "
        "give the frame rate if that is wrong."
    )


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
    steps = steps_between(stamps)
    # Frames that are missing in between do not slow the others down.
    measured = (len(stamps) - 1 if steps is None else int(steps.sum())) / span
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
    beats = None if steps is None else np.concatenate([[0], np.cumsum(steps)])
    for candidate in (*close, plain):
        if _keeps_to(stamps, beats, time_base, candidate):
            return candidate
    return close[0] if close else plain


def steps_between(stamps: NDArray[np.int64]) -> NDArray[np.int64] | None:
    """Count the beats between neighbouring frames of a video that is steady but for a few holes.

    Parameters
    ----------
    stamps
        ``(n,)`` rising presentation times.

    Returns
    -------
    ndarray or None
        ``(n - 1,)``, 1 where no frame is missing; None if frames keep no beat, or holes are so
        many that they are the nature of the video.
    """
    if len(stamps) < 3:
        return None
    intervals = np.diff(stamps)
    middle = float(np.median(intervals))
    # Stamps are rounded, and a long hole would add the rounding up.
    beat = float(intervals[np.round(intervals / middle) == 1].mean())
    steps: NDArray[np.int64] = np.round(intervals / beat).astype(np.int64)
    off_beat = np.abs(intervals - steps * beat) > max(_INTERVAL_TOLERANCE * beat, min(1, beat / 2))
    n_holes = int((steps > 1).sum())
    if steps.min() < 1 or off_beat.any() or n_holes > max(_FEW_HOLES, _HOLES_SHARE * len(steps)):
        return None
    return steps


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
    # One tick of rounding, unless a tick is a whole frame.
    rounding = min(1.0, middle / 2)
    odd = np.abs(intervals - middle) > max(_INTERVAL_TOLERANCE * middle, rounding)
    per_frame = float(1 / (rate * time_base))
    drift = np.abs((stamps - stamps[0]) - per_frame * np.arange(len(stamps)))
    if odd.mean() <= _UNEVEN_SHARE and drift.max() <= _DRIFT_FRAMES * per_frame:
        return None
    seconds = float(time_base)
    return float(intervals.min()) * seconds, float(intervals.max()) * seconds


def _keeps_to(
    stamps: NDArray[np.int64],
    beats: NDArray[np.int64] | None,
    time_base: Fraction,
    rate: Fraction,
) -> bool:
    """Whether frames lie on the beats of a rate; those between holes if there are holes."""
    if beats is None or int(beats[-1]) == len(beats) - 1:
        return Clock.of_stamps(stamps, time_base, rate).is_even
    places = np.round(beats / float(rate * time_base))
    return bool(np.ptp(stamps - places) <= _HOLE_TICKS)
