"""The content of a file that somebody has named: of a file, and not of anything else."""

import errno
import os
import stat
from pathlib import Path

__all__ = ["file_bytes"]

#: Annotations of the longest videos are far below; what is larger is no such file.
_LARGEST = 2**31


def file_bytes(path: str | Path) -> bytes:
    """Return the content of a regular file.

    A pipe would be waited for, and a device has no end.

    Raises
    ------
    OSError
        If it cannot be read, is no regular file, or is larger than 2 GiB.
    """
    with open(path, "rb", opener=_without_waiting) as file:
        state = os.fstat(file.fileno())
        if not stat.S_ISREG(state.st_mode):
            raise OSError(errno.EINVAL, "a pipe or a device in place of a file", str(path))
        if state.st_size > _LARGEST:
            raise OSError(errno.EFBIG, "a file of more than 2 GiB", str(path))
        return file.read()


def _without_waiting(path: str, flags: int) -> int:
    """Open a pipe that nobody writes to, too."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
