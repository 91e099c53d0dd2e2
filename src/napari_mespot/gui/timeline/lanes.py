"""The intervals of a review as arrays, to find and draw what is visible at once. Free of Qt."""

from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from heapq import heappop, heappush
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from napari_mespot.gui.review import Item, Review
from napari_mespot.model import Expression, ExpressionKind, ReviewStatus

__all__ = ["Lane", "State", "lanes_of"]

_MOST_ROWS = 4


class State(IntEnum):
    """What can be seen of a status where intervals are crowded."""

    REJECTED = 0
    OPEN = 1
    PRESENT = 2


_STATES = {s: State.PRESENT if s.is_present else State.OPEN for s in ReviewStatus}
_STATES[ReviewStatus.REJECTED] = State.REJECTED


@dataclass(frozen=True, eq=False)
class Lane:
    """The items of one kind, in order of onset.

    Parameters
    ----------
    items
        The items.
    onsets, offsets
        Shape (n,).
    latest
        Latest offset of each item and all before it, shape (n,).
    rows, n_rows
        Where intervals overlap they share the height of the lane: the row of each, from the
        top, and the number of rows in its place; shape (n,).
    states
        :class:`State` of each, shape (n,).
    originals
        Where the model had put items, of either lane now, that are elsewhere or of the other
        kind since: key and prediction.
    """

    items: tuple[Item, ...]
    onsets: NDArray[np.int64]
    offsets: NDArray[np.int64]
    latest: NDArray[np.int64]
    rows: NDArray[np.int64]
    n_rows: NDArray[np.int64]
    states: NDArray[np.int64]
    originals: tuple[tuple[str, Expression], ...] = ()

    def visible(self, start: float, end: float) -> NDArray[np.int64]:
        """Return the indices of the items that reach into a stretch of places, in frames."""
        # Frame i reaches from i - 0.5 to i + 0.5.
        first = int(np.searchsorted(self.latest, start - 0.5))
        stop = int(np.searchsorted(self.onsets, end + 0.5, side="right"))
        return first + np.flatnonzero(self.offsets[first : max(first, stop)] >= start - 0.5)

    def index_of(self, uid: str) -> int:
        """Return the index of an item; -1 if it is not here."""
        return self._indices.get(uid, -1)

    @cached_property
    def _indices(self) -> dict[str, int]:
        return {item.uid: index for index, item in enumerate(self.items)}


def lanes_of(review: Review) -> dict[ExpressionKind, Lane]:
    """Return the two lanes of a review."""
    items: dict[ExpressionKind, list[Item]] = {kind: [] for kind in ExpressionKind}
    originals: dict[ExpressionKind, list[tuple[str, Expression]]] = {k: [] for k in ExpressionKind}
    for item in review.items:
        now, original = item.expression, item.original
        items[now.kind].append(item)
        if original is None or original is now:
            continue
        if original.interval != now.interval or original.kind is not now.kind:
            originals[original.kind].append((item.uid, original))
    return {kind: _lane(tuple(items[kind]), tuple(originals[kind])) for kind in ExpressionKind}


def _lane(items: tuple[Item, ...], originals: tuple[tuple[str, Expression], ...]) -> Lane:
    expressions = [item.expression for item in items]
    onsets = np.array([e.interval.onset for e in expressions], np.int64)
    offsets = np.array([e.interval.offset for e in expressions], np.int64)
    states = np.array([_STATES[e.status] for e in expressions], np.int64)
    latest = np.maximum.accumulate(offsets) if len(items) else offsets
    rows, n_rows = np.zeros(len(items), np.int64), np.ones(len(items), np.int64)
    # Most intervals overlap none: only the groups that do are looked at one by one.
    breaks = np.flatnonzero(onsets[1:] > latest[:-1]) + 1
    edges = [0, *breaks.tolist(), len(items)]
    for start, stop in pairwise(edges):
        if stop - start > 1:
            rows[start:stop], n_rows[start:stop] = _stacked(onsets[start:stop], offsets[start:stop])
    return Lane(items, onsets, offsets, latest, rows, n_rows, states, originals)


def _stacked(onsets: NDArray[np.int64], offsets: NDArray[np.int64]) -> tuple[list[int], int]:
    """Give overlapping intervals rows of their own; beyond the fourth they share the last."""
    ends: list[tuple[int, int]] = []  # (offset, row) of those under way
    free: list[int] = []
    rows, used = [], 0
    for onset, offset in zip(onsets.tolist(), offsets.tolist(), strict=True):
        while ends and ends[0][0] < onset:
            heappush(free, heappop(ends)[1])
        row = heappop(free) if free else used
        used = max(used, row + 1)
        heappush(ends, (offset, row))
        rows.append(min(row, _MOST_ROWS - 1))
    return rows, min(used, _MOST_ROWS)
