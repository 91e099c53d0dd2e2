"""A file that is watched while it is read.

FFmpeg takes a read error, and an end that comes too early, for the end of the video. Read
through :class:`WatchedFile` they are told apart from damage: what the disk refuses, and what
another program does to the file meanwhile, is an error and never part of a result.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from weakref import finalize

from napari_mespot.errors import FileReadError, FrameReadError
from napari_mespot.frames.fingerprint import sampled_digest

__all__ = ["FileIdentity", "WatchedFile", "changed", "failed", "file_identity", "reading"]


@dataclass(frozen=True, slots=True)
class FileIdentity:
    """What a file was when it was looked at.

    Parameters
    ----------
    size
        Bytes.
    mtime_ns
        Time of the last modification.
    inode
        Number of the file in its file system.
    fingerprint
        Hex digest of size, modification time and of the first, middle and last bytes.
    """

    size: int
    mtime_ns: int
    inode: int
    fingerprint: str

    def fits(self, file: FileIO) -> bool:
        """Whether an open file is this one. It is read only where another file took its place."""
        now = os.fstat(file.fileno())
        if (now.st_size, now.st_mtime_ns) != (self.size, self.mtime_ns):
            return False
        return now.st_ino == self.inode or sampled_digest(file) == self.fingerprint


class WatchedFile:
    """A file for FFmpeg to read from, which remembers what went wrong.

    Reading never raises: after an error or a change there is no more to read, and
    :meth:`check` tells why.

    Parameters
    ----------
    path
        A regular file that is not empty.
    expected
        What the file must be; None if it is opened for the first time.

    Raises
    ------
    FrameReadError
        There is no such file, it is no regular file or empty, or may not be read.
    FileReadError
        It cannot be read just now, or is not the one expected.
    """

    def __init__(self, path: Path, expected: FileIdentity | None = None) -> None:
        self._path = path
        # A name of our own: FFmpeg needs no more than its ending, and takes any other for text.
        suffix = path.suffix
        self.name = f"video{suffix}" if suffix.isascii() else "video"
        self._problem: FileReadError | None = None
        self._file = _opened(path)
        # A layer of the viewer keeps its video as long as it lives, and nobody closes that.
        finalize(self, self._file.close)
        try:
            self._begin(expected)
        except BaseException:
            self._file.close()
            raise

    def _begin(self, expected: FileIdentity | None) -> None:
        with reading(self._path):
            if expected is not None and not expected.fits(self._file):
                raise changed(self._path)
            self._state = os.fstat(self._file.fileno())
            self._file.seek(0)

    def read(self, n_bytes: int = -1) -> bytes:
        """Return the next bytes; none at the end and after a problem."""
        if self._problem is not None:
            return b""
        try:
            data = self._file.read(n_bytes) or b""
            if not data and self._file.tell() < self._state.st_size:
                self._problem = changed(self._path)
        except OSError as error:
            self._problem = failed(self._path, error)
            return b""
        return data

    def seek(self, offset: int, whence: int = 0) -> int:
        """Move to a place and return it."""
        try:
            return self._file.seek(offset, whence)
        except OSError as error:
            if offset >= 0:  # damaged files send FFmpeg to places before the first byte
                self._problem = self._problem or failed(self._path, error)
            return -1

    def tell(self) -> int:
        """Return the place of the next byte."""
        return self._file.tell()

    def check(self) -> None:
        """Raise what went wrong while reading, if anything did.

        Raises
        ------
        FileReadError
        """
        if self._problem is not None:
            raise self._problem

    def check_unchanged(self) -> None:
        """Raise what went wrong, a change of the open file since its opening included.

        Raises
        ------
        FileReadError
        """
        self.check()
        with reading(self._path):
            now = os.fstat(self._file.fileno())
        before = self._state
        if (now.st_size, now.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
            raise changed(self._path)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def file_identity(path: Path) -> FileIdentity:
    """Look at a file; errors as for :class:`WatchedFile`."""
    with _opened(path) as file, reading(path):
        state = os.fstat(file.fileno())
        digest = sampled_digest(file)
        return FileIdentity(state.st_size, state.st_mtime_ns, state.st_ino, digest)


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn an error of the disk inside the block into a :class:`FileReadError`."""
    try:
        yield
    except OSError as error:
        raise failed(path, error) from None


def failed(path: Path, error: OSError) -> FileReadError:
    """Return the error that says that disk or network failed, or that the file is gone."""
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return changed(path)
    return FileReadError(
        f"Expected to read {path}, got an error of the disk or network "
        f"({error.strerror or error}); nothing was kept: run again, or copy the file to a local "
        "disk first."
    )


def changed(path: Path) -> FileReadError:
    """Return the error that says that the file is not what it was."""
    return FileReadError(
        f"Expected {path} to stay as it was, but it changed while it was read (still written, "
        "cut, replaced or removed?); nothing was kept: run again once the file is complete."
    )


def _opened(path: Path) -> FileIO:
    """Open a regular file that holds something."""
    try:
        state = path.stat()
        _check_kind(path, state)
        return path.open("rb", buffering=0)
    except PermissionError:
        raise FrameReadError(
            f"Expected a readable video, but {path} may not be read; check its permissions."
        ) from None
    except (FileNotFoundError, NotADirectoryError):
        raise FrameReadError(
            f"Expected a video file or a folder of images, found nothing at {path}; check the path."
        ) from None
    except ValueError:
        raise FrameReadError(
            f"Expected a video file, but no file can have the name {str(path)!r}; check the path."
        ) from None
    except OSError as error:
        raise failed(path, error) from None


def _check_kind(path: Path, state: os.stat_result) -> None:
    if not stat.S_ISREG(state.st_mode):
        raise FrameReadError(
            f"Expected a video file, but {path} is a pipe or device; copy the video to a file."
        )
    if state.st_size == 0:
        raise FrameReadError(
            f"Expected a video, but {path} is empty (0 bytes); copy or export it again."
        )
