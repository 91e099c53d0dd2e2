"""The review dock: the table of intervals, what is done to them, and how they are coded."""

from collections.abc import Mapping
from pathlib import Path

from qtpy.QtCore import QEvent, QObject, QSize, Qt, Signal
from qtpy.QtGui import QResizeEvent
from qtpy.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QProgressBar,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from napari_mespot.errors import AnnotationFormatError
from napari_mespot.gui import edits
from napari_mespot.gui.accept_all import AcceptAllDialog
from napari_mespot.gui.actions import ReviewActions
from napari_mespot.gui.coding_form import CodingForm
from napari_mespot.gui.next_stretch import NextStretchRow
from napari_mespot.gui.playhead import Playhead
from napari_mespot.gui.review import Item, Review
from napari_mespot.gui.review_buttons import ReviewButtons
from napari_mespot.gui.review_filter import ReviewFilter, uncertainty
from napari_mespot.gui.review_filter_row import FilterRow
from napari_mespot.gui.review_view import ReviewTableView
from napari_mespot.gui.session import Session
from napari_mespot.io.coding_template import CodingTemplate, default_template, read_coding_template
from napari_mespot.model import Expression, ReviewStatus

__all__ = ["ReviewWidget", "original_text"]

_TABLE_PX = 100
"""Least height of the table: three rows, so that notices do not push a small window apart."""


