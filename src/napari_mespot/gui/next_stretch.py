"""The line of the review dock that says where a look helps most, and goes there."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from qtpy.QtCore import QSize, Qt, QTimer, Signal
from qtpy.QtGui import QPainter, QPaintEvent, QShowEvent
from qtpy.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from napari_mespot.gui.action_table import ACTIONS
from napari_mespot.gui.actions import ReviewActions
from napari_mespot.gui.key_button import KeyButton
from napari_mespot.gui.playhead import Playhead
from napari_mespot.gui.review import Review
from napari_mespot.gui.session import Session
from napari_mespot.model import Clock
from napari_mespot.spotting.uncertainty import Doubt, Reason

if TYPE_CHECKING:
    from napari_mespot.spotting.review_order import Stretch

__all__ = ["ALL_SETTLED", "NextStretchRow", "stretch_text"]

ALL_SETTLED = "All settled: nothing uncertain is left to review"
# Ranking waits until a drag has been at rest for so long.
_REST_MS = 150
_BY_NAME = {action.name: action for action in ACTIONS}


class NextStretchRow(QWidget):
    """Says which stretch is the most useful to review, goes there, and takes it as seen.

    It ranks only while it can be seen, and only once nothing has changed for a moment.

    Parameters
    ----------
    session, playhead, actions
        What it shows and calls.
    """

    about_to_run = Signal()
    """A button was pressed; what is being typed should be kept before it acts."""

    def __init__(
        self,
        session: Session,
        playhead: Playhead,
        actions: ReviewActions,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._playhead, self._actions = session, playhead, actions
        self.label = _ElidedLabel()
        self.go, self.seen = self._button("useful", "Go"), self._button("seen", "Seen")
        self.seen.setEnabled(False)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.label, 1)
        layout.addWidget(self.go)
        layout.addWidget(self.seen)
        self.setMinimumHeight(self.go.sizeHint().height())  # the same once the buttons are gone
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self._rank)
        session.changed.connect(self._follow)
        session.scores_changed.connect(self._wait)
        playhead.moved.connect(self._follow_frame)
        self.show_keys({})
        self._wait()

    def show_keys(self, keys: Mapping[str, str]) -> None:
        """Show the keys: name of an action → its key, by default the default ones."""
        for name, button in (("useful", self.go), ("seen", self.seen)):
            button.show_key(keys.get(name, " ".join(_BY_NAME[name].keys)))

    def disconnect_all(self) -> None:
        """Stop listening."""
        self._rest.stop()
        self._session.changed.disconnect(self._follow)
        self._session.scores_changed.disconnect(self._wait)
        self._playhead.moved.disconnect(self._follow_frame)

    def showEvent(self, event: QShowEvent | None) -> None:
        """Catch up with what has changed while nobody saw it."""
        super().showEvent(event)
        self._wait()

    def _button(self, name: str, text: str) -> KeyButton:
        button = KeyButton(text, _BY_NAME[name].label)
        button.setObjectName(f"mespot-review-{name}")
        button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        button.clicked.connect(lambda: self._run(name))
        return button

    def _run(self, name: str) -> None:
        self.about_to_run.emit()
        self._actions.perform(_BY_NAME[name])

    def _follow(self, old: Review, new: Review) -> None:
        self._wait()

    def _wait(self) -> None:
        self._rest.start()

    def _follow_frame(self, frame: int) -> None:
        if self._actions.useful.is_fresh and self.isVisible():
            self._show_text()

    def _rank(self) -> None:
        if self.isVisible():
            self._show_text()

    def _show_text(self) -> None:
        useful = self._actions.useful
        here, upcoming, n = useful.here, useful.next, len(useful.ranked)
        stretch = here or upcoming
        for button in (self.go, self.seen):
            button.setVisible(n > 0)
        self.seen.setEnabled(here is not None)
        if stretch is None:
            self.label.show_text(_nothing_text(self._session.shown), "")
            return
        clock = self._playhead.clock
        word = "Next most useful" if here is None else "Look here"
        self.label.show_text(
            f"{word}: {stretch_text(stretch, clock)}", _tip(stretch, n), shorter=word.split()[0]
        )


def stretch_text(stretch: "Stretch", clock: Clock) -> str:
    """Say where a stretch is and why it is worth a look, in few words.

    Examples
    --------
    ``"0:12.3–0:13.1 weak ME (0.12)"``
    """
    first, last = (
        _clock(float(clock.second_of(f))) for f in (stretch.interval.onset, stretch.interval.offset)
    )
    return f"{first}–{last} {_short(stretch.doubts[0])}"


def _short(doubt: Doubt) -> str:
    kind = doubt.kind.value
    texts = {
        Reason.WEAK: f"weak {kind} ({doubt.score:.2f})",
        Reason.DOUBTFUL: f"doubtful {kind} ({doubt.score:.2f})",
        Reason.LENGTH: f"{kind} left out ({doubt.score:.2f})",
        Reason.LONG: f"long {kind}, perhaps several",
        Reason.ONSET: f"{kind}, unclear onset",
        Reason.OFFSET: f"{kind}, unclear offset",
    }
    return texts[doubt.reason]


def _tip(stretch: "Stretch", n: int) -> str:
    lines = [doubt.why for doubt in stretch.doubts]
    lines.append(f"{stretch.gain:.2f} corrections expected in about {stretch.cost_s:.0f} s of work")
    lines.append(f"{n} stretch{'es' * (n > 1)} left that {'are' if n > 1 else 'is'} worth a look")
    return "\n".join(lines)


def _nothing_text(review: Review) -> str:
    undecided = sum(not item.is_decided for item in review.items)
    if undecided:
        return f"Nothing doubtful is left; {undecided} still to decide"
    return ALL_SETTLED if review.items or review.reviewed else "Spot first: nothing to review yet"


def _clock(seconds: float) -> str:
    tenths = round(10 * seconds)
    return f"{tenths // 600}:{tenths % 600 / 10:04.1f}"


class _ElidedLabel(QLabel):
    """A line of text that is cut with dots where the dock is narrow."""

    def __init__(self) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._shorter = ""

    def show_text(self, text: str, tip: str, *, shorter: str = "") -> None:
        """Show a text; what stands before the colon may become `shorter` where room is scarce."""
        self._shorter = f"{shorter}:{text.partition(':')[2]}" if shorter else text
        if text != self.text():
            self.setText(text)
        tip = f"{text}\n{tip}" if tip else text
        if tip != self.toolTip():
            self.setToolTip(tip)

    def minimumSizeHint(self) -> QSize:
        """Live with little room."""
        return QSize(60, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw the text, shortened where it must be."""
        metrics, width = self.fontMetrics(), self.width()
        text = self.text()
        if metrics.horizontalAdvance(text) > width:
            text = metrics.elidedText(self._shorter, Qt.TextElideMode.ElideRight, width)
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter, text)
        painter.end()
