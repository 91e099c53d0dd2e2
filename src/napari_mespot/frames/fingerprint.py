"""Digests by which caches know a video or folder again."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

__all__ = ["file_fingerprint", "folder_fingerprint"]

_SAMPLE = 1 << 16


def file_fingerprint(path: Path) -> str:
    """Hex digest of a file's size, modification time and its first, middle and last bytes."""
    state = path.stat()
    digest = hashlib.sha256(f"{state.st_size} {state.st_mtime_ns}".encode())
    with path.open("rb") as file:
        for start in (0, state.st_size // 2, max(0, state.st_size - _SAMPLE)):
            file.seek(start)
            digest.update(file.read(_SAMPLE))
    return digest.hexdigest()


def folder_fingerprint(files: Iterable[Path]) -> str:
    """Hex digest of the names, sizes and modification times of `files`, in order."""
    digest = hashlib.sha256()
    for file in files:
        state = file.stat()
        digest.update(f"{file.name}\0{state.st_size}\0{state.st_mtime_ns}\n".encode())
    return digest.hexdigest()
