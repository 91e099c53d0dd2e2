"""Packet indexes kept on disk, so that a long video opens at once the second time.

One file per video path. It counts only while the video's fingerprint, the format below and the
PyAV version are the same, and its checksum is right; anything else is treated as absent and
written anew.
"""

import contextlib
import hashlib
import io
import json
import os
import zipfile
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from napari_mespot.frames.cache_folder import cache_root, private_folder
from napari_mespot.frames.index import KeyPackets, PacketIndex
from napari_mespot.frames.packet_extras import PacketExtra
from napari_mespot.frames.watched_file import FileIdentity
from napari_mespot.model import Clock
from napari_mespot.model.part_files import part_path, sweep_parts

__all__ = ["cache_root", "load_index", "store_index"]

_FORMAT = 7
_KEY_COLUMNS = ("frame", "pts", "dts", "pos", "ordinal")
_FOLDER = "index"
_DIGEST_BYTES = hashlib.sha256().digest_size


def load_index(path: Path, made_from: FileIdentity) -> PacketIndex | None:
    """Return the stored index of a video, or None if there is none that fits it."""
    try:
        stored = _file_for(path).read_bytes()
        digest, content = stored[:_DIGEST_BYTES], stored[_DIGEST_BYTES:]
        if hashlib.sha256(content).digest() != digest:
            return None
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            facts = json.loads(str(arrays["facts"]))
            if facts.pop("identity") != _identity(made_from):
                return None
            return PacketIndex(
                arrays["stamps"],
                arrays["shown_at"],
                KeyPackets(*(arrays[f"key_{name}"] for name in _KEY_COLUMNS)),
                height=facts["height"],
                width=facts["width"],
                clock=_clock(facts, arrays["ticks"]),
                warnings=tuple(facts["warnings"]),
                seek_by=facts["seek_by"],
                made_from=made_from,
                spare_bits=facts["spare_bits"],
                extras=_extras(arrays["extras"], arrays["extras_data"]),
                shows=arrays["shows"],
            )
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
        return None


def store_index(path: Path, index: PacketIndex) -> None:
    """Keep an index on disk; a cache that cannot be written is done without.

    The file appears in one step, so a reader or a second writer never sees half of it.
    """
    if index.made_from is None:
        raise ValueError("Expected an index that tells what it was made from")
    content = _packed(index, index.made_from)
    with contextlib.suppress(OSError):
        target = private_folder(cache_root(), _FOLDER) / _file_for(path).name
        part = part_path(target)
        try:
            with os.fdopen(os.open(part, os.O_CREAT | os.O_EXCL | _WRITE, 0o600), "wb") as file:
                file.write(hashlib.sha256(content).digest() + content)
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
        sweep_parts(target.parent)


_WRITE = os.O_WRONLY | getattr(os, "O_BINARY", 0)


def _packed(index: PacketIndex, made_from: FileIdentity) -> bytes:
    clock = index.clock
    facts = {
        "identity": _identity(made_from),
        "height": index.height,
        "width": index.width,
        "spare_bits": index.spare_bits,
        "rate": str(clock.rate),
        "starts_late_s": str(clock.starts_late_s),
        "tick_s": str(clock.tick_s),
        "warnings": index.warnings,
        "seek_by": index.seek_by,
    }
    packed = io.BytesIO()
    np.savez(
        packed,
        facts=np.array(json.dumps(facts)),
        stamps=index.stamps,
        shown_at=index.shown_at,
        extras=np.array([(e.ordinal, e.kind, len(e.data)) for e in index.extras], np.int64),
        extras_data=np.frombuffer(b"".join(e.data for e in index.extras), np.uint8),
        shows=index.shows,
        ticks=np.zeros(0, np.int64) if clock.ticks is None else clock.ticks,
        **{f"key_{name}": getattr(index.keys, name) for name in _KEY_COLUMNS},
    )
    return packed.getvalue()


def _identity(made_from: FileIdentity) -> list[int | str]:
    """Facts that must stay the same for a stored index to count."""
    return [_FORMAT, av.__version__, made_from.fingerprint]


def _clock(facts: dict[str, str], ticks: NDArray[np.int64]) -> Clock:
    return Clock(
        Fraction(facts["rate"]),
        Fraction(facts["starts_late_s"]),
        ticks if len(ticks) else None,
        Fraction(facts["tick_s"]),
    )


def _extras(table: NDArray[np.int64], data: NDArray[np.uint8]) -> tuple[PacketExtra, ...]:
    extras, place = [], 0
    for ordinal, kind, length in table.tolist():
        extras.append(PacketExtra(ordinal, kind, data[place : place + length].tobytes()))
        place += length
    return tuple(extras)


def _file_for(path: Path) -> Path:
    # A path counts by its bytes on the disk, which need not be text.
    digest = hashlib.sha256(os.fsencode(path.resolve())).hexdigest()[:32]
    return cache_root() / _FOLDER / f"{digest}.npz"
