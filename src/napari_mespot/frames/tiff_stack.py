"""Which pages of a TIFF are the frames of a recording, and in which order.

Programs write stacks in ways of their own: ImageJ and tifffile leave out all directories but the
first of a stack they call large, and pages may go through channels or depth before time.
"""

import json
import math
import re
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from napari_mespot.errors import FrameReadError
from napari_mespot.frames.tiff import HEIGHT, ORIENTATION, STRIPS, Directory, TiffFile

__all__ = ["TiffPage", "TiffStack", "page_as_file", "read_stack"]

_SUBFILE, _OLD_SUBFILE, _WIDTH, _BITS, _COMPRESSION = 254, 255, 256, 258, 259
_PHOTOMETRIC, _DESCRIPTION, _SAMPLES, _STRIP_BYTES = 262, 270, 277, 279
_FORMAT, _METAMORPH_PLANES, _DEPTH = 339, 33629, 32997
_REDUCED, _MASK, _OLD_REDUCED = 1, 4, 2
_UNCOMPRESSED = 1
_SIGNED, _FLOAT = 2, 3
_MOST_SAMPLES = 4
_READABLE_BITS = 16
_MOST_DESCRIPTION = 1 << 22
_OME_SIZES = re.compile(rb"\bSize([CZT])\s*=\s*[\"'](\d{1,9})[\"']")


@dataclass(frozen=True, slots=True)
class TiffPage:
    """Where one page is, and how it is stored.

    Parameters
    ----------
    place
        Of its directory in the file.
    height, width
        As stored.
    orientation
        As EXIF numbers it, 1 to 8.
    bits
        Bits per sample.
    inverted
        Whether 0 is white.
    behind
        Number of this page behind the one that has the directory; 0 if it is that one.
    n_bytes
        Length of the data of each of these pages; 0 if every page has a directory.
    """

    place: int
    height: int
    width: int
    orientation: int
    bits: int
    inverted: bool
    behind: int = 0
    n_bytes: int = 0


@dataclass(frozen=True)
class TiffStack:
    """The pages of a TIFF that are frames.

    Parameters
    ----------
    pages
        In order, at least one.
    rate
        Frames per second, if the file says so.
    n_stated
        How many pages there are, as the file says; None if it does not.
    broken_off
        Whether the file ends before its last page.
    """

    pages: tuple[TiffPage, ...]
    rate: Fraction | None = None
    n_stated: int | None = None
    broken_off: bool = False


@dataclass(frozen=True)
class _Stated:
    """What a program wrote about its stack; 1 or None where it says nothing."""

    n_pages: int | None = None
    channels: int = 1
    slices: int = 1
    frames: int = 1
    rate: Fraction | None = None


def read_stack(path: Path) -> TiffStack:
    """Find the pages of a TIFF file that are frames. Errors of the disk pass through.

    Raises
    ------
    FrameReadError
        It is damaged, or its pages are not frames after frames of grey or RGB pictures.
    """
    with path.open("rb") as file:
        tiff = TiffFile(file, path)
        first: Directory | None = None
        pages: list[TiffPage] = []
        for place, directory in tiff.directories():
            if not _is_auxiliary(tiff, directory):
                first = first or directory
                pages.append(_page(tiff, place, directory, len(pages)))
        if first is None:
            raise FrameReadError(
                f"Expected pictures, but {path} holds no page; copy or export it again."
            )
        stated = _stated(tiff, first)
        _check_order(path, stated)
        pages = _without_directories(tiff, first, pages, stated)
        return TiffStack(tuple(pages), stated.rate, stated.n_pages, tiff.broken_off)


def page_as_file(path: Path, page: TiffPage) -> bytes:
    """Return one page as a TIFF in memory, without orientation; errors as for the stack."""
    with path.open("rb") as file:
        tiff = TiffFile(file, path)
        directory = tiff.directory(page.place)
        if page.n_bytes:
            return tiff.page_behind(directory, page.behind, page.n_bytes)
        return tiff.page(directory)


def _is_auxiliary(tiff: TiffFile, directory: Directory) -> bool:
    """Whether a page is a thumbnail or mask of another."""
    kind = _value(tiff, directory, _SUBFILE, 0)
    old = _value(tiff, directory, _OLD_SUBFILE, 0)
    return bool(kind & (_REDUCED | _MASK)) or old == _OLD_REDUCED


def _page(tiff: TiffFile, place: int, directory: Directory, number: int) -> TiffPage:
    bits = max(tiff.values(directory.entries.get(_BITS)) or (1,))
    samples = _value(tiff, directory, _SAMPLES, 1)
    form = _value(tiff, directory, _FORMAT, 1)
    height, width = (_value(tiff, directory, tag, 0) for tag in (HEIGHT, _WIDTH))
    odd = None
    if form in (_SIGNED, _FLOAT) or bits > _READABLE_BITS:
        odd = f"{bits}-bit {'floating-point' if form == _FLOAT else 'signed or long'} numbers"
    elif samples > _MOST_SAMPLES:
        odd = f"{samples} samples a pixel"
    elif _value(tiff, directory, _DEPTH, 1) > 1 or _planes(directory) > 1:
        odd = "several planes without pages of their own"
    elif not height or not width:
        odd = "no size"
    if odd:
        raise FrameReadError(
            f"Expected grey or RGB pictures of 8 or 16 bits, but page {number} of {tiff.path} has "
            f"{odd}; save it as a stack of 8- or 16-bit pages."
        )
    orientation = _value(tiff, directory, ORIENTATION, 1)
    inverted = _value(tiff, directory, _PHOTOMETRIC, 1) == 0
    return TiffPage(place, height, width, orientation, bits, inverted)


