"""Keep aligned faces on disk, so that a second run need not align again.

One file for every video and set of parameters, named by a digest of the video's fingerprint,
the parameters and the version of the alignment; the file itself says once more what it was made
from. A file is written under a name of its own and renamed once it is whole: two writers at once
each rename a whole file, and a killed process leaves a ``.part`` file that nobody reads and that
the next writer sweeps away. Checksums cover all of it, and are compared when it is opened: a
damaged file is made anew. Crops are read back by plain reads of the part that is asked for, so
memory stays flat. Only the user can look into the folder.
"""

import contextlib
import hashlib
import json
import os
import struct
import time
import zlib
from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from napari_mespot.face.choice import FaceChoice
from napari_mespot.face.cropfile import CropFile
from napari_mespot.face.params import AlignParams
from napari_mespot.face.sequence import FaceChunk, FaceSequence
from napari_mespot.face.shape import SHAPE_SIGNALS
from napari_mespot.face.source import VideoIdentity
from napari_mespot.frames import cache_root, private_folder
from napari_mespot.model.part_files import part_path, sweep_parts

__all__ = ["CacheWriter", "FaceCache"]

# Raise it whenever the same video and parameters would give other crops than before.
_ALIGNMENT_VERSION = 2
_START = b"napari-mespot faces 2\n"
_END = b"mespot2\n"
# Frames, side of a crop, bytes of the JSON text, checksums of the crops and of what lies behind.
_TRAILER = struct.Struct("<QQQII8s")
# Of each frame: whether it shows a face, confidence, transform; and its shape, if measured.
_FRAME_BYTES, _SHAPE_BYTES = 1 + 4 + 48, 4 * len(SHAPE_SIGNALS)
_SUFFIX = ".faces"
_PART_SUFFIX = ".part"
_STALE_S = 24 * 3600.0
_READ_BYTES = 1 << 20
# Files from this size on are told of, since they lie in the user's cache without a word.
_NOTABLE_BYTES = 10**9


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

    def path(
        self, video: VideoIdentity, params: AlignParams, choice: FaceChoice | None = None
    ) -> Path:
        """Return where the faces of a video lie, or would lie."""
        text = json.dumps(_identity(video, params, choice), sort_keys=True).encode()
        return self.folder / f"{hashlib.sha256(text).hexdigest()[:32]}{_SUFFIX}"

    def load(
        self, video: VideoIdentity, params: AlignParams, choice: FaceChoice | None = None
    ) -> FaceSequence | None:
        """Return the stored faces of a video, or None if they are not there whole."""
        path = self.path(video, params, choice)
        try:
            with path.open("rb") as file:
                stored = _read(file, path, video, _identity(video, params, choice))
        except (OSError, ValueError, KeyError, TypeError):
            return None
        if stored is not None:
            with contextlib.suppress(OSError):
                os.utime(path)
        return stored

    def writer(
        self, video: VideoIdentity, params: AlignParams, choice: FaceChoice | None = None
    ) -> "CacheWriter":
        """Return a writer for the faces of a video; it never raises, it warns."""
        return CacheWriter(self, video, params, choice)

    def sweep(self, keep: Path) -> None:
        """Remove stale parts, and the files unused for longest beyond `max_bytes`."""
        sweep_parts(self.folder)
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

    def __init__(
        self,
        cache: FaceCache,
        video: VideoIdentity,
        params: AlignParams,
        choice: FaceChoice | None = None,
    ) -> None:
        self.warnings: list[str] = []
        self._cache, self._target = cache, cache.path(video, params, choice)
        self._crop_px, self._n_frames = params.crop_px, video.n_frames
        self._identity, self._checksum = _identity(video, params, choice), 0
        self._chunks: list[FaceChunk] = []
        self._file: BinaryIO | None = None
        self._part: Path | None = None
        with self._warning():
            private_folder(cache.folder.parent, cache.folder.name)
            self._part = part_path(self._target)
            self._file = os.fdopen(os.open(self._part, _FLAGS, 0o600), "wb")
            self._file.write(_START)

    def add(self, chunk: FaceChunk) -> None:
        """Append the next chunk."""
        if self._file is None:
            return
        with self._warning():
            crops = np.ascontiguousarray(chunk.images).data
            self._file.write(crops)
            self._checksum = zlib.crc32(crops, self._checksum)
            nothing = np.zeros((0, 0, 0), np.uint8)
            self._chunks.append(
                FaceChunk(
                    chunk.first_frame,
                    nothing,
                    chunk.found,
                    chunk.confidence,
                    chunk.transforms,
                    chunk.breaks,
                    chunk.shape,
                )
            )

    def finish(self, warnings: tuple[str, ...], followed: str = "") -> None:
        """Complete the file and give it its name; an incomplete one is dropped."""
        if self._file is None or self._part is None:
            return
        if sum(chunk.n_frames for chunk in self._chunks) != self._n_frames:
            return
        with self._warning():
            texts: dict[str, object] = {
                "warnings": list(warnings),
                "breaks": [frame for chunk in self._chunks for frame in chunk.breaks],
                "followed": followed,
                "identity": self._identity,
            }
            self._file.write(_tail(self._chunks, self._crop_px, texts, self._checksum))
            size = self._file.tell()
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            self._file = None
            self._rename()
            self._cache.sweep(keep=self._target)
            if size >= _NOTABLE_BYTES:
                self.warnings.append(
                    f"the aligned faces take {size / 1e9:.1f} GB in {self._cache.folder}, for the "
                    "next run; mespot doctor --clear-cache removes them"
                )

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


