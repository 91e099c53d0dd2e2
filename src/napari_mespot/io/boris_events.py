"""Events of BORIS as they are read, and their pairing: a state event is a START and a STOP."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from fractions import Fraction

from napari_mespot.io.cells import parse_frame
from napari_mespot.io.times import parse_seconds

__all__ = ["POINT", "START", "STOP", "Event", "Pairs", "event_of"]

START, STOP, POINT = "START", "STOP", "POINT"
_UNKNOWN = frozenset({"", "na", "nan", "none"})


@dataclass(frozen=True, slots=True)
class Event:
    """One line of an observation.

    Parameters
    ----------
    code
        The behaviour.
    time_s
        When, with all that BORIS added to it; None if the line has an index only.
    index
        Frame of the video, or number of the image; None if the line has a time only.
    what
        ``START``, ``STOP`` or ``POINT``; empty if the file leaves it to counting.
    subject, modifiers
        Events that differ in them are no pair.
    comment
        Free text.
    media
        The video that the file names for it; may be empty.
    """

    code: str
    time_s: Fraction | None
    index: int | None = None
    what: str = ""
    subject: str = ""
    modifiers: str = ""
    comment: str = ""
    media: str = ""

    @property
    def place(self) -> tuple[bool, Fraction]:
        """What events are sorted by."""
        return self.time_s is None, Fraction(
            self.index or 0
        ) if self.time_s is None else self.time_s


def event_of(code: str, time: object, index: object, **texts: str) -> Event:
    """Return an event from its time and index as the file has them.

    Raises
    ------
    ValueError
        If there is neither.
    """
    number: int | None = None
    with suppress(ValueError):
        number = parse_frame(str(index))
    is_missing = number is not None and str(time).strip().casefold() in _UNKNOWN
    return Event(code, None if is_missing else parse_seconds(time), number, **texts)


@dataclass
class Pairs:
    """Puts each STOP to its START.

    Parameters
    ----------
    points
        Behaviours that are point events by the ethogram.
    """

    points: frozenset[str] = frozenset()
    _open: dict[tuple[str, str, str], Event] = field(default_factory=dict)
    _next: dict[tuple[str, str, str], Event] = field(default_factory=dict)
    _n_dropped: int = 0

    @property
    def n_lone(self) -> int:
        """Number of events that belong to no pair."""
        return self._n_dropped + len(self._open) + len(self._next)

    def of(self, events: Sequence[Event]) -> Iterator[tuple[Event, Event]]:
        """Return the pairs, in order of their STOP."""
        for event in events:
            if event.what == POINT or (not event.what and event.code in self.points):
                self._n_dropped += 1
                continue
            pair = self._take(event, (event.subject, event.code, event.modifiers))
            if pair is not None:
                yield pair

    def _take(self, event: Event, key: tuple[str, str, str]) -> tuple[Event, Event] | None:
        start = self._open.get(key)
        if event.what == START or (not event.what and start is None):
            if start is None:
                self._open[key] = event
            else:
                self._n_dropped += key in self._next
                self._next[key] = event
            return None
        if start is None:
            self._n_dropped += 1
            return None
        del self._open[key]
        after = self._next.pop(key, None)
        if after is None:
            return start, event
        if after.place == event.place:  # it began as this one ended
            self._open[key] = after
            return start, event
        self._n_dropped += 1
        return after, event
