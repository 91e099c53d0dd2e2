"""Which items the review table shows, and in which order."""

from dataclasses import dataclass
from math import inf
from typing import Any

from qtpy.QtCore import QModelIndex, QObject, QSortFilterProxyModel, Qt

from napari_mespot.gui.review import Item, Review
from napari_mespot.gui.review_columns import COLUMNS, column_index
from napari_mespot.gui.review_table import ReviewTableModel
from napari_mespot.model import Clock, ExpressionKind, ReviewStatus
from napari_mespot.spotting.params import SpottingParams

__all__ = ["ReviewFilter", "ReviewProxy", "uncertainty"]

_ONSET = column_index("onset")


@dataclass(frozen=True, slots=True)
class ReviewFilter:
    """What an item must be to be shown; the defaults show all.

    Parameters
    ----------
    kind
        Its kind; None: any.
    statuses
        One of these; empty: any.
    text
        Words that all stand somewhere in its texts (any case).
    min_score
        Smallest peak score; what has no score (drawn by hand) passes.
    min_length_s, max_length_s
        Bounds of its duration in seconds, included.
    odd_length
        Whether its duration must contradict its kind.
    """

    kind: ExpressionKind | None = None
    statuses: frozenset[ReviewStatus] = frozenset()
    text: str = ""
    min_score: float = 0.0
    min_length_s: float = 0.0
    max_length_s: float = inf
    odd_length: bool = False

    def accepts(self, item: Item, review: Review) -> bool:
        """Whether an item of a review passes."""
        e = item.expression
        # As the table shows it, so that a bound of 0.5 holds a length of "0.500".
        length = round(float(review.seconds(e.interval)), 3)
        return (
            self.kind in {None, e.kind}
            and (not self.statuses or e.status in self.statuses)
            and (e.score is None or e.score >= self.min_score)
            and self.min_length_s <= length <= self.max_length_s
            and (not self.text or _holds(item, self.text, review.clock))
            and (not self.odd_length or _is_odd(item, review))
        )


def uncertainty(item: Item, rules: SpottingParams) -> float:
    """Distance of the peak score from the threshold of its kind; infinite without a score."""
    score = item.expression.score
    return inf if score is None else abs(score - rules.detection.of_kind(item.kind).threshold)


def _is_odd(item: Item, review: Review) -> bool:
    return bool(review.length_remark(item)) or review.is_long(item)


class ReviewProxy(QSortFilterProxyModel):
    """The rows that pass a filter, sorted by a column or by uncertainty."""

    def __init__(self, model: ReviewTableModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._table = model
        self._filter = ReviewFilter()
        self._by_uncertainty = False
        self._keys: dict[str, tuple[Item, int, tuple[Any, ...]]] = {}
        self.setSourceModel(model)
        self.setDynamicSortFilter(True)
        self.sort(_ONSET)
        model.rules_changed.connect(self._follow_rules)

    @property
    def criteria(self) -> ReviewFilter:
        """What is shown."""
        return self._filter

    @property
    def by_uncertainty(self) -> bool:
        """Whether the least certain candidates come first."""
        return self._by_uncertainty

    def set_criteria(self, criteria: ReviewFilter) -> None:
        """Show other items."""
        if criteria != self._filter:
            self._filter = criteria
            self.invalidate()

    def set_by_uncertainty(self, on: bool) -> None:
        """Put undecided items first, nearest to their threshold first; or sort by onset."""
        if on != self._by_uncertainty:
            self._by_uncertainty = on
            self._keys.clear()
            if self.sortColumn() == _ONSET and self.sortOrder() is Qt.SortOrder.AscendingOrder:
                self.invalidate()
            else:
                self.sort(_ONSET, Qt.SortOrder.AscendingOrder)

    def item(self, row: int) -> Item:
        """Return the item of a row as shown."""
        return self._table.item(self.mapToSource(self.index(row, 0)).row())

    def row_of(self, uid: str) -> int | None:
        """Return the row of an item as shown; None if it is not."""
        row = self._table.row_of(uid)
        if row is None:
            return None
        index = self.mapFromSource(self._table.index(row, 0))
        return index.row() if index.isValid() else None

    def accepts(self, item: Item) -> bool:
        """Whether an item passes the filter."""
        return self._filter.accepts(item, self._shown)

    def is_odd(self, item: Item) -> bool:
        """Whether the length of an item contradicts its kind, or is marked as long."""
        return _is_odd(item, self._shown)

    def filterAcceptsRow(self, source_row: int, source_parent: QModelIndex) -> bool:
        """Whether Qt shows a row."""
        return self.accepts(self._table.item(source_row))

    def lessThan(self, left: QModelIndex, right: QModelIndex) -> bool:
        """Whether a row comes before another; equal ones are in order of time."""
        column = left.column()
        one, other = self._table.item(left.row()), self._table.item(right.row())
        return self._key(one, column) < self._key(other, column)

    @property
    def _shown(self) -> Review:
        return self._table.session.shown

    def _key(self, item: Item, column: int) -> tuple[Any, ...]:
        """Return what an item is sorted by; kept while the item and the order are the same."""
        known = self._keys.get(item.uid)
        if known is not None and known[0] is item and known[1] == column:
            return known[2]
        time = (item.onset, item.offset, item.uid)
        key: tuple[Any, ...]
        if self._by_uncertainty:
            key = (item.is_decided, uncertainty(item, self._shown.rules), *time)
        else:
            key = (COLUMNS[column].key(item), *time)
        self._keys[item.uid] = (item, column, key)
        return key

    def _follow_rules(self) -> None:
        if self._by_uncertainty:
            self._keys.clear()
            self.invalidate()


def _holds(item: Item, text: str, clock: Clock) -> bool:
    row = " ".join(column.text(item, clock) for column in COLUMNS).casefold()
    return all(word in row for word in text.casefold().split())
