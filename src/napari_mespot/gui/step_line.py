"""The line above the timeline that says what each step did, or why nothing was done."""

from qtpy.QtCore import QEvent, QSize, Qt
from qtpy.QtGui import QPainter, QPaintEvent
from qtpy.QtWidgets import QSizePolicy, QWidget

from napari_mespot.gui.notice_line import NoticeLine
from napari_mespot.gui.remarks import remark_colour
from napari_mespot.gui.review import Review
from napari_mespot.gui.session import Session
from napari_mespot.gui.step_text import step_text

__all__ = ["StepLine"]

_MARGIN_PX = 8
_AT_FIRST = "What each step does is said here."


class StepLine(QWidget):
    """One line of text; what was refused, or is odd, in the colour of remarks.

    Parameters
    ----------
    session
        Whose steps it tells.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("mespot-step-line")
        self._session = session
        self._line = NoticeLine(_AT_FIRST)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        session.stepped.connect(self._show_step)
        session.said.connect(self.show_line)

    @property
    def line(self) -> NoticeLine:
        """What is shown."""
        return self._line

    def show_line(self, line: str) -> None:
        """Show a line in the place of the one before."""
        self._line = line if isinstance(line, NoticeLine) else NoticeLine(line)
        self.setToolTip(self._line)
        self.update()

    def disconnect_all(self) -> None:
        """Stop listening."""
        self._session.stepped.disconnect(self._show_step)
        self._session.said.disconnect(self.show_line)

    def sizeHint(self) -> QSize:
        """As high as one line."""
        return QSize(200, self.fontMetrics().height() + 4)

    def minimumSizeHint(self) -> QSize:
        """As high as one line, of any width."""
        return QSize(0, self.sizeHint().height())

    def changeEvent(self, event: QEvent | None) -> None:
        """Draw anew in another theme."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.PaletteChange:
            self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw the text, with dots where it is too long."""
        painter = QPainter(self)
        place = self.rect().adjusted(_MARGIN_PX, 0, -_MARGIN_PX, 0)
        is_remark = self._line.level != "info"
        colour = remark_colour(self) if is_remark else self.palette().color(self.foregroundRole())
        painter.setPen(colour)
        text = self.fontMetrics().elidedText(self._line, Qt.TextElideMode.ElideRight, place.width())
        painter.drawText(place, int(Qt.AlignmentFlag.AlignVCenter), text)
        painter.end()

    def _show_step(self, label: str, old: Review, new: Review) -> None:
        line = step_text(label, old, new)
        if old.rules != new.rules or old.scores is not new.scores:
            n_long = sum(map(new.is_long, new.items))
            n_short = len(self._session.left_out)
            more = [f"{n_long} marked as long"] * bool(n_long)
            more += [f"{n_short} left out as too short (dotted)"] * bool(n_short)
            if more:
                line = NoticeLine("; ".join([line, *more]), "warning")
        self.show_line(line)
