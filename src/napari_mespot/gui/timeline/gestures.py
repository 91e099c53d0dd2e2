"""What dragging does: each gesture previews while it lasts and makes one step at its end."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from math import floor

from napari_mespot.gui import edits
from napari_mespot.gui.actions import ReviewActions
from napari_mespot.gui.playhead import Playhead
from napari_mespot.gui.session import Session
from napari_mespot.gui.timeline.hit import Part
from napari_mespot.gui.timeline.layout import Layout
from napari_mespot.gui.timeline.view import TimeView
from napari_mespot.model import ExpressionKind, Interval, kind_of_length

__all__ = ["ApexDrag", "DrawDrag", "EdgeDrag", "Gesture", "MoveDrag", "SeekDrag", "Start"]


_ACROSS_PX = 28.0
"""How far up or down an interval is dragged at least before it goes to the other lane."""


_MICRO, _MACRO = ExpressionKind.MICRO, ExpressionKind.MACRO


@dataclass(frozen=True, slots=True)
class Start:
    """Where the button was pressed: in pixels, and in frames."""

    x: float
    y: float
    frame: float


class Gesture(ABC):
    """Something that is done with the button held."""

    is_edit = False
    """Whether it changes the review that there was when it began."""

    @abstractmethod
    def move(self, x: float, y: float, view: TimeView) -> None:
        """Follow the cursor."""

    def finish(self) -> None:  # noqa: B027 - most have nothing to add
        """Make a step of it."""

    def click(self) -> None:  # noqa: B027
        """Do what a mere click does, beyond what the press has done."""

    @abstractmethod
    def cancel(self) -> None:
        """Leave everything as it was, also the playhead."""

    @property
    def drawn(self) -> tuple[ExpressionKind, Interval] | None:
        """An interval that is being drawn."""
        return None


class SeekDrag(Gesture):
    """The playhead follows the cursor."""

    def __init__(self, playhead: Playhead, frame: int) -> None:
        self._playhead, self._from = playhead, playhead.frame
        playhead.seek(frame)

    def move(self, x: float, y: float, view: TimeView) -> None:
        """Go to the frame under the cursor."""
        self._playhead.seek(view.frame(x))

    def cancel(self) -> None:
        """Go back to where we were."""
        self._playhead.seek(self._from)


class _IntervalDrag(Gesture):
    """Shared half of the gestures on one interval; the press selects it."""

    is_edit = True
    _label = ""

    def __init__(self, session: Session, playhead: Playhead, uid: str) -> None:
        self._session, self._playhead, self._uid = session, playhead, uid
        self._from = (playhead.frame, session.selected_uid)
        self._base = session.review
        self._item = self._base.by_uid[uid]
        session.select(uid)

    def finish(self) -> None:
        """Make a step of what is shown."""
        self._session.commit(self._session.shown, self._label)

    def cancel(self) -> None:
        """Show what was there before, and go back."""
        frame, selected = self._from
        self._session.cancel_preview()
        self._session.select(selected)
        self._playhead.seek(frame)


class EdgeDrag(_IntervalDrag):
    """Onset or offset follows the cursor; the video shows the frame of the edge."""

    def __init__(
        self, session: Session, playhead: Playhead, uid: str, part: Part, place: float
    ) -> None:
        super().__init__(session, playhead, uid)
        self._is_onset = part is Part.ONSET
        self._label = "move onset" if self._is_onset else "move offset"
        # Where in the frame's width, or how far beside it, the edge was taken: it never jumps.
        self._grip = place - (self._item.onset if self._is_onset else self._item.offset)

    def move(self, x: float, y: float, view: TimeView) -> None:
        """Move the edge; it stops at the other one and at the ends of the video."""
        frame = view.frame(x - self._grip * view.frame_px)
        onset, offset = self._item.onset, self._item.offset
        if self._is_onset:
            onset = frame = min(frame, offset)
        else:
            offset = frame = max(frame, onset)
        self._session.preview(edits.move_interval(self._base, self._uid, onset, offset))
        self._playhead.seek(frame)


class MoveDrag(_IntervalDrag):
    """The whole interval follows the cursor; into the other lane, if that is clearly meant.

    It goes there when the cursor is in that lane, has come a lane's height across, and farther
    across than along: a hand that slips while it moves the interval in time changes no kind.
    """

    _label = "move interval"

    def __init__(
        self, session: Session, playhead: Playhead, uid: str, start: Start, layout: Layout
    ) -> None:
        super().__init__(session, playhead, uid)
        self._start, self._layout, self._has_moved = start, layout, False
        self._kind = self._item.kind
        playhead.seek(floor(start.frame + 0.5))

    def move(self, x: float, y: float, view: TimeView) -> None:
        """Move the interval, inside the video."""
        item, last = self._item, self._base.n_frames - 1
        # In frames, so that zooming meanwhile does not pull it away.
        shift = round(view.place(x) - self._start.frame)
        shift = min(max(shift, -item.onset), last - item.offset)
        kind = self._kind = self._kind_at(x, y)
        review = edits.move_interval(self._base, self._uid, item.onset + shift, item.offset + shift)
        moved_apex = None if item.expression.apex is None else item.expression.apex + shift
        if shift and moved_apex is not None:
            review = edits.set_apex(review, self._uid, moved_apex)
        if kind is not item.kind:
            review = edits.set_kind(review, self._uid, kind)
        self._session.preview(review)
        self._has_moved |= shift != 0
        if self._has_moved:
            self._playhead.seek(item.onset + shift)

    def _kind_at(self, x: float, y: float) -> ExpressionKind:
        """Return the kind that is meant; once in the other lane it stays while the cursor does."""
        other = _MACRO if self._item.kind is _MICRO else _MICRO
        lane, own = self._layout.lane(other), self._layout.lane(self._item.kind)
        if (y < own.bottom) if lane.top > own.top else (y >= own.top):
            return self._item.kind
        across, along = abs(y - self._start.y), abs(x - self._start.x)
        is_meant = self._kind is other or (across >= _ACROSS_PX and across > along)
        return other if is_meant else self._item.kind


class ApexDrag(_IntervalDrag):
    """The apex follows the cursor, inside its interval."""

    _label = "move apex"

    def move(self, x: float, y: float, view: TimeView) -> None:
        """Move the apex."""
        frame = min(max(view.frame(x), self._item.onset), self._item.offset)
        if frame == self._item.expression.apex:
            self._session.cancel_preview()
        else:
            self._session.preview(edits.set_apex(self._base, self._uid, frame))
        self._playhead.seek(frame)


class DrawDrag(Gesture):
    """A new interval reaches from where the button was pressed to the cursor.

    Its kind is what its length makes it, whichever lane it is drawn in.
    """

    def __init__(
        self,
        actions: ReviewActions,
        frame: int,
        *,
        changed: Callable[[], None],
    ) -> None:
        self._actions, self._from = actions, frame
        self._to: int | None = None
        self._changed, self._came_from = changed, actions.playhead.frame
        actions.playhead.seek(frame)

    @property
    def drawn(self) -> tuple[ExpressionKind, Interval] | None:
        """The interval so far; none before the cursor has moved."""
        if self._to is None:
            return None
        interval = Interval(min(self._from, self._to), max(self._from, self._to))
        return kind_of_length(self._actions.session.review.seconds(interval)), interval

    def move(self, x: float, y: float, view: TimeView) -> None:
        """Extend it to the cursor."""
        self._to = view.frame(x)
        self._actions.playhead.seek(self._to)
        self._changed()

    def finish(self) -> None:
        """Add it."""
        if self.drawn is not None:
            kind, interval = self.drawn
            self._actions.add_interval(interval, kind)

    def cancel(self) -> None:
        """Draw nothing, and go back."""
        self._actions.playhead.seek(self._came_from)
