"""How many bits the 16-bit images of one recording use, all of them looked at once.

What all of them take to decode is spent where some leave bits unused; it is kept between runs.
"""

import contextlib
import hashlib
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from napari_mespot.frames.cache_folder import cache_root, private_folder
from napari_mespot.frames.stills import Still, deep_max
from napari_mespot.frames.used_depth import depth_text, spare_bits_of

__all__ = ["used_depth_of_stills"]

_DEPTH = 16
_FIRST_LOOKS = 16
_BATCH = 64
_FOLDER = "depth"


def used_depth_of_stills(
    name: str, stills: Sequence[Still], fingerprint: str
) -> tuple[int, str | None]:
    """Settle how many of the highest bits are unused in all 16-bit pictures.

    Parameters
    ----------
    name
        For the text.
    stills
        The pictures; those of 8 bits are passed over.
    fingerprint
        Of the files they are in.

    Returns
    -------
    spare_bits
        Bits to leave out; 0 where all are used.
    text
        What to tell the user, if anything.
    """
    deep = [still for still in stills if still.is_deep]
    step = max(1, len(deep) // _FIRST_LOOKS)
    highest = max(map(deep_max, deep[::step]), default=0)
    if not spare_bits_of(highest, _DEPTH):
        return 0, None
    known = _known(fingerprint)
    highest = _highest_of_all(deep, highest) if known is None else known
    _keep(fingerprint, highest)
    spare = spare_bits_of(highest, _DEPTH)
    return spare, depth_text(name, spare, _DEPTH, highest) if spare else None


def _highest_of_all(stills: Sequence[Still], highest: int) -> int:
    """Largest sample, or the first found that leaves no bits unused."""
    with ThreadPoolExecutor() as pool:
        for start in range(0, len(stills), _BATCH):
            highest = max(highest, *pool.map(deep_max, stills[start : start + _BATCH]))
            if not spare_bits_of(highest, _DEPTH):
                break
    return highest


def _known(fingerprint: str) -> int | None:
    try:
        value = int((cache_root() / _FOLDER / _file(fingerprint)).read_text("ascii"))
    except (OSError, ValueError):
        return None
    return value if 0 < value < 1 << _DEPTH else None


def _keep(fingerprint: str, highest: int) -> None:
    """Keep the result; a cache that cannot be written is done without."""
    with contextlib.suppress(OSError):
        target = private_folder(cache_root(), _FOLDER) / _file(fingerprint)
        part = target.with_suffix(f".part-{os.getpid()}")
        part.write_text(str(highest), "ascii")
        part.replace(target)


def _file(fingerprint: str) -> str:
    return hashlib.sha256(fingerprint.encode()).hexdigest()[:32]
