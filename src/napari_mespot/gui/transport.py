"""The bar above the timeline: play, step, where we are, how fast, undo, save, keys."""

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from qtpy.QtCore import QEvent, QSize, Qt
from qtpy.QtGui import QPalette, QShowEvent
from qtpy.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from napari_mespot.gui.action_table import ACTIONS
from napari_mespot.gui.actions import ReviewActions
from napari_mespot.gui.history import Bound
from napari_mespot.gui.icons import icon
from napari_mespot.gui.player import Player
from napari_mespot.gui.playhead import Playhead
from napari_mespot.gui.session import Session

__all__ = ["TransportBar"]

# Name of the action, its icon; None: a gap.
_BUTTONS: tuple[tuple[str, str] | None, ...] = (
    ("previous", "previous"),
    ("back", "step_back"),
    ("play", "play"),
    ("forward", "step_on"),
    ("next", "next"),
    None,
    ("loop", "loop"),
    ("flicker", "flicker"),
    ("fit_picture", "fit_picture"),
    None,
    ("undo", "undo"),
    ("redo", "redo"),
    None,
    ("save", "save"),
    ("keys", "keys"),
)
_BY_NAME = {action.name: action for action in ACTIONS}


class _Saved(Protocol):
    @property
    def is_saved(self) -> bool: ...
    @property
    def is_read_only(self) -> bool: ...
    @property
    def path(self) -> Path: ...


class TransportBar(QWidget):
    """Buttons for the most frequent actions, with the place and the speed.

    Parameters
    ----------
    session, playhead, player, actions
        What it shows and calls.
    store
        Says whether everything is saved.
    keys
        Name of an action → its key, as it is to be shown; by default the default keys.
    """

    def __init__(
        self,
        session: Session,
        playhead: Playhead,
        player: Player,
        actions: ReviewActions,
        store: _Saved,
        *,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._playhead, self._player = session, playhead, player
        self._actions, self._store = actions, store
        self._buttons: dict[str, QToolButton] = {}
        self._keys: dict[str, str] = {}
        self._place, self._speed, self._state = QLabel(), QLabel(), QLabel()
        self._build()
        self.show_keys({})
        playhead.moved.connect(self._show_place)
        session.stepped.connect(self._show_steps)
        player.playing_changed.connect(self._show_playing)
        player.speed_changed.connect(self._show_speed)
        self._show_place(playhead.frame)
        self._show_speed(player.speed)
        self._show_steps("")

    def show_keys(self, keys: Mapping[str, str]) -> None:
        """Name the keys in the tool tips."""
        self._keys = dict(keys)
        for name, button in self._buttons.items():
            action = _BY_NAME[name]
            key = keys.get(name, " ".join(action.keys))
            button.setToolTip(f"{action.label}  ({key})" if key else action.label)

    def show_saved(self) -> None:
        """Say whether everything is in the session file."""
        name = self._store.path.name
        if self._store.is_read_only:
            text, tip = "only looking", "This window shows another one's work and changes nothing."
        elif self._store.is_saved:
            text, tip = "saved", f"The session file holds everything: {name}"
        else:
            text = "in the journal"
            tip = f"Every edit is safe in the journal; saving puts it into the session file, {name}"
        self._state.setText(text)
        self._state.setToolTip(tip)

    def changeEvent(self, event: QEvent | None) -> None:
        """Draw the icons anew where the theme has changed."""
        super().changeEvent(event)
        if event is not None and event.type() in {
            QEvent.Type.PaletteChange,
            QEvent.Type.StyleChange,
        }:
            self._draw_icons()

    def showEvent(self, event: QShowEvent | None) -> None:
        """Draw the icons in the colour that the window's style gives to text."""
        super().showEvent(event)
        self._place.ensurePolished()
        self._draw_icons()

    def disconnect_all(self) -> None:
        """Stop listening."""
        self._playhead.moved.disconnect(self._show_place)
        self._session.stepped.disconnect(self._show_steps)

    def _build(self) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(6, 2, 6, 2)
        layout.setSpacing(2)
        for entry in _BUTTONS:
            if entry is None:
                layout.addSpacing(10)
                continue
            self._buttons[entry[0]] = button = self._button(entry[0])
            layout.addWidget(button)
        layout.addSpacing(12)
        self._place.setTextFormat(Qt.TextFormat.PlainText)
        self._place.setToolTip("frame · time · length of the video")
        layout.addWidget(self._place)
        layout.addSpacing(12)
        self._speed.setToolTip("speed of playing; , slower and . faster")
        layout.addWidget(self._speed)
        layout.addStretch(1)
        layout.addWidget(self._state)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._draw_icons()

    def _button(self, name: str) -> QToolButton:
        button = QToolButton()
        button.setObjectName(f"mespot-{name}")
        button.setAutoRaise(True)
        button.setIconSize(QSize(18, 18))
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        action = _BY_NAME[name]
        button.setAutoRepeat(action.repeats)
        # A click that comes while the button is down is one of a held button.
        button.clicked.connect(lambda: self._actions.perform(action, held=button.isDown()))
        return button

    def _draw_icons(self) -> None:
        colour = self._place.palette().color(QPalette.ColorRole.WindowText)
        for entry in _BUTTONS:
            if entry is not None and entry[0] in self._buttons:
                name, drawing = entry
                if name == "play" and self._player.is_playing:
                    drawing = "pause"
                self._buttons[name].setIcon(icon(drawing, colour))

    def _show_place(self, frame: int) -> None:
        clock, n = self._playhead.clock, self._playhead.n_frames
        rate = clock.rate
        digits = 3 if rate >= 100 else 2
        self._place.setText(
            f"frame {frame:,} of {n - 1:,}   ·   {float(clock.second_of(frame)):.{digits}f} s of "
            f"{float(clock.second_of(n)):.{digits}f} s   ·   {float(rate):.5g} fps"
            + ("" if clock.is_even else " on average")
        )

    def _show_speed(self, speed: float) -> None:
        self._speed.setText(speed_text(speed, float(self._playhead.frame_rate)))

    def _show_playing(self, playing: bool) -> None:
        self._draw_icons()

    def _show_steps(self, label: str) -> None:
        is_end = self._session.undo_bound is Bound.END
        undo = "" if is_end else self._session.undo_label
        for name, text in (("undo", undo), ("redo", self._session.redo_label)):
            self._buttons[name].setEnabled(bool(text))
            action = _BY_NAME[name]
            key = self._keys.get(name, " ".join(action.keys))
            self._buttons[name].setToolTip(f"{action.label} {text}  ({key})")
        self.show_saved()


def speed_text(speed: float, frame_rate: float) -> str:
    """Write a speed: ``"1×"``, ``"1/4×"``, ``"1 frame/s"``, ``"−2×"`` backwards."""
    sign, size = ("−" if speed < 0 else ""), abs(speed)
    if size and abs(size * frame_rate - 1) < 1e-6 and size < 0.1:
        return f"{sign}1 frame/s"
    if 0 < size < 1:
        return f"{sign}1/{round(1 / size)}×"
    return f"{sign}{size:g}×"
