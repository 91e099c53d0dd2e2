"""Dragging a threshold: the intervals follow at once."""

from collections.abc import Callable

from napari_mespot.gui.session import Session
from napari_mespot.gui.timeline.gestures import Gesture
from napari_mespot.gui.timeline.hit import Part
from napari_mespot.gui.timeline.layout import ScoreAxis
from napari_mespot.gui.timeline.view import TimeView
from napari_mespot.model import ExpressionKind
from napari_mespot.spotting.params import KindDetectionParams, SpottingParams

__all__ = ["ThresholdDrag"]

_DIGITS = 3
_LEAST_PX = 4.0
"""How far up or down the cursor must go before the line follows."""


class ThresholdDrag(Gesture):
    """A threshold follows the cursor.

    Parameters
    ----------
    session
        Whose rules it changes.
    kind, part
        Which threshold.
    axis
        Where which score lies.
    y
        Where it was taken, in pixels.
    seek
        Goes to the frame there: what a mere click does.
    """

    is_edit = True

    def __init__(
        self,
        session: Session,
        kind: ExpressionKind,
        part: Part,
        *,
        axis: ScoreAxis,
        y: float,
        seek: Callable[[], None],
    ) -> None:
        self._session, self._kind, self._axis = session, kind, axis
        self._is_low = part is Part.LOW_THRESHOLD
        self._selected, self._seek = session.selected_uid, seek
        self._y, self._is_taken = y, False
        self._base = self._last = session.review.rules
        rules = self._base.detection.of_kind(kind)
        value = rules.low_threshold if self._is_low else rules.threshold
        # How far beside the line it was taken: it never jumps.
        self._grip = y - axis.y(value)

    def move(self, x: float, y: float, view: TimeView) -> None:
        """Move the line; a low threshold stays below the high one, and keeps its share of it."""
        self._is_taken |= abs(y - self._y) > _LEAST_PX
        if not self._is_taken:
            return
        value = self._axis.score(y - self._grip)
        value = round(min(max(value, 0.0), 1.0), _DIGITS)
        rules = self._base.detection.of_kind(self._kind)
        if self._is_low:
            changed = {"low_threshold": min(value, rules.threshold)}
        else:
            share = rules.low_threshold / rules.threshold if rules.threshold else 1.0
            changed = {"threshold": value, "low_threshold": round(value * share, _DIGITS)}
        wanted = _with_rules(self._base, self._kind, changed)
        if wanted != self._last:
            self._last = wanted
            self._session.preview_rules(wanted)

    def click(self) -> None:
        """Go there."""
        self._seek()

    def finish(self) -> None:
        """Make a step of the new threshold."""
        if self._last == self._base:
            self._session.cancel_preview()
        else:
            self._session.commit(self._session.shown, "change rules")

    def cancel(self) -> None:
        """Leave the threshold where it was."""
        self._session.cancel_preview()
        self._session.select(self._selected)


def _with_rules(
    params: SpottingParams, kind: ExpressionKind, changed: dict[str, float]
) -> SpottingParams:
    rules = params.detection.of_kind(kind)
    new = KindDetectionParams.model_validate({**rules.model_dump(), **changed})
    name = "me" if kind is ExpressionKind.MICRO else "mae"
    detection = params.detection.model_copy(update={name: new})
    return params.model_copy(update={"detection": detection})
