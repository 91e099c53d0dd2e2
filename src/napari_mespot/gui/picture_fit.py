"""The picture grows and shrinks with its window, unless somebody has zoomed."""

from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, QTimer

if TYPE_CHECKING:
    import napari

__all__ = ["PictureFit"]

_Camera = tuple[tuple[float, ...], float]


class PictureFit(QObject):
    """Fits the picture to the canvas again whenever the canvas changes its size.

    Once the camera is elsewhere than the last fit has put it, it stays where it is; fitting by
    hand, here or by napari's own reset of the view, takes it up again.

    Parameters
    ----------
    viewer
        The napari viewer.
    """

    def __init__(self, viewer: "napari.Viewer") -> None:
        super().__init__()
        self._viewer = viewer
        self._fitted: _Camera | None = None
        self._timer = QTimer(self)  # one fit after many changes of size
        self._timer.setSingleShot(True)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self.fit)
        viewer.events.reset_view.connect(self._remember)
        viewer.canvas.events.size.connect(self._resized)

    def fit(self) -> None:
        """Show the whole picture, as large as it goes."""
        self._viewer.reset_view()

    def follow(self) -> None:
        """Fit what is to be seen now, unless somebody has zoomed."""
        if self._timer.isActive() or self._fitted in {None, self._camera()}:
            self._timer.start()

    def close(self) -> None:
        """Leave the camera alone."""
        self._timer.stop()
        self._viewer.events.reset_view.disconnect(self._remember)
        self._viewer.canvas.events.size.disconnect(self._resized)

    def _camera(self) -> _Camera:
        camera = self._viewer.scene.camera
        return tuple(camera.center), camera.zoom

    def _remember(self, event: object = None) -> None:
        self._fitted = self._camera()

    def _resized(self, event: object = None) -> None:
        if self._viewer.dims.ndisplay == 2:
            self.follow()
