"""One click on a face in the picture."""

from collections.abc import Callable, Generator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import napari
    from napari.layers import Image

__all__ = ["FacePick"]


class FacePick:
    """Waits for one click in the picture of a video.

    Parameters
    ----------
    viewer, layer
        Where the video is shown.
    picked
        Called with x and y, in pixels of the picture, and the frame.
    """

    def __init__(
        self,
        viewer: "napari.Viewer",
        layer: "Image",
        picked: Callable[[float, float, int], object],
    ) -> None:
        self._viewer, self._layer, self._picked = viewer, layer, picked
        self.is_waiting = False

    def start(self) -> None:
        """Take the next click in the picture; a drag moves the picture as ever."""
        if not self.is_waiting:
            self.is_waiting = True
            self._viewer.mouse_drag_callbacks.append(self._pressed)

    def stop(self) -> None:
        """Wait no longer."""
        self.is_waiting = False
        with suppress(ValueError):
            self._viewer.mouse_drag_callbacks.remove(self._pressed)

    def _pressed(self, viewer: "napari.Viewer", event: Any) -> Generator[None]:
        yield
        moved = False
        while event.type == "mouse_move":
            moved = True
            yield
        if moved:
            return
        frame, y, x = (float(value) for value in self._layer.world_to_data(event.position)[:3])
        height, width = self._layer.data.shape[1:3]
        if 0 <= x < width and 0 <= y < height:
            self.stop()
            self._picked(x, y, round(frame))
