"""Where everything kept between runs lies: folders that only their user can look into."""

import errno
import os
import stat
import tempfile
from pathlib import Path

import platformdirs

__all__ = ["cache_root", "clear_cache", "private_folder"]

#: What can be made again from the videos, by folder; other files are somebody's.
_CONTENT = {"faces": (".faces", ".part"), "index": (".npz", ".part")}


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


def clear_cache(root: Path) -> int:
    """Remove indexes and aligned faces, which the next run makes anew.

    Parameters
    ----------
    root
        The cache.

    Returns
    -------
    int
        Bytes that are free now.

    Raises
    ------
    OSError
        A file cannot be removed.
    """
    freed = 0
    for name, suffixes in _CONTENT.items():
        folder = root / name
        for path in folder.iterdir() if folder.is_dir() else ():
            if path.suffix in suffixes and path.is_file():
                size = path.stat().st_size
                path.unlink()
                freed += size
    return freed


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
