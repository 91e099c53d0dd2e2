"""The timeline's small buttons and menus."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, Qt
from qtpy.QtGui import QAction
from qtpy.QtWidgets import QMenu, QToolButton

from napari_mespot.gui.actions import ReviewActions
from napari_mespot.gui.timeline.colours import TimelineColours
from napari_mespot.model import ExpressionKind, ReviewStatus

if TYPE_CHECKING:
    from napari_mespot.gui.timeline.widget import TimelineWidget

__all__ = ["Corner", "interval_menu"]

_ZOOM = 1.6


class Corner(QObject):
    """Zoom buttons and a menu in the timeline's upper left corner."""

    def __init__(self, timeline: "TimelineWidget", actions: ReviewActions) -> None:
        super().__init__(timeline)
        self._timeline, self._actions = timeline, actions
        self._buttons = [
            self._button("☰", "tracks, import, export", self._open_menu),
            self._button("⤢", "see the whole video", lambda: timeline.fit(None)),
            self._button("−", "see more of the video", lambda: timeline.zoom(_ZOOM)),
            self._button("+", "see it closer", lambda: timeline.zoom(1 / _ZOOM)),
        ]
        self.set_colours(TimelineColours())
        self.place()

    def place(self) -> None:
        """Put the buttons beside overview and ruler."""
        size, gap = 24, 2
        for number, button in enumerate(self._buttons):
            row, column = divmod(number, 2)
            button.setGeometry(3 + column * (size + gap), 2 + row * (size + gap), size, size)

    def set_colours(self, colours: TimelineColours) -> None:
        """Dress the buttons in other colours."""
        style = (
            f"QToolButton {{ color: {colours.text}; background: {colours.background}; "
            f"border: 1px solid {colours.line}; border-radius: 3px; padding: 0; "
            "font-size: 13px; } "
            f"QToolButton:hover {{ background: {colours.line}; }}"
        )
        for button in self._buttons:
            button.setStyleSheet(style)

    def menu(self) -> QMenu:
        """Return the menu of the timeline."""
        timeline = self._timeline
        menu, tracks = QMenu(timeline), QMenu("Tracks", timeline)
        menu.addMenu(tracks)
        for name, shown in timeline.tracks.items():
            entry = _added(tracks, name)
            entry.setCheckable(True)
            entry.setChecked(shown)
            entry.toggled.connect(partial(timeline.show_track, name))
        _added(menu, "Show action units of OpenFace …").triggered.connect(
            timeline.tracks_asked.emit
        )
        menu.addSeparator()
        _added(menu, "Open labels or predictions …").triggered.connect(timeline.import_asked.emit)
        _added(menu, "Export intervals …").triggered.connect(timeline.export_asked.emit)
        menu.addSeparator()
        for text, run in (
            ("Reviewed up to the playhead", self._actions.mark_reviewed),
            ("The whole video is reviewed", self._actions.mark_all_reviewed),
            ("Nothing is reviewed", self._actions.mark_nothing_reviewed),
        ):
            _added(menu, text).triggered.connect(lambda _=False, run=run: run())
        menu.addSeparator()
        draw = _added(menu, "Draw with a plain drag")
        draw.setCheckable(True)
        draw.setChecked(timeline.draw_mode)
        draw.toggled.connect(lambda on: setattr(timeline, "draw_mode", on))
        return menu

    def _open_menu(self) -> None:
        button = self._buttons[0]
        menu = self.menu()
        menu.exec(button.mapToGlobal(button.rect().bottomLeft()))
        menu.deleteLater()

    def _button(self, text: str, tip: str, slot: Callable[[], object]) -> QToolButton:
        button = QToolButton(self._timeline)
        button.setText(text)
        button.setToolTip(tip)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.setCursor(Qt.CursorShape.ArrowCursor)
        button.clicked.connect(slot)
        return button


def _added(menu: QMenu, text: str) -> QAction:
    """Return a new entry of a menu."""
    action = QAction(text, menu)
    menu.addAction(action)
    return action


def interval_menu(timeline: "TimelineWidget", actions: ReviewActions) -> QMenu:
    """Return what can be done with the selected interval."""
    menu = QMenu(timeline)
    entries = (
        ("Accept", lambda: actions.set_status(ReviewStatus.ACCEPTED)),
        ("Reject", lambda: actions.set_status(ReviewStatus.REJECTED)),
        ("Uncertain", lambda: actions.set_status(ReviewStatus.UNCERTAIN)),
        None,
        ("Make it ME", lambda: actions.set_kind(ExpressionKind.MICRO)),
        ("Make it MaE", lambda: actions.set_kind(ExpressionKind.MACRO)),
        None,
        ("Split at the playhead", actions.split_here),
        ("Merge with the next", actions.merge_with_next),
        ("Remove", actions.remove),
        None,
        ("Zoom to it", actions.fit_selected),
        ("Loop it", actions.loop),
    )
    for entry in entries:
        if entry is None:
            menu.addSeparator()
        else:
            _added(menu, entry[0]).triggered.connect(lambda _=False, run=entry[1]: run())
    return menu
