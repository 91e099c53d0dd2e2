"""How fast a run goes, and how long it has to go. Free of Qt."""

from collections import deque

__all__ = ["Pace", "short_time"]

_WINDOW_S = 8.0
_LEAST_S = 0.5


class Pace:
    """Measures the pace over the last seconds, which follows a change sooner than the mean."""

    def __init__(self) -> None:
        self._marks: deque[tuple[float, int]] = deque()

    def add(self, time_s: float, done: int) -> None:
        """Note how many frames are done at a time."""
        self._marks.append((time_s, done))
        while len(self._marks) > 2 and time_s - self._marks[1][0] >= _WINDOW_S:
            self._marks.popleft()

    @property
    def per_second(self) -> float | None:
        """Frames per second; None while it is too early to say."""
        if len(self._marks) < 2:
            return None
        (start, before), (end, now) = self._marks[0], self._marks[-1]
        return (now - before) / (end - start) if end - start >= _LEAST_S and now > before else None

    def left_s(self, total: int) -> float | None:
        """Return the seconds until `total` frames are done; None while it is too early to say."""
        pace = self.per_second
        return None if pace is None else (total - self._marks[-1][1]) / pace


def short_time(seconds: float) -> str:
    """Write a span of time for people.

    Examples
    --------
    >>> short_time(8.2), short_time(75), short_time(4000)
    ('9 s', '1 min 15 s', '1 h 07 min')
    """
    whole = -int(-seconds // 1)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    minutes = -(-whole // 60)
    return f"{minutes // 60} h {minutes % 60:02d} min"
