"""Copies of a file as it was before it was written to.

The newest is ``NAME.bak``, the ones before ``NAME.bak2`` to ``NAME.bak5``; the oldest goes.
"""

from pathlib import Path

from napari_mespot.errors import OutputError
from napari_mespot.io.atomic import atomic_write

__all__ = ["keep_backup"]

_MOST = 5


def keep_backup(path: Path, content: bytes) -> Path:
    """Keep what a file holds, and return where.

    Nothing is moved before the copy is whole; a content that is the newest backup already is
    not kept twice.

    Raises
    ------
    OutputError
        If it cannot be kept.
    """
    places = [path.with_name(f"{path.name}.bak{n if n > 1 else ''}") for n in range(1, _MOST + 1)]
    fresh = path.with_name(f"{path.name}.bak0")
    try:
        if places[0].is_file() and places[0].read_bytes() == content:
            return places[0]
        with atomic_write(fresh) as file:
            file.write(content)
        free = next((i for i, place in enumerate(places) if not place.exists()), _MOST - 1)
        for number in range(free, 0, -1):
            places[number - 1].replace(places[number])
        fresh.replace(places[0])
    except (OSError, OutputError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise OutputError(
            f"{path}: expected to keep this file as {places[0].name} before writing to it, got: "
            f"{reason}; free space there, or write another file"
        ) from error
    return places[0]
