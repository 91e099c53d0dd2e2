"""Digests by which caches know a video or folder again."""

import hashlib
import os
from collections.abc import Iterable
from io import FileIO
from pathlib import Path

__all__ = ["content_digest", "file_fingerprint", "folder_fingerprint", "sampled_digest"]

_SAMPLE = 1 << 16


def file_fingerprint(path: Path) -> str:
    """Hex digest of a file's size, modification time and its first, middle and last bytes."""
    with path.open("rb", buffering=0) as file:
        return sampled_digest(file)


def content_digest(path: Path) -> str:
    """Hex digest by which a video is known again wherever it lies, and whenever it was copied.

    Of a file: its size and its first, middle and last bytes. Of a folder: the names and sizes of
    its files.
    """
    if path.is_dir():
        files = sorted(entry for entry in path.iterdir() if entry.is_file())
        sizes = [(os.fsencode(entry.name), entry.stat().st_size) for entry in files]
        return hashlib.sha256(repr(sizes).encode()).hexdigest()
    with path.open("rb", buffering=0) as file:
        size = os.fstat(file.fileno()).st_size
        digest = hashlib.sha256(str(size).encode())
        for start in (0, size // 2, max(0, size - _SAMPLE)):
            file.seek(start)
            digest.update(_read_full(file, _SAMPLE))
    return digest.hexdigest()


def sampled_digest(file: FileIO) -> str:
    """Fingerprint of an open file; moves its position."""
    state = os.fstat(file.fileno())
    digest = hashlib.sha256(f"{state.st_size} {state.st_mtime_ns}".encode())
    for start in (0, state.st_size // 2, max(0, state.st_size - _SAMPLE)):
        file.seek(start)
        digest.update(_read_full(file, _SAMPLE))
    return digest.hexdigest()


def folder_fingerprint(files: Iterable[Path]) -> str:
    """Hex digest of the names, sizes and modification times of `files`, in order."""
    digest = hashlib.sha256()
    for file in files:
        state = file.stat()
        # A name counts by its bytes on the disk, which need not be text.
        digest.update(os.fsencode(file.name))
        digest.update(f"\0{state.st_size}\0{state.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _read_full(file: FileIO, n_bytes: int) -> bytes:
    """Read so many bytes, or up to the end; one plain read may give fewer."""
    parts = []
    while n_bytes > 0 and (part := file.read(n_bytes)):
        parts.append(part)
        n_bytes -= len(part)
    return b"".join(parts)
