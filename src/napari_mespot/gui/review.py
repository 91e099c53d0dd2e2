"""One video under review: a value that every view draws and every edit replaces.

An :class:`Item` is an expression with a key that stays the same while a person works on it,
and with the prediction it came from, so that the correction never hides the original.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from itertools import accumulate
from operator import attrgetter
from types import MappingProxyType

from napari_mespot.errors import AnnotationFormatError
from napari_mespot.model import (
    Annotation,
    Clock,
    Expression,
    ExpressionKind,
    Interval,
    ReviewStatus,
    ScoreSignal,
    length_remark,
    uncommon_clock,
)
from napari_mespot.model import merged as joined
from napari_mespot.spotting.lengths import is_long
from napari_mespot.spotting.params import SpottingParams

__all__ = ["Item", "Review", "new_uid", "prediction_uid"]

_place_of = attrgetter("place")
_ORIGINAL = "original_"
_ORIGINAL_COLUMNS = tuple(f"{_ORIGINAL}{name}" for name in ("kind", "onset", "apex", "offset"))


@dataclass(frozen=True, slots=True)
class Item:
    """An expression under review.

    Parameters
    ----------
    uid
        Key that no other item of the video has.
    expression
        As it stands now.
    original
        The prediction as the model made it; None for an interval drawn or labelled by a person.
    """

    uid: str
    expression: Expression
    original: Expression | None = None
    place: tuple[int, int, str, str] = field(init=False, repr=False, compare=False)
    """Onset, offset, kind and key: the order of items. Kept, because it is asked for so often."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "place", (*self.expression.sort_key, self.uid))

    @property
    def onset(self) -> int:
        """First frame."""
        return self.expression.onset

    @property
    def offset(self) -> int:
        """Last frame, included."""
        return self.expression.offset

    @property
    def kind(self) -> ExpressionKind:
        """ME or MaE."""
        return self.expression.kind

    @property
    def status(self) -> ReviewStatus:
        """What a person has said of it."""
        return self.expression.status

    @property
    def name(self) -> str:
        """Kind and frames, e.g. ``"MaE 35–72"``."""
        return f"{self.kind.value} {self.onset}–{self.offset}"

    @property
    def is_touched(self) -> bool:
        """Whether a person has said anything of it; no threshold changes it then."""
        return (
            self.expression.status is not ReviewStatus.PREDICTED or self.expression != self.original
        )

    @property
    def is_decided(self) -> bool:
        """Whether a person has settled it: accepted, corrected, labelled or rejected."""
        return self.status.is_present or self.status is ReviewStatus.REJECTED

    @property
    def places(self) -> tuple[tuple[ExpressionKind, Interval], ...]:
        """Kind and interval now and, if there is one, of the original."""
        now = (self.kind, self.expression.interval)
        return (now,) if self.original is None else (now, _place(self.original))


