"""Where a session lies on the disk, and who has it.

The files lie beside the video, as ``clip.mp4.mespot`` and ``clip.mp4.mespot.journal``; where its
folder cannot be written to, or belongs to the program, in the user's data folder. A second window
on the same video works on files of its own (``clip.mp4.2.mespot``).
"""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from napari_mespot.errors import FrameReadError, OutputError
from napari_mespot.gui.session_file import SESSION_SUFFIX

__all__ = ["SessionPlace", "journal_of", "locked_place", "session_path"]

_MOST_WINDOWS = 20
_PROGRAM = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class SessionPlace:
    """The files of one session, locked for this window.

    Parameters
    ----------
    session
        The session file.
    lock
        Held as long as the window has the session.
    first
        The session file of the first window on the same video; None for that window itself.
    """

    session: Path
    lock: FileLock
    first: Path | None = None

    @property
    def journal(self) -> Path:
        """The journal."""
        return journal_of(self.session)

    def unlock(self) -> None:
        """Let others have the session."""
        with suppress(OSError):
            Path(self.lock.lock_file).unlink()
        self.lock.release()


def session_path(video: Path) -> Path:
    """Return where the session file of a video lies, or would lie."""
    video = video.absolute()
    folder = video.parent
    if not os.access(folder, os.W_OK) or _is_of_program(folder.resolve()):
        from platformdirs import user_data_path

        drive = folder.drive.replace(":", "").strip("\\/")
        inner = Path(drive, *folder.parts[1:])
        folder = user_data_path("napari-mespot") / "sessions" / inner
    return folder / f"{video.name}{SESSION_SUFFIX}"


def _is_of_program(folder: Path) -> bool:
    """Whether a folder belongs to the program, as that of the sample videos: nobody works there."""
    from napari_mespot.frames.synthetic.sample import sample_path

    if folder.is_relative_to(_PROGRAM):
        return True
    try:
        return folder == sample_path().resolve().parent
    except (FrameReadError, OSError):  # a program without its samples
        return False


def journal_of(session: Path) -> Path:
    """Return where the journal of a session file lies."""
    return session.with_name(f"{session.name}.journal")


def locked_place(wanted: Path) -> SessionPlace:
    """Lock the session, or else the first free one beside it.

    Raises
    ------
    OutputError
        If the system allows no lock there.
    """
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
        return SessionPlace(own, lock, None if window == 1 else wanted)
    raise OutputError(
        f"{wanted}: expected fewer than {_MOST_WINDOWS} windows on this video; close some"
    )
