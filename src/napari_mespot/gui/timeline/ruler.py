"""Round numbers for the ticks of the ruler and the scales of the tracks. Free of Qt."""

from collections.abc import Sequence
from math import ceil, floor, log10

__all__ = ["apart", "frame_ticks", "nice_top", "second_step", "second_ticks", "time_text"]

_STEPS = (1, 2, 5)
_SECONDS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600)


def frame_ticks(start: float, end: float, most: int) -> list[int]:
    """Return round frame numbers in a stretch, at most about `most`."""
    step = _round_step((end - start) / max(1, most))
    first = ceil(max(0.0, start) / step) * step
    return list(range(first, floor(end) + 1, step))


def second_step(start: float, end: float, most: int) -> float:
    """Return the step, in seconds, of :func:`second_ticks`."""
    wanted = (end - start) / max(1, most)
    hours = _SECONDS[-1] * max(1, ceil(wanted / _SECONDS[-1]))
    return next((step for step in _SECONDS if step >= wanted), hours)


def second_ticks(start: float, end: float, most: int) -> list[float]:
    """Return round times between two times in seconds, at most about `most`."""
    step = second_step(start, end, most)
    first = floor(max(0.0, start) / step)
    ticks = (i * step for i in range(first, floor(end / step) + 1))
    return [t for t in ticks if start <= t <= end]


def apart(places: Sequence[float], least: float) -> list[tuple[int, float]]:
    """Return those of some rising places, with their numbers, that keep a distance."""
    out: list[tuple[int, float]] = []
    for number, place in enumerate(places):
        if not out or place - out[-1][1] >= least:
            out.append((number, place))
    return out


def time_text(seconds: float, step: float) -> str:
    """Write a time with as many digits as the step needs: ``"1:02.5"``, ``"12.5 s"``."""
    digits = max(0, -floor(log10(step) + 1e-9)) if step < 1 else 0
    # Rounded first: 59.99 with one digit is a minute.
    whole_minutes, rest = divmod(round(seconds, digits), 60)
    hours, minutes = divmod(int(whole_minutes), 60)
    if not hours and not minutes:
        return f"{rest:.{digits}f} s"
    clock = f"{rest:0{3 + digits if digits else 2}.{digits}f}"
    return f"{hours}:{minutes:02d}:{clock}" if hours else f"{minutes}:{clock}"


def nice_top(highest: float, threshold: float) -> float:
    """Return the upper end of a score axis: 1, or less where scores and threshold are low."""
    return min(1.0, max(0.1, 2.5 * threshold, 1.25 * highest))


def _round_step(wanted: float) -> int:
    if wanted <= 1:
        return 1
    power = 10 ** floor(log10(wanted))
    return int(next((s * power for s in (*_STEPS, 10) if s * power >= wanted), 10 * power))
