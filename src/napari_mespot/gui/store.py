"""Where a session lies on the disk: its file, its journal, its backups and its lock.

The files lie beside the video, as ``clip.mp4.mespot`` and ``clip.mp4.mespot.journal``; where
the folder of the video cannot be written to, in the user's data folder. What a crash left in
the journal is there again when the video is opened. A second window on the same video is told
so and works on files of its own (``clip.mp4.2.mespot``), so that neither loses anything.
"""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from napari_mespot.errors import AnnotationFormatError, OutputError
from napari_mespot.gui.documents import ScoresOf
from napari_mespot.gui.journal import Journal, JournalContent, read_journal
from napari_mespot.gui.keeping import put_aside
from napari_mespot.gui.notice_line import NoticeLine
from napari_mespot.gui.review import Review
from napari_mespot.gui.session import Session
from napari_mespot.gui.session_file import (
    SESSION_SUFFIX,
    SavedSession,
    read_session,
    write_session,
)
from napari_mespot.io.packed_scores import scores_digest
from napari_mespot.model import ScoreSignal

if TYPE_CHECKING:
    from napari_mespot.frames import FrameSource

__all__ = ["SessionStore", "open_session", "saved_session_of", "session_path"]

_MOST_WINDOWS = 20


@dataclass(frozen=True, slots=True)
class _Place:
    """The files of one session, locked for this window."""

    session: Path
    lock: FileLock

    @property
    def journal(self) -> Path:
        return self.session.with_name(f"{self.session.name}.journal")

    def unlock(self) -> None:
        with suppress(OSError):
            Path(self.lock.lock_file).unlink()
        self.lock.release()


