"""The fields above the review table that say what it shows."""

from math import inf

from qtpy.QtCore import QRegularExpression, Qt, Signal
from qtpy.QtGui import QAction, QMouseEvent, QRegularExpressionValidator
from qtpy.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QMenu,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from napari_mespot.gui.review_filter import ReviewFilter
from napari_mespot.gui.typing_field import ROOM_FOR_ARROW, TypingField
from napari_mespot.model import ExpressionKind, ReviewStatus

__all__ = ["FilterRow"]

_NUMBER = QRegularExpression(r"[0-9]{0,3}([.,][0-9]{0,3})?")
_OPEN = frozenset({ReviewStatus.PREDICTED, ReviewStatus.UNCERTAIN})


class FilterRow(QWidget):
    """Kind, statuses, text, score and length of what is shown, and the order of review."""

    changed = Signal(object)
    """Other items should be shown: the new :class:`ReviewFilter`."""
    uncertainty_changed = Signal(bool)
    """The least certain should come first, or not any more."""
    left = Signal()
    """Typing is over; the focus is free."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.kind = QComboBox()
        self.kind.addItem("ME + MaE", None)
        for kind in ExpressionKind:
            self.kind.addItem(kind.value, kind)
        self.kind.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.kind.setToolTip("kind")
        self.statuses = _StatusButton()
        self.text = TypingField("search")
        self.text.setToolTip("words that stand anywhere in the row: frames, AUs, notes, source")
        self.min_score = _NumberField("any", "smallest peak score, 0 to 1")
        self.min_length = _NumberField("any", "shortest duration, in seconds")
        self.max_length = _NumberField("any", "longest duration, in seconds")
        self.odd_length = QCheckBox("odd")
        self.odd_length.setToolTip(
            "only lengths that contradict their kind: an ME above 0.5 s, an MaE below 0.5 s "
            "or above 4 s"
        )
        self.odd_length.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.uncertain_first = QCheckBox("Uncertain first")
        self.uncertain_first.setToolTip(
            "undecided intervals first, those nearest to the threshold of their kind on top; "
            "the next candidate then follows this order"
        )
        self.uncertain_first.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.clear_button = QToolButton()
        self.clear_button.setText("Clear")
        self.clear_button.setToolTip("show all intervals again")
        self.clear_button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._build()
        self._connect()

    def value(self) -> ReviewFilter:
        """Return what the fields say."""
        return ReviewFilter(
            kind=self.kind.currentData(),
            statuses=self.statuses.chosen,
            text=self.text.text().strip(),
            min_score=self.min_score.number(0.0),
            min_length_s=self.min_length.number(0.0),
            max_length_s=self.max_length.number(inf),
            odd_length=self.odd_length.isChecked(),
        )

    def clear(self) -> None:
        """Show everything again."""
        self.kind.setCurrentIndex(0)
        self.statuses.choose(frozenset())
        self.odd_length.setChecked(False)
        for field in (self.text, self.min_score, self.min_length, self.max_length):
            field.clear()
            field.clearFocus()
        self.left.emit()

    def _build(self) -> None:
        first, second = QHBoxLayout(), QHBoxLayout()
        for row in (first, second):
            row.setSpacing(4)
        first.addWidget(self.kind)
        first.addWidget(self.statuses)
        first.addWidget(self.text, 1)
        first.addWidget(self.odd_length)
        first.addWidget(self.clear_button)
        second.addWidget(QLabel("Score ≥"))
        second.addWidget(self.min_score)
        second.addSpacing(6)
        second.addWidget(QLabel("Length"))
        second.addWidget(self.min_length)
        second.addWidget(QLabel("to"))
        second.addWidget(self.max_length)
        second.addWidget(QLabel("s"))
        second.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(first)
        layout.addLayout(second)
        self.clear_button.setEnabled(False)

    def _connect(self) -> None:
        self.kind.currentIndexChanged.connect(self._tell)
        self.statuses.changed.connect(self._tell)
        self.odd_length.toggled.connect(self._tell)
        for field in (self.text, self.min_score, self.min_length, self.max_length):
            field.textChanged.connect(self._tell)
            field.left.connect(self.left)
        self.uncertain_first.toggled.connect(self.uncertainty_changed)
        self.clear_button.clicked.connect(self.clear)

    def _tell(self) -> None:
        criteria = self.value()
        self.clear_button.setEnabled(criteria != ReviewFilter())
        self.changed.emit(criteria)


class _NumberField(TypingField):
    """A number, or empty."""

    def __init__(self, placeholder: str, tip: str) -> None:
        super().__init__(placeholder)
        self.setValidator(QRegularExpressionValidator(_NUMBER, self))
        self.setFixedWidth(self.fontMetrics().horizontalAdvance("0000.0") + 8)
        self.setToolTip(tip)

    def number(self, otherwise: float) -> float:
        """Return the number, or `otherwise` while there is none."""
        try:
            return float(self.text().replace(",", "."))
        except ValueError:
            return otherwise


class _StatusButton(QToolButton):
    """A menu of statuses to tick; it says on its face what is ticked."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setToolTip("status")
        self.setStyleSheet(ROOM_FOR_ARROW)
        menu = _TickMenu(self)
        menu.addAction("all", lambda: self.choose(frozenset()))
        menu.addAction("to review", lambda: self.choose(_OPEN))
        menu.addSeparator()
        self._ticks: dict[ReviewStatus, QAction] = {}
        for status in ReviewStatus:
            action = menu.addAction(status.value)
            if action is not None:
                action.setCheckable(True)
                action.toggled.connect(self._follow)
                self._ticks[status] = action
        self.setMenu(menu)
        self._chosen: frozenset[ReviewStatus] = frozenset()
        self.setText("all states")

    @property
    def chosen(self) -> frozenset[ReviewStatus]:
        """The ticked statuses; empty: any."""
        return self._chosen

    def choose(self, statuses: frozenset[ReviewStatus]) -> None:
        """Tick these."""
        for status, action in self._ticks.items():
            action.blockSignals(True)
            action.setChecked(status in statuses)
            action.blockSignals(False)
        self._follow()

    def _follow(self) -> None:
        chosen = frozenset(s for s, action in self._ticks.items() if action.isChecked())
        if chosen == self._chosen:
            return
        self._chosen = chosen
        if not chosen:
            text = "all states"
        elif chosen == _OPEN:
            text = "to review"
        else:
            first = next(s for s in ReviewStatus if s in chosen)
            text = first.value + (f" +{len(chosen) - 1}" if len(chosen) > 1 else "")
        self.setText(text)
        self.changed.emit()


class _TickMenu(QMenu):
    """A menu that stays open while one ticks."""

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        action = self.activeAction()
        if action is not None and action.isCheckable():
            action.trigger()
            return
        super().mouseReleaseEvent(event)
