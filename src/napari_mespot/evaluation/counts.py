"""Counts of hits and misses, as values that add.

Figures over several videos are taken from the summed counts, never averaged over videos.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from napari_mespot.model import ExpressionKind

__all__ = ["KindCounts", "SpottingCounts"]


@dataclass(frozen=True, slots=True)
class SpottingCounts:
    """True positives, false positives and false negatives.

    Parameters
    ----------
    tp
        Labels that were found.
    fp
        Predictions that found none. Under rules by which a prediction may answer for several
        labels, or for one of the other kind, it can be negative in a part of the videos; figures
        of a sum that is still negative take it as 0.
    fn
        Labels that were not found.

    Raises
    ------
    ValueError
        If `tp` or `fn` is negative.

    Examples
    --------
    >>> (SpottingCounts(2, 1, 0) + SpottingCounts(0, 1, 2)).f1
    0.5
    """

    tp: int = 0
    fp: int = 0
    fn: int = 0

    def __post_init__(self) -> None:
        if min(self.tp, self.fn) < 0:
            raise ValueError(f"Expected counts >= 0, got tp {self.tp}, fn {self.fn}")

    def __add__(self, other: "SpottingCounts") -> "SpottingCounts":
        return SpottingCounts(self.tp + other.tp, self.fp + other.fp, self.fn + other.fn)

    @property
    def precision(self) -> float:
        """Part of the predictions that are right; 0 if there is no prediction."""
        total = self.tp + max(0, self.fp)
        return self.tp / total if total else 0.0

    @property
    def recall(self) -> float:
        """Part of the labels that were found; 0 if there is no label."""
        return self.tp / (self.tp + self.fn) if self.tp + self.fn else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; 0 if there is neither label nor prediction."""
        total = 2 * self.tp + max(0, self.fp) + self.fn
        return 2 * self.tp / total if total else 0.0

    def as_dict(self) -> dict[str, int | float]:
        """Return counts and figures by name."""
        return {
            "tp": self.tp,
            "fp": max(0, self.fp),
            "fn": self.fn,
            "precision": self.precision,
            "recall": self.recall,
            "f1": self.f1,
        }


@dataclass(frozen=True, slots=True)
class KindCounts:
    """Counts of micro-expressions and of macro-expressions."""

    me: SpottingCounts = SpottingCounts()
    mae: SpottingCounts = SpottingCounts()

    def __add__(self, other: "KindCounts") -> "KindCounts":
        return KindCounts(self.me + other.me, self.mae + other.mae)

    @property
    def overall(self) -> SpottingCounts:
        """The sum over both kinds."""
        return self.me + self.mae

    def of_kind(self, kind: ExpressionKind) -> SpottingCounts:
        """Return the counts of one kind."""
        return self.me if kind is ExpressionKind.MICRO else self.mae

    @staticmethod
    def total(counts: Iterable["KindCounts"]) -> "KindCounts":
        """Return the sum of many."""
        return sum(counts, start=KindCounts())
