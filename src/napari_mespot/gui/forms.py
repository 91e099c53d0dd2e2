"""A form for any frozen params value: live while a hand moves, settled when it rests."""

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from qtpy.QtCore import Qt, QTimer, Signal
from qtpy.QtWidgets import QFormLayout, QGroupBox, QLabel, QSizePolicy, QVBoxLayout, QWidget

from napari_mespot.gui.param_fields import ParamField, field_for
from napari_mespot.gui.param_words import label_of, trouble_of
from napari_mespot.gui.remarks import remark_colour

__all__ = ["FieldPath", "ParamsForm"]

#: Names of the fields that lead to a parameter, e.g. ``("detection", "me", "threshold")``.
FieldPath = tuple[str, ...]

# A click on a step button is followed by others; the last of them settles.
_REST_MS = 400


class ParamsForm(QWidget):
    """Edits one value of a params model.

    What does not go together is explained under the fields and not emitted; :meth:`value` stays
    the last that does.

    Parameters
    ----------
    value
        What it starts with; its class says which fields there are.

    Raises
    ------
    TypeError
        If a field is of a type that cannot be edited.
    """

    valueChanged = Signal(object)
    """The user has changed the value, perhaps not for the last time: the new value."""
    settled = Signal(object)
    """The user is done with it for now: the value; follows each run of changes."""
    left = Signal()
    """Typing is over; the keyboard is free."""
    consistency_changed = Signal(bool)
    """Whether the fields go together is another than before."""

    _sliders_under = False

    def __init__(self, value: BaseModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._value = value
        self._is_pending = False
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self._rested)
        self.fields: dict[FieldPath, ParamField] = {
            path: field_for(path[-1], info, under=self._sliders_under)
            for path, info in _leaves(type(value))
        }
        self.trouble = QLabel()
        self.trouble.setTextFormat(Qt.TextFormat.PlainText)
        self.trouble.setWordWrap(True)
        self.trouble.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self.trouble.hide()
        self._lay_out()
        for field in self.fields.values():
            field.changed.connect(self._changed)
            field.settled.connect(self.settle)
            field.left.connect(self.left)
        self._show(value)

    def value(self) -> Any:
        """Return the value: the last one whose parts go together."""
        return self._value

    def setValue(self, value: BaseModel) -> None:
        """Show another value of the same class, without a signal."""
        if type(value) is not type(self._value):
            raise TypeError(f"Expected {type(self._value).__name__}, got {type(value).__name__}")
        self._rest.stop()
        self._is_pending = False
        self._value = value
        self._show(value)
        self._say("")

    @property
    def is_consistent(self) -> bool:
        """Whether the fields show :meth:`value`, and not what does not go together."""
        return not self.trouble.text()

    @property
    def is_pending(self) -> bool:
        """Whether a change has been told that is not settled."""
        return self._is_pending

    def settle(self) -> None:
        """Take the value as settled, if there was a change since it last was."""
        self._rest.stop()
        if self._is_pending:
            self._is_pending = False
            self.settled.emit(self._value)

    # -- what a subclass lays out otherwise ------------------------------------------------

    def _lay_out(self) -> None:
        """Put the fields under each other, those of nested models into groups."""
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self._group(type(self._value), ()))
        layout.addWidget(self.trouble)

    def _group(self, model: type[BaseModel], path: FieldPath) -> QWidget:
        group = QGroupBox(label_of(path[-1])) if path else QWidget()
        layout = QFormLayout(group)
        layout.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        layout.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        layout.setContentsMargins(*((8, 8, 8, 8) if path else (0, 0, 0, 0)))
        layout.setSpacing(6)
        for name, info in model.model_fields.items():
            nested = _nested(info)
            if nested is not None:
                layout.addRow(self._group(nested, (*path, name)))
            else:
                field = self.fields[*path, name]
                label = QLabel(label_of(name))
                label.setToolTip(field.toolTip())
                layout.addRow(label, field)
        return group

    # -- following the user ------------------------------------------------------------------

    def _changed(self) -> None:
        document = self._value.model_dump()
        for path, field in self.fields.items():
            _put(document, path, field.value())
        try:
            value = type(self._value).model_validate(document)
        except ValidationError as error:
            self._say(f"⚠ {trouble_of(error, type(self._value))}")
            return
        self._say("")
        if value != self._value:
            self._value = value
            self._is_pending = True
            self._rest.start()
            self.valueChanged.emit(value)

    def _rested(self) -> None:
        if any(field.is_held for field in self.fields.values()):
            self._rest.start()
        else:
            self.settle()

    def _show(self, value: BaseModel) -> None:
        document = value.model_dump()
        for path, field in self.fields.items():
            field.set_value(_get(document, path))

    def _say(self, text: str) -> None:
        was_consistent = self.is_consistent
        self.trouble.setStyleSheet(f"color: {remark_colour(self).name()};")
        self.trouble.setText(text)
        self.trouble.setVisible(bool(text))
        if self.is_consistent != was_consistent:
            self.consistency_changed.emit(self.is_consistent)


def _leaves(model: type[BaseModel], path: FieldPath = ()) -> Iterator[tuple[FieldPath, FieldInfo]]:
    """Return all fields that hold a plain value, with the way to them."""
    for name, info in model.model_fields.items():
        nested = _nested(info)
        if nested is None:
            yield (*path, name), info
        else:
            yield from _leaves(nested, (*path, name))


def _nested(info: FieldInfo) -> type[BaseModel] | None:
    kind = info.annotation
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def _get(document: dict[str, Any], path: FieldPath) -> Any:
    for name in path:
        document = document[name]
    return document


def _put(document: dict[str, Any], path: FieldPath, value: Any) -> None:
    _get(document, path[:-1])[path[-1]] = value
