"""The timeline: both score tracks, both lanes of intervals, and the playhead, on one canvas."""

from collections.abc import Mapping, Sequence
from typing import Any

from numpy.typing import ArrayLike
from qtpy.QtCore import QEvent, QPointF, QSize, Qt, Signal
from qtpy.QtGui import (
    QContextMenuEvent,
    QFont,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from qtpy.QtWidgets import QSizePolicy, QWidget

from napari_mespot.gui.actions import ReviewActions
from napari_mespot.gui.playhead import Playhead
from napari_mespot.gui.review import Review
from napari_mespot.gui.session import Session
from napari_mespot.gui.timeline.colours import TimelineColours
from napari_mespot.gui.timeline.contents import Contents
from napari_mespot.gui.timeline.cursors import cursor_for
from napari_mespot.gui.timeline.hand import Hand
from napari_mespot.gui.timeline.hit import Part, Target, target_at
from napari_mespot.gui.timeline.layout import Layout
from napari_mespot.gui.timeline.marks import interval_mark, lane_mark, threshold_mark
from napari_mespot.gui.timeline.menus import Corner, interval_menu
from napari_mespot.gui.timeline.overlay import paint_cursor, paint_playhead
from napari_mespot.gui.timeline.painting import paint_draft, paint_static
from napari_mespot.gui.timeline.readout import readout, tip
from napari_mespot.gui.timeline.scene import Scene
from napari_mespot.gui.timeline.view import TimeView
from napari_mespot.model import ExpressionKind, Interval

__all__ = ["TimelineWidget"]

_ZOOM_PER_STEP = 1.25
_WHEEL_STEP = 120
_FONT_PX = 11


class TimelineWidget(QWidget):
    """Shows and edits the intervals of a session along the time of its video.

    Click or drag to seek; drag an interval, its edges, its apex or the label of a threshold (with
    Alt, its line); double-click or Shift+drag in a lane to draw; wheel to zoom about the cursor,
    Shift+wheel to pan.

    Parameters
    ----------
    session, playhead, actions
        What it shows and changes.
    """

    tracks_asked = Signal()
    """The user wants further tracks."""
    import_asked = Signal()
    """The user wants to open labels or predictions."""
    export_asked = Signal()
    """The user wants to write the intervals to a file."""

    def __init__(
        self,
        session: Session,
        playhead: Playhead,
        actions: ReviewActions,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._playhead, self._actions = session, playhead, actions
        self._colours = TimelineColours()
        self._contents = Contents(session)
        self._view = TimeView.whole(playhead.n_frames)
        self._static: QPixmap | None = None
        self._marked = playhead.frame
        self._cursor: QPointF | None = None
        self.draw_mode = False
        self._hand = Hand(self, actions)
        self._set_up()
        self.corner = Corner(self, actions)
        for signal, slot in self._links():
            signal.connect(slot)

    # -- what others may ask -----------------------------------------------------------------

    @property
    def canvas(self) -> QWidget:
        """The widget that mouse and keys go to."""
        return self

    @property
    def view(self) -> TimeView:
        """The stretch of the video that is shown."""
        return self._view

    @property
    def tracks(self) -> dict[str, bool]:
        """Names of all tracks, and whether each is shown."""
        return self._contents.tracks

    def set_colours(self, colours: TimelineColours) -> None:
        """Draw in other colours."""
        self._colours = colours
        self.corner.set_colours(colours)
        self._renew()

    def set_extra_tracks(self, tracks: Sequence[tuple[str, ArrayLike]]) -> None:
        """Show further tracks, in place of those shown.

        Parameters
        ----------
        tracks
            Names, and values of shape (n_frames,), NaN where there is none.

        Raises
        ------
        ValueError
            If a track is not as long as the video.
        """
        self._contents.set_extra_tracks(tracks)
        self._resize()

    def show_track(self, name: str, shown: bool) -> None:
        """Show or hide a track."""
        self._contents.show_track(name, shown)
        self._resize()

    def fit(self, interval: Interval | None) -> None:
        """Show an interval with some room around it, or (None) the whole video."""
        self.show_view(self._view.fitted(interval))

    def zoom(self, factor: float, x: float | None = None) -> None:
        """Show `factor` times as many frames, about a pixel or else the playhead."""
        if x is None:
            x = min(max(self._view.x(self._playhead.frame), self._view.left), self.width())
        self.show_view(self._view.zoomed(factor, x))

    def edge_position(self, uid: str, part: str) -> QPointF:
        """Return the pixel of an interval's ``"onset"``, ``"offset"``, ``"apex"`` or ``"body"``."""
        return interval_mark(self._scene(), uid, part)

    def lane_position(self, kind: ExpressionKind, frame: int) -> QPointF:
        """Return the pixel of a frame in the middle of a lane."""
        return lane_mark(self._scene(), kind, frame)

    def threshold_position(self, kind: ExpressionKind, *, low: bool = False) -> QPointF:
        """Return a pixel of the line of a threshold."""
        return threshold_mark(self._scene(), kind, low=low)

    def disconnect_all(self) -> None:
        """Stop listening."""
        self._hand.let_go()
        for signal, slot in self._links():
            signal.disconnect(slot)

    # -- Qt ----------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        """About 260 pixels high."""
        return QSize(900, 260)

    def minimumSizeHint(self) -> QSize:
        """As high as all bands need at least."""
        return QSize(320, int(self.bands(0).needed_height))

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw the static part from its picture, and the playhead and cursor over it."""
        ratio = self.devicePixelRatioF()
        if self._static is None or self._static.devicePixelRatioF() != ratio:
            self._static = self._draw_static(ratio)
        painter = QPainter(self)
        painter.setFont(self.font())
        painter.drawPixmap(0, 0, self._static)
        if self._hand.drawn is not None:
            paint_draft(painter, self._scene(), *self._hand.drawn)
        layout = self.bands()
        paint_playhead(painter, self._playhead.frame, layout, self._view, self._colours)
        if self._cursor is not None:
            text = readout(self._view.frame(self._cursor.x()), self._session)
            paint_cursor(painter, self._cursor, text, layout, self._colours)
        painter.end()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Fit the bands to the size."""
        layout = self.bands()
        self._view = self._view.resized(layout.left, layout.time_width)
        self.corner.place()
        self._static = None

    def changeEvent(self, event: QEvent | None) -> None:
        """Draw anew where font or scale have changed."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.FontChange:
            self._renew()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Begin a gesture."""
        if event is not None:
            self._hand.press(event)

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        """Follow the cursor."""
        if event is None:
            return
        self._cursor = event.position()
        if self._hand.is_busy:
            self._hand.move(self._cursor)
        else:
            self._hover(self._cursor, event.modifiers())
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        """Make a step of the gesture."""
        if event is not None and self._hand.release(event.button()):
            self._contents.renew_tops()
            self._renew()

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        """Draw a short interval in a lane; show an interval whole; else it is a second press."""
        if event is None or event.button() != Qt.MouseButton.LeftButton:
            return
        target = self.target(event.position())
        if target is not None and target.part is Part.BODY:
            self.fit(self._session.shown.by_uid[target.uid].expression.interval)
        elif target is not None and target.part is Part.LANE and target.kind is not None:
            self._playhead.seek(self._view.frame(event.position().x()))
            self._actions.new_here(target.kind)
        else:
            self._hand.press(event)

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        """Zoom about the cursor; with Shift, or sideways, pan."""
        if event is None:
            return
        delta = event.angleDelta()
        sideways = abs(delta.x()) > abs(delta.y())
        if sideways or event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            steps = (delta.x() if sideways else delta.y()) / _WHEEL_STEP
            self.show_view(self._view.panned(-0.1 * steps * self._view.span))
        else:
            steps = delta.y() / _WHEEL_STEP
            self.zoom(_ZOOM_PER_STEP**-steps, event.position().x())
        event.accept()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Esc gives a gesture up, Delete removes; all other keys are for the window."""
        if event is None:
            return
        if event.key() == Qt.Key.Key_Escape and self._hand.let_go():
            self._contents.renew_tops()
            self._renew()
        elif event.key() in {Qt.Key.Key_Delete, Qt.Key.Key_Backspace}:
            # Taken in any case: napari would delete the selected layer.
            if not self._hand.is_busy:
                self._actions.remove()
        else:
            event.ignore()

    def leaveEvent(self, event: QEvent | None) -> None:
        """Forget the cursor."""
        self._cursor = None
        self.update()

    def hideEvent(self, event: QHideEvent | None) -> None:
        """Give up what is under way: its end would not be heard."""
        self._hand.let_go()

    def contextMenuEvent(self, event: QContextMenuEvent | None) -> None:
        """Offer what can be done with the interval under the cursor, or with the timeline."""
        if event is None or self._hand.is_busy:
            return
        target = self.target(QPointF(event.pos()))
        if target is not None and target.uid:
            self._session.select(target.uid)
            menu = interval_menu(self, self._actions)
        else:
            menu = self.corner.menu()
        menu.exec(event.globalPos())
        menu.deleteLater()

    # -- inside ------------------------------------------------------------------------------

    def _set_up(self) -> None:
        self.setObjectName("mespot-timeline")
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        font = QFont(self.font())
        font.setPixelSize(_FONT_PX)
        self.setFont(font)

    def _links(self) -> list[tuple[Any, Any]]:
        session = self._session
        return [
            (session.changed, self._follow_session),
            (session.scores_changed, self._follow_scores),
            (session.selection_changed, self._follow_selection),
            (self._playhead.moved, self._follow_playhead),
        ]

    def bands(self, height: float | None = None) -> Layout:
        """Return what lies where."""
        return self._contents.layout(self.width(), self.height() if height is None else height)

    def score_tops(self) -> Mapping[ExpressionKind, float]:
        """Return the upper ends of the score axes."""
        return self._contents.tops

    def _scene(self) -> Scene:
        return self._contents.scene(self.bands(), self._view, self._colours)

    def _draw_static(self, ratio: float) -> QPixmap:
        pixmap = QPixmap(round(self.width() * ratio), round(self.height() * ratio))
        pixmap.setDevicePixelRatio(ratio)
        painter = QPainter(pixmap)
        painter.setFont(self.font())
        paint_static(painter, self._scene())
        painter.end()
        return pixmap

    def target(
        self, place: QPointF, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
    ) -> Target | None:
        """Return what lies at a pixel, for somebody who holds some modifiers."""
        session = self._session
        return target_at(
            place.x(),
            place.y(),
            layout=self.bands(),
            view=self._view,
            lanes=self._contents.lanes,
            detection=session.shown.rules.detection if session.scores is not None else None,
            tops=self._contents.tops,
            selected=session.selected_uid,
            by_line=bool(modifiers & Qt.KeyboardModifier.AltModifier),
        )

    def _hover(self, place: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        target = self.target(place, modifiers)
        self.setCursor(cursor_for(target, draws=self.draw_mode))
        self.setToolTip(tip(target, self._view.frame(place.x()), self._session))

    def show_view(self, view: TimeView) -> None:
        """Show another stretch of the video."""
        if view != self._view:
            self._view = view
            self._renew()

    def _renew(self) -> None:
        self._static = None
        self.update()

    def _resize(self) -> None:
        self.updateGeometry()
        layout = self.bands()
        self._view = self._view.resized(layout.left, layout.time_width)
        self.corner.place()
        self._renew()

    def _follow_session(self, old: Review, new: Review) -> None:
        self._hand.drop_if_stale()
        if not self._hand.is_busy and old.rules != new.rules:
            self._contents.renew_tops()
        self._renew()

    def _follow_scores(self) -> None:
        self._contents.renew_tops()
        self._renew()

    def _follow_selection(self, uid: str | None) -> None:
        item = self._session.selected
        if item is not None and not self._hand.is_busy:
            in_sight = item.onset <= self._view.end and item.offset >= self._view.start
            self._view = self._view if in_sight else self._view.holding(item.onset)
        self._renew()

    def _follow_playhead(self, frame: int) -> None:
        was, self._marked = self._marked, frame
        if not self._hand.is_busy:
            view = self._view.holding(frame)
            if view != self._view:
                self.show_view(view)
                return
        self._update_at(was)
        self._update_at(frame)

    def _update_at(self, frame: int) -> None:
        """Draw anew where the playhead stands at a frame, in the view and in the overview."""
        whole = TimeView.whole(self._view.n_frames, self._view.left, self._view.width)
        for view in (self._view, whole):
            self.update(round(view.x(frame)) - 8, 0, 17, self.height())