class ReviewWidget(QWidget):
    """Filter, table, progress, buttons and coding form of one session.

    Parameters
    ----------
    session, playhead, actions
        What it shows and calls.
    keys
        Name of an action → its key, as it is to be shown; by default the default keys.
    template
        What the coding form proposes; by default all of FACS.
    """

    left = Signal()
    """Nothing here wants the keyboard any more; it may go back to the viewer."""
    template_chosen = Signal(object)
    """Another coding template was chosen: its path, or None for the shipped one."""

    def __init__(
        self,
        session: Session,
        playhead: Playhead,
        actions: ReviewActions,
        parent: QWidget | None = None,
        *,
        keys: Mapping[str, str] | None = None,
        template: CodingTemplate | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._playhead, self._actions = session, playhead, actions
        self.filter_row = FilterRow()
        self.table = ReviewTableView(session)
        self.progress = QProgressBar()
        self.next_stretch = NextStretchRow(session, playhead, actions)
        self.menu_button = self._menu_button()
        self.original = QLabel()
        self.buttons = ReviewButtons(actions)
        self.form = CodingForm(session, template or default_template())
        self._build()
        self._connect()
        self.show_keys(keys or {})
        self._show_progress()
        self._show_selected()

    def show_keys(self, keys: Mapping[str, str]) -> None:
        """Show the keys on the buttons."""
        self.buttons.show_keys(keys)
        self.next_stretch.show_keys(keys)

    def load_template(self, path: Path | None) -> None:
        """Propose what a file says, or the shipped template; say in the form why it cannot be."""
        try:
            template = default_template() if path is None else read_coding_template(path)
        except AnnotationFormatError as error:
            self.form.show_trouble(str(error))
            return
        self.form.set_template(template)
        self.template_chosen.emit(path)

    def flush(self) -> None:
        """Keep what is being typed; call this before the session is saved or closed."""
        self.form.flush()

    def disconnect_all(self) -> None:
        """Stop listening."""
        self._session.changed.disconnect(self._follow)
        self._session.selection_changed.disconnect(self._follow_selection)
        self._playhead.moved.disconnect(self._follow_frame)
        self._actions.candidate_key = None
        self._actions.is_candidate = None
        self.next_stretch.disconnect_all()
        self.table.disconnect_all()
        self.form.disconnect_all()

    # -- building -------------------------------------------------------------------------

    def _build(self) -> None:
        self.original.setTextFormat(Qt.TextFormat.PlainText)
        self.original.setWordWrap(True)
        self.original.setToolTip("the model's prediction, kept beside what you make of it")
        self.original.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.original.setMinimumHeight(2 * self.original.fontMetrics().lineSpacing() + 2)
        self.table.setMinimumHeight(_TABLE_PX)
        progress_row = QHBoxLayout()
        progress_row.setSpacing(8)
        progress_row.addWidget(self.progress, 1)
        progress_row.addWidget(self.filter_row.uncertain_first)
        progress_row.addWidget(self.menu_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 6)
        layout.setSpacing(6)
        layout.addWidget(self.filter_row)
        layout.addWidget(self.table, 1)
        layout.addLayout(progress_row)
        layout.addWidget(self.next_stretch)
        layout.addWidget(self._build_lower())

    def _build_lower(self) -> QWidget:
        """Return what is done to the selected interval; it scrolls where the dock is low."""
        inner = QWidget()
        layout = QVBoxLayout(inner)
        layout.setContentsMargins(0, 0, 0, 0)
        for widget in (self.original, self.buttons, _rule(), self.form):
            layout.addWidget(widget)
        layout.addStretch(1)  # takes what is left over
        return _LowArea(inner)

    def _connect(self) -> None:
        self.filter_row.changed.connect(self._filter)
        self.filter_row.uncertainty_changed.connect(self._put_uncertain_first)
        self.filter_row.left.connect(self.left)
        self.table.item_clicked.connect(self._go_to)
        self.table.sorted_by_column.connect(
            lambda: self.filter_row.uncertain_first.setChecked(False)
        )
        self.table.left.connect(self.left)
        self.buttons.about_to_run.connect(self.form.leave)
        self.next_stretch.about_to_run.connect(self.form.leave)
        self.form.left.connect(self.left)
        self.form.file_asked.connect(self._ask_template)
        self.form.default_asked.connect(lambda: self.load_template(None))
        self._session.changed.connect(self._follow)
        self._session.selection_changed.connect(self._follow_selection)
        self._playhead.moved.connect(self._follow_frame)

    def _menu_button(self) -> QToolButton:
        button = QToolButton()
        button.setText("☰")
        button.setToolTip("more for all intervals in the table")
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setStyleSheet("QToolButton::menu-indicator { image: none; }")
        menu = QMenu(button)
        menu.addAction("Accept all ≥ …", self.ask_accept_all)
        button.setMenu(menu)
        return button

    # -- doing ----------------------------------------------------------------------------

    def ask_accept_all(self) -> AcceptAllDialog:
        """Ask which score all candidates in the table must reach to be accepted at once."""
        self.form.leave()
        dialog = AcceptAllDialog(self._listed, self._accept_all, self.window())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setModal(True)
        dialog.show()
        return dialog

    def _listed(self) -> list[Item]:
        """Return the items that pass the filter."""
        items = self._session.review.items
        return [item for item in items if self.table.proxy.accepts(item)]

    def _accept_all(self, items: tuple[Item, ...]) -> None:
        changed = edits.accept_items(self._session.review, (item.uid for item in items))
        self._session.commit(changed, f"accept {len(items)}")

    def _ask_template(self) -> None:
        text, _ = QFileDialog.getOpenFileName(
            self, "Coding template", "", "Coding template (*.toml);;All files (*)"
        )
        if text:
            self.load_template(Path(text))

    def _go_to(self, uid: str) -> None:
        self.form.leave()
        self._actions.go_to_item(uid)

    def _filter(self, criteria: ReviewFilter) -> None:
        """Show other items; the next candidate is one of them."""
        self.table.set_criteria(criteria)
        shows_all = criteria == ReviewFilter()
        self._actions.is_candidate = None if shows_all else self.table.proxy.accepts

    def _put_uncertain_first(self, on: bool) -> None:
        self.table.set_by_uncertainty(on)
        self._actions.candidate_key = self._uncertain_key if on else None

    def _uncertain_key(self, item: Item) -> tuple[float, int, str]:
        return uncertainty(item, self._session.shown.rules), item.onset, item.uid

    # -- showing --------------------------------------------------------------------------

    def _follow(self, old: Review, new: Review) -> None:
        if new is self._session.review:  # a drag settles nothing before its end
            self._show_progress()
        self._show_selected()

    def _follow_selection(self, uid: str | None) -> None:
        self._show_selected()

    def _follow_frame(self, frame: int) -> None:
        self.buttons.follow(self._session.selected, frame)

    def _show_progress(self) -> None:
        settled, n = self._session.shown.progress
        self.progress.setRange(0, max(n, 1))
        self.progress.setValue(settled)
        text = f"{settled} of {n} reviewed" if settled < n else f"all {n} reviewed"
        self.progress.setFormat(text if n else "nothing to review yet")

    def _show_selected(self) -> None:
        item = self._session.selected
        self.original.setText("No interval selected." if item is None else original_text(item))
        self.original.setEnabled(item is not None)
        self.buttons.follow(item, self._playhead.frame)


def original_text(item: Item) -> str:
    """Say what the model predicted and what became of it, on a line.

    Examples
    --------
    ``"predicted ME 120–131, apex 126, 0.73 → now 118–133"``
    """
    now, before = item.expression, item.original
    if before is None:
        by = f" by {now.coder}" if now.coder else ""
        return f"drawn or labelled{by}: {now.kind.value} {_span(now)}{_apex(now)}"
    score = "" if before.score is None else f", {before.score:.2f}"
    predicted = f"predicted {before.kind.value} {_span(before)}{_apex(before)}{score}"
    became = _difference(before, now)
    return f"{predicted} → {became}" if became else predicted


def _difference(before: Expression, now: Expression) -> str:
    parts = []
    if now.kind is not before.kind:
        parts.append(now.kind.value)
    if now.interval != before.interval:
        parts.append(_span(now))
    if now.apex != before.apex:
        parts.append(_apex(now).removeprefix(", ") or "no apex")
    if parts:
        return f"now {', '.join(parts)}"
    return "" if now.status is ReviewStatus.PREDICTED else now.status.value


def _span(expression: Expression) -> str:
    return f"{expression.onset}–{expression.offset}"


def _apex(expression: Expression) -> str:
    return "" if expression.apex is None else f", apex {expression.apex}"


class _LowArea(QScrollArea):
    """A scroll area that asks for the height of what it holds, and can live with less."""

    def __init__(self, inner: QWidget) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.setMinimumHeight(120)
        self.setWidget(inner)

    def sizeHint(self) -> QSize:
        """Ask for all that is inside."""
        inner = self.widget()
        if inner is None:
            return super().sizeHint()
        frame = 2 * self.frameWidth()  # a style sheet may put one back
        height = max(inner.heightForWidth(self.width() - frame), inner.sizeHint().height())
        return QSize(inner.sizeHint().width() + frame, height + frame)

    def minimumSizeHint(self) -> QSize:
        """Be wide enough for the buttons, and for a scroll bar beside them."""
        inner, bar = self.widget(), self.verticalScrollBar()
        if inner is None or bar is None:
            return super().minimumSizeHint()
        width = inner.minimumSizeHint().width() + bar.sizeHint().width() + 2 * self.frameWidth()
        return QSize(width, 120)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Ask anew when what is inside has changed its size."""
        if event is not None and event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Ask anew for the height, which depends on the width."""
        super().resizeEvent(event)
        if event is not None and event.size().width() != event.oldSize().width():
            self.updateGeometry()


def _rule() -> QFrame:
    rule = QFrame()
    rule.setFrameShape(QFrame.Shape.HLine)
    return rule
