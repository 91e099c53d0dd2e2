"""Keep aligned faces on disk, so that a second run need not align again.

One file for every video and set of parameters, named by a digest of the video's fingerprint,
the parameters and the version of the alignment. A file is written under a name of its own
and renamed once it is whole: two writers at once each rename a whole file, and a killed
process leaves a ``.part`` file that nobody reads and that is swept away a day later. Crops
are read back by plain reads of the part that is asked for, so memory stays flat.
"""

import contextlib
import hashlib
import json
import os
import struct
import tempfile
import time
import zlib
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from napari_mespot.face.cropfile import CropFile
from napari_mespot.face.params import AlignParams
from napari_mespot.face.sequence import FaceChunk, FaceSequence
from napari_mespot.face.source import VideoIdentity
from napari_mespot.frames import cache_root

__all__ = ["CacheWriter", "FaceCache"]

# Raise it whenever the same video and parameters would give other crops than before.
_ALIGNMENT_VERSION = 1
_START = b"napari-mespot faces 1\n"
_END = b"mespot1\n"
# Frames, side of a crop, bytes of the JSON text, checksum of everything behind the crops.
_TRAILER = struct.Struct("<QQQI8s")
_SUFFIX = ".faces"
_PART_SUFFIX = ".part"
_STALE_S = 24 * 3600.0


class FaceCache:
    """A folder of aligned faces.

    Parameters
    ----------
    root
        The folder; by default the one in the environment variable ``MESPOT_CACHE_DIR``, else
        the user's cache folder.
    max_bytes
        After writing, the files that were not used for longest are removed until the rest fit.
    """

    def __init__(self, root: str | Path | None = None, *, max_bytes: int = 20 * 10**9) -> None:
        self.folder = (Path(root) if root else cache_root()) / "faces"
        self.max_bytes = max_bytes

    def path(self, video: VideoIdentity, params: AlignParams) -> Path:
        """Return where the faces of a video lie, or would lie."""
        identity = {
            "version": _ALIGNMENT_VERSION,
            "fingerprint": video.fingerprint,
            "n_frames": video.n_frames,
            "frame_rate": str(Fraction(video.frame_rate)),
            "params": params.model_dump(mode="json"),
        }
        text = json.dumps(identity, sort_keys=True).encode()
        return self.folder / f"{hashlib.sha256(text).hexdigest()[:32]}{_SUFFIX}"

    def load(self, video: VideoIdentity, params: AlignParams) -> FaceSequence | None:
        """Return the stored faces of a video, or None if they are not there whole."""
        path = self.path(video, params)
        try:
            with path.open("rb") as file:
                stored = _read(file, path, video)
        except (OSError, ValueError):
            return None
        if stored is not None:
            with contextlib.suppress(OSError):
                os.utime(path)
        return stored

    def writer(self, video: VideoIdentity, params: AlignParams) -> "CacheWriter":
        """Return a writer for the faces of a video; it never raises, it warns."""
        return CacheWriter(self, self.path(video, params), params.crop_px, video.n_frames)

    def sweep(self, keep: Path) -> None:
        """Remove stale parts, and the files unused for longest beyond `max_bytes`."""
        now = time.time()
        entries = []
        for path in self.folder.iterdir():
            with contextlib.suppress(OSError):
                stat = path.stat()
                if path.suffix == _PART_SUFFIX and now - stat.st_mtime > _STALE_S:
                    path.unlink()
                elif path.suffix == _SUFFIX:
                    entries.append((stat.st_mtime, stat.st_size, path))
        total = sum(size for _, size, _ in entries)
        for _, size, path in sorted(entries):
            if total <= self.max_bytes:
                break
            if path != keep:
                with contextlib.suppress(OSError):
                    path.unlink()
                    total -= size


