"""One observation of BORIS, from a project or a table: which frames of which video it speaks of."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

from napari_mespot.errors import AnnotationFormatError
from napari_mespot.io.assembling import check_tiers, with_expressions
from napari_mespot.io.boris_entries import described_video, states_times
from napari_mespot.io.boris_events import Event, Pairs
from napari_mespot.io.boris_media import TimeLine
from napari_mespot.io.boris_modifiers import read_modifiers, with_modifiers
from napari_mespot.io.notices import Notice
from napari_mespot.io.tiers import Tier, TierReader
from napari_mespot.io.times import MILLISECOND, ClockFinder, FrameClock, needed_clock
from napari_mespot.model import (
    Annotation,
    Clock,
    Expression,
    Interval,
    same_video,
    video_name,
)

__all__ = ["Observation"]


@dataclass
class Observation:
    """One observation as it was read.

    Parameters
    ----------
    name
        What it is called.
    line
        Its videos; None if there is none, as in a live observation.
    description
        Its text; what this program wrote there is understood.
    events, spans
        In any order; spans are pairs that the file itself makes.
    points
        Behaviours that are point events by the ethogram.
    modifier_names
        What the sets of modifiers of a behaviour are called.
    of_images
        Whether its events are numbers of images, counted from 1.
    remarks
        What a person should know who uses it.
    """

    name: str
    line: TimeLine | None
    description: str = ""
    events: list[Event] = field(default_factory=list)
    spans: list[tuple[Event, Event]] = field(default_factory=list)
    points: frozenset[str] = frozenset()
    modifier_names: dict[str, tuple[str, ...]] = field(default_factory=dict)
    of_images: bool = False
    remarks: list[str] = field(default_factory=list)

    @property
    def codes(self) -> tuple[str, ...]:
        """Its behaviours, each once."""
        codes = [e.code for e in self.events] + [start.code for start, _ in self.spans]
        return tuple(dict.fromkeys(codes))

    def annotations(
        self, path: Path, given: Fraction | ClockFinder | None, names: TierReader, notice: Notice
    ) -> list[Annotation]:
        """Return one annotation for each video and each subject that was observed.

        Parameters
        ----------
        path
            The file, for what is said of it.
        given
            Frames per second in place of what the file says, or what finds the clock of a
            video.
        names
            Reads the names of behaviours.
        notice
            Is told what was left out and what looks wrong.

        Raises
        ------
        AnnotationFormatError
            If it has no video, the frame rate is unknown, or no behaviour is named as ours.
        """
        if self.line is None:
            raise AnnotationFormatError(
                f"{path}: expected observations of videos, got {self.name}, which has none (a live "
                "one)"
            )
        own = TierReader()
        tiers = {code: own.tier(code) for code in self.codes}
        check_tiers(path, own, "behaviours", lambda _: None)
        names.ignored |= own.ignored
        names.guessed |= own.guessed
        names.n_tiers += own.n_tiers
        reader = _Reader(path, self, self.line, given)
        reader.read({code: tier for code, tier in tiers.items() if tier is not None})
        reader.give_notice(notice)
        return reader.annotations(notice)


@dataclass
class _Reader:
    """Turns the events of an observation into frames."""

    path: Path
    observation: Observation
    line: TimeLine
    given: Fraction | ClockFinder | None
    described: Annotation | None = None
    clocks: list[FrameClock | AnnotationFormatError] = field(default_factory=list)
    found: dict[str, dict[int, TierReader]] = field(default_factory=dict)
    pairs: Pairs = field(default_factory=Pairs)
    n_unplaced: int = 0
    n_by_index: int = 0
    n_apart: int = 0
    n_split: int = 0
    n_units: int = 0
    n_rest: int = 0

    def __post_init__(self) -> None:
        self.pairs = Pairs(self.observation.points)
        if len(self.line.media) == 1:
            name = self.line.media[0].video_id
            self.described = described_video(self.observation.description, name)
        self.clocks = [self._clock(place) for place in range(len(self.line.media))]

    def read(self, tiers: dict[str, tuple[Tier, bool]]) -> None:
        """Read the events of the behaviours that are ours."""
        of = self.observation
        ours = [e for e in of.events if e.code in tiers]
        if of.of_images:
            ours = [replace(e, time_s=None) for e in ours]
        ours.sort(key=lambda e: e.place)
        for event in ours:
            tier, is_apex = tiers[event.code]
            if is_apex:
                self._take_apex(event, tier)
        intervals = [e for e in ours if not tiers[e.code][1]]
        spans = [span for span in of.spans if span[0].code in tiers]
        for start, stop in (*self.pairs.of(intervals), *spans):
            self._take(start, stop, tiers[start.code][0])
        if not self.found and not of.of_images:
            for place in range(len(self.clocks)):
                self._timed(place)

    def annotations(self, notice: Notice) -> list[Annotation]:
        """Return what was found."""
        return [
            self._annotation(place, subject, readers.get(place, TierReader()), notice)
            for subject, readers in (self.found or {"": {}}).items()
            for place in range(len(self.line.media))
        ]

    def give_notice(self, notice: Notice) -> None:
        """Say what was left out, and what was done otherwise than one may think."""
        start = f"{self.path}: {self.observation.name}: "
        for remark in self.observation.remarks:
            notice(start + remark)
        for clock in self.clocks:
            if isinstance(clock, FrameClock):
                clock.give_notice(notice)
        texts = {
            "entries left out, as they lack their START or STOP or are point events of ME or MaE: "
            f"{self.pairs.n_lone}; check the intervals of these behaviours": self.pairs.n_lone,
            f"entries left out, as it is unknown in which of its videos they lie: {self.n_unplaced}"
            "; export it again with a new BORIS, or read the project": self.n_unplaced,
            "placed by their frame index, as their time or the frame rate is missing, or the time "
            f"lies past the end of the video: {self.n_by_index}": self.n_by_index,
            f"times more than a frame away from the frame index beside them: {self.n_apart}; the "
            "times were taken": self.n_apart,
            f"intervals that run over the end of a video, cut into one for each: {self.n_split}": (
                self.n_split
            ),
            f"modifiers read as action units: {self.n_units}, kept in the notes: {self.n_rest}": (
                self.n_units + self.n_rest
            ),
        }
        for text, count in texts.items():
            if count:
                notice(start + text)

    def _clock(self, place: int) -> FrameClock | AnnotationFormatError:
        """Return the clock of a video, or why there is none."""
        medium, described = self.line.media[place], self.described
        is_uneven = states_times(self.observation.description)
        stated = None if medium.rate is None or is_uneven else Clock(medium.rate)
        own = None if described is None else described.clock
        try:
            clock = needed_clock(self.path, medium.video_id, self.given, ours=own, stated=stated)
        except AnnotationFormatError as error:
            return error
        return FrameClock(self.path, clock, MILLISECOND)

    def _timed(self, place: int) -> FrameClock:
        clock = self.clocks[place]
        if isinstance(clock, AnnotationFormatError):
            raise clock
        return clock

    def _take_apex(self, event: Event, tier: Tier) -> None:
        at = self._frame(event)
        if at is not None:
            self._of(event.subject, at[0]).add_apex(tier, at[1])

    def _frame(self, event: Event) -> tuple[int, int | None] | None:
        """Return the video and the frame of an event that has no length."""
        place = self._place_by_index(event)
        if place is not None and event.index is not None:
            frame = event.index - self.observation.of_images
            return place, frame if frame >= 0 else None
        at = None if event.time_s is None else self.line.find(event.time_s, event.media)
        if at is None:
            self.n_unplaced += 1
            return None
        return at[0], self._timed(at[0]).frame(at[1])

    def _take(self, start: Event, stop: Event, tier: Tier) -> None:
        read = read_modifiers(
            start.modifiers or stop.modifiers, self.observation.modifier_names.get(start.code, ())
        )
        self.n_units += bool(read.action_units)
        self.n_rest += bool(read.rest)
        comment, further = start.comment, [stop.comment]
        if not comment:
            comment, further = stop.comment, []

        def edited(expression: Expression) -> Expression:
            return with_modifiers(expression, read, further)

        for place, interval in self._intervals(start, stop):
            self._of(start.subject, place).add(tier, interval, comment, edited)

    def _intervals(self, start: Event, stop: Event) -> Iterator[tuple[int, Interval | None]]:
        """Return the frames of a pair, in each of the videos that it lies in."""
        place, other = self._place_by_index(start), self._place_by_index(stop)
        if place is not None and place == other:
            yield place, self._by_index(start, stop)
            return
        parts = []
        if start.time_s is not None and stop.time_s is not None:
            parts = list(self.line.parts(start.time_s, stop.time_s, (start.media, stop.media)))
        if not parts:
            self.n_unplaced += 2
            return
        if len(parts) > 1:
            self.n_split += 1
        for part in parts:
            clock = self._timed(part.medium)
            # Half a frame of it in the next video is a matter of rounding.
            if len(parts) > 1 and (part.stop_s - part.start_s) * clock.clock.rate * 2 < 1:
                continue
            yield part.medium, clock.interval(part.start_s, part.stop_s)
        self._compare(start, parts[0].medium, parts[0].start_s)

    def _place_by_index(self, event: Event) -> int | None:
        """Return the video of an event that is placed by its index; None if by its time.

        The time goes first where it can: BORIS estimates the index from it.
        """
        place = None if event.index is None else self.line.named(event.media)
        if place is None or event.index is None:
            return None
        if self.observation.of_images:
            is_first = same_video(self.line.media[0].video_id, video_name(event.media))
            return place if is_first or not event.media else None
        if event.time_s is None:
            return place
        clock = self.clocks[place]
        if isinstance(clock, AnnotationFormatError):
            # Of an uneven video the index is an estimate.
            return None if states_times(self.observation.description) else place
        most = self.line.media[place].most_frames(clock.clock.rate)
        at = self.line.find(event.time_s, event.media)
        if most is None or at is None or at[0] != place:
            return None
        is_past = clock.clock.frame_at(at[1]) > most + clock.clock.rate and event.index <= most
        return place if is_past else None

    def _by_index(self, start: Event, stop: Event) -> Interval | None:
        if start.index is None or stop.index is None:
            return None
        self.n_by_index += not self.observation.of_images
        first, after = (index - self.observation.of_images for index in (start.index, stop.index))
        if first < 0 or after < first:
            self.n_unplaced += 2
            return None
        return Interval(first, max(first, after - 1))

    def _compare(self, event: Event, place: int, time_s: Fraction) -> None:
        """See that time and index of an event agree."""
        clock = self._timed(place).clock
        if event.index is not None and clock.is_plain:
            self.n_apart += abs(clock.frame_at(time_s) - event.index) > 1

    def _of(self, subject: str, place: int) -> TierReader:
        return self.found.setdefault(subject, defaultdict(TierReader))[place]

    def _annotation(
        self, place: int, subject: str, reader: TierReader, notice: Notice
    ) -> Annotation:
        medium, clock = self.line.media[place], self.clocks[place]
        video = Annotation(medium.video_id, subject_id=subject)
        if self.described is not None:
            video = replace(self.described, subject_id=subject)
        if isinstance(clock, AnnotationFormatError):
            return with_expressions(self.path, video, reader, notice)
        video, rate = video.with_clock(clock.clock), clock.clock.rate
        if self.described is not None:
            return with_expressions(self.path, video, reader, notice)
        known = clock.clock.n_frames
        most = medium.most_frames(rate) if known is None else known
        exact = medium.n_frames(rate) if known is None else known
        found = with_expressions(self.path, replace(video, n_frames=most), reader, notice)
        return replace(found, n_frames=exact)
