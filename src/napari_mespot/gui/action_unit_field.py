"""A line for action units that proposes codes and names while one types."""

from qtpy.QtCore import QEvent, QModelIndex, QStringListModel, Qt, Signal
from qtpy.QtGui import QKeyEvent
from qtpy.QtWidgets import QAbstractItemView, QCompleter, QWidget

from napari_mespot.gui.action_unit_proposals import Proposal, proposals, token_at
from napari_mespot.gui.typing_field import TypingField
from napari_mespot.io.coding_template import CodingTemplate

__all__ = ["ActionUnitField"]

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class ActionUnitField(TypingField):
    """Action units as a text, with proposals for the one at the cursor.

    Tab takes the first proposal for letters of a name, Down chooses among them, Enter takes
    the chosen one. Enter without a choice keeps what was typed, letter for letter.

    Parameters
    ----------
    template
        Whose codes are proposed.
    """

    read = Signal()
    """The text is another, by typing or by a choice."""

    def __init__(self, template: CodingTemplate, parent: QWidget | None = None) -> None:
        super().__init__("4B+7C, L12A, or words", parent)
        self.template = template
        self._found: tuple[Proposal, ...] = ()
        self._lines = QStringListModel(self)
        self._completer = QCompleter(self._lines, self)
        self._completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self._completer.setMaxVisibleItems(12)
        self._completer.setWidget(self)
        self._completer.activated.connect(self._take_line)
        self.textEdited.connect(self._propose)
        self.textChanged.connect(lambda: self.read.emit())

    @property
    def popup(self) -> QAbstractItemView:
        """The list of proposals."""
        popup = self._completer.popup()
        if popup is None:
            raise RuntimeError("Expected a completer with a popup")
        return popup

    @property
    def proposed(self) -> tuple[str, ...]:
        """The codes in the list as it is shown; empty while it is not."""
        return tuple(p.code for p in self._found) if self.popup.isVisible() else ()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Let the list of proposals have Tab, Enter and Escape while it is open."""
        if event is None or not self.popup.isVisible():
            super().keyPressEvent(event)
            return
        key, row = event.key(), self.popup.currentIndex().row()
        if key == Qt.Key.Key_Escape:
            self.popup.hide()
        elif key in _ENTER and row >= 0:
            self._take(row)
        else:
            if key in _ENTER:
                self.popup.hide()
            super().keyPressEvent(event)
            return
        event.accept()

    def event(self, event: QEvent | None) -> bool:
        """Let Tab take a proposal instead of leaving the field."""
        is_tab = (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and event.key() == Qt.Key.Key_Tab
        )
        if is_tab and self.popup.isVisible():
            row = self.popup.currentIndex().row()
            if row >= 0 or not self._is_code():
                self._take(max(row, 0))
                return True
            self.popup.hide()
        return super().event(event)

    def _is_code(self) -> bool:
        """Whether what stands at the cursor is a code already, and not letters of a name."""
        start, stop = token_at(self.text(), self.cursorPosition())
        return bool(self.template.read_code(self.text()[start:stop]).units)

    def _propose(self) -> None:
        start, _ = token_at(self.text(), self.cursorPosition())
        self._found = proposals(self.text()[start : self.cursorPosition()], self.template)
        if not self._found:
            self.popup.hide()
            return
        self._lines.setStringList([f"{p.code:<5}\u2002{p.label}" for p in self._found])
        self._dress_popup()
        self._completer.complete()
        # Enter takes what is current: nothing, unless the key of a code was typed.
        lines, current = self.popup.model(), QModelIndex()
        if lines is not None and self._found[0].is_key:
            current = lines.index(0, 0)
        self.popup.setCurrentIndex(current)

    def _dress_popup(self) -> None:
        """Give the list, a window of its own, the style sheet of the window it belongs to."""
        sheet, widget = "", self.parentWidget()
        while widget is not None:
            sheet, widget = widget.styleSheet() or sheet, widget.parentWidget()
        if sheet != self.popup.styleSheet():
            self.popup.setStyleSheet(sheet)

    def _take_line(self, line: str) -> None:
        lines = self._lines.stringList()
        if line in lines:
            self._take(lines.index(line))

    def _take(self, row: int) -> None:
        """Put a proposal in the place of the code at the cursor; undo takes it back."""
        self.popup.hide()
        if row >= len(self._found):
            return
        start, stop = token_at(self.text(), self.cursorPosition())
        self.setSelection(start, stop - start)
        self.insert(self._found[row].code)
        self.popup.hide()  # what was chosen needs no proposals
        self.setModified(True)