@dataclass(frozen=True)
class Review:
    """Everything a person can change about one video.

    Parameters
    ----------
    video_id
        Name of the video.
    n_frames
        Length of the video, at least 1.
    frame_rate
        Frames per second.
    items
        In any order; kept sorted by onset, offset, kind and key.
    reviewed
        Ranges that a person has gone through; kept sorted and joined.
    subject_id
        The person seen.
    rules
        Smoothing, thresholds and durations that the predictions were made with.
    scores
        Scores of the network that the predictions were found in; None before it has run.
    checkpoint
        Name of the checkpoint that the scores come from.
    times
        When each frame is shown, where that is not frame / `frame_rate`.

    Raises
    ------
    ValueError
        If two items have one key, or a frame lies outside the video.
    """

    video_id: str
    n_frames: int
    frame_rate: Fraction
    items: tuple[Item, ...] = ()
    reviewed: tuple[Interval, ...] = ()
    subject_id: str = ""
    rules: SpottingParams = field(default_factory=SpottingParams)
    scores: ScoreSignal | None = field(default=None, repr=False, hash=False)
    checkpoint: str = ""
    times: Clock | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "times", uncommon_clock(self.times, self.frame_rate))
        items = tuple(sorted(self.items, key=_place_of))
        if len({item.uid for item in items}) < len(items):
            raise ValueError("Expected items with distinct keys")
        last = max((item.place[1] for item in items), default=0)
        last = max((last, *(r.offset for r in self.reviewed)))
        if last >= self.n_frames:
            raise ValueError(f"Expected frames below n_frames={self.n_frames}, got {last}")
        object.__setattr__(self, "items", items)
        object.__setattr__(self, "reviewed", joined(self.reviewed))

    @cached_property
    def by_uid(self) -> Mapping[str, Item]:
        """The items by key."""
        return MappingProxyType({item.uid: item for item in self.items})

    @cached_property
    def _ends(self) -> tuple[list[int], list[int]]:
        """Onset of each item, and the latest offset of it and all before it."""
        onsets = [item.place[0] for item in self.items]
        return onsets, list(accumulate((item.place[1] for item in self.items), max))

    def at(self, frame: int) -> tuple[Item, ...]:
        """Return the items whose interval holds a frame, in order."""
        onsets, latest = self._ends
        first, stop = bisect_left(latest, frame), bisect_right(onsets, frame)
        return tuple(item for item in self.items[first:stop] if item.place[1] >= frame)

    @property
    def clock(self) -> Clock:
        """When each frame is shown."""
        return self.times or Clock(self.frame_rate)

    def on_clock(self, clock: Clock) -> "Review":
        """Return this review, and its scores, with the frames shown at the times of `clock`."""
        scores = self.scores
        if scores is not None and scores.clock != clock:
            scores = scores.with_clock(clock)
        return replace(self, frame_rate=clock.rate, times=clock, scores=scores)

    def seconds(self, interval: Interval) -> Fraction:
        """Return how long an interval lasts, both ends included."""
        return self.clock.duration_of(interval)

    def length_remark(self, item: Item) -> str:
        """Say how the length of an item contradicts its kind; empty if it does not."""
        return length_remark(item.kind, self.seconds(item.expression.interval))

    def is_long(self, item: Item) -> bool:
        """Whether an item is a prediction marked as long by the rules in force."""
        is_predicted = item.status is ReviewStatus.PREDICTED
        return is_predicted and is_long(item.expression, self.clock, self.rules.detection)

    def with_items(self, *items: Item) -> "Review":
        """Return this review with items added, or put in the place of those with their keys."""
        changed = {item.uid: item for item in items}
        return replace(
            self, items=(*(i for i in self.items if i.uid not in changed), *changed.values())
        )

    def without(self, *uids: str) -> "Review":
        """Return this review without the items of these keys."""
        return replace(self, items=tuple(i for i in self.items if i.uid not in uids))

    def with_reviewed(self, *ranges: Interval) -> "Review":
        """Return this review with further ranges marked as gone through."""
        return replace(self, reviewed=(*self.reviewed, *ranges))

    def without_reviewed(self, part: Interval) -> "Review":
        """Return this review with the frames of `part` marked as not gone through."""
        rest = [piece for r in self.reviewed for piece in _outside(r, part)]
        return replace(self, reviewed=tuple(rest))

    @property
    def progress(self) -> tuple[int, int]:
        """Items that a person has settled, and all items."""
        return sum(item.is_decided for item in self.items), len(self.items)

    def annotation(self) -> Annotation:
        """Return what is said of the video, each original beside its correction."""
        return Annotation(
            video_id=self.video_id,
            n_frames=self.n_frames,
            frame_rate=self.frame_rate,
            expressions=tuple(_with_original(item) for item in self.items),
            reviewed=self.reviewed,
            subject_id=self.subject_id,
            times=self.times,
        )

    def with_annotation(self, annotation: Annotation) -> "Review":
        """Return this review with the items and reviewed ranges of `annotation` added.

        Items that are here already (same content) are not added again, nor are predictions
        that a person has worked on since.

        Raises
        ------
        AnnotationFormatError
            If it reaches past the end of the video.
        """
        last = max((e.offset for e in annotation.expressions), default=0)
        if last >= self.n_frames:
            raise AnnotationFormatError(
                f"Expected intervals of {self.video_id} within its {self.n_frames} frames, got one "
                f"that ends at frame {last}; check that the table belongs to this video"
            )
        known = {(i.expression, i.original) for i in self.items}
        predicted = {_place(i.original) for i in self.items if i.original}
        taken = set(self.by_uid)
        added = []
        for expression in annotation.expressions:
            item = _from_expression(expression, taken)
            is_here = (item.expression, item.original) in known
            if not is_here and (item.is_touched or _place(item.expression) not in predicted):
                added.append(item)
                taken.add(item.uid)
        ranges = [r for r in (p.clipped(self.n_frames) for p in annotation.reviewed) if r]
        return replace(
            self,
            items=(*self.items, *added),
            reviewed=(*self.reviewed, *ranges),
            subject_id=self.subject_id or annotation.subject_id,
        )


