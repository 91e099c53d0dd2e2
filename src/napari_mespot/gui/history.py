"""Undo and redo as stacks of values."""

from enum import Enum, auto

from napari_mespot.gui.review import Review

__all__ = ["OPENED", "Bound", "History"]

OPENED = "open "
"""How the label of a step begins that took intervals or scores from a file."""


class Bound(Enum):
    """How easily the next undo may be done."""

    FREE = auto()
    """An edit."""
    PAUSE = auto()
    """A whole run or file: a key that is held stops before it, a press of its own takes it back."""
    END = auto()
    """Nothing is left to undo, or only the first spotting, without which nothing is left."""


class History:
    """The values before and after the present one, each with the label of the step between."""

    def __init__(self) -> None:
        self._past: list[tuple[str, Review]] = []
        self._future: list[tuple[str, Review]] = []

    @property
    def undo_label(self) -> str:
        """What the next undo takes back; empty if there is nothing."""
        return self._past[-1][0] if self._past else ""

    @property
    def redo_label(self) -> str:
        """What the next redo does again; empty if there is nothing."""
        return self._future[-1][0] if self._future else ""

    def bound(self, present: Review) -> Bound:
        """Return how easily the next undo may be done."""
        if not self._past:
            return Bound.END
        label, before = self._past[-1]
        if before.scores is None and present.scores is not None:
            return Bound.END
        is_whole = before.scores is not present.scores or label.startswith(OPENED)
        return Bound.PAUSE if is_whole else Bound.FREE

    def push(self, before: Review, label: str) -> None:
        """Remember the value before a step; what was undone is forgotten."""
        self._past.append((label, before))
        self._future.clear()

    def undo(self, present: Review) -> Review | None:
        """Step back from `present`; None if there is nothing to undo."""
        return _step(self._past, self._future, present)

    def redo(self, present: Review) -> Review | None:
        """Step forward from `present`; None if there is nothing to redo."""
        return _step(self._future, self._past, present)

    def forget(self) -> None:
        """Begin at the present value."""
        self._past.clear()
        self._future.clear()


def _step(
    source: list[tuple[str, Review]], target: list[tuple[str, Review]], present: Review
) -> Review | None:
    if not source:
        return None
    label, value = source.pop()
    target.append((label, present))
    return value
