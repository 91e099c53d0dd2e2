"""Which gesture begins where the button is pressed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from napari_mespot.gui.actions import ReviewActions
from napari_mespot.gui.timeline.gestures import (
    ApexDrag,
    DrawDrag,
    EdgeDrag,
    Gesture,
    MoveDrag,
    SeekDrag,
    Start,
)
from napari_mespot.gui.timeline.hit import Part, Target
from napari_mespot.gui.timeline.layout import Layout, ScoreAxis
from napari_mespot.gui.timeline.threshold_drag import ThresholdDrag
from napari_mespot.gui.timeline.view import TimeView
from napari_mespot.model import ExpressionKind

__all__ = ["Press", "gesture_of"]


@dataclass(frozen=True, slots=True)
class Press:
    """A press of the button.

    Parameters
    ----------
    x, y
        Where, in pixels.
    target
        What lies there.
    view, layout, tops
        What the timeline shows.
    """

    x: float
    y: float
    target: Target
    view: TimeView
    layout: Layout
    tops: Mapping[ExpressionKind, float]


def gesture_of(
    press: Press, actions: ReviewActions, *, drawing: bool, redraw: Callable[[], None]
) -> Gesture:
    """Return what a press begins.

    Parameters
    ----------
    drawing
        Whether the user wants to draw, if it is in a lane.
    redraw
        Called when an interval that is being drawn has changed.
    """
    target, session, playhead = press.target, actions.session, actions.playhead
    frame = press.view.frame(press.x)
    if drawing and target.kind is not None and (target.uid or target.part is Part.LANE):
        return DrawDrag(actions, frame, changed=redraw)
    if target.uid:
        return _interval_drag(press, actions)
    band = press.layout.band(f"track:{target.kind.value}") if target.kind else None
    is_line = target.part in {Part.THRESHOLD, Part.LOW_THRESHOLD}
    if is_line and target.kind is not None and band is not None:
        axis = ScoreAxis(band, press.tops[target.kind])
        return ThresholdDrag(
            session,
            target.kind,
            target.part,
            axis=axis,
            y=press.y,
            seek=lambda: playhead.seek(frame),
        )
    return SeekDrag(playhead, frame)


def _interval_drag(press: Press, actions: ReviewActions) -> Gesture:
    session, playhead, uid = actions.session, actions.playhead, press.target.uid
    place = press.view.place(press.x)
    if press.target.part in {Part.ONSET, Part.OFFSET}:
        return EdgeDrag(session, playhead, uid, press.target.part, place)
    if press.target.part is Part.APEX:
        return ApexDrag(session, playhead, uid)
    return MoveDrag(session, playhead, uid, Start(press.x, press.y, place), press.layout)
