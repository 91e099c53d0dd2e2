"""The intervals as napari shapes under the picture: seen, dragged, drawn and deleted there.

Events of a shapes layer are only hints: some edits come without one, and a drawn or pasted
shape brings the features of another. So after any hint the layer is compared with the session
as a whole, by a ``uid`` for each shape, and what differs becomes one step of the session.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from qtpy.QtCore import QObject, QTimer, Signal

from napari_mespot.gui import edits
from napari_mespot.gui.convert import Lanes
from napari_mespot.gui.playhead import Playhead
from napari_mespot.gui.review import Item, Review
from napari_mespot.gui.session import Session
from napari_mespot.gui.styles import shape_colours
from napari_mespot.model import kind_of_length

if TYPE_CHECKING:
    from napari.layers import Shapes
    from napari.viewer import Viewer

__all__ = ["MOST_SHAPES", "SESSION_OBJECT_KEY", "IntervalLayer", "features_of", "shapes_options"]

SESSION_OBJECT_KEY = "mespot_session_object"
"""Key of the layer's metadata: the session that it shows."""
MOST_SHAPES = 500
"""More shapes than this are not shown at once, but those nearest to the playhead."""
_REFILL_S = 0.3
_FEATURES = ("uid", "kind", "onset", "apex", "offset", "score", "status")


def shapes_options(lanes: Lanes, picture: tuple[int, int]) -> dict[str, Any]:
    """Return where a strip lies under a picture of (height, width) pixels, as layer options."""
    pixels = picture[1] / lanes.n_frames
    return {
        "name": "intervals",
        "scale": (pixels, pixels),
        "translate": (picture[0] + 10, 0.5 * pixels),
        "edge_width": 0,
        "opacity": 0.9,
    }


