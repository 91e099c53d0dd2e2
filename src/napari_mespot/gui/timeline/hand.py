"""The hand on the timeline: from presses and moves of the mouse to gestures."""

from typing import TYPE_CHECKING

from qtpy.QtCore import QPointF, Qt
from qtpy.QtGui import QMouseEvent

from napari_mespot.gui.actions import ReviewActions
from napari_mespot.gui.timeline.gestures import Gesture
from napari_mespot.gui.timeline.hit import Part
from napari_mespot.gui.timeline.pans import OverviewDrag, PanDrag
from napari_mespot.gui.timeline.pressing import Press, gesture_of
from napari_mespot.model import ExpressionKind, Interval

if TYPE_CHECKING:
    from napari_mespot.gui.timeline.widget import TimelineWidget

__all__ = ["Hand"]

_DRAG_PX = 3.0


class Hand:
    """What is under way with the button held; nothing most of the time.

    Parameters
    ----------
    timeline
        Where.
    actions
        What it works on.
    """

    def __init__(self, timeline: "TimelineWidget", actions: ReviewActions) -> None:
        self._timeline, self._actions = timeline, actions
        self._gesture: Gesture | None = None
        self._button = Qt.MouseButton.NoButton
        self._pressed: QPointF | None = None
        self._base = actions.session.review

    @property
    def is_busy(self) -> bool:
        """Whether a gesture is under way."""
        return self._gesture is not None

    @property
    def drawn(self) -> tuple[ExpressionKind, Interval] | None:
        """An interval that is being drawn."""
        return self._gesture.drawn if self._gesture is not None else None

    def press(self, event: QMouseEvent) -> None:
        """Begin a gesture."""
        if self.is_busy:
            return
        place, timeline = event.position(), self._timeline
        self._pressed, self._button = place, event.button()
        self._base = self._actions.session.review
        if self._button == Qt.MouseButton.MiddleButton:
            self._gesture = PanDrag(place.x(), timeline.view, timeline.show_view)
        elif self._button == Qt.MouseButton.LeftButton:
            self._actions.player.pause()
            self._gesture = self._begun(place, event.modifiers())

    def move(self, place: QPointF) -> None:
        """Go on with the gesture; a hand is never quite still, so the first pixels do not count."""
        if self._gesture is None or not self._is_drag(place):
            return
        self._pressed = None
        if not isinstance(self._gesture, PanDrag | OverviewDrag):
            # What is dragged beyond the edge takes the view along.
            self._timeline.show_view(self._timeline.view.reaching(place.x()))
        self._gesture.move(place.x(), place.y(), self._timeline.view)

    def release(self, button: Qt.MouseButton) -> bool:
        """Make a step of the gesture; a mere click on an interval only selects it.

        Returns
        -------
        bool
            Whether there was a gesture of this button.
        """
        if self._gesture is None or button != self._button:
            return False
        gesture, self._gesture = self._gesture, None
        was_click, self._pressed = self._pressed is not None, None
        if was_click:
            gesture.click()
        else:
            gesture.finish()
        return True

    def let_go(self) -> bool:
        """Give the gesture up and leave everything as it was; whether there was one."""
        gesture, self._gesture = self._gesture, None
        if gesture is not None:
            gesture.cancel()
        return gesture is not None

    def drop_if_stale(self) -> None:
        """Forget a drag of what another step has replaced: it must not bring that back."""
        gesture, is_other = self._gesture, self._actions.session.review is not self._base
        if gesture is not None and gesture.is_edit and is_other:
            self._gesture = None

    def _begun(self, place: QPointF, modifiers: Qt.KeyboardModifier) -> Gesture | None:
        timeline = self._timeline
        target = timeline.target(place, modifiers)
        drawing = bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
        if target is None or target.part is Part.GUTTER:
            return None
        if target.part is Part.OVERVIEW:
            playhead = self._actions.playhead
            return OverviewDrag(place.x(), timeline.view, timeline.show_view, playhead)
        press = Press(
            place.x(), place.y(), target, timeline.view, timeline.bands(), timeline.score_tops()
        )
        in_lane = drawing or (timeline.draw_mode and not target.uid)
        return gesture_of(press, self._actions, drawing=in_lane, redraw=timeline.update)

    def _is_drag(self, place: QPointF) -> bool:
        """Whether the cursor has left the place of the press."""
        if self._pressed is None:
            return True
        moved = place - self._pressed
        return abs(moved.x()) > _DRAG_PX or abs(moved.y()) > _DRAG_PX
