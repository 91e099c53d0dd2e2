"""Figures by how long expressions last: a frame more or less is much for a brief one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import inf

from napari_mespot.evaluation.counts import SpottingCounts
from napari_mespot.evaluation.matching import Matching
from napari_mespot.evaluation.timing import TimingErrors
from napari_mespot.model import Clock, Expression

__all__ = ["LengthBand", "brief_counts", "timing_by_length"]

_BRIEF_S = Fraction(1, 2)

_Hits = Sequence[tuple[Expression, Expression, Clock]]


@dataclass(frozen=True, slots=True)
class LengthBand:
    """Errors of the hits whose labels last longer than `above_s` and up to `up_to_s` seconds."""

    above_s: float
    up_to_s: float
    errors: TimingErrors


def brief_counts(
    matching: Matching, clock: Clock, longest_s: Fraction | float = _BRIEF_S
) -> SpottingCounts:
    """Count what is brief in a matching, of either kind.

    Parameters
    ----------
    matching
        Hits and misses of one video.
    clock
        When its frames are shown.
    longest_s
        How long an expression is brief, in seconds from the start of its onset frame to the end
        of its offset frame.

    Returns
    -------
    Hits and misses by the length of the label, false alarms by their own.
    """

    def n_brief(expressions: Iterable[Expression]) -> int:
        return sum(clock.duration_of(e.interval) <= longest_s for e in expressions)

    return SpottingCounts(
        n_brief(hit.reference for hit in matching.hits),
        n_brief(matching.false_alarms),
        n_brief(matching.missed),
    )


def timing_by_length(hits: _Hits, limits_s: Sequence[float] = (0.5, 1.5)) -> tuple[LengthBand, ...]:
    """Measure the errors of onset, apex and offset by the length of the label.

    Parameters
    ----------
    hits
        Label, prediction, and clock of their video.
    limits_s
        Rising; where one band of lengths ends and the next begins, in seconds.

    Returns
    -------
    One band more than there are limits, in order of length; empty ones too.
    """
    edges = (0.0, *limits_s, inf)
    return tuple(
        LengthBand(
            low,
            high,
            TimingErrors.of(
                (label, found, clock)
                for label, found, clock in hits
                if low < clock.duration_of(label.interval) <= high
            ),
        )
        for low, high in pairwise(edges)
    )