def _planes(directory: Directory) -> int:
    entry = directory.entries.get(_METAMORPH_PLANES)
    return 1 if entry is None else entry.count


def _value(tiff: TiffFile, directory: Directory, tag: int, default: int) -> int:
    values = tiff.values(directory.entries.get(tag))
    return values[0] if values else default


def _stated(tiff: TiffFile, first: Directory) -> _Stated:
    entry = first.entries.get(_DESCRIPTION)
    if entry is None or entry.n_bytes > _MOST_DESCRIPTION:
        return _Stated()
    text = tiff.data(entry).rstrip(b"\0")
    if text.startswith(b"ImageJ="):
        return _stated_by_imagej(text.decode("utf-8", "replace"))
    if b"<OME" in text[:2000] and b"<Pixels" in text:
        sizes = {kind: int(n) for kind, n in reversed(_OME_SIZES.findall(text))}
        samples = _value(tiff, first, _SAMPLES, 1)
        channels = max(1, sizes.get(b"C", 1) // samples)
        slices, frames = sizes.get(b"Z", 1), sizes.get(b"T", 1)
        return _Stated(channels * slices * frames, channels, slices, frames)
    if text.startswith(b'{"shape"'):
        return _stated_by_shape(tiff, first, text)
    return _Stated()


def _stated_by_imagej(text: str) -> _Stated:
    facts = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)

    def number(key: str) -> int:
        value = facts.get(key, "1").strip()
        return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else 1

    rate = None
    if facts.get("tunit", "sec").strip().rstrip("\\0") in ("sec", "s", "second", "seconds"):
        rate = _rate_of_interval(facts.get("finterval", ""))
    n_pages = number("images") if "images" in facts else None
    return _Stated(n_pages, number("channels"), number("slices"), number("frames"), rate)


def _rate_of_interval(text: str) -> Fraction | None:
    """Frames per second from seconds per frame; a rate near a whole one is meant to be it."""
    try:
        seconds = float(text)
    except ValueError:
        return None
    if not math.isfinite(seconds) or not 1e-6 <= seconds <= 3600:
        return None
    whole = round(1 / seconds)
    if whole and math.isclose(whole * seconds, 1, rel_tol=2e-3):
        return Fraction(whole)
    return Fraction(1 / seconds).limit_denominator(1001)


def _stated_by_shape(tiff: TiffFile, first: Directory, text: bytes) -> _Stated:
    """Read the shape that tifffile notes; only pages that it left out matter."""
    try:
        shape = [int(n) for n in json.loads(text)["shape"]]
    except (ValueError, TypeError, KeyError, RecursionError):
        return _Stated()
    pixels = math.prod(_value(tiff, first, tag, 1) for tag in (HEIGHT, _WIDTH, _SAMPLES))
    return _Stated(max(1, math.prod(shape) // max(1, pixels)))


def _check_order(path: Path, stated: _Stated) -> None:
    """Refuse pages that go through more than one of channels, depth and time.

    Along one of them pages are in order, whatever its name: programs that are not told which it
    is take any.
    """
    if sum(n > 1 for n in (stated.channels, stated.slices, stated.frames)) < 2:
        return
    raise FrameReadError(
        f"Expected pages that are frames, but those of {path} go through {stated.channels} "
        f"channels, {stated.slices} slices and {stated.frames} moments; save one channel and "
        "slice of each moment, or RGB pages, as a stack of its own."
    )


def _without_directories(
    tiff: TiffFile, first: Directory, pages: list[TiffPage], stated: _Stated
) -> list[TiffPage]:
    """Add pages that lie behind the only one which has a directory."""
    if len(pages) != 1 or not stated.n_pages or stated.n_pages == 1:
        return pages
    places, lengths = (tiff.values(first.entries.get(t)) for t in (STRIPS, _STRIP_BYTES))
    page = pages[0]
    samples = _value(tiff, first, _SAMPLES, 1)
    n_bytes = page.height * page.width * samples * page.bits // 8
    plain = _value(tiff, first, _COMPRESSION, 1) == _UNCOMPRESSED and page.bits % 8 == 0
    in_a_row = all(p == places[0] + sum(lengths[:i]) for i, p in enumerate(places))
    stated_bytes = (n_bytes, stated.n_pages * n_bytes)
    if not (plain and in_a_row and places and sum(lengths) in stated_bytes):
        return pages
    n_whole = min(stated.n_pages, (tiff.size - places[0]) // n_bytes)
    return [replace(page, behind=i, n_bytes=n_bytes) for i in range(n_whole)] or pages
