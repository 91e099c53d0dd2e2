"""One spotted or labelled facial expression.

An expression is a value: two equal descriptions are the same expression, and changing one
means making another with :func:`dataclasses.replace`.
"""

from dataclasses import dataclass
from enum import StrEnum
from math import isfinite
from operator import index

from napari_mespot.model.interval import Interval

__all__ = ["Expression", "ExpressionKind", "ReviewStatus"]


class ExpressionKind(StrEnum):
    """Micro-expression (ME, below 0.5 s) or macro-expression (MaE, 0.5 to 4 s).

    The kind is what a label or a model says; it is not derived from the duration, since
    data sets hold micro-expressions longer than 0.5 s.
    """

    MICRO = "ME"
    MACRO = "MaE"


class ReviewStatus(StrEnum):
    """What a person has said of an expression."""

    PREDICTED = "predicted"
    ACCEPTED = "accepted"
    CORRECTED = "corrected"
    REJECTED = "rejected"
    UNCERTAIN = "uncertain"
    LABELLED = "labelled"

    @property
    def is_present(self) -> bool:
        """Whether a person has confirmed that the expression is there."""
        return self in {ReviewStatus.ACCEPTED, ReviewStatus.CORRECTED, ReviewStatus.LABELLED}


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression of one kind in one interval of a video.

    Parameters
    ----------
    interval
        Onset to offset, 0-based and inclusive.
    kind
        ME or MaE.
    apex
        Frame of the strongest expression, inside `interval`; None if unknown.
    score
        Peak smoothed probability, 0 to 1; None if it does not come from a model.
    status
        What a person has said of it.
    source
        Who found it, e.g. the name of a checkpoint or of a data set.
    action_units
        FACS code, kept letter for letter (e.g. ``"4B+7C"``).
    emotion, coder, notes
        Free text.
    extras
        Further columns of the file it came from, as (name, value) pairs; kept sorted by name,
        without empty values, so that equal content compares equal.

    Raises
    ------
    ValueError
        If the apex lies outside the interval, the score is not a finite number, or an extra
        column has no name or comes twice.
    """

    interval: Interval
    kind: ExpressionKind
    apex: int | None = None
    score: float | None = None
    status: ReviewStatus = ReviewStatus.LABELLED
    source: str = ""
    action_units: str = ""
    emotion: str = ""
    coder: str = ""
    notes: str = ""
    extras: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        # Setting an attribute of a frozen value is slow, and thousands are made at once where a
        # threshold is dragged: only what is of another type is converted.
        if type(self.kind) is not ExpressionKind:
            object.__setattr__(self, "kind", ExpressionKind(self.kind))
        if type(self.status) is not ReviewStatus:
            object.__setattr__(self, "status", ReviewStatus(self.status))
        if self.apex is not None and type(self.apex) is not int:
            object.__setattr__(self, "apex", index(self.apex))
        if self.score is not None and type(self.score) is not float:
            object.__setattr__(self, "score", float(self.score))
        if self.apex is not None and self.apex not in self.interval:
            raise ValueError(
                f"Expected onset <= apex <= offset, got apex={self.apex} in "
                f"{self.onset}..{self.offset}"
            )
        if self.score is not None and not isfinite(self.score):
            raise ValueError(f"Expected a finite score, got {self.score}")
        if self.extras:
            self._sort_extras()

    def _sort_extras(self) -> None:
        names = [name for name, _ in self.extras]
        if len(set(names)) < len(names) or "" in names:
            raise ValueError(f"Expected extras with distinct names, got {names}")
        extras = tuple(sorted((name, value) for name, value in self.extras if value))
        object.__setattr__(self, "extras", extras)

    @property
    def onset(self) -> int:
        """First frame."""
        return self.interval.onset

    @property
    def offset(self) -> int:
        """Last frame, included."""
        return self.interval.offset

    @property
    def sort_key(self) -> tuple[int, int, str]:
        """Order of expressions in time; ME before MaE where they coincide."""
        return (self.onset, self.offset, "01"[self.kind is ExpressionKind.MACRO])
