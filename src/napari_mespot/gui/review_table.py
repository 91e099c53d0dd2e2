"""The items of a session as a Qt table that changes only where an item has changed."""

from collections.abc import Iterable, Mapping
from typing import Any

from qtpy.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt, QTimer, Signal
from qtpy.QtGui import QFont

from napari_mespot.errors import EditError
from napari_mespot.gui.notice_line import NoticeLine
from napari_mespot.gui.review import Item, Review
from napari_mespot.gui.review_columns import COLUMNS
from napari_mespot.gui.session import Session
from napari_mespot.model import ReviewStatus, parse_facs

__all__ = ["ReviewTableModel"]

# Above as many runs of rows that come or go at once, one reset is faster than the steps.
_MAX_RUNS = 100
_REST_MS = 200
_NOWHERE = QModelIndex()
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class ReviewTableModel(QAbstractTableModel):
    """One row per item of what a session shows, in no particular order: sort it by a proxy.

    A row keeps its place as long as its item lives, so that selection and scroll position
    survive every edit.

    Parameters
    ----------
    session
        Read for the rows, and written through by edits in place.
    """

    rules_changed = Signal()
    """The thresholds are others than before, and with them what is uncertain."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self._rows: list[Item] = list(session.shown.items)
        self._places: dict[str, int] = {item.uid: row for row, item in enumerate(self._rows)}
        self._rules_moved = False
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self._catch_up)
        session.changed.connect(self._follow)

    def disconnect_all(self) -> None:
        """Stop listening."""
        self._rest.stop()
        self.session.changed.disconnect(self._follow)

    def item(self, row: int) -> Item:
        """Return the item of a row."""
        return self._rows[row]

    def row_of(self, uid: str) -> int | None:
        """Return the row of an item, or None."""
        return self._places.get(uid)

    # -- what Qt asks ---------------------------------------------------------------------

    def rowCount(self, parent: QModelIndex = _NOWHERE) -> int:
        """Count the items."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: QModelIndex = _NOWHERE) -> int:
        """Count the columns."""
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        """Return title or explanation of a column."""
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(COLUMNS):
            return None
        column = COLUMNS[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.title
        if role == Qt.ItemDataRole.ToolTipRole:
            more = "click to sort" if column.write is None else "double-click a cell to edit it"
            return f"{column.tip}; {more}"
        return None

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell shows."""
        if not index.isValid():
            return None
        item, column = self._rows[index.row()], COLUMNS[index.column()]
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole}:
            text = column.text(item, self.session.shown.clock)
            is_marked = column.name == "duration" and self.session.shown.is_long(item)
            return f"long {text}" if is_marked else text
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if column.is_number else _LEFT
        if role == Qt.ItemDataRole.FontRole and item.status is ReviewStatus.REJECTED:
            font = QFont()
            font.setStrikeOut(column.name != "status")
            return font
        if role == Qt.ItemDataRole.ToolTipRole:
            return _tip(item, self.session.shown)
        return None

    def flags(self, index: QModelIndex) -> Qt.ItemFlag:
        """Say which cells can be edited."""
        flags = super().flags(index)
        if index.isValid() and COLUMNS[index.column()].write is not None:
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def setData(self, index: QModelIndex, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Make an edit in place one step of the session; what is no frame changes nothing."""
        if not index.isValid() or role != Qt.ItemDataRole.EditRole:
            return False
        column = COLUMNS[index.column()]
        review = self.session.review
        item = review.by_uid.get(self._rows[index.row()].uid)
        if column.write is None or item is None:
            return False
        try:
            changed = column.write(review, item, str(value))
        except ValueError:
            return False
        except EditError as error:
            self.session.say(NoticeLine(str(error), "warning"))
            return False
        self.session.commit(changed, f"edit {column.title.lower()}")
        return True

    # -- what the session tells -----------------------------------------------------------

    def _follow(self, old: Review, new: Review) -> None:
        self._rules_moved |= new.rules.detection != old.rules.detection
        is_preview = new is not self.session.review
        if is_preview and self._is_upheaval(new):
            # A threshold is being dragged: the timeline shows every value, the table the last.
            self._rest.start()
        else:
            self._catch_up()

    def _is_upheaval(self, review: Review) -> bool:
        """Whether so many rows come or go that showing it takes long."""
        wanted = review.by_uid
        n_same = sum(uid in wanted for uid in self._places)
        return len(wanted) + len(self._rows) - 2 * n_same > _MAX_RUNS

    def _catch_up(self) -> None:
        """Show what the session shows now."""
        self._rest.stop()
        review = self.session.shown
        wanted = review.by_uid
        gone = [row for row, item in enumerate(self._rows) if item.uid not in wanted]
        come = [item for item in review.items if item.uid not in self._places]
        if len(_runs(gone)) > _MAX_RUNS:
            self._reset(review)
        else:
            self._remove(gone)
            self._change(wanted)
            self._append(come)
        if self._rules_moved:
            self._rules_moved = False
            self.rules_changed.emit()

    def _reset(self, review: Review) -> None:
        self.beginResetModel()
        self._rows = list(review.items)
        self._number_rows()
        self.endResetModel()

    def _remove(self, rows: list[int]) -> None:
        for first, last in reversed(_runs(rows)):
            self.beginRemoveRows(_NOWHERE, first, last)
            del self._rows[first : last + 1]
            self._number_rows()
            self.endRemoveRows()

    def _change(self, wanted: Mapping[str, Item]) -> None:
        changed = []
        for row, item in enumerate(self._rows):
            now = wanted[item.uid]
            if now is not item:
                self._rows[row] = now
                changed.append(row)
        for first, last in _runs(changed):
            self.dataChanged.emit(self.index(first, 0), self.index(last, len(COLUMNS) - 1))

    def _append(self, items: list[Item]) -> None:
        if not items:
            return
        n = len(self._rows)
        self.beginInsertRows(_NOWHERE, n, n + len(items) - 1)
        self._rows += items
        self._number_rows()
        self.endInsertRows()

    def _number_rows(self) -> None:
        self._places = {item.uid: row for row, item in enumerate(self._rows)}


def _runs(rows: Iterable[int]) -> list[tuple[int, int]]:
    """Join ascending rows into runs (first, last)."""
    out: list[tuple[int, int]] = []
    for row in rows:
        if out and row == out[-1][1] + 1:
            out[-1] = (out[-1][0], row)
        else:
            out.append((row, row))
    return out


def _tip(item: Item, review: Review) -> str:
    e = item.expression
    remark = review.length_remark(item)
    units = " · ".join(
        f"{unit.text} {unit.name}".rstrip() for unit in parse_facs(e.action_units).units
    )
    lines = (
        f"{e.kind.value}, {e.interval.n_frames} frames, "
        f"{float(review.clock.second_of(e.onset)):.3f} s to "
        f"{float(review.clock.end_of(e.offset)):.3f} s",
        f"{remark}: check kind and edges" if remark else "",
        "marked as long: look whether it is one" if review.is_long(item) else "",
        units,
        f"coder: {e.coder}" if e.coder else "",
        e.notes,
    )
    return "\n".join(line for line in lines if line)
