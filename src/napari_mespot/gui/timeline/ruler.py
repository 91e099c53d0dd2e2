"""Round numbers for the ticks of the ruler and the scales of the tracks. Free of Qt."""

from math import floor, log10

__all__ = ["frame_ticks", "nice_top", "second_ticks"]

_STEPS = (1, 2, 5)
_SECONDS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600)


def frame_ticks(start: float, end: float, most: int) -> list[int]:
    """Return round frame numbers in a stretch, at most about `most`."""
    step = _round_step((end - start) / max(1, most))
    first = -(-int(max(0, start)) // step) * step
    return list(range(first, int(end) + 1, step))


def second_ticks(start: float, end: float, most: int) -> list[float]:
    """Return round times between two times in seconds, at most about `most`."""
    wanted = (end - start) / max(1, most)
    step = next((s for s in _SECONDS if s >= wanted), _SECONDS[-1] * max(1, round(wanted / 3600)))
    first = floor(max(0.0, start) / step)
    ticks = (i * step for i in range(first, int(end / step) + 1))
    return [t for t in ticks if start <= t <= end]


def time_text(seconds: float, step: float) -> str:
    """Write a time with as many digits as the step needs: ``"1:02.5"``, ``"12.5 s"``."""
    digits = max(0, -floor(log10(step) + 1e-9)) if step < 1 else 0
    minutes, rest = divmod(seconds, 60)
    if minutes >= 1 and step >= 1:
        hours, minutes = divmod(int(minutes), 60)
        clock = f"{minutes}:{rest:02.0f}"
        return f"{hours}:{minutes:02d}:{rest:02.0f}" if hours else clock
    return f"{seconds:.{digits}f} s"


def nice_top(highest: float, threshold: float) -> float:
    """Return the upper end of a score axis: 1, or less where scores and threshold are low."""
    return min(1.0, max(0.1, 2.5 * threshold, 1.25 * highest))


def _round_step(wanted: float) -> int:
    if wanted <= 1:
        return 1
    power = 10 ** floor(log10(wanted))
    return int(next((s * power for s in (*_STEPS, 10) if s * power >= wanted), 10 * power))
