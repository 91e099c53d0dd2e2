"""Opens and saves sessions: their file, their journal and their backups.

What a crash left in the journal is there again when the video is opened. A second window on the
same video is told so and works on files of its own, so that neither loses anything; it may look
at the work of the first, or go on from a copy of it.
"""

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from napari_mespot.errors import AnnotationFormatError, OutputError
from napari_mespot.gui.journal import Journal, read_journal
from napari_mespot.gui.notice_line import NoticeLine
from napari_mespot.gui.review import Review
from napari_mespot.gui.session import Session
from napari_mespot.gui.session_file import (
    SESSION_SUFFIX,
    SavedSession,
    read_session,
    write_session,
)
from napari_mespot.gui.session_place import SessionPlace, journal_of, locked_place, session_path
from napari_mespot.gui.taking_up import journal_for, notices_of, taken_up

if TYPE_CHECKING:
    from napari_mespot.frames import FrameSource

__all__ = ["SessionStore", "open_session", "saved_session_of", "session_path", "work_so_far"]


class SessionStore:
    """Saves one session.

    Parameters
    ----------
    session
        What to save.
    video
        The video.
    """

    def __init__(
        self, session: Session, video: Path, place: SessionPlace, journal: Journal
    ) -> None:
        self.session = session
        self._video = video
        self._place = place
        self._journal = journal
        self._saved: Review | None = session.review
        self._closed = False
        self.is_read_only = False

    @property
    def path(self) -> Path:
        """The session file."""
        return self._place.session

    @property
    def first(self) -> Path | None:
        """The session file of the first window on this video; None if this is that window."""
        return self._place.first

    @property
    def is_saved(self) -> bool:
        """Whether the session file holds all there is."""
        return self._saved is self.session.review

    def forget_saved(self) -> None:
        """Take it that the session file does not hold all there is."""
        self._saved = None

    def save(self) -> None:
        """Write the session file; the journal then starts anew.

        Raises
        ------
        OutputError
            If it cannot be written, or this window only looks; file and journal then stay as
            they were.
        """
        if self.is_read_only:
            raise OutputError(f"{self.path}: expected a window that edits, got one that looks only")
        session = self.session
        write_session(
            self.path,
            SavedSession(session.review, self._video, self._journal.number, session.coder),
        )
        self._journal.restart(session.review)
        self._saved = session.review

    def look_only(self, review: Review) -> None:
        """Show a review and let nothing be changed from now on; nothing is written any more.

        What this window has written of its own before stays on the disk.
        """
        self.is_read_only = self._closed = True
        session = self.session
        has_own = self._journal.number > 0
        self._journal.close()
        session.write_to(None)
        session.commit(review, "look at the other window's work")
        session.hold(
            "This window only looks: nothing can be changed here; close it, and open the video "
            "again to edit"
        )
        if not has_own:
            with suppress(OSError):
                self._place.journal.unlink()  # it holds nothing
        self._place.unlock()

    def abandon(self) -> None:
        """Let others have the session without saving it; the journal keeps every edit."""
        self._closed = True
        self._journal.close()
        self._place.unlock()

    def close(self) -> None:
        """Save what is not saved, and let others have the session.

        Raises
        ------
        OutputError
            If it cannot be saved; the journal still holds every edit.
        """
        if self._closed:
            return
        self._closed = True
        try:
            if not self.is_saved:
                self.save()
            self._journal.close()
            with suppress(OSError):
                self._place.journal.unlink()  # the session file holds all of it
        finally:
            self._journal.close()
            self._place.unlock()


def saved_session_of(video: Path) -> SavedSession | None:
    """Return the saved session of a video; None if there is none that can be read."""
    path = session_path(video)
    try:
        return read_session(path) if path.is_file() else None
    except AnnotationFormatError:
        return None


def open_session(
    source: "FrameSource", fresh: Review, *, path: Path | None = None
) -> tuple[Session, SessionStore, tuple[str, ...]]:
    """Open the session of a video: as it was saved, with all edits since, or a fresh one.

    Parameters
    ----------
    source
        The video.
    fresh
        Where to begin if there is no session yet.
    path
        The session file; by default the one of the video.

    Returns
    -------
    session, store, notices
        Notices are lines for the user: work taken up again after a crash, a second window, a
        damaged journal.

    Raises
    ------
    AnnotationFormatError
        If the session file is damaged, or belongs to a video of another length.
    OutputError
        If the journal cannot be written.
    """
    wanted = path or session_path(source.path)
    place = locked_place(wanted)
    try:
        saved = read_session(place.session) if place.session.is_file() else None
        content = read_journal(place.journal)
        for review in (saved and saved.review, content and content.base):
            _check_length(place.session, review or fresh, source)
        taken = taken_up(saved, content, fresh)
        journal, aside = journal_for(place.journal, taken, content)
    except BaseException:
        place.unlock()
        raise
    taken.session.write_to(journal)
    store = SessionStore(taken.session, source.path, place, journal)
    if taken.restored:
        store.forget_saved()
    notices = notices_of(taken, place.journal, aside)
    return taken.session, store, (*_second_window(place), *notices)


def work_so_far(session_file: Path, fresh: Review) -> Review:
    """Return the work of a session that another window may be busy with.

    Nothing is locked and nothing written; a step that the other window makes meanwhile may be
    missing.

    Raises
    ------
    AnnotationFormatError
        If the session cannot be read.
    """
    # The journal first: if the other window saves in between, the file has all of it.
    content = read_journal(journal_of(session_file))
    saved = read_session(session_file) if session_file.is_file() else None
    return taken_up(saved, content, fresh).session.review


def _second_window(place: SessionPlace) -> tuple[NoticeLine, ...]:
    if place.first is None:
        return ()
    video = place.first.name.removesuffix(SESSION_SUFFIX)
    own = "an earlier state of its own" if place.session.is_file() else "nothing of that work"
    text = (
        f"{video} is open in another window. This one begins with {own}; what you do here goes "
        f"into a file of its own, {place.session.name}"
    )
    return (NoticeLine(text, "warning", is_of_other_window=True),)


def _check_length(path: Path, review: Review, source: "FrameSource") -> None:
    if review.n_frames != source.n_frames:
        raise AnnotationFormatError(
            f"{path}: expected the session of a video with {source.n_frames} frames, got one with "
            f"{review.n_frames}; the video has changed: move the session file away to start anew"
        )
