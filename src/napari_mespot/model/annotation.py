"""All that is said of one video: its expressions, and where a person has looked.

For training and for figures, "no expression here" and "nobody has looked here" are not the
same. :attr:`Annotation.reviewed` therefore lists the ranges a person has gone through; a
frame outside them is *unknown*, never negative.
"""

from dataclasses import dataclass, replace
from enum import Enum
from fractions import Fraction

from napari_mespot.model.clock import Clock, uncommon_clock
from napari_mespot.model.expression import Expression, ExpressionKind
from napari_mespot.model.interval import Interval, merged
from napari_mespot.model.video_names import composed

__all__ = ["Annotation", "FrameState"]


class FrameState(Enum):
    """What is known of one kind of expression at one frame."""

    UNKNOWN = "not looked at"
    ABSENT = "looked at and absent"
    PRESENT = "present"


@dataclass(frozen=True, slots=True)
class Annotation:
    """The expressions of one video.

    Parameters
    ----------
    video_id
        Name of the video, without folder; kept in the composed form (NFC).
    n_frames
        Length of the video; None if the file the annotation came from does not say.
    frame_rate
        Frames per second; None if unknown.
    expressions
        In any order; kept sorted by onset, offset and kind.
    reviewed
        Ranges that a person has gone through; kept sorted and joined.
    subject_id
        The person seen, for splits by subject; may be empty. Kept composed too.
    times
        When each frame is shown, where that is not frame / `frame_rate`; None where it is.
        Counts only as long as its rate is `frame_rate`: to state another rate is to state
        other times. See :attr:`clock` and :meth:`with_clock`.

    Raises
    ------
    ValueError
        If the frame rate or length is not positive, or an expression or reviewed range
        reaches past the last frame.
    """

    video_id: str
    n_frames: int | None = None
    frame_rate: Fraction | None = None
    expressions: tuple[Expression, ...] = ()
    reviewed: tuple[Interval, ...] = ()
    subject_id: str = ""
    times: Clock | None = None

    def __post_init__(self) -> None:
        if self.frame_rate is not None and self.frame_rate <= 0:
            raise ValueError(f"Expected frame_rate > 0, got {self.frame_rate}")
        if self.n_frames is not None and self.n_frames < 0:
            raise ValueError(f"Expected n_frames >= 0, got {self.n_frames}")
        expressions = tuple(sorted(self.expressions, key=lambda e: e.sort_key))
        reviewed = merged(self.reviewed)
        for interval in (*(e.interval for e in expressions), *reviewed):
            if self.n_frames is not None and interval.offset >= self.n_frames:
                raise ValueError(
                    f"Expected frames below n_frames={self.n_frames}, got "
                    f"{interval.onset}..{interval.offset}"
                )
        object.__setattr__(self, "video_id", composed(self.video_id))
        object.__setattr__(self, "subject_id", composed(self.subject_id))
        object.__setattr__(self, "expressions", expressions)
        object.__setattr__(self, "reviewed", reviewed)
        object.__setattr__(self, "times", uncommon_clock(self.times, self.frame_rate))

    @property
    def clock(self) -> Clock | None:
        """When each frame is shown; None if not even the frame rate is known."""
        return self.times or (None if self.frame_rate is None else Clock(self.frame_rate))

    def with_clock(self, clock: Clock | None) -> "Annotation":
        """Return this annotation with its frames shown at the times of `clock`."""
        return replace(self, frame_rate=None if clock is None else clock.rate, times=clock)

    def of_kind(self, kind: ExpressionKind) -> tuple[Expression, ...]:
        """Return the expressions of one kind, in order."""
        return tuple(e for e in self.expressions if e.kind is kind)

    def with_added(self, *expressions: Expression) -> "Annotation":
        """Return this annotation with more expressions."""
        return replace(self, expressions=self.expressions + expressions)

    def without(self, *expressions: Expression) -> "Annotation":
        """Return this annotation with one copy of each given expression removed.

        Raises
        ------
        ValueError
            If one of them is not here.
        """
        rest = list(self.expressions)
        for expression in expressions:
            rest.remove(expression)
        return replace(self, expressions=tuple(rest))

    def replaced(self, old: Expression, new: Expression) -> "Annotation":
        """Return this annotation with `new` in the place of `old`."""
        return self.without(old).with_added(new)

    def with_reviewed(self, *ranges: Interval) -> "Annotation":
        """Return this annotation with further ranges marked as looked at."""
        return replace(self, reviewed=self.reviewed + ranges)

    def is_reviewed(self, frame: int) -> bool:
        """Whether a person has looked at `frame`."""
        return any(frame in interval for interval in self.reviewed)

    def state_at(self, frame: int, kind: ExpressionKind) -> FrameState:
        """Return what is known of `kind` at `frame`.

        A confirmed expression is present even outside the reviewed ranges; a prediction
        nobody has looked at, or an uncertain one, leaves its frames unknown; a rejected one
        says nothing beyond the range it was reviewed in.
        """
        here = [e for e in self.of_kind(kind) if frame in e.interval]
        if any(e.status.is_present for e in here):
            return FrameState.PRESENT
        undecided = {e.status.value for e in here} & {"predicted", "uncertain"}
        if undecided or not self.is_reviewed(frame):
            return FrameState.UNKNOWN
        return FrameState.ABSENT