_FLAGS = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0)


def _identity(
    video: VideoIdentity, params: AlignParams, choice: FaceChoice | None
) -> dict[str, object]:
    """Return what the faces are made from, and how."""
    return {
        "version": _ALIGNMENT_VERSION,
        "fingerprint": video.fingerprint,
        "n_frames": video.n_frames,
        "frame_rate": str(Fraction(video.frame_rate)),
        "params": params.model_dump(mode="json"),
        "choice": str(choice or FaceChoice()),
    }


def _tail(
    chunks: list[FaceChunk], crop_px: int, texts: Mapping[str, object], crops_checksum: int
) -> bytes:
    """Return what follows the crops: flags, confidences, transforms, shapes, texts, trailer.

    The shapes are there where they were measured, in every frame of the file.
    """
    text = json.dumps(texts).encode()
    n_frames = sum(chunk.n_frames for chunk in chunks)
    shapes = [chunk.shape for chunk in chunks if chunk.shape is not None]
    body = b"".join(
        [
            *(chunk.found.astype(np.bool_).tobytes() for chunk in chunks),
            *(chunk.confidence.astype("<f4").tobytes() for chunk in chunks),
            *(chunk.transforms.astype("<f8").tobytes() for chunk in chunks),
            *(shape.astype("<f4").tobytes() for shape in shapes),
            text,
        ]
    )
    checksum = zlib.crc32(body)
    return body + _TRAILER.pack(n_frames, crop_px, len(text), crops_checksum, checksum, _END)


def _read(
    file: BinaryIO, path: Path, video: VideoIdentity, identity: dict[str, object]
) -> FaceSequence | None:
    """Read everything but the crops, which are only checked; None if the file is not whole."""
    size = file.seek(0, os.SEEK_END)
    if size < len(_START) + _TRAILER.size:
        return None
    file.seek(size - _TRAILER.size)
    n, crop_px, text_bytes, crops_checksum, checksum, end = _TRAILER.unpack(
        file.read(_TRAILER.size)
    )
    crops_end = len(_START) + n * crop_px * crop_px
    body_bytes = size - _TRAILER.size - crops_end
    shape_bytes = body_bytes - n * _FRAME_BYTES - text_bytes
    whole = shape_bytes in (0, n * _SHAPE_BYTES)
    if end != _END or not whole or n != video.n_frames:
        return None
    file.seek(0)
    if file.read(len(_START)) != _START:
        return None
    if _checksum(file, crops_end - len(_START)) != crops_checksum:
        return None
    body = file.read(body_bytes)
    if zlib.crc32(body) != checksum:
        return None
    texts = json.loads(body[body_bytes - text_bytes :])
    if texts["identity"] != identity:
        return None
    transforms: NDArray[np.float64] = np.frombuffer(body, "<f8", 6 * n, offset=5 * n)
    shape: NDArray[np.float32] | None = None
    if shape_bytes:
        shape = np.frombuffer(body, "<f4", n * len(SHAPE_SIGNALS), offset=n * _FRAME_BYTES)
        shape = shape.reshape(n, len(SHAPE_SIGNALS))
    return FaceSequence(
        video_id=video.video_id,
        frame_rate=Fraction(video.frame_rate),
        images=CropFile(path, len(_START), n, crop_px),
        found=np.frombuffer(body, np.bool_, n),
        confidence=np.frombuffer(body, "<f4", n, offset=n),
        transforms=transforms.reshape(n, 2, 3),
        warnings=tuple(texts["warnings"]),
        breaks=tuple(int(frame) for frame in texts["breaks"]),
        followed=str(texts["followed"]),
        shape=shape,
    )


def _checksum(file: BinaryIO, n_bytes: int) -> int:
    """Checksum of the next bytes of a file, which are passed over."""
    checksum = 0
    while n_bytes > 0 and (part := file.read(min(n_bytes, _READ_BYTES))):
        checksum = zlib.crc32(part, checksum)
        n_bytes -= len(part)
    return checksum
