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
    """The window in the overview goes along with the cursor.

    Pressed beside the window, the window comes to the cursor first, and so does the playhead; a
    press inside takes hold of it where it is. With all in view, the playhead alone goes along.

    Parameters
    ----------
    x
        Pixel of the press.
    view
        What is shown.
    show
        Shows another view.
    playhead
        Goes to the frame of a mere click.
    """

    def __init__(
        self, x: float, view: TimeView, show: Callable[[TimeView], None], playhead: Playhead
    ) -> None:
        self._show, self._playhead = show, playhead
        self._before = (view, playhead.frame)
        self._whole = TimeView.whole(view.n_frames, view.left, view.width)
        self._start, self._view = self._whole.place(x), view
        if not view.start <= self._start <= view.end:
            self._view = view.panned(self._start - view.span / 2 - view.start)
            show(self._view)
            playhead.seek(self._whole.frame(x))

    def move(self, x: float, y: float, view: TimeView) -> None:
        """Move the window, or the playhead."""
        if self._view.is_whole:
            self._playhead.seek(self._whole.frame(x))
        else:
            self._show(self._view.panned(self._whole.place(x) - self._start))

    def click(self) -> None:
        """Go to the frame that was clicked."""
        self._playhead.seek(round(self._start))

    def cancel(self) -> None:
        """Go back to where we were."""
        view, frame = self._before
        self._playhead.seek(frame)
        self._show(view)
