"""A hand on the review window: clicks, drags, keys and pictures, as a person makes them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from time import perf_counter
from typing import TYPE_CHECKING

from PIL import Image
from qtpy.QtCore import QBuffer, QEvent, QIODevice, QPoint, QPointF, Qt
from qtpy.QtGui import QMouseEvent
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication, QScrollArea, QSlider, QStyle, QTabBar, QWidget

from napari_mespot.gui.picture import wait

if TYPE_CHECKING:
    from napari_mespot.gui.workspace import Workspace

__all__ = ["Hand"]

_LONGEST_WAIT_S = 120
_DRAWING_S = 0.6
_STEPS_OF_A_DRAG = 12
_HANDLE_PX = 16
_LEFT, _NONE = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
_KEYS = {"Space": Qt.Key.Key_Space, "Enter": Qt.Key.Key_Return, "Esc": Qt.Key.Key_Escape}
_KEYS |= {"Down": Qt.Key.Key_Down, "F1": Qt.Key.Key_F1}


class Hand:
    """Works a window, and takes pictures of what is then on the screen.

    Parameters
    ----------
    workspace
        What is in the window.
    """

    def __init__(self, workspace: "Workspace") -> None:
        self.workspace = workspace
        self.session = workspace.session
        self.window = workspace.timeline.window()
        wait(2 * _DRAWING_S)  # the first picture of the video needs the longest
        self.window.activateWindow()

    def click(self, widget: QWidget) -> None:
        """Click into the middle of a widget."""
        QTest.mouseClick(widget, _LEFT)
        wait(0.05)

    def click_tab(self, name: str) -> None:
        """Bring a dock to the front, by its tab."""
        for bar in self.window.findChildren(QTabBar):
            for number in range(bar.count()):
                if bar.tabText(number) == name:
                    place = bar.tabRect(number).center()
                    QTest.mouseClick(bar, _LEFT, Qt.KeyboardModifier.NoModifier, place)
                    wait(0.3)
                    return
        raise LookupError(f"Expected a tab {name!r} in the window")

    def key(self, text: str) -> None:
        """Press a key, written as in the table of keys, where the keyboard is."""
        *modifiers, last = text.split("+")
        held = Qt.KeyboardModifier.NoModifier
        for name in modifiers:
            held |= {
                "Ctrl": Qt.KeyboardModifier.ControlModifier,
                "Shift": Qt.KeyboardModifier.ShiftModifier,
            }[name]
        widget = QApplication.focusWidget() or self.workspace.timeline
        QTest.keyClick(widget, _KEYS.get(last, last), held)
        wait(0.05)

    def type_into(self, field: QWidget, text: str) -> None:
        """Click into a field, and type."""
        self.click(field)
        QTest.keyClicks(field, text)
        wait(0.05)

    def go_to(self, frame: int) -> None:
        """Go to a frame, as one types it behind the key G."""
        self.key("G")
        dialog = QApplication.activeWindow()
        field = QApplication.focusWidget()
        if dialog is None or field is None or dialog is self.window:
            raise LookupError("Expected the window that asks where to go")
        QTest.keyClicks(field, str(frame))
        QTest.keyClick(field, Qt.Key.Key_Return)
        wait(0.1)
        self.window.activateWindow()

    @contextmanager
    def drag(self, widget: QWidget, start: QPointF, end: QPointF) -> Iterator[None]:
        """Press, move, and let go when the block ends."""
        self._mouse(widget, QEvent.Type.MouseMove, start, _NONE, _NONE)
        self._mouse(widget, QEvent.Type.MouseButtonPress, start, _LEFT, _LEFT)
        for step in range(1, _STEPS_OF_A_DRAG + 1):
            place = start + (end - start) * (step / _STEPS_OF_A_DRAG)
            self._mouse(widget, QEvent.Type.MouseMove, place, _NONE, _LEFT)
        try:
            yield
        finally:
            self._mouse(widget, QEvent.Type.MouseButtonRelease, end, _LEFT, _NONE)

    def slide(self, slider: QSlider, value: int) -> None:
        """Drag the handle of a slider to a value."""

        def place(number: int) -> QPointF:
            low, high, room = slider.minimum(), slider.maximum(), slider.width() - _HANDLE_PX
            x = QStyle.sliderPositionFromValue(low, high, number, room) + _HANDLE_PX / 2
            return QPointF(x, slider.height() / 2)

        with self.drag(slider, place(slider.value()), place(value)):
            pass
        if slider.value() != value:
            raise ValueError(f"Expected the slider at {value}, got {slider.value()}")

    def leave(self, widget: QWidget) -> None:
        """Move the cursor away from a widget."""
        QApplication.sendEvent(widget, QEvent(QEvent.Type.Leave))

    def scroll_to(self, widget: QWidget) -> None:
        """Scroll the area that a widget lies in until it is seen whole."""
        parent = widget.parentWidget()
        while parent is not None and not isinstance(parent, QScrollArea):
            parent = parent.parentWidget()
        if parent is not None:
            parent.ensureWidgetVisible(widget, 0, 0)
        wait(0.05)

    def wait_until(self, happened: Callable[[], bool]) -> None:
        """Wait for something that takes its time.

        Raises
        ------
        TimeoutError
            If it does not happen.
        """
        end = perf_counter() + _LONGEST_WAIT_S
        while not happened():
            if perf_counter() > end:
                raise TimeoutError(f"Expected it within {_LONGEST_WAIT_S} s")
            wait(0.05)

    def picture(self) -> bytes:
        """Return what the screen shows of the window, and of what lies over it, as PNG."""
        wait(_DRAWING_S)
        corner, size = self.window.mapToGlobal(QPoint(0, 0)), self.window.size()
        screen = self.window.screen()
        if screen is None:
            raise RuntimeError("Expected a screen")
        grab = screen.grabWindow(0, corner.x(), corner.y(), size.width(), size.height())
        buffer = QBuffer()
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        grab.save(buffer, "PNG")
        image = Image.open(BytesIO(bytes(buffer.data()))).convert("RGB")
        slim = BytesIO()
        image.save(slim, "PNG", optimize=True)
        return slim.getvalue()

    def _mouse(
        self,
        widget: QWidget,
        kind: QEvent.Type,
        place: QPointF,
        button: Qt.MouseButton,
        held: Qt.MouseButton,
    ) -> None:
        there = QPointF(widget.mapToGlobal(place.toPoint()))
        event = QMouseEvent(kind, place, there, button, held, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(widget, event)
        wait(0.02)