def features_of(items: tuple[Item, ...]) -> pd.DataFrame:
    """Return the table of features of items, one row each."""
    rows = [
        (
            item.uid,
            item.kind.value,
            item.onset,
            -1 if item.expression.apex is None else item.expression.apex,
            item.offset,
            np.nan if item.expression.score is None else item.expression.score,
            item.status.value,
        )
        for item in items
    ]
    return pd.DataFrame(rows, columns=list(_FEATURES))


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the layer shows, in the order of its shapes."""

    items: tuple[Item, ...] = ()

    @property
    def uids(self) -> list[str]:
        return [item.uid for item in self.items]


class IntervalLayer(QObject):
    """Keeps a shapes layer and a session in step.

    Parameters
    ----------
    viewer
        The viewer to add the layer to.
    picture
        Height and width of the video's pictures, in pixels.
    session, playhead
        What is shown.
    """

    appeared = Signal()
    """The first intervals are shown; before there was nothing to see of the strip."""

    def __init__(
        self, viewer: "Viewer", picture: tuple[int, int], session: Session, playhead: Playhead
    ) -> None:
        super().__init__()
        self._session, self._playhead = session, playhead
        self.lanes = Lanes.for_video(session.review.n_frames)
        self._seen = _Seen()
        self._is_filling = self._is_held = self._is_creating = False
        self._fill_timer = self._timer(0, self._fill)
        self._refill_timer = self._timer(int(1000 * _REFILL_S), self._fill)
        self._scan_timer = self._timer(0, self.scan)
        self.layer: Shapes = viewer.add_shapes(
            None,
            ndim=2,
            metadata={SESSION_OBJECT_KEY: session},
            **shapes_options(self.lanes, picture),
        )
        self._fill()
        self._connect()

    def close(self) -> None:
        """Stop keeping in step; the layer stays."""
        for timer in (self._fill_timer, self._refill_timer, self._scan_timer):
            timer.stop()
        for signal, slot in self._links():
            signal.disconnect(slot)
        with suppress(ValueError):
            self.layer.mouse_drag_callbacks.remove(self._on_drag)

    def scan(self) -> None:
        """Make a step of whatever a person did to the shapes."""
        self._scan_timer.stop()
        if self._is_filling or self._is_dragged():
            return
        review, label = self._session.review, "edit shapes"
        review, drawn = self._with_shapes(review)
        shown = set(self._uids())
        gone = [u for u in self._seen.uids if u not in shown and u in review.by_uid]
        review = edits.remove_items(review, gone)
        self._session.commit(review, label)
        if drawn:
            self._session.select(drawn)
        # What was snapped, clamped or given a key is drawn where it belongs.
        self._fill_timer.start()

    def _with_shapes(self, review: Review) -> tuple[Review, str]:
        """Return the review with the layer's shapes in it, and the key of a new one."""
        drawn, known = "", set()
        for uid, corners in zip(self._uids(), self.layer.data, strict=False):
            interval, kind = self.lanes.interval(np.asarray(corners))
            if uid in known or uid not in review.by_uid:
                places = {i.places[0] for i in review.items}
                if (kind, interval) not in places:  # drawn, and not the copy of another
                    kind = kind_of_length(review.seconds(interval))
                review, drawn = edits.add_interval(
                    review, interval, kind, coder=self._session.coder
                )
                continue
            known.add(uid)
            item = review.by_uid[uid]
            if not self.lanes.has_left(corners, item.kind):
                kind = item.kind  # a hand that slips a little across means the time alone
            if not self.lanes.is_canonical(corners, item.expression.interval, item.kind):
                review = edits.move_interval(review, uid, interval.onset, interval.offset)
                review = edits.set_kind(review, uid, kind)
        return review, drawn

    def _fill(self) -> None:
        """Show the session in the layer, touching only the shapes that changed."""
        self._fill_timer.stop()
        self._refill_timer.stop()
        if self._is_dragged():
            self._refill_timer.start()
            return
        wanted, was_empty = self._wanted(), not self._seen.items
        old = self._misplaced_or_changed(wanted)
        self._is_filling = True
        try:
            if old is None or len(old) > len(self._seen.items) // 2 + 8:
                self._replace_all(wanted)
            elif old or len(wanted) != len(self._seen.items):
                self._patch(wanted, old)
        finally:
            self._is_filling = False
        self._show_selection()
        if was_empty and wanted:
            self.appeared.emit()

    def _wanted(self) -> tuple[Item, ...]:
        """Return the items to show: all, or those nearest to the playhead."""
        items = self._session.shown.items
        if len(items) <= MOST_SHAPES:
            return items
        frame = self._playhead.frame
        middles = np.array([i.onset + i.offset for i in items]) / 2
        nearest = np.argsort(np.abs(middles - frame), kind="stable")[:MOST_SHAPES]
        return tuple(items[i] for i in np.sort(nearest))

    def _misplaced_or_changed(self, wanted: tuple[Item, ...]) -> set[int] | None:
        """Return the rows of shapes to take away; None if the layer is beyond telling."""
        if self._uids() != self._seen.uids or len(self.layer.data) != len(self._seen.items):
            return None
        ids = {id(item) for item in wanted}
        return {
            row
            for row, (item, corners) in enumerate(
                zip(self._seen.items, self.layer.data, strict=True)
            )
            if id(item) not in ids
            or not self.lanes.is_canonical(corners, item.expression.interval, item.kind)
        }

    def _replace_all(self, wanted: tuple[Item, ...]) -> None:
        layer = self.layer
        layer.selected_data = set()
        if len(layer.data):
            layer.remove(list(range(len(layer.data))))
        self._add(wanted)
        self._seen = _Seen(wanted)
        layer.features = features_of(wanted)

    def _patch(self, wanted: tuple[Item, ...], old: set[int]) -> None:
        kept = tuple(item for row, item in enumerate(self._seen.items) if row not in old)
        ids = {id(item) for item in kept}
        fresh = tuple(item for item in wanted if id(item) not in ids)
        if old:
            self.layer.remove(sorted(old))
        self._add(fresh)
        self._seen = _Seen((*kept, *fresh))
        self.layer.features = features_of(self._seen.items)

    def _add(self, items: tuple[Item, ...]) -> None:
        if items:
            colours = [shape_colours(item) for item in items]
            self.layer.add_rectangles(
                [self.lanes.rectangle(i.expression.interval, i.kind) for i in items],
                face_color=np.array([face for face, _ in colours]),
                edge_color=np.array([edge for _, edge in colours]),
                edge_width=self.lanes.height / 12,
            )

    def _uids(self) -> list[str]:
        features = self.layer.features
        return features["uid"].tolist() if "uid" in features else []

    def _is_dragged(self) -> bool:
        """Whether a person is dragging or drawing a shape."""
        return self._is_held or self._is_creating

    def _on_drag(self, layer: "Shapes", event: Any) -> Iterator[None]:
        """Know for as long as the button is held (a callback of napari's layers)."""
        self._is_held = True
        yield
        while event.type == "mouse_move":
            yield
        self._is_held = False
        self._scan_timer.start()

    def _show_selection(self) -> None:
        """Select the shape of the session's selected item."""
        uids = self._seen.uids
        wanted = {uids.index(u) for u in [self._session.selected_uid] if u in uids}
        if len(self.layer.selected_data) <= 1 and set(self.layer.selected_data) != wanted:
            self._is_filling = True
            try:
                self.layer.selected_data = wanted
            finally:
                self._is_filling = False

    def _take_selection(self, *_: object) -> None:
        rows = list(self.layer.selected_data)
        if not self._is_filling and len(rows) == 1 and rows[0] < len(self._seen.items):
            self._session.select(self._seen.items[rows[0]].uid)

    def _hinted(self, event: Any) -> None:
        if self._is_filling:
            return
        action = getattr(event, "action", None)
        if action is not None:
            # A polygon is drawn by many clicks: from "adding" to "added".
            self._is_creating = str(action) == "adding"
        self._scan_timer.start()

    def _session_changed(self, old: Review, new: Review) -> None:
        # While rules are dragged the timeline shows every value, the shapes the last one.
        is_step = new is self._session.review
        (self._fill_timer if is_step else self._refill_timer).start()

    def _playhead_moved(self, frame: int) -> None:
        if len(self._session.shown.items) > MOST_SHAPES and not self._refill_timer.isActive():
            self._refill_timer.start()

    def _selection_changed(self, uid: object) -> None:
        self._show_selection()

    def _links(self) -> list[tuple[Any, Any]]:
        layer = self.layer
        return [
            (layer.events.data, self._hinted),
            (layer.events.features, self._hinted),
            (layer.selected_data.events.items_changed, self._take_selection),
            (self._session.changed, self._session_changed),
            (self._session.selection_changed, self._selection_changed),
            (self._playhead.moved, self._playhead_moved),
        ]

    def _connect(self) -> None:
        for signal, slot in self._links():
            signal.connect(slot)
        self.layer.mouse_drag_callbacks.append(self._on_drag)

    def _timer(self, interval_ms: int, slot: Any) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(interval_ms)
        timer.timeout.connect(slot)
        return timer
