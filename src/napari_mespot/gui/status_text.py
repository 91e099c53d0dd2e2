"""What is going on at the current frame, printed over the picture."""

from typing import TYPE_CHECKING

from napari_mespot.gui.playhead import Playhead
from napari_mespot.gui.review import Review
from napari_mespot.gui.session import Session

if TYPE_CHECKING:
    from napari.viewer import Viewer

__all__ = ["StatusText", "text_at"]


class StatusText:
    """Prints the intervals at the current frame into a corner of napari's canvas."""

    def __init__(self, viewer: "Viewer", session: Session, playhead: Playhead) -> None:
        self._overlay = viewer.canvas.overlays.text
        self._session, self._playhead = session, playhead
        playhead.moved.connect(self._show)
        session.changed.connect(self._session_changed)
        self._overlay.position = "top_left"
        self._overlay.visible = True
        self._show(playhead.frame)

    def close(self) -> None:
        """Take the text away."""
        self._playhead.moved.disconnect(self._show)
        self._session.changed.disconnect(self._session_changed)
        self._overlay.visible = False
        self._overlay.text = ""

    def _session_changed(self, old: Review, new: Review) -> None:
        self._show(self._playhead.frame)

    def _show(self, frame: int) -> None:
        text = text_at(self._session.shown, frame)
        if text != self._overlay.text:
            self._overlay.text = text


def text_at(review: Review, frame: int) -> str:
    """Return a line for each interval at a frame; empty if there is none.

    Examples
    --------
    ``"ME 120–131  predicted  apex"``
    """
    lines = []
    for item in review.at(frame):
        marks = [
            name
            for name, at in (
                ("onset", item.onset),
                ("apex", item.expression.apex),
                ("offset", item.offset),
            )
            if at == frame
        ]
        parts = [
            f"{item.kind.value} {item.onset}–{item.offset}",
            item.status.value,
            item.expression.action_units,
            " ".join(marks),
        ]
        # napari makes the ground behind the text a little too narrow.
        lines.append("  ".join(filter(None, parts)) + "   ")
    return "\n".join(lines)
