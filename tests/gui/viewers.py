"""Real mouse and key input for a real viewer."""

import itertools

from qtpy.QtCore import QEvent, QPoint, QPointF, Qt
from qtpy.QtGui import QMouseEvent
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication, QMainWindow, QWidget

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
NO_KEYS = Qt.KeyboardModifier.NoModifier


def settle(milliseconds: int = 30) -> None:
    """Let timers and drawing happen."""
    QTest.qWait(milliseconds)
    QApplication.processEvents()


def native_canvas(viewer) -> QWidget:
    """The widget that napari draws into, found without private names."""
    windows = [w for w in QApplication.topLevelWidgets() if isinstance(w, QMainWindow)]
    found = [
        child
        for window in windows
        if window.isVisible()
        for child in window.findChildren(QWidget)
        if "CanvasBackend" in type(child).__name__
    ]
    assert len(found) == 1, f"Expected one viewer on the screen, got {len(found)}"
    return found[0]


def at_world(viewer, y: float, x: float) -> QPointF:
    """Where a place of the world (last two axes) lies on the canvas, in pixels."""
    camera, native = viewer.scene.camera, native_canvas(viewer)
    center_y, center_x = camera.center[-2:]
    return QPointF(
        (x - center_x) * camera.zoom + native.width() / 2,
        (y - center_y) * camera.zoom + native.height() / 2,
    )


def mouse(widget, kind, place, button=LEFT, held=LEFT, keys=NO_KEYS) -> None:
    shown = QPointF(widget.mapToGlobal(QPoint(round(place.x()), round(place.y()))))
    QApplication.sendEvent(widget, QMouseEvent(kind, place, shown, button, held, keys))


def drag(widget, *places: QPointF, keys=NO_KEYS) -> None:
    """Press at the first place, move through the others, let go at the last."""
    mouse(widget, QEvent.Type.MouseMove, places[0], NONE, NONE, keys)
    settle(5)
    mouse(widget, QEvent.Type.MouseButtonPress, places[0], keys=keys)
    for before, after in itertools.pairwise(places):
        for part in (0.25, 0.5, 0.75, 1.0):
            mouse(widget, QEvent.Type.MouseMove, before + (after - before) * part, NONE, LEFT, keys)
            settle(2)
    mouse(widget, QEvent.Type.MouseButtonRelease, places[-1], LEFT, NONE, keys)
    settle()


def drag_in_world(viewer, *places: tuple[float, float]) -> None:
    """Drag on the canvas through places of the world, given as (y, x)."""
    native = native_canvas(viewer)
    drag(native, *(at_world(viewer, *place) for place in places))


def press(viewer, key, keys=NO_KEYS) -> None:
    """Press a key on the canvas."""
    QTest.keyClick(native_canvas(viewer), key, keys)
    settle()
