"""napari's own play button gives way to ours: it knows nothing of the frame rate of the video.

It plays ten frames per second whatever the video says, which makes expressions last three times
as long beside a bar that reads "1×". So the button of the time axis is hidden, and where napari
starts to play by its menu or key, ours plays in its place.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QEvent, QObject, QTimer
from qtpy.QtWidgets import QPushButton, QWidget

if TYPE_CHECKING:
    import napari
    from napari.layers import Layer

__all__ = ["NapariPlay"]

_PLAYING = "playing"
"""Property of a play button, by which napari tells that it plays."""
_BEGUN_MS = 50


class NapariPlay(QObject):
    """Stands in for napari's play button on the time of a video.

    Parameters
    ----------
    viewer, layer
        The viewer, and the video in it; its first axis is time.
    window
        The window that the sliders are in.
    toggle
        Plays or pauses.
    """

    def __init__(
        self,
        viewer: "napari.Viewer",
        layer: "Layer",
        window: QWidget,
        toggle: Callable[[], object],
    ) -> None:
        super().__init__()
        self._viewer, self._layer, self._window, self._toggle = viewer, layer, window, toggle
        self._buttons: list[QPushButton] = []
        self._timer = QTimer(self)  # once napari has made its sliders anew
        self._timer.setSingleShot(True)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._take_over)
        viewer.dims.events.ndim.connect(self._look_again)
        self._take_over()

    def close(self) -> None:
        """Give the button back."""
        self._timer.stop()
        self._viewer.dims.events.ndim.disconnect(self._look_again)
        self._let_go()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Play in the place of napari."""
        is_told = event is not None and event.type() == QEvent.Type.DynamicPropertyChange
        if is_told and watched is not None and watched.property(_PLAYING) == "True":
            # Not at once: napari's thread has only begun, and would not hear that it is to end.
            QTimer.singleShot(_BEGUN_MS, lambda: self._play_ours(watched))
        return False

    def _play_ours(self, button: Any) -> None:
        with suppress(RuntimeError):  # napari may have thrown it away
            sliders = button.qt_dims_ref()
            if sliders is not None and button in self._buttons:
                sliders.stop()
                self._toggle()

    def _look_again(self, event: object = None) -> None:
        self._timer.start()

    def _take_over(self) -> None:
        self._let_go()
        axis = self._viewer.dims.ndim - self._layer.ndim
        for button in self._window.findChildren(QPushButton):
            if button.property(_PLAYING) is not None and getattr(button, "axis", None) == axis:
                button.hide()
                button.installEventFilter(self)
                self._buttons.append(button)

    def _let_go(self) -> None:
        for button in self._buttons:
            with suppress(RuntimeError):  # napari may have thrown it away
                button.removeEventFilter(self)
                button.show()
        self._buttons.clear()
