"""Files that are being written: their names, and the removal of those whose writer is gone.

A file is written under a hidden name of its own in the folder of its target and renamed once
it is whole. A killed writer leaves such a part behind. Its name tells by which process on
which machine it was written, so that whoever writes into the folder later can take it away
without harm to a writer at work.
"""

import hashlib
import os
import platform
import re
import secrets
import stat
import sys
import time
from contextlib import suppress
from functools import cache
from pathlib import Path

__all__ = ["part_path", "sweep_parts"]

_NAME = re.compile(
    r"\..+\.((?P<place>[0-9a-f]{8})-(?P<pid>\d{1,10})-)?[0-9a-f]{12}\.part", re.DOTALL | re.ASCII
)
#: Parts of writers that cannot be asked after are left alone for a day after the last write.
_UNKNOWN_STALE_S = 24 * 3600.0
_SHOWN_CHARACTERS = 40


def part_path(target: Path) -> Path:
    """Return a new name beside `target` to write its content to before it is renamed."""
    name = target.name[:_SHOWN_CHARACTERS]
    token = secrets.token_hex(6)
    return target.with_name(f".{name}.{_place()}-{os.getpid()}-{token}.part")


def sweep_parts(folder: Path) -> None:
    """Remove the parts in a folder that this user's killed processes have left there."""
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(".part") and (match := _NAME.fullmatch(entry.name)):
                with suppress(OSError):
                    if _is_left_behind(entry, match["place"], int(match["pid"] or 0)):
                        os.unlink(entry.path)


def _is_left_behind(entry: os.DirEntry[str], place: str | None, pid: int) -> bool:
    state = entry.stat(follow_symlinks=False)
    mine = not hasattr(os, "geteuid") or state.st_uid == os.geteuid()
    if not mine or not stat.S_ISREG(state.st_mode):
        return False
    if place == _place() and sys.platform != "win32":
        return not _is_running(pid)
    return time.time() - state.st_mtime > _UNKNOWN_STALE_S


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:  # a process of somebody else
        return True
    return True


@cache
def _place() -> str:
    """Digest of where process numbers count: this machine, or this container on it."""
    namespace = 0
    with suppress(OSError):
        namespace = os.stat("/proc/self/ns/pid").st_ino
    return hashlib.sha256(f"{platform.node()} {namespace}".encode()).hexdigest()[:8]
