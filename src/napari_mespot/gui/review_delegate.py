"""How a cell of the review table is drawn and edited."""

from qtpy.QtCore import QAbstractItemModel, QModelIndex, QObject, Qt, QTimer
from qtpy.QtGui import QIntValidator, QPalette
from qtpy.QtWidgets import (
    QComboBox,
    QLineEdit,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from napari_mespot.gui.remarks import remark_colour
from napari_mespot.gui.review import Item
from napari_mespot.gui.review_columns import COLUMNS
from napari_mespot.gui.review_filter import ReviewProxy
from napari_mespot.model import ExpressionKind, ReviewStatus

__all__ = ["ReviewDelegate"]

_FRAMES = frozenset({"onset", "apex", "offset"})
_MAX_FRAME = 2**31 - 1
_CHOICE_PX = 24
_PLAIN = "padding: 0px 3px; margin: 0px; min-height: 0px; border-radius: 0px;"


class ReviewDelegate(QStyledItemDelegate):
    """Draws what is settled fainter than what is left to do, and gives each cell its editor.

    A length that contradicts its kind is drawn in the colour of remarks, bold.
    """

    def __init__(self, proxy: ReviewProxy, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._proxy = proxy

    def initStyleOption(self, option: QStyleOptionViewItem | None, index: QModelIndex) -> None:
        """Draw settled rows fainter, and odd lengths in another colour."""
        super().initStyleOption(option, index)
        if option is None:
            return
        item = self._proxy.item(index.row())
        if COLUMNS[index.column()].name == "duration" and self._proxy.is_odd(item):
            option.font.setBold(True)
            role, widget = QPalette.ColorRole.Text, option.widget
            if isinstance(widget, QWidget):
                option.palette.setColor(role, remark_colour(widget))
                option.palette.setColor(QPalette.ColorRole.HighlightedText, remark_colour(widget))
            return
        if option.state & QStyle.StateFlag.State_Selected or not item.is_decided:
            return
        colour = option.palette.color(QPalette.ColorRole.Text)
        colour.setAlphaF(0.65)
        option.palette.setColor(QPalette.ColorRole.Text, colour)

    def createEditor(
        self, parent: QWidget | None, option: QStyleOptionViewItem, index: QModelIndex
    ) -> QWidget | None:
        """Return a choice for kind and status, a number for frames, a line for texts."""
        name = COLUMNS[index.column()].name
        item = self._proxy.item(index.row())
        if name == "kind":
            return self._choice(parent, [kind.value for kind in ExpressionKind])
        if name == "status":
            return self._choice(parent, _statuses(item))
        field = QLineEdit(parent)
        field.setStyleSheet(f"QLineEdit {{ {_PLAIN} }}")
        if name in _FRAMES:
            field.setValidator(QIntValidator(0, _MAX_FRAME, field))
            field.setAlignment(Qt.AlignmentFlag.AlignRight)
        return field

    def setEditorData(self, editor: QWidget | None, index: QModelIndex) -> None:
        """Put the cell into its editor; what is being typed stays."""
        text = str(index.data(Qt.ItemDataRole.EditRole))
        if isinstance(editor, QComboBox):
            editor.setCurrentText(text)
        elif isinstance(editor, QLineEdit) and not editor.isModified():
            editor.setText(text)
            editor.selectAll()

    def setModelData(
        self, editor: QWidget | None, model: QAbstractItemModel | None, index: QModelIndex
    ) -> None:
        """Write what was chosen or typed; a field nobody has typed in changes nothing."""
        if model is None:
            return
        if isinstance(editor, QComboBox):
            model.setData(index, editor.currentText())
        elif isinstance(editor, QLineEdit) and editor.isModified():
            model.setData(index, editor.text())

    def updateEditorGeometry(
        self, editor: QWidget | None, option: QStyleOptionViewItem, index: QModelIndex
    ) -> None:
        """Let an editor be wider than a narrow cell."""
        if editor is not None:
            place = option.rect
            place.setWidth(max(place.width(), editor.minimumSizeHint().width()))
            editor.setGeometry(place)

    def _choice(self, parent: QWidget | None, words: list[str]) -> QComboBox:
        box = QComboBox(parent)
        box.setStyleSheet(f"QComboBox {{ {_PLAIN} combobox-popup: 0; }}")
        box.addItems(words)
        choices = box.view()
        if choices is not None:
            choices.setMinimumHeight(_CHOICE_PX * len(words) + 6)  # the theme adds to each line
        box.activated.connect(lambda: self._finish(box))
        QTimer.singleShot(0, box.showPopup)  # once it has its place
        return box

    def _finish(self, box: QComboBox) -> None:
        self.commitData.emit(box)
        self.closeEditor.emit(box)


def _statuses(item: Item) -> list[str]:
    """Return the present status, then what a person can make of it."""
    undecided = [] if item.original is None else [ReviewStatus.PREDICTED]
    choices = (item.status, ReviewStatus.ACCEPTED, ReviewStatus.UNCERTAIN, ReviewStatus.REJECTED)
    return list(dict.fromkeys(s.value for s in (*choices, *undecided)))
