"""The review table as it is drawn, clicked and edited in place."""

from qtpy.QtCore import QModelIndex, QPoint, Qt, Signal
from qtpy.QtGui import QMouseEvent, QPainter, QPaintEvent, QPalette, QResizeEvent
from qtpy.QtWidgets import (
    QAbstractItemDelegate,
    QAbstractItemView,
    QHeaderView,
    QMenu,
    QScrollBar,
    QTableView,
    QWidget,
)

from napari_mespot.gui.review_columns import COLUMNS, column_index
from napari_mespot.gui.review_delegate import ReviewDelegate
from napari_mespot.gui.review_filter import ReviewFilter, ReviewProxy
from napari_mespot.gui.review_table import ReviewTableModel
from napari_mespot.gui.session import Session

__all__ = ["ReviewTableView"]

_ROW_PX = 24
_ARROW_PX = 12  # of the sorted column, beside its title
# What sets the width of a column where its title is not the widest.
_SAMPLES = {
    "kind": "MaE",
    "onset": "00000",
    "apex": "00000",
    "offset": "00000",
    "duration": "00.00",
    "score": "0.00",
    "status": "uncertain",
    "action_units": "4B+7C+12B",
    "emotion": "happiness",
    "source": "synthetic-v1",
    "coder": "coder",
    "notes": "a note of some words",
}
_AT_FIRST_HIDDEN = frozenset({"emotion", "coder"})


