"""What can be chosen in a close-up: comparison or loop, magnification, colours, speed."""

from qtpy.QtCore import QSignalBlocker, Qt, Signal
from qtpy.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSlider,
    QWidget,
)

from napari_mespot.face.magnify import BRIGHTER, DARKER
from napari_mespot.gui.closeup_pictures import SPEEDS, usual_speed

__all__ = ["CloseupControls"]

_LARGEST_FACTOR, _LARGEST_GAIN, _USUAL_GAIN = 20, 16, 4


class CloseupControls(QWidget):
    """Sliders and the choice of speed; :attr:`modes` are the two buttons above the pictures.

    Parameters
    ----------
    frame_rate
        Frames per second of the video: sets the speed that a loop starts with.
    """

    changed = Signal()

    def __init__(self, frame_rate: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.modes = QWidget()
        self._loop_button = QPushButton("Loop")
        self._factor = _slider(1, _LARGEST_FACTOR, 1)
        self._gain = _slider(1, _LARGEST_GAIN, _USUAL_GAIN)
        self._speed = QComboBox()
        self._factor_text, self._gain_text = QLabel(), QLabel()
        self._gain_label, self._speed_label = QLabel("Change"), QLabel("Speed")
        self._legend = QLabel(_legend())
        self._build_modes()
        self._build(frame_rate)
        self._show()

    @property
    def is_loop(self) -> bool:
        """Whether a loop is shown, and not a comparison."""
        return self._loop_button.isChecked()

    @property
    def factor(self) -> int:
        """How many times motion is magnified, 1 to 20."""
        return int(self._factor.value())

    @property
    def gain(self) -> int:
        """How strong the colours of a change are."""
        return int(self._gain.value())

    @property
    def speed(self) -> float:
        """Speed of the loop; 1 is the video's own."""
        return float(SPEEDS[max(0, self._speed.currentIndex())])

    def show_loop(self, is_loop: bool) -> None:
        """Choose the loop, or the comparison."""
        self._modes.buttons()[int(is_loop)].click()

    def set_factor(self, factor: int) -> None:
        """Choose how many times motion is magnified."""
        self._factor.setValue(factor)

    def set_gain(self, gain: int) -> None:
        """Choose how strong the colours of a change are."""
        self._gain.setValue(gain)

    def set_speed(self, speed: float) -> None:
        """Choose a speed of :data:`~napari_mespot.gui.closeup_pictures.SPEEDS`."""
        self._speed.setCurrentIndex(list(SPEEDS).index(speed))

    def _build_modes(self) -> None:
        layout = QHBoxLayout(self.modes)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        self._modes = QButtonGroup(self)
        compare = QPushButton("Compare")
        compare.setToolTip("onset, apex, what changes between them, and the frame in view")
        self._loop_button.setToolTip("the interval over and over")
        for button in (compare, self._loop_button):
            button.setCheckable(True)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            self._modes.addButton(button)
            layout.addWidget(button, 1)
        compare.setChecked(True)
        self._modes.buttonToggled.connect(self._mode_changed)

    def _build(self, frame_rate: float) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        for text in (self._factor_text, self._gain_text):
            text.setMinimumWidth(text.fontMetrics().horizontalAdvance("20×") + 4)
            text.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._factor.setToolTip("how many times as far every point moves from the onset")
        self._gain.setToolTip("how strong the colours of the change are; grey is no change")
        rate = max(frame_rate, 1.0)
        for speed in SPEEDS:
            name = f"1/{round(1 / speed)}×" if speed < 1 else "1×"
            self._speed.addItem(f"{name}  ({speed * rate:.3g} frames/s)")
        self._speed.setCurrentIndex(list(SPEEDS).index(usual_speed(rate)))
        self._speed.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        grid.addWidget(QLabel("Motion"), 0, 0)
        grid.addWidget(self._factor, 0, 1)
        grid.addWidget(self._factor_text, 0, 2)
        grid.addWidget(self._gain_label, 1, 0)
        grid.addWidget(self._gain, 1, 1)
        grid.addWidget(self._gain_text, 1, 2)
        grid.addWidget(self._legend, 2, 1, 1, 2)
        grid.addWidget(self._speed_label, 3, 0)
        grid.addWidget(self._speed, 3, 1, 1, 2)
        self._factor.valueChanged.connect(self._value_changed)
        self._gain.valueChanged.connect(self._value_changed)
        self._speed.currentIndexChanged.connect(self._value_changed)

    def _mode_changed(self, _button: object, checked: bool) -> None:
        if checked:
            self._value_changed()

    def _value_changed(self, _value: int = 0) -> None:
        self._show()
        self.changed.emit()

    def _show(self) -> None:
        """Show the values, and only what the mode has."""
        self._factor_text.setText(f"{self.factor}×")
        self._gain_text.setText(f"{self.gain}×")
        of_pictures: tuple[QWidget, ...] = (
            self._gain_label,
            self._gain,
            self._gain_text,
            self._legend,
        )
        of_loop: tuple[QWidget, ...] = (self._speed_label, self._speed)
        for widget in of_pictures:
            widget.setVisible(not self.is_loop)
        for widget in of_loop:
            widget.setVisible(self.is_loop)


def _legend() -> str:
    darker, brighter = ("#{:02x}{:02x}{:02x}".format(*colour) for colour in (DARKER, BRIGHTER))
    return (
        f'<span style="color:{darker}">■</span> darker &nbsp;&nbsp;'
        f'<span style="color:{brighter}">■</span> brighter'
    )


def _slider(lowest: int, highest: int, value: int) -> QSlider:
    slider = QSlider(Qt.Orientation.Horizontal)
    with QSignalBlocker(slider):
        slider.setRange(lowest, highest)
        slider.setValue(value)
    slider.setPageStep(2)
    slider.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
    return slider
