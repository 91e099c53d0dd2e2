"""Editors of single parameters: numbers, shares with a slider, choices, yes or no.

They take the keyboard by a click alone and give it back on Enter and Escape, so that the keys
of the viewer work again at once. The wheel scrolls the dock unless a field has the focus.
"""

from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo
from qtpy.QtCore import QEvent, QObject, QSignalBlocker, Qt, Signal
from qtpy.QtGui import QKeyEvent
from qtpy.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QSizePolicy,
    QSlider,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from napari_mespot.gui.param_words import Limits, limits_of, unit_of

__all__ = ["ChoiceField", "FlagField", "NumberField", "ParamField", "WheelGuard", "field_for"]

_SLIDER_STEPS = 1000
_LEAVE = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape)


class ParamField(QWidget):
    """Edits one value."""

    changed = Signal()
    """The user has changed the value, perhaps not for the last time."""
    settled = Signal()
    """The user is done with the value for now."""
    left = Signal()
    """The keyboard is free again."""

    @property
    def is_held(self) -> bool:
        """Whether the mouse still holds the value."""
        return False

    def value(self) -> Any:
        """Return the value as it stands."""
        raise TypeError(f"Expected {type(self).__name__} to have a value")

    def set_value(self, value: Any) -> None:
        """Show a value, without a signal."""
        raise TypeError(f"Expected {type(self).__name__} to show a value")

    def _row(self, *widgets: QWidget, under: bool = False) -> None:
        layout = QVBoxLayout(self) if under else QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2 if under else 8)
        for widget in widgets:
            layout.addWidget(widget, 1)


