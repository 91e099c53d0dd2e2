"""Text fields that take the keyboard only while one types in them.

They take the focus by a click alone; Enter and Escape give it back, so that the keys of the
viewer work again at once.
"""

from qtpy.QtCore import Qt, Signal
from qtpy.QtGui import QFocusEvent, QKeyEvent
from qtpy.QtWidgets import QFrame, QLabel, QLineEdit, QTextEdit, QWidget

__all__ = ["ROOM_FOR_ARROW", "NotesField", "TypingField", "caption"]

ROOM_FOR_ARROW = "QToolButton { padding: 3px 16px 3px 6px; }"
"""Keeps the arrow of a button with a menu beside its text."""

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class TypingField(QLineEdit):
    """A line of text.

    Parameters
    ----------
    placeholder
        Shown while it is empty.
    """

    left = Signal()
    """Typing is over by Enter or Escape; the focus is free."""
    cancelled = Signal()
    """Escape was pressed; comes before `left`."""

    def __init__(self, placeholder: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setPlaceholderText(placeholder)

    def show_text(self, text: str) -> None:
        """Show a text that nobody typed; the place of the cursor survives an equal one."""
        if text != self.text():
            self.setText(text)
            self.setCursorPosition(0)
        self.setModified(False)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Let Enter and Escape end the typing."""
        key = event.key() if event is not None else None
        if event is None or key not in {*_ENTER, Qt.Key.Key_Escape}:
            super().keyPressEvent(event)
            return
        event.accept()
        if key == Qt.Key.Key_Escape:
            self.cancelled.emit()
        self.clearFocus()  # which finishes the editing
        self.left.emit()


class NotesField(QTextEdit):
    """Two lines of notes; Enter ends the typing, Shift+Enter begins a line."""

    left = Signal()
    cancelled = Signal()
    editingFinished = Signal()
    """As a line edit says it: Enter was pressed or the focus lost."""

    def __init__(self, placeholder: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setPlaceholderText(placeholder)
        self.setAcceptRichText(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTabChangesFocus(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def text(self) -> str:
        """Return what is written."""
        return self.toPlainText()

    def isModified(self) -> bool:
        """Whether somebody has typed since the text was shown."""
        document = self.document()
        return document is not None and document.isModified()

    def show_text(self, text: str) -> None:
        """Show a text that nobody typed."""
        if text != self.toPlainText():
            self.setPlainText(text)
        document = self.document()
        if document is not None:
            document.setModified(False)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Let Enter and Escape end the typing."""
        if event is None:
            return
        is_enter = event.key() in _ENTER and event.modifiers() != Qt.KeyboardModifier.ShiftModifier
        if not is_enter and event.key() != Qt.Key.Key_Escape:
            super().keyPressEvent(event)
            return
        event.accept()
        if not is_enter:
            self.cancelled.emit()
        self.clearFocus()
        self.left.emit()

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        """Say that the editing is finished; a menu over it does not end it."""
        super().focusOutEvent(event)
        if event is not None and event.reason() != Qt.FocusReason.PopupFocusReason:
            self.editingFinished.emit()


def caption(text: str) -> QLabel:
    """Return the word before a row of the dock; all are equally wide."""
    label = QLabel(text)
    label.setFixedWidth(label.fontMetrics().horizontalAdvance("Emotion") + 12)
    return label
