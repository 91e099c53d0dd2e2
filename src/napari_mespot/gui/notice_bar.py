"""What the window has to tell: lines above the timeline that stay until they are taken away."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from qtpy.QtCore import QEvent, Qt, QTimer, Signal
from qtpy.QtGui import QColor, QResizeEvent, QShowEvent
from qtpy.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from napari_mespot.gui.notice_line import Level
from napari_mespot.gui.timeline.colours import TimelineColours

__all__ = ["NoticeBar", "Offer"]

_MARKS: Final[dict[Level, str]] = {"error": "✕", "warning": "!", "info": "i"}
_RANK: Final[dict[Level, int]] = {"error": 0, "warning": 1, "info": 2}
_ON_DARK: Final[dict[Level, str]] = {"error": "#ff7568", "warning": "#f6c945", "info": "#56a8e6"}
_ON_LIGHT: Final[dict[Level, str]] = {"error": "#b3261e", "warning": "#8a5a00", "info": "#0067a3"}
_TINT = 0.2
_EDGE_PX = 4
_FEW = 2
"""How many lines are shown while the rest is folded away."""
_MOST_PX, _LEAST_PX, _OTHERS_PX = 150, 72, 730
"""Height from which lines are scrolled: in a large window, in a small one, and what else a window
needs in height."""


@dataclass(frozen=True, slots=True)
class Offer:
    """Something that a notice offers to do.

    Parameters
    ----------
    label, tip
        Text of its button, and what the button does in a sentence.
    run
        Does it; the notice goes then.
    """

    label: str
    tip: str
    run: Callable[[], object]


class NoticeBar(QFrame):
    """Notices below each other: what matters most first, then the latest.

    Each has a × of its own. More than two are folded into one line that tells how many there are.
    The same text is never shown twice.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("mespot-notices")
        self._colours = TimelineColours()
        self._rows: list[_Row] = []
        self._inner = QWidget()
        self._column = QVBoxLayout(self._inner)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(1)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setWidget(self._inner)
        self._more = QToolButton()
        self._more.setAutoRaise(True)
        self._more.setCheckable(True)
        self._more.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._more.toggled.connect(self._lay_out)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self._area)
        outer.addWidget(self._more)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._lay_out()

    @property
    def notices(self) -> tuple[tuple[Level, str], ...]:
        """Level and text of each notice, from top to bottom."""
        return tuple((row.level, row.text) for row in self._rows)

    def tell(self, text: str, level: Level = "info", offers: Sequence[Offer] = ()) -> None:
        """Show a notice.

        Parameters
        ----------
        text
            What there is to say.
        level
            How much it matters.
        offers
            What can be done about it, as buttons.
        """
        for row in [row for row in self._rows if row.text == text]:
            self._drop(row)
        row = _Row(text, level, offers)
        row.set_colours(self._colours)
        row.dismissed.connect(lambda: self.dismiss(text))
        self._rows = sorted((*self._rows, row), key=lambda r: (_RANK[r.level], -r.number))
        for place, each in enumerate(self._rows):
            self._column.insertWidget(place, each)
        self._lay_out()

    def dismiss(self, text: str) -> None:
        """Take a notice away."""
        for row in [row for row in self._rows if row.text == text]:
            self._drop(row)
        self._lay_out()

    def set_colours(self, colours: TimelineColours) -> None:
        """Draw in the colours of another theme."""
        self._colours = colours
        for row in self._rows:
            row.set_colours(colours)
        self._lay_out()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Give lines that wrap the height that they need at this width."""
        super().resizeEvent(event)
        self._lay_out()

    def showEvent(self, event: QShowEvent | None) -> None:
        """Measure again in the fonts of the window's style."""
        super().showEvent(event)
        QTimer.singleShot(0, self._lay_out)

    def changeEvent(self, event: QEvent | None) -> None:
        """Measure again where the font has changed."""
        super().changeEvent(event)
        if event is not None and event.type() in {QEvent.Type.FontChange, QEvent.Type.StyleChange}:
            self._lay_out()

    def _drop(self, row: "_Row") -> None:
        self._rows.remove(row)
        self._column.removeWidget(row)
        row.hide()
        row.deleteLater()

    def _lay_out(self) -> None:
        """Show the first lines, or all, and take as much height as they need."""
        n, unfolded = len(self._rows), self._more.isChecked()
        for place, row in enumerate(self._rows):
            row.setVisible(unfolded or place < _FEW)
        rest = n - _FEW
        self._more.setVisible(rest > 0)
        self._more.setText("fewer ▴" if unfolded else f"{rest} more ▾")
        self._more.setToolTip("fold the notices" if unfolded else "show all notices")
        self.setVisible(n > 0)
        shown = self._rows if unfolded else self._rows[:_FEW]
        for row in shown:
            row.setFixedHeight(row.height_at(self.width()))
        height = sum(row.height() for row in shown) + max(0, len(shown) - 1)
        policy = Qt.ScrollBarPolicy
        window = self.window() or self
        most = min(max(_LEAST_PX, window.height() - _OTHERS_PX), _MOST_PX)
        scrolls = height > most
        height = min(height, most)
        self._area.setVerticalScrollBarPolicy(
            policy.ScrollBarAsNeeded if scrolls else policy.ScrollBarAlwaysOff
        )
        self._area.setFixedHeight(height)
        self.setFixedHeight(height + (self._more.sizeHint().height() if rest > 0 else 0))


