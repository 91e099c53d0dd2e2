"""The selected interval, and what else is going on at the current frame, over the picture."""

from typing import TYPE_CHECKING

from napari_mespot.gui.playhead import Playhead
from napari_mespot.gui.review import Item, Review
from napari_mespot.gui.session import Session

if TYPE_CHECKING:
    from napari.viewer import Viewer

__all__ = ["StatusText", "text_at"]

_PAD = " " * 7  # napari makes the ground behind the text a little too narrow


class StatusText:
    """Prints the intervals at the current frame into a corner of napari's canvas."""

    def __init__(self, viewer: "Viewer", session: Session, playhead: Playhead) -> None:
        self._overlay = viewer.canvas.overlays.text
        self._session, self._playhead = session, playhead
        playhead.moved.connect(self._show)
        session.changed.connect(self._session_changed)
        session.selection_changed.connect(self._selection_changed)
        self._overlay.position = "top_left"
        self._overlay.visible = True
        self._show(playhead.frame)

    def close(self) -> None:
        """Take the text away."""
        self._playhead.moved.disconnect(self._show)
        self._session.changed.disconnect(self._session_changed)
        self._session.selection_changed.disconnect(self._selection_changed)
        self._overlay.visible = False
        self._overlay.text = ""

    def _session_changed(self, old: Review, new: Review) -> None:
        self._show(self._playhead.frame)

    def _selection_changed(self, uid: str | None) -> None:
        self._show(self._playhead.frame)

    def _show(self, frame: int) -> None:
        text = text_at(self._session.shown, frame, self._session.selected_uid)
        if text != self._overlay.text:
            self._overlay.text = text


def text_at(review: Review, frame: int, selected: str | None = None) -> str:
    """Return a line for the selected interval and for each other one at a frame.

    The selected one is named as such wherever it lies, for it is what keys change.

    Examples
    --------
    ``"selected: ME 120–131  predicted  apex"``
    """
    chosen = review.by_uid.get(selected) if selected else None
    lines = []
    if chosen is not None:
        elsewhere = "" if frame in chosen.expression.interval else "not at this frame"
        lines.append(f"selected: {_line(chosen, frame, elsewhere)}")
    lines += [_line(item, frame) for item in review.at(frame) if item is not chosen]
    return "\n".join(f"{line}{_PAD}" for line in lines)


def _line(item: Item, frame: int, remark: str = "") -> str:
    e = item.expression
    marks = [
        n for n, at in (("onset", e.onset), ("apex", e.apex), ("offset", e.offset)) if at == frame
    ]
    parts = (item.name, item.status.value, e.action_units, " ".join(marks), remark)
    return "  ".join(filter(None, parts))
