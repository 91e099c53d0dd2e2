"""Dragging the view itself: with the middle button, or in the overview."""

from collections.abc import Callable

from napari_mespot.gui.playhead import Playhead
from napari_mespot.gui.timeline.gestures import Gesture
from napari_mespot.gui.timeline.view import TimeView

__all__ = ["OverviewDrag", "PanDrag"]


class PanDrag(Gesture):
    """The video moves with the cursor, as a sheet of paper would."""

    def __init__(self, x: float, view: TimeView, show: Callable[[TimeView], None]) -> None:
        self._x, self._view, self._show = x, view, show

    def move(self, x: float, y: float, view: TimeView) -> None:
        """Move the view."""
        self._show(self._view.panned((self._x - x) / self._view.frame_px))

    def cancel(self) -> None:
        """Go back to what was shown."""
        self._show(self._view)


class OverviewDrag(Gesture):
    """The window in the overview goes where the cursor is; with all in view, the playhead."""

    def __init__(
        self, view: TimeView, show: Callable[[TimeView], None], playhead: Playhead
    ) -> None:
        self._view, self._show, self._playhead = view, show, playhead
        self._from = playhead.frame

    def move(self, x: float, y: float, view: TimeView) -> None:
        """Show the place under the cursor."""
        whole = TimeView.whole(self._view.n_frames, self._view.left, self._view.width)
        place = whole.place(x)
        # The playhead goes along, or the view would page back to it.
        self._playhead.seek(round(place))
        if not self._view.is_whole:
            self._show(self._view.panned(place - self._view.span / 2 - self._view.start))

    def cancel(self) -> None:
        """Go back to where we were and to what was shown."""
        self._playhead.seek(self._from)
        self._show(self._view)