class _Row(QFrame):
    """One notice."""

    dismissed = Signal()
    _made = 0

    def __init__(self, text: str, level: Level, offers: Sequence[Offer]) -> None:
        super().__init__()
        _Row._made += 1
        self.number, self.text, self.level = _Row._made, text, level
        self.setObjectName("mespot-notice")
        self._mark = QLabel(_MARKS[level])
        self._mark.setObjectName("mespot-notice-mark")
        self._mark.setFixedSize(18, 18)
        self._mark.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._mark.setToolTip(level)
        self._label = QLabel(text)
        self._label.setObjectName("mespot-notice-text")
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self._label.setWordWrap(True)
        self._label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(6, 3, 4, 3)
        self._row.setSpacing(8)
        self._row.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        self._row.addWidget(self._label, 1)
        cross = _cross()
        self._others = [self._mark, *(self._button(offer) for offer in offers), cross]
        for part in self._others[1:]:
            self._row.addWidget(part, 0, Qt.AlignmentFlag.AlignTop)
        cross.clicked.connect(self.dismissed)

    def set_colours(self, colours: TimelineColours) -> None:
        """Tint the ground in the colour of the level, so that the text stays readable on it."""
        dark = QColor(colours.background).lightnessF() < 0.5
        accent = (_ON_DARK if dark else _ON_LIGHT)[self.level]
        ground = _mixed(accent, colours.background, _TINT)
        self.setStyleSheet(
            f"#mespot-notice {{ background: {ground}; border-left: {_EDGE_PX}px solid {accent}; }}"
            f"#mespot-notice-text {{ background: transparent; color: {colours.text}; }}"
            f"#mespot-notice-mark {{ background: {accent}; color: {colours.background};"
            " border-radius: 9px; font-weight: bold; padding: 0px; }"
            "#mespot-notice-close { background: transparent; border: none;"
            f" color: {colours.text}; font-size: 16px; padding: 0px 4px; }}"
            f"QPushButton {{ background: {colours.background}; color: {colours.text};"
            f" border: 1px solid {accent}; border-radius: 3px; padding: 1px 8px; }}"
            f"QPushButton:hover {{ background: {accent}; color: {colours.background}; }}"
            f"#mespot-notice-close:hover {{ background: {accent}; color: {colours.background}; }}"
        )

    def height_at(self, width: int) -> int:
        """Return the height that the notice needs at a width."""
        for part in (self, *self.findChildren(QWidget)):
            part.ensurePolished()  # else the font is another one
        margins = self._row.contentsMargins()
        used = margins.left() + margins.right() + _EDGE_PX
        used += sum(part.sizeHint().width() + self._row.spacing() for part in self._others)
        text = self._label.heightForWidth(max(width - used, 1))
        height = max(text, *(part.sizeHint().height() for part in self._others))
        return height + margins.top() + margins.bottom()

    def _button(self, offer: Offer) -> QPushButton:
        button = QPushButton(offer.label)
        button.setToolTip(offer.tip)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.clicked.connect(self.dismissed)
        button.clicked.connect(lambda: offer.run())
        return button


def _cross() -> QToolButton:
    button = QToolButton()
    button.setObjectName("mespot-notice-close")
    button.setText("×")
    button.setAutoRaise(True)
    button.setToolTip("take this notice away")
    button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return button


def _mixed(colour: str, other: str, share: float) -> str:
    """Return a mixture: `share` of the first colour, the rest of the other."""
    a, b = QColor(colour), QColor(other)
    pairs = zip((a.red(), a.green(), a.blue()), (b.red(), b.green(), b.blue()), strict=True)
    return QColor(*(round(share * x + (1 - share) * y) for x, y in pairs)).name()