class CacheWriter:
    """Writes one video's faces while they are computed.

    A full disk or a folder that cannot be written to stops the writing and leaves a warning.
    """

    def __init__(self, cache: FaceCache, target: Path, crop_px: int, n_frames: int) -> None:
        self.warnings: list[str] = []
        self._cache, self._target = cache, target
        self._crop_px, self._n_frames = crop_px, n_frames
        self._chunks: list[FaceChunk] = []
        self._file: BinaryIO | None = None
        self._part: Path | None = None
        with self._warning():
            cache.folder.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(
                prefix=target.stem + ".", suffix=_PART_SUFFIX, dir=cache.folder
            )
            self._part = Path(name)
            self._file = os.fdopen(handle, "wb")
            self._file.write(_START)

    def add(self, chunk: FaceChunk) -> None:
        """Append the next chunk."""
        if self._file is None:
            return
        with self._warning():
            self._file.write(np.ascontiguousarray(chunk.images).data)
            nothing = np.zeros((0, 0, 0), np.uint8)
            self._chunks.append(
                FaceChunk(
                    chunk.first_frame, nothing, chunk.found, chunk.confidence, chunk.transforms
                )
            )

    def finish(self, warnings: tuple[str, ...]) -> None:
        """Complete the file and give it its name; an incomplete one is dropped."""
        if self._file is None or self._part is None:
            return
        if sum(chunk.n_frames for chunk in self._chunks) != self._n_frames:
            return
        with self._warning():
            self._file.write(_tail(self._chunks, self._crop_px, warnings))
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            self._file = None
            self._rename()
            self._cache.sweep(keep=self._target)

    def close(self) -> None:
        """Drop what was not finished."""
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.close()
            self._file = None
        if self._part is not None:
            with contextlib.suppress(OSError):
                self._part.unlink()
            self._part = None

    def _rename(self) -> None:
        if self._part is None:
            return
        try:
            self._part.replace(self._target)
        except PermissionError:
            # Another process reads the same finished file (Windows): its content is the same.
            if not self._target.is_file():
                raise
            return
        self._part = None

    @contextlib.contextmanager
    def _warning(self) -> Iterator[None]:
        """Turn an error of the disk into a warning, and stop writing."""
        try:
            yield
        except OSError as error:
            self.close()
            self.warnings.append(
                f"the aligned faces were not cached in {self._cache.folder} "
                f"({error.strerror or error}); set MESPOT_CACHE_DIR to a folder with room"
            )


def _tail(chunks: list[FaceChunk], crop_px: int, warnings: tuple[str, ...]) -> bytes:
    """Return what follows the crops: flags, confidences, transforms, texts, trailer."""
    text = json.dumps({"warnings": list(warnings)}).encode()
    n_frames = sum(chunk.n_frames for chunk in chunks)
    body = b"".join(
        [
            *(chunk.found.astype(np.bool_).tobytes() for chunk in chunks),
            *(chunk.confidence.astype("<f4").tobytes() for chunk in chunks),
            *(chunk.transforms.astype("<f8").tobytes() for chunk in chunks),
            text,
        ]
    )
    return body + _TRAILER.pack(n_frames, crop_px, len(text), zlib.crc32(body), _END)


def _read(file: BinaryIO, path: Path, video: VideoIdentity) -> FaceSequence | None:
    """Read everything but the crops; None if the file is not whole."""
    size = file.seek(0, os.SEEK_END)
    if size < len(_START) + _TRAILER.size:
        return None
    file.seek(size - _TRAILER.size)
    n, crop_px, text_bytes, checksum, end = _TRAILER.unpack(file.read(_TRAILER.size))
    crops_end = len(_START) + n * crop_px * crop_px
    body_bytes = n * (1 + 4 + 48) + text_bytes
    whole = crops_end + body_bytes + _TRAILER.size == size
    if end != _END or not whole or n != video.n_frames:
        return None
    file.seek(crops_end)
    body = file.read(body_bytes)
    if zlib.crc32(body) != checksum:
        return None
    texts = json.loads(body[n * 53 :])
    transforms: NDArray[np.float64] = np.frombuffer(body, "<f8", 6 * n, offset=5 * n)
    return FaceSequence(
        video_id=video.video_id,
        frame_rate=Fraction(video.frame_rate),
        images=CropFile(path, len(_START), n, crop_px),
        found=np.frombuffer(body, np.bool_, n),
        confidence=np.frombuffer(body, "<f4", n, offset=n),
        transforms=transforms.reshape(n, 2, 3),
        warnings=tuple(texts["warnings"]),
    )
