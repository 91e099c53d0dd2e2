"""Packet indexes kept on disk, so that a long video opens at once the second time.

One file per video path. It counts only while size and modification time of the video, the
format below and the PyAV version are the same; anything else, a damaged file included, is
treated as absent and written anew.
"""

import contextlib
import hashlib
import json
import os
import tempfile
import zipfile
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import platformdirs
from numpy.typing import NDArray

from napari_mespot.frames.index import KeyPackets, PacketIndex
from napari_mespot.frames.pixels import Orientation
from napari_mespot.model import Clock

__all__ = ["cache_root", "identity", "load_index", "store_index"]

_FORMAT = 3
_KEY_COLUMNS = ("frame", "pts", "dts", "pos", "ordinal")


def cache_root() -> Path:
    """Folder for everything kept between runs: ``MESPOT_CACHE_DIR`` or the user's cache."""
    chosen = os.environ.get("MESPOT_CACHE_DIR")
    return Path(chosen) if chosen else Path(platformdirs.user_cache_dir("napari-mespot", False))


def identity(path: Path) -> list[int | str]:
    """Facts that must stay the same for a stored index to count."""
    state = path.stat()
    return [_FORMAT, av.__version__, str(path.resolve()), state.st_size, state.st_mtime_ns]


def load_index(path: Path) -> PacketIndex | None:
    """Return the stored index of a video, or None if there is none that fits it."""
    try:
        with _file_for(path).open("rb") as file, np.load(file, allow_pickle=False) as stored:
            facts = json.loads(str(stored["facts"]))
            if facts.pop("identity") != identity(path):
                return None
            keys = KeyPackets(*(stored[f"key_{name}"] for name in _KEY_COLUMNS))
            return PacketIndex(
                stored["stamps"],
                stored["shown_at"],
                keys,
                height=facts["height"],
                width=facts["width"],
                orientation=Orientation(*facts["orientation"]),
                clock=_clock(facts, stored["ticks"]),
                warnings=tuple(facts["warnings"]),
                seek_by=facts["seek_by"],
            )
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
        return None


def store_index(path: Path, index: PacketIndex) -> None:
    """Keep an index on disk; a cache that cannot be written is done without.

    The file appears in one step, so a reader or a second writer never sees half of it.
    """
    turn, clock = index.orientation, index.clock
    facts = {
        "identity": identity(path),
        "height": index.height,
        "width": index.width,
        "orientation": [turn.transpose, turn.flip_rows, turn.flip_columns],
        "rate": str(clock.rate),
        "starts_late_s": str(clock.starts_late_s),
        "tick_s": str(clock.tick_s),
        "warnings": index.warnings,
        "seek_by": index.seek_by,
    }
    columns = {f"key_{name}": getattr(index.keys, name) for name in _KEY_COLUMNS}
    target = _file_for(path)
    with contextlib.suppress(OSError):
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(dir=target.parent, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                np.savez(
                    file,
                    facts=np.array(json.dumps(facts)),
                    stamps=index.stamps,
                    shown_at=index.shown_at,
                    ticks=np.zeros(0, np.int64) if clock.ticks is None else clock.ticks,
                    **columns,
                )
            Path(draft).replace(target)
        finally:
            Path(draft).unlink(missing_ok=True)


def _clock(facts: dict[str, str], ticks: NDArray[np.int64]) -> Clock:
    return Clock(
        Fraction(facts["rate"]),
        Fraction(facts["starts_late_s"]),
        ticks if len(ticks) else None,
        Fraction(facts["tick_s"]),
    )


def _file_for(path: Path) -> Path:
    digest = hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:32]
    return cache_root() / "index" / f"{digest}.npz"
