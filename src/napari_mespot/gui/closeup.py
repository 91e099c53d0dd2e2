"""The close-up of the selected interval: onset, apex and what changes between them, or a loop."""

import time
from collections import OrderedDict

import numpy as np
from numpy.typing import NDArray
from qtpy.QtCore import Qt, QTimer
from qtpy.QtGui import QCloseEvent, QHideEvent, QShowEvent
from qtpy.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from napari_mespot.errors import MespotError
from napari_mespot.face.closeup import MAX_INTERVAL_FRAMES
from napari_mespot.gui.closeup_controls import CloseupControls
from napari_mespot.gui.closeup_loader import CloseupLoader, FacesOf
from napari_mespot.gui.closeup_pictures import Closeup, loop_row, timed_row
from napari_mespot.gui.closeup_tiles import TileGrid
from napari_mespot.gui.playhead import Playhead
from napari_mespot.gui.review import Item, Review
from napari_mespot.gui.session import Session
from napari_mespot.progress import Progress

__all__ = ["CloseupWidget"]

# An edge that is being dragged asks for a new interval with every pixel: wait until it rests.
_REST_MS = 150
_KEPT_FRAMES = 1500  # of the intervals looked at last: 150 kB a frame
_SHORTEST_TICK_MS = 16
_Key = tuple[int, int]


