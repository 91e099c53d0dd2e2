"""Stretches of rows as pairs of their first row and the row after their last."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Runs", "rows_in", "runs_of"]

_Ints = NDArray[np.int64]
_Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False, slots=True)
class Runs:
    """Stretches of rows that share none, in order.

    Parameters
    ----------
    start, stop
        First row of each, and the row after its last; shape (n,).
    """

    start: _Ints
    stop: _Ints

    def __len__(self) -> int:
        return len(self.start)

    def __getitem__(self, chosen: _Flags) -> "Runs":
        return Runs(self.start[chosen], self.stop[chosen])

    @property
    def gaps(self) -> "Runs":
        """The rows between neighbours, shape (n - 1,)."""
        return Runs(self.stop[:-1], self.start[1:])

    def holding(self, mask: _Flags) -> _Flags:
        """Whether each holds a row where `mask` is True."""
        rows = np.flatnonzero(mask)
        return np.searchsorted(rows, self.stop) > np.searchsorted(rows, self.start)

    def cut(self, rows: _Ints) -> "Runs":
        """Return the pieces when a new one begins at each of `rows`, all of them inside."""
        return Runs(
            np.sort(np.concatenate([self.start, rows])), np.sort(np.concatenate([rows, self.stop]))
        )

    def index_of(self, rows: _Ints) -> _Ints:
        """Return which of them holds each row; the last that begins before it if none does."""
        return np.searchsorted(self.start, rows, side="right") - 1

    def joined(self, together: _Flags) -> "Runs":
        """Join each with its next where `together`, shape (n - 1,), is True."""
        return Runs(
            self.start[np.concatenate([[True], ~together])],
            self.stop[np.concatenate([~together, [True]])],
        )

    def trimmed(self, mask: _Flags) -> "Runs":
        """Return each from its first to its last row where `mask` is True; none without one."""
        kept = self[self.holding(mask)]
        rows = np.flatnonzero(mask)
        if not len(kept):
            return kept
        first = rows[np.searchsorted(rows, kept.start)]
        return Runs(first, rows[np.searchsorted(rows, kept.stop) - 1] + 1)


def runs_of(mask: _Flags) -> Runs:
    """Return the runs of True."""
    edges = np.flatnonzero(np.diff(mask, prepend=False, append=False))
    return Runs(edges[::2], edges[1::2])


def rows_in(runs: Runs, n_rows: int) -> _Flags:
    """Whether each of `n_rows` rows lies in a run."""
    steps = np.zeros(n_rows + 1, np.int8)
    steps[runs.start] += 1
    steps[runs.stop] -= 1
    return np.asarray(np.cumsum(steps[:-1]) > 0)
