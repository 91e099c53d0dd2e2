"""The fields in which a coder writes what is to be seen in an interval."""

from qtpy.QtCore import QEvent, Qt, Signal
from qtpy.QtGui import QWheelEvent
from qtpy.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QMenu,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from napari_mespot.gui import edits
from napari_mespot.gui.action_unit_field import ActionUnitField
from napari_mespot.gui.remarks import remark_colour
from napari_mespot.gui.review import Item, Review
from napari_mespot.gui.session import Session
from napari_mespot.gui.typing_field import ROOM_FOR_ARROW, NotesField, TypingField, caption
from napari_mespot.io.coding_template import CodingTemplate
from napari_mespot.model import parse_facs

__all__ = ["CodingForm"]

_WORDS = {"action_units": "action units", "emotion": "emotion", "coder": "coder", "notes": "notes"}

Field = TypingField | NotesField


class CodingForm(QWidget):
    """Action units, emotion, coder and notes of the selected interval.

    What is typed becomes one step of the session when the field is left or Enter is pressed,
    for the interval it was typed for, whichever is selected by then.

    Parameters
    ----------
    session
        Whose selected item is coded.
    template
        What is proposed.
    """

    left = Signal()
    """Typing is over; the focus is free."""
    file_asked = Signal()
    """The user wants a template from a file."""
    default_asked = Signal()
    """The user wants the shipped template."""

    def __init__(
        self, session: Session, template: CodingTemplate, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._uid: str | None = None
        self.template = template
        self.action_units = ActionUnitField(template)
        self.remarks = QLabel()
        self.emotion = _EmotionBox()
        self.coder = TypingField("coder")
        self.notes = NotesField("notes (Shift+Enter: new line)")
        self.template_button = QToolButton()
        self.notes_button = QToolButton()
        self._fields: dict[str, Field] = {
            "action_units": self.action_units,
            "emotion": self.emotion.field,
            "coder": self.coder,
            "notes": self.notes,
        }
        self._build()
        self._connect()
        self.set_template(template)
        self._show_item(session.selected)

    def set_template(self, template: CodingTemplate) -> None:
        """Propose other codes, emotions and notes."""
        self.template = self.action_units.template = template
        self.emotion.show_words(template.emotions)
        self.template_button.setText(template.name)
        self.template_button.setToolTip(f"coding template: {template.name}; click for another")
        menu = self.notes_button.menu()
        if menu is not None:
            menu.clear()
            for note in template.notes:
                menu.addAction(note, lambda note=note: self._add_note(note))
        self.notes_button.setVisible(bool(template.notes))
        self._show_default_coder()
        self._show_remarks()

    def show_trouble(self, text: str) -> None:
        """Say in place of the remarks, until the next key, what went wrong."""
        self._say(text, is_remark=True)

    def flush(self) -> None:
        """Keep what is being typed as if its field had been left."""
        for name, field in self._fields.items():
            if field.isModified():
                self._commit(name)

    def leave(self) -> None:
        """Keep what is being typed, and give the keyboard back."""
        self.flush()
        for field in self._fields.values():
            field.clearFocus()
        self.left.emit()

    def disconnect_all(self) -> None:
        """Stop listening."""
        self._session.selection_changed.disconnect(self._follow_selection)
        self._session.changed.disconnect(self._follow)

    def focusNextPrevChild(self, next: bool) -> bool:
        """Let Tab go round the fields of the form and never out of it."""
        fields = list(self._fields.values())
        here = [number for number, field in enumerate(fields) if field.hasFocus()]
        if not here:
            return super().focusNextPrevChild(next)
        field = fields[(here[0] + (1 if next else -1)) % len(fields)]
        field.setFocus(Qt.FocusReason.TabFocusReason if next else Qt.FocusReason.BacktabFocusReason)
        return True

    def changeEvent(self, event: QEvent | None) -> None:
        """Suit the colour of the remarks to another theme."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.PaletteChange:
            self._show_remarks()

    # -- building -------------------------------------------------------------------------

    def _build(self) -> None:
        self.remarks.setWordWrap(True)
        self.remarks.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.remarks.setMinimumHeight(2 * self.remarks.fontMetrics().lineSpacing() + 10)
        self.remarks.setTextFormat(Qt.TextFormat.PlainText)
        self.remarks.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        for button in (self.template_button, self.notes_button):
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.setStyleSheet(ROOM_FOR_ARROW)
            button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
            button.setMenu(QMenu(button))
        menu = self.template_button.menu()
        if menu is not None:
            menu.addAction("Choose a template…", self.file_asked.emit)
            menu.addAction("All of FACS", self.default_asked.emit)
        self.notes_button.setText("…")
        self.notes_button.setToolTip("notes that are often needed")
        self.notes.setFixedHeight(2 * self.notes.fontMetrics().lineSpacing() + 12)
        for name, field in self._fields.items():
            field.setObjectName(f"mespot-coding-{name}")
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(4)
        grid.setVerticalSpacing(4)
        for row, word in ((0, "AUs"), (2, "Emotion"), (3, "Notes")):
            grid.addWidget(caption(word), row, 0, Qt.AlignmentFlag.AlignVCenter)
        grid.addLayout(_row(self.action_units, self.template_button), 0, 1)
        grid.addWidget(self.remarks, 1, 1)
        grid.addLayout(_row(self.emotion, self.coder), 2, 1)
        grid.addLayout(_row(self.notes, self.notes_button), 3, 1)
        grid.setColumnStretch(1, 1)

    def _connect(self) -> None:
        for name, field in self._fields.items():
            field.editingFinished.connect(lambda name=name: self._commit(name))
            field.cancelled.connect(lambda name=name: self._restore(name))
            field.left.connect(self.leave)
        self.emotion.chosen.connect(self._choose_emotion)
        self.action_units.read.connect(self._show_remarks)
        self._session.selection_changed.connect(self._follow_selection)
        self._session.changed.connect(self._follow)

    # -- showing --------------------------------------------------------------------------

    def _follow_selection(self, uid: str | None) -> None:
        self.flush()
        self._show_item(self._session.selected)

    def _follow(self, old: Review, new: Review) -> None:
        if self._uid is None or new.by_uid.get(self._uid) is old.by_uid.get(self._uid):
            return
        item = new.by_uid.get(self._uid)
        for name, field in self._fields.items():
            if not field.isModified():
                field.show_text("" if item is None else getattr(item.expression, name))
        self._show_default_coder()

    def _show_item(self, item: Item | None) -> None:
        self._uid = None if item is None else item.uid
        for name, field in self._fields.items():
            field.show_text("" if item is None else getattr(item.expression, name))
        self.setEnabled(item is not None)
        self._show_default_coder()

    def _show_default_coder(self) -> None:
        self.coder.setPlaceholderText(self._default_coder() or "coder")

    def _default_coder(self) -> str:
        return self.template.coder or self._session.coder

    def _show_remarks(self) -> None:
        """Say gently what cannot be read, else what the codes mean."""
        code = self.template.read_code(self.action_units.text())
        remarks = code.remarks
        names = [f"{u.text} {u.name}".strip() for u in parse_facs(code.text).units]
        self._say(" · ".join(remarks or names), is_remark=bool(remarks))

    def _say(self, text: str, *, is_remark: bool) -> None:
        self.remarks.setText(text)
        self.remarks.setStyleSheet(f"color: {remark_colour(self).name()};" if is_remark else "")

    # -- writing --------------------------------------------------------------------------

    def _commit(self, name: str) -> None:
        """Make what was typed into a field one step, if it is anything new."""
        field = self._fields[name]
        item = self._session.review.by_uid.get(self._uid or "")
        if item is None or not field.isModified():
            return
        field.show_text(field.text())  # it is nobody's typing any more, whatever comes of it
        text = field.text()
        if text == getattr(item.expression, name):
            return
        texts = {name: text}
        if text and name != "coder" and not item.expression.coder and self._default_coder():
            texts["coder"] = self._default_coder()
        changed = edits.annotate(self._session.review, item.uid, **texts)
        self._session.commit(changed, f"code {_WORDS[name]}")

    def _restore(self, name: str) -> None:
        item = self._session.shown.by_uid.get(self._uid or "")
        if item is not None:
            self._fields[name].show_text(getattr(item.expression, name))

    def _choose_emotion(self, word: str) -> None:
        self.emotion.field.setText(word)
        self.emotion.field.setModified(True)
        self._commit("emotion")
        self.leave()

    def _add_note(self, note: str) -> None:
        text = self.notes.text()
        self.notes.setPlainText(f"{text}; {note}" if text else note)
        document = self.notes.document()
        if document is not None:
            document.setModified(True)
        self._commit("notes")


class _EmotionBox(QComboBox):
    """Emotions to choose from, or any other word; the wheel leaves it alone."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.field = TypingField("emotion")
        self.setEditable(True)
        self.setLineEdit(self.field)
        self.field.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setCompleter(None)  # it would finish the coder's words
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumContentsLength(6)
        self.textActivated.connect(self.chosen)

    def show_words(self, words: tuple[str, ...]) -> None:
        """Offer these; what stands in the field stays."""
        text, modified = self.field.text(), self.field.isModified()
        self.clear()
        self.addItems(list(words))
        self.setCurrentIndex(-1)
        self.field.setText(text)
        self.field.setModified(modified)

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        """Scroll the dock, not the emotion."""
        if event is not None:
            event.ignore()


def _row(first: QWidget, second: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(4)
    row.addWidget(first, 1)
    row.addWidget(second)
    return row
