"""The buttons of the review dock, in rows: decide, kind, edges, nudge, cut, go."""

from collections.abc import Callable, Mapping

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from napari_mespot.gui.action_table import ACTIONS
from napari_mespot.gui.actions import ReviewActions
from napari_mespot.gui.key_button import KeyButton
from napari_mespot.gui.review import Item
from napari_mespot.gui.typing_field import caption

__all__ = ["ReviewButtons"]

_BY_NAME = {action.name: action for action in ACTIONS}
# Caption of a row, then name and label of each button. Nudges have no key of their own.
_ROWS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    ("Decide", (("accept", "Accept"), ("reject", "Reject"), ("uncertain", "Uncertain"))),
    ("Kind", (("me", "ME"), ("mae", "MaE"), ("none", "Neither"))),
    ("Here", (("onset", "Onset"), ("apex", "Apex"), ("offset", "Offset"))),
    (
        "Nudge",
        (
            ("onset_back", "Onset −"),
            ("onset_on", "Onset +"),
            ("offset_back", "Offset −"),
            ("offset_on", "Offset +"),
        ),
    ),
    ("Cut", (("split", "Split"), ("merge", "Merge"), ("new", "New"))),
    ("Go", (("previous", "Prev"), ("next", "Next"), ("loop", "Loop"), ("flicker", "Flicker"))),
)
_NUDGES: dict[str, tuple[int, int, str]] = {
    "onset_back": (-1, 0, "onset one frame earlier"),
    "onset_on": (1, 0, "onset one frame later"),
    "offset_back": (0, -1, "offset one frame earlier"),
    "offset_on": (0, 1, "offset one frame later"),
}
_WITHOUT_SELECTION = frozenset({"new", "previous", "next"})


class ReviewButtons(QWidget):
    """Buttons for everything that is done to the selected interval.

    Parameters
    ----------
    actions
        What they call.
    """

    about_to_run = Signal()
    """A button was pressed; what is being typed should be kept before it acts."""

    def __init__(self, actions: ReviewActions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._actions = actions
        self._buttons: dict[str, KeyButton] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(4)
        grid.setVerticalSpacing(4)
        for number, (word, entries) in enumerate(_ROWS):
            grid.addWidget(caption(word), number, 0, Qt.AlignmentFlag.AlignVCenter)
            row = QHBoxLayout()
            row.setSpacing(4)
            for name, text in entries:
                self._buttons[name] = button = self._button(name, text)
                row.addWidget(button, 1)
            grid.addLayout(row, number, 1)
        grid.setColumnStretch(1, 1)
        self.show_keys({})

    def button(self, name: str) -> KeyButton:
        """Return the button of an action, by its name, or of a nudge."""
        return self._buttons[name]

    def show_keys(self, keys: Mapping[str, str]) -> None:
        """Show the keys: name of an action → its key, by default the default ones."""
        for name, button in self._buttons.items():
            action = _BY_NAME.get(name)
            if action is not None:
                button.show_key(keys.get(name, " ".join(action.keys)))

    def follow(self, item: Item | None, frame: int) -> None:
        """Enable what makes sense for the selected item at a frame."""
        for name, button in self._buttons.items():
            button.setEnabled(item is not None or name in _WITHOUT_SELECTION)
        if item is not None:
            self._buttons["split"].setEnabled(item.onset < frame <= item.offset)

    def _button(self, name: str, label: str) -> KeyButton:
        if name in _NUDGES:
            onset, offset, tip = _NUDGES[name]
            button = KeyButton(label, tip)
            button.setAutoRepeat(True)
            run: Callable[[], None] = lambda: self._actions.nudge(onset, offset)  # noqa: E731
        else:
            action = _BY_NAME[name]
            button = KeyButton(label, action.label)
            # A click cannot be held like a key: it makes a short interval at once.
            run = self._actions.new_here if name == "new" else lambda: action.run(self._actions)
        button.setObjectName(f"mespot-review-{name}")
        button.clicked.connect(lambda: self._run(run))
        return button

    def _run(self, run: Callable[[], None]) -> None:
        self.about_to_run.emit()
        run()