class CloseupWidget(QWidget):
    """Shows the selected interval on the aligned face.

    Nothing is computed while it is hidden. A click on a picture takes the playhead to its frame.

    Parameters
    ----------
    session, playhead
        What is selected, and where we are.
    faces_of
        ``faces_of(first, last, progress)``: the aligned faces of these frames, both included;
        called in a thread of a pool. See :func:`~napari_mespot.face.closeup.interval_faces`.
    """

    def __init__(
        self,
        session: Session,
        playhead: Playhead,
        faces_of: FacesOf,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._playhead = session, playhead
        self._loader = CloseupLoader(faces_of, self)
        self._kept: OrderedDict[_Key, Closeup] = OrderedDict()
        self._asked: _Key | None = None
        self._drawn_uid: str | None = None
        self._rest, self._tick = QTimer(self), QTimer(self)
        self._loop_start = time.perf_counter()
        self.controls = CloseupControls(float(playhead.frame_rate))
        self._title, self._status = QLabel(), QLabel()
        self._compare, self._loop = TileGrid(4), TileGrid(1)
        self._build()
        self._connect()
        self._look()

    @property
    def status(self) -> str:
        """The line below the controls."""
        return self._status.text()

    @property
    def is_busy(self) -> bool:
        """Whether faces or motion are still to come."""
        return self._rest.isActive() or self._loader.is_busy

    @property
    def tiles(self) -> TileGrid:
        """The pictures in view."""
        return self._loop if self.controls.is_loop else self._compare

    def disconnect_all(self) -> None:
        """Stop listening, and wait for the thread to leave."""
        self._session.changed.disconnect(self._review_changed)
        self._session.selection_changed.disconnect(self._selection_changed)
        self._playhead.moved.disconnect(self._frame_changed)
        self._stop()

    @property
    def is_in_sight(self) -> bool:
        """Whether anybody can see it: Qt calls a widget behind another tab visible too."""
        return self.isVisible() and not self.visibleRegion().isEmpty()

    def catch_up(self) -> None:
        """Show what was selected while nobody could see it."""
        self._look()

    def showEvent(self, event: QShowEvent | None) -> None:
        """Catch up with what was selected meanwhile."""
        super().showEvent(event)
        self._look()

    def hideEvent(self, event: QHideEvent | None) -> None:
        """Rest while nobody looks."""
        super().hideEvent(event)
        self._tick.stop()

    def closeEvent(self, event: QCloseEvent | None) -> None:
        """Leave no thread behind."""
        self._stop()
        super().closeEvent(event)

    # -- building ---------------------------------------------------------------------------

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(8)
        for label in (self._title, self._status):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        layout.addWidget(self._title)
        layout.addWidget(self.controls.modes)
        layout.addWidget(self._compare)
        layout.addWidget(self._loop)
        layout.addWidget(self.controls)
        layout.addWidget(self._status)
        layout.addStretch(1)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._tick.setTimerType(Qt.TimerType.PreciseTimer)

    def _connect(self) -> None:
        self._session.changed.connect(self._review_changed)
        self._session.selection_changed.connect(self._selection_changed)
        self._playhead.moved.connect(self._frame_changed)
        self._rest.timeout.connect(self._request)
        self._tick.timeout.connect(self._draw_loop)
        self._loader.faces_ready.connect(self._faces_arrived)
        self._loader.motion_ready.connect(self._motion_arrived)
        self._loader.progressed.connect(self._show_progress)
        self._loader.failed.connect(self._show_error)
        self.controls.changed.connect(self._draw)
        onset, apex, change, _ = self._compare.tiles
        onset.clicked.connect(self._seek_onset)
        for tile in (apex, change):
            tile.clicked.connect(self._seek_apex)
        for tile in (onset, apex, change):
            tile.setCursor(Qt.CursorShape.PointingHandCursor)
            tile.setToolTip("click to go to this frame")

    # -- what is to be shown ----------------------------------------------------------------

    def _review_changed(self, old: Review, new: Review) -> None:
        uid = self._session.selected_uid
        if uid is not None and old.by_uid.get(uid) != new.by_uid.get(uid):
            self._look()

    def _selection_changed(self, uid: str | None) -> None:
        self._look()

    def _look(self) -> None:
        """Find out what is selected, ask for its faces if need be, and draw."""
        item = self._session.selected
        self._title.setText(_title(item, self._playhead))
        key = None if item is None else (item.onset, item.offset)
        if key != self._asked:
            self._loader.cancel()
            self._rest.stop()
            self._asked, self._loop_start = key, time.perf_counter()
            self._status.setText("")
        if item is not None and item.expression.interval.n_frames > MAX_INTERVAL_FRAMES:
            self._drawn_uid = None
            self._status.setText(
                f"{item.expression.interval.n_frames:,} frames are too many for a close-up: it "
                f"shows up to {MAX_INTERVAL_FRAMES:,}."
            )
        elif key is not None and self._needs(key) and self.is_in_sight and not self.is_busy:
            self._status.setText("aligning faces …")
            self._rest.start()
        self._draw()

    def _needs(self, key: _Key) -> bool:
        held = self._kept.get(key)
        return held is None or held.motion is None

    def _request(self) -> None:
        if self._asked is not None:
            self._loader.request(*self._asked)

    def _closeup(self) -> Closeup | None:
        return self._kept.get(self._asked) if self._asked is not None else None

    def _faces_arrived(self, faces: object) -> None:
        self._keep(Closeup(faces))  # type: ignore[arg-type]  # a Qt signal has no types
        self._status.setText("measuring motion …")

    def _motion_arrived(self, motion: object) -> None:
        closeup = self._closeup()
        if closeup is not None:
            self._keep(closeup.with_motion(motion))  # type: ignore[arg-type]
        self._status.setText("")

    def _keep(self, closeup: Closeup) -> None:
        if self._asked is None:
            return
        self._kept[self._asked] = closeup
        self._kept.move_to_end(self._asked)
        while len(self._kept) > 1 and _n_frames(self._kept) > _KEPT_FRAMES:
            self._kept.popitem(last=False)
        self._draw()

    def _show_progress(self, progress: object) -> None:
        if isinstance(progress, Progress):
            self._status.setText(f"{progress.stage} · {progress.done} of {progress.total}")

    def _show_error(self, error: object) -> None:
        if not isinstance(error, Exception):
            return
        self._drawn_uid = None
        self._status.setText(f"⚠ {error}" if isinstance(error, MespotError) else "")
        self._draw()
        if not isinstance(error, MespotError):
            raise error

    def _stop(self) -> None:
        """Let go of timers and of the thread."""
        self._tick.stop()
        self._rest.stop()
        self._loader.shut_down()

    # -- drawing ----------------------------------------------------------------------------

    def _draw(self) -> None:
        """Draw everything anew."""
        is_loop = self.controls.is_loop
        self._compare.setVisible(not is_loop)
        self._loop.setVisible(is_loop)
        closeup = self._closeup()
        self.controls.setEnabled(closeup is not None)
        if is_loop and closeup is not None and self.is_in_sight:
            shortest = self._shortest_s(closeup) / self.controls.speed
            self._tick.start(max(_SHORTEST_TICK_MS, round(1000 * shortest)))
        else:
            self._tick.stop()
        if closeup is None and self._is_drawn():
            return  # an edge is being moved: the pictures stay until the new ones are there
        self._drawn_uid = self._session.selected_uid if closeup is not None else None
        if is_loop:
            self._draw_loop()
        else:
            self._draw_comparison()

    def _is_drawn(self) -> bool:
        """Whether the pictures in view are of the selected item."""
        return self._drawn_uid is not None and self._drawn_uid == self._session.selected_uid

    def _frame_changed(self, frame: int) -> None:
        if self.is_in_sight and not self.controls.is_loop:
            self._draw_here()

    def _draw_comparison(self) -> None:
        closeup, item = self._closeup(), self._session.selected
        onset, apex, change, _ = self._compare.tiles
        if closeup is None or item is None:
            for tile, caption in zip(
                self._compare.tiles, ("onset", "apex", "change", "here"), strict=True
            ):
                tile.show_picture(None, caption)
            return
        factor = self.controls.factor
        frame = closeup.apex(item.expression.apex)
        onset.show_picture(closeup.picture(item.onset), f"onset {item.onset}")
        if frame is None:
            apex.show_picture(None, "apex")
            change.show_picture(None, "change")
        else:
            name = "apex" if item.expression.apex is not None else "most motion"
            apex.show_picture(closeup.picture(frame, factor), f"{name} {frame}{_times(factor)}")
            change.show_picture(closeup.change(frame, self.controls.gain), "change")
        self._draw_here()

    def _draw_here(self) -> None:
        closeup, item = self._closeup(), self._session.selected
        if closeup is None or item is None:
            return
        frame = min(max(self._playhead.frame, item.onset), item.offset)
        factor = self.controls.factor
        outside = "" if frame == self._playhead.frame else " (nearest)"
        self._compare.tiles[3].show_picture(
            closeup.picture(frame, factor), f"here {frame}{_times(factor)}{outside}"
        )

    def _draw_loop(self) -> None:
        closeup, (tile,) = self._closeup(), self._loop.tiles
        if closeup is None:
            tile.show_picture(None, "")
            return
        faces, factor = closeup.faces, self.controls.factor
        row = self._loop_row(closeup, time.perf_counter() - self._loop_start)
        frame = faces.first_frame + row
        tile.show_picture(
            closeup.picture(frame, factor),
            f"frame {frame} · {row + 1} of {faces.n_frames}{_times(factor)}",
        )

    def _loop_row(self, closeup: Closeup, elapsed_s: float) -> int:
        """Return the row that is due: by the times of its frames, if they are uneven."""
        clock, speed, n = self._playhead.clock, self.controls.speed, closeup.faces.n_frames
        if clock.is_even:
            return loop_row(elapsed_s, n, float(clock.rate) * speed)
        return timed_row(elapsed_s, self._starts_s(closeup), speed)

    def _shortest_s(self, closeup: Closeup) -> float:
        """Return for how long the frame that is shown most briefly is shown."""
        clock = self._playhead.clock
        if clock.is_even:
            return float(1 / clock.rate)
        return float(np.diff(self._starts_s(closeup)).min())

    def _starts_s(self, closeup: Closeup) -> NDArray[np.float64]:
        first, n = closeup.faces.first_frame, closeup.faces.n_frames
        seconds = self._playhead.clock.seconds_of(np.arange(first, first + n + 1))
        return np.asarray(seconds - seconds[0])

    def _seek_onset(self) -> None:
        item = self._session.selected
        if item is not None:
            self._playhead.seek(item.onset)

    def _seek_apex(self) -> None:
        item, closeup = self._session.selected, self._closeup()
        frame = closeup.apex(item.expression.apex) if item and closeup else None
        if frame is not None:
            self._playhead.seek(frame)


def _n_frames(kept: OrderedDict[_Key, Closeup]) -> int:
    return sum(closeup.faces.n_frames for closeup in kept.values())


def _times(factor: int) -> str:
    return f" · {factor}×" if factor > 1 else ""


def _title(item: Item | None, playhead: Playhead) -> str:
    if item is None:
        return "Select an interval to see it close up."
    seconds = float(playhead.clock.duration_of(item.expression.interval))
    text = f"{item.kind.value}  ·  {item.onset}–{item.offset}  ·  {seconds:.2f} s"
    units = item.expression.action_units
    return f"{text}  ·  AU {units}" if units else text
