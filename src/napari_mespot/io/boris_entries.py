"""What BORIS projects and BORIS tables have in common: entries, and their pairing.

A state event is a pair of entries, START and STOP. Behaviours are named as our tiers are
(``ME``, ``MaE``, ``ME_apex`` …); coder and source stand in the comment, and what BORIS has no
place for in the description of the observation::

    mespot fps=30 frames=300 reviewed=0..99 200..299
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

from napari_mespot.io.assembling import check_tiers, with_expressions
from napari_mespot.io.cells import parse_frame, parse_ranges, parse_rate, ranges_text, rate_text
from napari_mespot.io.clock_text import clock_text, parse_clock
from napari_mespot.io.merging import beside
from napari_mespot.io.notices import Notice
from napari_mespot.io.tiers import Tier, TierReader, lanes
from napari_mespot.io.times import (
    MILLISECOND,
    ClockFinder,
    FrameClock,
    clock_to_write,
    milliseconds,
    needed_clock,
    start_stop,
)
from napari_mespot.model import Annotation, Clock

__all__ = [
    "POINT",
    "START",
    "STOP",
    "Entry",
    "Observation",
    "description_of",
    "entries_of",
    "with_description",
]

START, STOP, POINT = "START", "STOP", "POINT"
_DESCRIPTION = re.compile(
    r"mespot fps=(\S*) frames=(\d*) reviewed=([\d. ]*)(?:times=(\S+))?", re.ASCII
)
# People see the description; the times of an uneven video may be a long text.
_LONGEST_TIMES = 1000
_TIMES_OF_THE_VIDEO = "video"


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """One line of an observation.

    Parameters
    ----------
    time_s
        When.
    code
        The behaviour.
    comment
        Free text.
    what
        ``START``, ``STOP`` or ``POINT``; empty if the file leaves it to counting.
    frame
        The frame that begins then; -1 if unknown.
    subject, modifiers
        Entries that differ in them are no pair.
    """

    time_s: Fraction
    code: str
    comment: str = ""
    what: str = ""
    frame: int = -1
    subject: str = ""
    modifiers: str = ""


def entries_of(
    annotation: Annotation, *, taken: Iterable[str] = (), subject: str | None = None
) -> list[Entry]:
    """Return the entries of one video, in order of time.

    Parameters
    ----------
    annotation
        The video.
    taken
        Behaviours that are used for something else.
    subject
        Who is observed, where it is not the subject of the video.

    Raises
    ------
    OutputError
        If the video has no frame rate, or more than 1000 frames per second.
    """
    clock = clock_to_write(annotation, "BORIS", in_milliseconds=True)
    entries = []

    def add(time: Fraction, *rest: str, frame: int) -> None:
        code, comment, what = rest
        rounded = milliseconds(time) * MILLISECOND
        who = annotation.subject_id if subject is None else subject
        entries.append(Entry(rounded, code, comment, what, frame, who))

    for lane in beside(lanes(annotation, owners=False), taken):
        code, apex = lane.tier.name(), lane.tier.name(apex=True)
        for e, text in lane.labelled():
            start, stop = start_stop(e.interval, clock)
            add(start, code, text, START, frame=e.onset)
            add(stop, code, "", STOP, frame=e.offset + 1)
            if e.apex is not None:
                add(clock.second_of(e.apex), apex, "", POINT, frame=e.apex)
    # Where one interval ends as the next begins, its STOP has no comment and so comes first.
    return sorted(entries)


def description_of(annotation: Annotation) -> str:
    """Return the description of an observation."""
    frames = "" if annotation.n_frames is None else annotation.n_frames
    ranges = ranges_text(annotation.reviewed)
    text = f"mespot fps={rate_text(annotation.frame_rate)} frames={frames} reviewed={ranges}"
    times = clock_text(annotation.clock, ",")
    if len(times) > _LONGEST_TIMES:
        times = _TIMES_OF_THE_VIDEO
    return text + (f" times={times}" if times else "")


def with_description(text: str, description: str) -> str:
    """Return a description in which what this program says of the video is up to date."""
    if _DESCRIPTION.search(text):
        return _DESCRIPTION.sub(lambda match: description, text, count=1)
    return f"{text.rstrip()}\n{description}".lstrip()


@dataclass
class Observation:
    """One observation as it was read.

    Parameters
    ----------
    video_id
        Name of the video.
    description
        Its text; what :func:`description_of` wrote is understood.
    stated_rate
        Frames per second that BORIS states, rounded; None if it does not.
    entries
        In any order.
    points
        Behaviours that are point events by the ethogram.
    """

    video_id: str
    description: str = ""
    stated_rate: Fraction | None = None
    entries: list[Entry] = field(default_factory=list)
    points: frozenset[str] = frozenset()

    def annotations(
        self, path: Path, frame_rate: Fraction | ClockFinder | None, notice: Notice
    ) -> list[Annotation]:
        """Return one annotation for each subject that was observed; at least one.

        Parameters
        ----------
        path
            The file, for what is said of it.
        frame_rate
            Frames per second in place of what the file says, or what finds the clock of the
            video.
        notice
            Is told what was left out and what looks wrong.

        Raises
        ------
        AnnotationFormatError
            If the frame rate is unknown, or no behaviour is named as ours.
        """
        video = self._video()
        times = needed_clock(
            path, self.video_id, frame_rate, ours=video.clock, stated=self._steady()
        )
        clock = FrameClock(path, times, MILLISECOND)
        of_subject: dict[str, TierReader] = defaultdict(TierReader)
        known = TierReader()
        tiers = {code: known.tier(code) for code in {e.code: None for e in self.entries}}
        check_tiers(path, known, "behaviours", notice)
        pairs = _Pairs(self.points)
        for entry in sorted(self.entries, key=lambda e: e.time_s):
            found = tiers[entry.code]
            if found is not None:
                pairs.take(entry, *found, of_subject[entry.subject], clock)
        clock.give_notice(notice)
        if pairs.n_lone:
            notice(
                f"{path}: {self.video_id}: entries left out, as they lack their START or STOP or "
                f"are point events of ME or MaE: {pairs.n_lone}"
            )
        video = video.with_clock(times)
        return [
            with_expressions(path, replace(video, subject_id=subject), reader, notice)
            for subject, reader in (of_subject or {"": TierReader()}).items()
        ]

    def _steady(self) -> Clock | None:
        """Return the clock of the rate that BORIS states, unless the video has another."""
        match = _DESCRIPTION.search(self.description)
        is_uneven = match is not None and bool(match[4])
        return None if self.stated_rate is None or is_uneven else Clock(self.stated_rate)

    def _video(self) -> Annotation:
        match = _DESCRIPTION.search(self.description)
        if match is None:
            return Annotation(self.video_id)
        has_times = match[4] != _TIMES_OF_THE_VIDEO
        try:
            return Annotation(
                self.video_id,
                n_frames=parse_frame(match[2]) if match[2] else None,
                reviewed=parse_ranges(match[3]),
            ).with_clock(parse_clock(match[4] or "", parse_rate(match[1])) if has_times else None)
        except ValueError:  # somebody has edited it
            return Annotation(self.video_id)


class _Pairs:
    """Puts each STOP to its START."""

    def __init__(self, points: frozenset[str]) -> None:
        self._points = points
        self._open: dict[tuple[str, str, str], Entry] = {}
        self._n_dropped = 0

    @property
    def n_lone(self) -> int:
        """Number of entries that belong to no pair."""
        return self._n_dropped + len(self._open)

    def take(
        self, entry: Entry, tier: Tier, is_apex: bool, reader: TierReader, clock: FrameClock
    ) -> None:
        """Take the next entry in order of time."""
        key = (entry.subject, entry.code, entry.modifiers)
        if is_apex:
            reader.add_apex(tier, clock.frame(entry.time_s))
        elif entry.what == POINT or (not entry.what and entry.code in self._points):
            self._n_dropped += 1
        elif entry.what == START or (not entry.what and key not in self._open):
            self._n_dropped += key in self._open
            self._open[key] = entry
        elif key not in self._open:
            self._n_dropped += 1
        else:
            start = self._open.pop(key)
            reader.add(tier, clock.interval(start.time_s, entry.time_s), start.comment)
