"""What a second window on a video offers: to go on from a copy of the work so far, or to look."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from napari_mespot.errors import MespotError
from napari_mespot.gui.notice_bar import Offer
from napari_mespot.gui.notice_line import NoticeLine
from napari_mespot.gui.review import Review
from napari_mespot.gui.session import Session
from napari_mespot.gui.store import SessionStore, work_so_far

__all__ = ["OtherWindow"]


class OtherWindow:
    """The work of the first window, as seen from a second one.

    Parameters
    ----------
    session, store
        Those of the second window.
    tell
        Called with a line for the user.
    changed
        Called once the second window shows that work.
    """

    def __init__(
        self,
        session: Session,
        store: SessionStore,
        tell: Callable[[str], object],
        changed: Callable[[], object],
    ) -> None:
        self._session, self._store = session, store
        self._tell, self._changed = tell, changed

    @property
    def offers(self) -> tuple[Offer, ...]:
        """Buttons for the notice that there is another window; none in the first window."""
        if self._store.first is None:
            return ()
        return (
            Offer(
                "Copy the work so far",
                f"Go on from what the other window has now, in {self._store.path.name}; undo takes "
                "it back",
                self.copy,
            ),
            Offer("Only look", "Show what the other window has now; change nothing", self.look),
        )

    def copy(self) -> None:
        """Go on from the work of the first window, as one step that can be taken back."""
        work = self._work()
        if work is not None:
            self._session.commit(work, "copy the other window's work")
            self._changed()

    def look(self) -> None:
        """Show the work of the first window and let nothing be changed."""
        work = self._work()
        if work is not None:
            self._store.look_only(work)
            self._changed()
            self._tell(NoticeLine("This window only looks: nothing in it can be changed"))

    def _work(self) -> Review | None:
        first, review = self._store.first, self._session.review
        if first is None:
            return None
        try:
            return _work_of(first, review)
        except MespotError as error:
            self._tell(NoticeLine(str(error), "error"))
            return None


def _work_of(first: Path, review: Review) -> Review:
    """Return the work in a session file and its journal, at the rate of this window."""
    fresh = replace(review, items=(), reviewed=(), scores=None, checkpoint="")
    return work_so_far(first, fresh)
