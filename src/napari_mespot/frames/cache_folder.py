"""Where everything kept between runs lies: folders that only their user can look into."""

import errno
import os
import stat
import tempfile
from pathlib import Path

import platformdirs

__all__ = ["cache_root", "private_folder"]


def cache_root() -> Path:
    """Folder for everything kept between runs: ``MESPOT_CACHE_DIR`` or the user's cache.

    For a user without a home it is a folder among the temporary files.
    """
    chosen = os.environ.get("MESPOT_CACHE_DIR")
    if chosen:
        return Path(chosen)
    try:
        folder = Path(platformdirs.user_cache_dir("napari-mespot", False))
    except (RuntimeError, KeyError, OSError):
        folder = Path("~")
    return _homeless() if folder.parts[0].startswith("~") else folder


def private_folder(root: Path, name: str) -> Path:
    """Make a folder in the cache that only this user can read, and return it.

    Parameters
    ----------
    root
        The cache.
    name
        Name of the folder in it.

    Raises
    ------
    OSError
        It cannot be made, or belongs to somebody else.
    """
    if root == _homeless():  # anybody may have made it before us
        _own(root)
    _own(root / name)
    return root / name


def _own(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not hasattr(os, "geteuid"):
        return
    state = folder.stat()
    if state.st_uid != os.geteuid():
        if os.geteuid() == 0:
            return
        raise PermissionError(errno.EACCES, "it belongs to another user", str(folder))
    if stat.S_IMODE(state.st_mode) & 0o077:
        folder.chmod(0o700)


def _homeless() -> Path:
    user = os.geteuid() if hasattr(os, "geteuid") else os.environ.get("USERNAME", "user")
    return Path(tempfile.gettempdir()) / f"napari-mespot-{user}"