class SessionStore:
    """Saves one session.

    Parameters
    ----------
    session
        What to save.
    video
        The video.
    """

    def __init__(self, session: Session, video: Path, place: _Place, journal: Journal) -> None:
        self.session = session
        self._video = video
        self._place = place
        self._journal = journal
        self._saved: Review | None = session.review
        self._closed = False

    @property
    def path(self) -> Path:
        """The session file."""
        return self._place.session

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
            If it cannot be written; file and journal then stay as they were.
        """
        session = self.session
        write_session(
            self.path,
            SavedSession(session.review, self._video, self._journal.number, session.coder),
        )
        self._journal.restart(session.review)
        self._saved = session.review

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


def session_path(video: Path) -> Path:
    """Return where the session file of a video lies, or would lie."""
    video = video.absolute()
    folder = video.parent
    if not os.access(folder, os.W_OK):
        from platformdirs import user_data_path

        folder = user_data_path("napari-mespot") / "sessions" / folder.as_posix().strip("/")
    return folder / f"{video.name}{SESSION_SUFFIX}"


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
    place, notices = _locked_place(wanted)
    try:
        saved = read_session(place.session) if place.session.is_file() else None
        content = read_journal(place.journal)
        for review in (saved and saved.review, content and content.base):
            _check_length(place.session, review or fresh, source)
        taken = _taken_up(saved, content, fresh)
        journal, aside = _journal_for(place.journal, taken, content)
    except BaseException:
        place.unlock()
        raise
    taken.session.write_to(journal)
    store = SessionStore(taken.session, source.path, place, journal)
    if taken.session.review.scores is None and taken.session.checkpoint:
        notices = (*notices, _no_scores_text(taken.session.checkpoint, place.journal))
    if taken.restored:
        store.forget_saved()
        notices = (*notices, _restored_text(taken.restored, source.video_id))
    if taken.damage:
        notices = (*notices, _damaged_text(taken, place.journal, aside))
    return taken.session, store, notices


@dataclass(frozen=True, slots=True)
class _TakenUp:
    """The session as it was last.

    Parameters
    ----------
    session
        The work.
    restored
        How many steps were not in the session file.
    number
        Number of the last step.
    damage
        What is wrong with the journal; empty if nothing.
    lost
        How many steps of the damaged journal could not be taken up.
    is_whole
        Whether all that the damaged journal held is known to be here nonetheless.
    """

    session: Session
    restored: int
    number: int
    damage: str = ""
    lost: int = 0
    is_whole: bool = True


def _taken_up(
    saved: SavedSession | None, content: JournalContent | None, fresh: Review
) -> _TakenUp:
    """Return the session as it was last, by its file and its journal."""
    number = saved.number if saved else 0
    review, start = (saved.review if saved else fresh), number
    known = _known_scores(saved, content)
    # Ahead of the file, e.g. because somebody put a backup in its place.
    if content is not None and content.base and (content.number > number or saved is None):
        scores = content.base_scores or ScoresOf.of(review)
        review, start = scores.put_into(content.base, known), content.number
    session = Session(review.on_clock(fresh.clock), coder=saved.coder if saved else "")
    if content is None:
        return _TakenUp(session, 0, number)
    steps, damage = content.since(start), content.damage
    if steps and steps[0].number != start + 1:
        steps = ()  # only where the first line is damaged: what came before is missing
    reached = max(start, number)
    for step in steps:
        try:
            changed = step.change.apply(session.review, known)
        except ValueError as error:
            damage = f"step {step.number} does not fit: {error}"
            break
        session.commit(changed, step.label)
        reached = step.number
    restored = max(reached - number, 0)
    if not damage:
        return _TakenUp(session, restored, reached)
    is_placed = content.base is not None or bool(content.entries)
    held = max(start - content.number, 0) if is_placed else 0  # steps in the session file
    lost = max(content.n_steps - held - (reached - start), 0)
    return _TakenUp(session, restored, reached, damage, lost, is_placed and not lost)


def _journal_for(
    path: Path, taken: _TakenUp, content: JournalContent | None
) -> tuple[Journal, Path | None]:
    """Return the journal to write to, and where what was damaged in the old one lies now."""
    if content is not None and taken.restored and not taken.damage:
        return Journal.resume(path, content), None
    aside = None
    if taken.damage:
        try:
            aside = put_aside(path)
        except OSError as error:
            raise OutputError(
                f"{path}: expected to keep a copy of this damaged file beside it, got: "
                f"{error.strerror or error}; free space there, or move the file away"
            ) from error
    is_ahead = taken.restored > 0  # of the session file: its scores may not be those there
    journal = Journal.begin(path, taken.session.review, taken.number, with_scores=is_ahead)
    return journal, aside


def _restored_text(n: int, video_id: str) -> NoticeLine:
    return NoticeLine(
        f"{n} step{'s' * (n > 1)} that had not been saved when the last window on {video_id} "
        f"closed {'are' if n > 1 else 'is'} here again; undo steps back through them"
    )


def _no_scores_text(checkpoint: str, path: Path) -> NoticeLine:
    return NoticeLine(
        f"The scores of {checkpoint} are neither in the session file nor in {path.name}: run the "
        "spotting again to move thresholds",
        "warning",
    )


def _damaged_text(taken: _TakenUp, path: Path, aside: Path | None) -> NoticeLine:
    kept = f"it is kept as {aside.name if aside else path.name} in {path.parent}"
    if taken.is_whole:
        return NoticeLine(
            f"The journal of edits was damaged ({taken.damage}), but all that it held could be "
            f"taken up; {kept}",
            "warning",
        )
    steps = f"{taken.lost} step{'s' * (taken.lost > 1)}" if taken.lost else "Edits"
    return NoticeLine(
        f"{steps} in the journal of edits could not be taken up ({taken.damage}): look through "
        f"your last edits; {kept}",
        "error",
    )


def _known_scores(
    saved: SavedSession | None, content: JournalContent | None
) -> dict[str, ScoreSignal]:
    """Return the scores that session file and journal hold, by digest."""
    known = dict(content.scores) if content else {}
    if saved is not None and saved.review.scores is not None:
        known[scores_digest(saved.review.scores)] = saved.review.scores
    return known


def _locked_place(wanted: Path) -> tuple[_Place, tuple[str, ...]]:
    """Lock the session, or else the first free one beside it."""
    try:
        wanted.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"{wanted.parent}: expected a folder for the session, got: {error.strerror}; allow "
            "writing there"
        ) from error
    name = wanted.name.removesuffix(SESSION_SUFFIX)
    for window in range(1, _MOST_WINDOWS):
        own = wanted if window == 1 else wanted.with_name(f"{name}.{window}{SESSION_SUFFIX}")
        lock = FileLock(own.with_name(f".{own.name}.lock"), timeout=0, thread_local=False)
        try:
            lock.acquire()
        except Timeout:
            continue
        except OSError as error:
            raise OutputError(
                f"{own.parent}: expected to write the session there, got: {error.strerror}; "
                "allow writing there"
            ) from error
        if window == 1:
            return _Place(own, lock), ()
        line = NoticeLine(
            f"{name} is open in another window; what you do here goes into a file of its own, "
            f"{own.name}",
            "warning",
        )
        return _Place(own, lock), (line,)
    raise OutputError(
        f"{wanted}: expected fewer than {_MOST_WINDOWS} windows on this video; close some"
    )


def _check_length(path: Path, review: Review, source: "FrameSource") -> None:
    if review.n_frames != source.n_frames:
        raise AnnotationFormatError(
            f"{path}: expected the session of a video with {source.n_frames} frames, got one with "
            f"{review.n_frames}; the video has changed: move the session file away to start anew"
        )