class ReviewTableView(QTableView):
    """Rows of intervals. A click goes there, a double click edits a cell.

    It never holds the keyboard but while a cell is edited.

    Parameters
    ----------
    session
        Whose items are shown and whose selection is followed.
    """

    item_clicked = Signal(str)
    """A row was clicked: the key of its item."""
    sorted_by_column = Signal()
    """A header was clicked."""
    left = Signal()
    """Editing in place is over; the focus is free."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._header = QHeaderView(Qt.Orientation.Horizontal, self)
        self._sideways = QScrollBar(Qt.Orientation.Horizontal, self)
        self.setHorizontalScrollBar(self._sideways)
        self.table = ReviewTableModel(session, self)
        self.proxy = ReviewProxy(self.table, self)
        self.setModel(self.proxy)
        self.setItemDelegate(ReviewDelegate(self.proxy, self))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.DoubleClicked)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self._set_up_headers()
        self.table.modelReset.connect(self.follow_selection)
        self.proxy.rowsInserted.connect(self._follow_rows)
        session.selection_changed.connect(self._follow_uid)
        self.follow_selection()

    def disconnect_all(self) -> None:
        """Stop listening."""
        self._session.selection_changed.disconnect(self._follow_uid)
        self.table.disconnect_all()

    # -- selection ------------------------------------------------------------------------

    def follow_selection(self) -> None:
        """Select the row of the selected item and scroll to it, or select none."""
        uid = self._session.selected_uid
        row = None if uid is None else self.proxy.row_of(uid)
        if row is None:
            self.clearSelection()
            self.setCurrentIndex(QModelIndex())
            return
        column = max(self.columnAt(0), 0)
        index = self.proxy.index(row, column)
        if self.currentIndex().row() != row or not self._is_selected(index):
            self.setCurrentIndex(index)
        self._reveal(row)

    def _reveal(self, row: int) -> None:
        """Scroll up or down, never sideways, until a row can be seen."""
        place = self._sideways.value()
        self.scrollTo(self.proxy.index(row, 0), QAbstractItemView.ScrollHint.EnsureVisible)
        self._sideways.setValue(place)

    def _is_selected(self, index: QModelIndex) -> bool:
        selection = self.selectionModel()
        return selection is not None and selection.isSelected(index)

    def _follow_uid(self, uid: str | None) -> None:
        self.follow_selection()

    def _follow_rows(self, parent: QModelIndex, first: int, last: int) -> None:
        """Select the row of an item that was selected before it had one."""
        uid = self._session.selected_uid
        row = None if uid is None else self.proxy.row_of(uid)
        if row is not None and first <= row <= last:
            self.follow_selection()

    # -- order ----------------------------------------------------------------------------

    def set_by_uncertainty(self, on: bool) -> None:
        """Sort by uncertainty, or by onset again."""
        header = self._header
        self.proxy.set_by_uncertainty(on)
        header.setSortIndicatorShown(not on)
        if not on:
            header.setSortIndicator(column_index("onset"), Qt.SortOrder.AscendingOrder)
        self.follow_selection()

    def set_criteria(self, criteria: ReviewFilter) -> None:
        """Show other items."""
        self.proxy.set_criteria(criteria)
        self.follow_selection()

    # -- headers --------------------------------------------------------------------------

    def _set_up_headers(self) -> None:
        rows, header = QHeaderView(Qt.Orientation.Vertical, self), self._header
        self.setVerticalHeader(rows)
        self.setHorizontalHeader(header)
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setMinimumSectionSize(_ROW_PX)
        rows.setDefaultSectionSize(_ROW_PX)
        header.setSectionsMovable(True)
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setMinimumSectionSize(24)
        header.setSortIndicator(column_index("onset"), Qt.SortOrder.AscendingOrder)
        header.setSectionsClickable(True)
        header.setSortIndicatorShown(True)
        header.sectionClicked.connect(self._sort)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(self._ask_columns)
        for number, column in enumerate(COLUMNS):
            self.setColumnHidden(number, column.name in _AT_FIRST_HIDDEN)
        self.fit_columns()

    def fit_columns(self) -> None:
        """Make every column as wide as what usually stands in it."""
        metrics = self.fontMetrics()
        for number, column in enumerate(COLUMNS):
            title, sample = (
                metrics.horizontalAdvance(text) for text in (column.title, _SAMPLES[column.name])
            )
            self.setColumnWidth(number, max(title + _ARROW_PX, sample + 10))

    def _sort(self, column: int) -> None:
        """Sort by a column whose header was clicked; by uncertainty no more."""
        header = self._header
        self.sorted_by_column.emit()
        order = header.sortIndicatorOrder()
        header.setSortIndicator(column, order)
        self.proxy.sort(column, order)
        self.follow_selection()

    def _ask_columns(self, place: QPoint) -> None:
        """Let the user tick the columns to see."""
        menu = self.column_menu()
        menu.exec(self._header.mapToGlobal(place))
        menu.deleteLater()

    def column_menu(self) -> QMenu:
        """Return a menu with a tick for each column."""
        menu = QMenu(self)
        for number, column in enumerate(COLUMNS):
            action = menu.addAction(column.title)
            if action is not None:
                action.setCheckable(True)
                action.setChecked(not self.isColumnHidden(number))
                action.toggled.connect(lambda on, n=number: self.setColumnHidden(n, not on))
        return menu

    # -- Qt -------------------------------------------------------------------------------

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        """Go to the row that the mouse, clicked or dragged, has selected."""
        super().mouseReleaseEvent(event)
        index = self.currentIndex()
        is_left = event is not None and event.button() == Qt.MouseButton.LeftButton
        if is_left and index.isValid() and self._is_selected(index):
            self.item_clicked.emit(self.proxy.item(index.row()).uid)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Keep the current row in sight if it was."""
        current = self.currentIndex()
        was_seen = event is not None and self.visualRect(current).top() in range(
            event.oldSize().height()
        )
        super().resizeEvent(event)
        if current.isValid() and was_seen:
            self._reveal(current.row())

    def closeEditor(self, editor: QWidget | None, hint: QAbstractItemDelegate.EndEditHint) -> None:
        """Give the keyboard back after an edit in place."""
        super().closeEditor(editor, hint)
        if self.state() != QAbstractItemView.State.EditingState:
            self.clearFocus()
            self.left.emit()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw the rows, or why there are none."""
        super().paintEvent(event)
        if self.proxy.rowCount():
            return
        some = self.table.rowCount() > 0
        text = "No interval passes the filter." if some else "No intervals yet."
        viewport = self.viewport()
        if viewport is None:
            return
        painter = QPainter(viewport)
        colour = self.palette().color(QPalette.ColorRole.WindowText)
        colour.setAlphaF(0.6)
        painter.setPen(colour)
        painter.drawText(viewport.rect(), Qt.AlignmentFlag.AlignCenter, text)
        painter.end()
