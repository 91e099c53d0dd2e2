"""The playhead and napari's time slider show the same frame."""

from typing import TYPE_CHECKING

from napari_mespot.gui.playhead import Playhead

if TYPE_CHECKING:
    from napari import Viewer
    from napari.layers import Layer

__all__ = ["DimsLink"]


class DimsLink:
    """Binds a playhead to the time of a video layer, both ways.

    Each side follows the other only where they show different frames, which ends the echo. The
    link ends when the layer leaves the viewer.

    Parameters
    ----------
    viewer
        The napari viewer.
    layer
        The video; its first axis is time.
    playhead
        Where we are. napari goes there at once, for it shows the middle of a video by itself.
    """

    def __init__(self, viewer: "Viewer", layer: "Layer", playhead: Playhead) -> None:
        self._viewer, self._layer, self._playhead = viewer, layer, playhead
        self._connected = True
        viewer.dims.events.point.connect(self._follow_viewer)
        viewer.layers.events.removed.connect(self._on_removed)
        playhead.moved.connect(self._follow_playhead)
        self._follow_playhead(playhead.frame)

    @property
    def frame(self) -> int:
        """The frame that napari shows, clipped to the video."""
        dims, layer = self._viewer.dims, self._layer
        here = layer.world_to_data(dims.point[-layer.ndim :])[0]
        return min(max(round(float(here)), 0), self._playhead.n_frames - 1)

    def disconnect(self) -> None:
        """End the link; it may have ended before."""
        if not self._connected:
            return
        self._connected = False
        self._viewer.dims.events.point.disconnect(self._follow_viewer)
        self._viewer.layers.events.removed.disconnect(self._on_removed)
        self._playhead.moved.disconnect(self._follow_playhead)

    def _follow_viewer(self, event: object = None) -> None:
        if self._layer.ndim <= self._viewer.dims.ndim:
            self._playhead.seek(self.frame)

    def _follow_playhead(self, frame: int) -> None:
        if self.frame == frame:
            return
        dims, layer = self._viewer.dims, self._layer
        # The world coordinate, not the step: another layer with time may have finer steps.
        axis = dims.ndim - layer.ndim
        place = (frame, *layer.world_to_data(dims.point[axis:])[1:])
        dims.set_point(axis, float(layer.data_to_world(place)[0]))

    def _on_removed(self, event: object) -> None:
        if getattr(event, "value", None) is self._layer or self._layer not in self._viewer.layers:
            self.disconnect()