class NumberField(ParamField):
    """A spin box; for a range from 0 to 1 with a slider beside or under it.

    A value that was set is given back as it was, also if the box shows fewer digits, until the
    user changes it.

    Parameters
    ----------
    limits
        Range, digits and step.
    unit
        Shown behind the number.
    is_whole
        Whether the value is an int.
    under
        Whether the slider goes under the spin box.
    """

    def __init__(
        self, limits: Limits, unit: str = "", *, is_whole: bool = False, under: bool = False
    ) -> None:
        super().__init__()
        self.spin_box: QSpinBox | QDoubleSpinBox = QSpinBox() if is_whole else QDoubleSpinBox()
        self.slider: QSlider | None = None
        self._value: float = 0
        self._limits, self._is_whole = limits, is_whole
        self._set_up(self.spin_box, unit)
        if limits.is_share and not is_whole:
            self.slider = self._make_slider()
        self._row(self.spin_box, *(() if self.slider is None else (self.slider,)), under=under)

    def value(self) -> int | float:
        """Return the number."""
        return self._value

    def set_value(self, value: Any) -> None:
        """Show a number."""
        self._value = value
        with QSignalBlocker(self.spin_box):
            self.spin_box.setValue(value)
        self._move_slider()

    @property
    def is_held(self) -> bool:
        """Whether the slider is being dragged."""
        return self.slider is not None and bool(self.slider.isSliderDown())

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Let Enter and Escape end the typing; Escape forgets what was typed."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            key = event.key()
            if key in _LEAVE:
                if key == Qt.Key.Key_Escape:
                    self._show_number()
                self.spin_box.clearFocus()  # which finishes the editing
                self.left.emit()
                return True
        return super().eventFilter(watched, event)

    def _set_up(self, box: QSpinBox | QDoubleSpinBox, unit: str) -> None:
        limits = self._limits
        if isinstance(box, QDoubleSpinBox):
            box.setDecimals(limits.decimals)
            box.setRange(limits.lowest, limits.highest)
            box.setSingleStep(limits.step)
        else:
            box.setRange(round(limits.lowest), round(limits.highest))
            box.setSingleStep(round(limits.step))
        box.setSuffix(unit if unit in {"", "°"} else f" {unit}")
        box.setKeyboardTracking(False)  # 0.45 is not 0, then 0.4, then 0.45
        box.setCorrectionMode(QAbstractSpinBox.CorrectionMode.CorrectToNearestValue)
        box.setAlignment(Qt.AlignmentFlag.AlignCenter)
        box.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        box.setMinimumWidth(96)
        box.setStyleSheet("padding: 1px 2px;")  # a theme's own would cut the unit off
        box.installEventFilter(self)
        WheelGuard(box)
        box.valueChanged.connect(self._box_changed)
        box.editingFinished.connect(self.settled)

    def _make_slider(self) -> QSlider:
        slider = QSlider(Qt.Orientation.Horizontal)
        slider.setRange(0, _SLIDER_STEPS)
        slider.setSingleStep(_SLIDER_STEPS // 100)
        slider.setPageStep(_SLIDER_STEPS // 20)
        slider.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        slider.setMinimumWidth(60)
        WheelGuard(slider)
        slider.valueChanged.connect(self._slider_changed)
        slider.sliderReleased.connect(self.settled)
        return slider

    def _box_changed(self, value: float) -> None:
        self._value = int(value) if self._is_whole else float(value)
        self._move_slider()
        self.changed.emit()

    def _slider_changed(self, position: int) -> None:
        share = position / _SLIDER_STEPS
        self._value = min(max(share, self._limits.lowest), self._limits.highest)
        self._show_number()
        self.changed.emit()

    def _show_number(self) -> None:
        with QSignalBlocker(self.spin_box):
            self.spin_box.setValue(self._value)  # type: ignore[arg-type]  # int for a QSpinBox

    def _move_slider(self) -> None:
        if self.slider is not None:
            with QSignalBlocker(self.slider):
                self.slider.setValue(round(self._value * _SLIDER_STEPS))


class ChoiceField(ParamField):
    """One of some words."""

    def __init__(self, choices: tuple[Any, ...]) -> None:
        super().__init__()
        self.box = QComboBox()
        self._choices = choices
        self.box.addItems([str(choice) for choice in choices])
        self.box.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        WheelGuard(self.box)
        self.box.activated.connect(self._activated)
        self._row(self.box)

    def value(self) -> Any:
        """Return the choice."""
        return self._choices[self.box.currentIndex()]

    def set_value(self, value: Any) -> None:
        """Show a choice."""
        self.box.setCurrentIndex(self._choices.index(value))

    def _activated(self, _index: int) -> None:
        self.changed.emit()
        self.settled.emit()
        self.box.clearFocus()
        self.left.emit()


class FlagField(ParamField):
    """Yes or no."""

    def __init__(self) -> None:
        super().__init__()
        self.box = QCheckBox()
        self.box.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.box.clicked.connect(self._clicked)
        self._row(self.box)

    def value(self) -> bool:
        """Return whether it is ticked."""
        return bool(self.box.isChecked())

    def set_value(self, value: Any) -> None:
        """Show a tick, or none."""
        self.box.setChecked(bool(value))

    def _clicked(self, _checked: bool) -> None:
        self.changed.emit()
        self.settled.emit()


class WheelGuard(QObject):
    """Lets the wheel scroll what a widget lies in, unless the widget has the focus."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self._widget = widget
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Pass the wheel on."""
        if event is None or event.type() != QEvent.Type.Wheel or self._widget.hasFocus():
            return False
        event.ignore()
        return True


def field_for(name: str, info: FieldInfo, *, under: bool = False) -> ParamField:
    """Return the editor of a field of a params model.

    Parameters
    ----------
    name, info
        The field.
    under
        Whether a slider goes under its spin box.

    Raises
    ------
    TypeError
        If there is no editor for its type.
    """
    kind = info.annotation
    made: ParamField
    if kind is bool:
        made = FlagField()
    elif kind is int or kind is float:
        made = NumberField(limits_of(name, info), unit_of(name), is_whole=kind is int, under=under)
    elif get_origin(kind) is Literal:
        made = ChoiceField(get_args(kind))
    else:
        raise TypeError(f"Expected a field of type bool, int, float or Literal, got {name}: {kind}")
    tip = info.description or ""
    made.setToolTip(tip[:1].upper() + tip[1:])
    return made