def new_uid(taken: Iterable[str]) -> str:
    """Return a key for an interval that a person made, like ``"h12"``, that is not taken."""
    numbers = [int(uid[1:]) for uid in taken if uid[:1] == "h" and uid[1:].isdecimal()]
    return f"h{max(numbers, default=0) + 1}"


def prediction_uid(expression: Expression) -> str:
    """Return the key of a prediction: equal predictions of two runs have one key."""
    return f"{expression.kind.value}:{expression.onset}-{expression.offset}"


def _place(expression: Expression) -> tuple[ExpressionKind, Interval]:
    return expression.kind, expression.interval


def _outside(interval: Interval, part: Interval) -> list[Interval]:
    """Return the pieces of `interval` that lie before and after `part`."""
    if not interval.overlap(part):
        return [interval]
    before = [Interval(interval.onset, part.onset - 1)] if interval.onset < part.onset else []
    after = [Interval(part.offset + 1, interval.offset)] if part.offset < interval.offset else []
    return before + after


def _with_original(item: Item) -> Expression:
    """Return the expression with its prediction in columns of their own, if it differs."""
    original = item.original
    if original is None:
        return item.expression
    apex = "" if original.apex is None else str(original.apex)
    values = (original.kind.value, str(original.onset), apex, str(original.offset))
    extras = (*item.expression.extras, *zip(_ORIGINAL_COLUMNS, values, strict=True))
    return replace(item.expression, extras=extras)


def _from_expression(expression: Expression, taken: set[str]) -> Item:
    """Return an item; a prediction, or the columns of an original, give it its original."""
    columns = dict(expression.extras)
    texts = [columns.pop(name, "") for name in _ORIGINAL_COLUMNS]
    plain = replace(expression, extras=tuple(columns.items()))
    original = _parsed_original(plain, texts)
    if original is None and plain.status is ReviewStatus.PREDICTED:
        original = plain
    uid = prediction_uid(original) if original is not None else ""
    return Item(uid if uid and uid not in taken else new_uid(taken), plain, original)


def _parsed_original(expression: Expression, texts: list[str]) -> Expression | None:
    kind, onset, apex, offset = texts
    if not (kind and onset and offset):
        return None
    try:
        return Expression(
            Interval(int(onset), int(offset)),
            ExpressionKind(kind),
            apex=int(apex) if apex else None,
            score=expression.score,
            status=ReviewStatus.PREDICTED,
            source=expression.source,
        )
    except ValueError as error:
        raise AnnotationFormatError(
            f"columns {', '.join(_ORIGINAL_COLUMNS)}: {error}; correct them or leave them empty"
        ) from None
