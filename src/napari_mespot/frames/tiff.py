"""Directories of a TIFF file: where its pages are, and each page as a file of its own.

A page is handed on as a small TIFF in memory, so that any page of a long stack is read at the
cost of one, by the same decoder as single images.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from napari_mespot.errors import FrameReadError

__all__ = ["HEIGHT", "ORIENTATION", "STRIPS", "Directory", "Entry", "TiffFile", "is_tiff"]

_CLASSIC, _BIG = 42, 43
#: Bytes per value of each field type.
_TYPE_BYTES = {
    **dict.fromkeys((1, 2, 6, 7), 1),
    **dict.fromkeys((3, 8), 2),
    **dict.fromkeys((4, 9, 11, 13), 4),
    **dict.fromkeys((5, 10, 12, 16, 17, 18), 8),
}
_UNSIGNED = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q"}
_LONG, _LONG8 = 4, 16
HEIGHT, STRIPS, ORIENTATION, ROWS_PER_STRIP, TILES = 257, 273, 274, 278, 324
#: Where the data are, and how long.
_OFFSET_TAGS = {STRIPS: 279, TILES: 325}
#: Pointers into the whole file, which a page of its own does not hold.
_LEFT_OUT = frozenset({ORIENTATION, 330, 34665, 34853, 40965})
_MOST_PAGES = 10_000_000
_MOST_ENTRIES = 4096


@dataclass(frozen=True, slots=True)
class Entry:
    """One field: its type, number of values, and the bytes of the value or of its place."""

    kind: int
    count: int
    raw: bytes

    @property
    def n_bytes(self) -> int:
        """Length of the values."""
        return _TYPE_BYTES.get(self.kind, 1) * self.count


@dataclass(frozen=True, slots=True)
class Directory:
    """Fields of one page, by tag."""

    entries: dict[int, Entry]


def is_tiff(head: bytes) -> bool:
    """Whether a file that begins like this is a TIFF or BigTIFF."""
    return head[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


class TiffFile:
    """An open TIFF. Errors of the disk pass through.

    Parameters
    ----------
    file, path
        The file, opened for reading bytes, and its path for messages.

    Raises
    ------
    FrameReadError
        It is no TIFF.
    """

    def __init__(self, file: BinaryIO, path: Path) -> None:
        self.path = path
        self._file = file
        self.size = file.seek(0, 2)
        head = self._read(0, 16)
        if not is_tiff(head) or len(head) < 8:
            raise FrameReadError(f"Expected a TIFF, but {path} is none; check the file.")
        self._order = "<" if head[:2] == b"II" else ">"
        self.big = self._number("H", head[2:4]) == _BIG
        self._first = self._number("Q", head[8:16]) if self.big else self._number("I", head[4:8])
        #: Whether the last directory points to one that is not there.
        self.broken_off = False

    def directories(self) -> Iterator[tuple[int, Directory]]:
        """Yield the place of each page's directory, and the directory."""
        met: set[int] = set()
        place = self._first
        while place:
            if place in met or len(met) > _MOST_PAGES:
                raise FrameReadError(
                    f"Expected pages one after the other, but those of {self.path} go round in a "
                    "circle; export it again."
                )
            met.add(place)
            try:
                directory, following = self._directory(place)
            except (struct.error, EOFError):
                self.broken_off = True
                return
            yield place, directory
            place = following

    def directory(self, place: int) -> Directory:
        """Return the directory at a place that was yielded before."""
        try:
            return self._directory(place)[0]
        except (struct.error, EOFError):
            raise self._damaged() from None

    def values(self, entry: Entry | None) -> tuple[int, ...]:
        """Return unsigned whole numbers of a field; none if it holds others."""
        if entry is None or entry.kind not in _UNSIGNED:
            return ()
        return struct.unpack(f"{self._order}{entry.count}{_UNSIGNED[entry.kind]}", self.data(entry))

    def data(self, entry: Entry) -> bytes:
        """Return the bytes of a field's values."""
        if entry.n_bytes <= len(entry.raw):
            return entry.raw[: entry.n_bytes]
        place = self._number("Q" if self.big else "I", entry.raw)
        try:
            return self._whole(place, entry.n_bytes)
        except EOFError:
            raise self._damaged() from None

    def page(self, directory: Directory) -> bytes:
        """Return a page as a TIFF file of its own, without orientation."""
        fields = {t: e for t, e in directory.entries.items() if t not in _LEFT_OUT}
        pieces: list[bytes] = []
        for offsets, counts in _OFFSET_TAGS.items():
            if offsets in fields:
                places = self.values(fields[offsets])
                lengths = self._lengths(fields, counts, len(places))
                pieces = [self._piece(p, n) for p, n in zip(places, lengths, strict=True)]
                fields[counts] = self._field(lengths)
        return self._assembled(fields, pieces)

    def page_behind(self, directory: Directory, number: int, n_bytes: int) -> bytes:
        """Return one of the pages that follow a page with a directory, which have none.

        Parameters
        ----------
        directory
            Of the first page, which is not compressed.
        number
            Of the page wanted; 0 is the first one.
        n_bytes
            Length of each page's data.
        """
        fields = {t: e for t, e in directory.entries.items() if t not in _LEFT_OUT}
        places = self.values(fields.get(STRIPS))
        if not places:
            raise self._damaged()
        fields[ROWS_PER_STRIP] = self._field(self.values(fields.get(HEIGHT)))
        fields[_OFFSET_TAGS[STRIPS]] = self._field((n_bytes,))
        return self._assembled(fields, [self._piece(places[0] + number * n_bytes, n_bytes)])

    def _lengths(self, fields: dict[int, Entry], counts: int, n: int) -> tuple[int, ...]:
        lengths = self.values(fields.get(counts))
        if len(lengths) != n or sum(lengths) > self.size:
            raise self._damaged()
        return lengths

    def _piece(self, place: int, length: int) -> bytes:
        try:
            return self._whole(place, length)
        except EOFError:
            raise self._damaged() from None

    def _field(self, values: tuple[int, ...]) -> Entry:
        data = struct.pack(f"{self._order}{len(values)}{'Q' if self.big else 'I'}", *values)
        return Entry(_LONG8 if self.big else _LONG, len(values), data)

    def _assembled(self, fields: dict[int, Entry], pieces: list[bytes]) -> bytes:
        """Write header, directory, long values and picture data, one after the other."""
        inline, entry_bytes, head = (8, 20, 16) if self.big else (4, 12, 8)
        start = head + (8 if self.big else 2) + len(fields) * entry_bytes + inline
        # Offsets take as much room as they did before they are known.
        offset_tag = next((tag for tag in _OFFSET_TAGS if tag in fields), None)
        if offset_tag is not None:
            fields[offset_tag] = self._field((0,) * len(pieces))
        values = {
            tag: entry.raw if len(entry.raw) > inline else self.data(entry)
            for tag, entry in fields.items()
        }
        long_bytes = sum(len(v) + len(v) % 2 for v in values.values() if len(v) > inline)
        if offset_tag is not None:
            places, place = [], start + long_bytes
            for piece in pieces:
                places.append(place)
                place += len(piece)
            values[offset_tag] = self._field(tuple(places)).raw
        return self._header() + self._table(fields, values, start) + b"".join(pieces)

    def _header(self) -> bytes:
        mark = b"II" if self._order == "<" else b"MM"
        if self.big:
            return mark + struct.pack(f"{self._order}HHHQ", _BIG, 8, 0, 16)
        return mark + struct.pack(f"{self._order}HI", _CLASSIC, 8)

    def _table(self, fields: dict[int, Entry], values: dict[int, bytes], start: int) -> bytes:
        width, number = (8, "Q") if self.big else (4, "I")
        table = [struct.pack(f"{self._order}{'Q' if self.big else 'H'}", len(fields))]
        long_values, place = [], start
        for tag in sorted(fields):
            entry, value = fields[tag], values[tag]
            table.append(struct.pack(f"{self._order}HH{number}", tag, entry.kind, entry.count))
            if len(value) <= width:
                table.append(value.ljust(width, b"\0"))
            else:
                table.append(struct.pack(f"{self._order}{number}", place))
                padded = value + b"\0" * (len(value) % 2)
                long_values.append(padded)
                place += len(padded)
        return b"".join((*table, bytes(width), *long_values))

    def _directory(self, place: int) -> tuple[Directory, int]:
        n_bytes, count_form, entry_form = (8, "Q", "HHQ8s") if self.big else (2, "H", "HHI4s")
        count = self._number(count_form, self._whole(place, n_bytes))
        if count > _MOST_ENTRIES:
            raise EOFError
        entry = struct.Struct(self._order + entry_form)
        table = self._whole(place + n_bytes, count * entry.size)
        following = self._whole(place + n_bytes + len(table), 8 if self.big else 4)
        entries = {tag: Entry(k, n, raw) for tag, k, n, raw in entry.iter_unpack(table)}
        return Directory(entries), self._number("Q" if self.big else "I", following)

    def _number(self, form: str, data: bytes) -> int:
        return int(struct.unpack(self._order + form, data)[0])

    def _read(self, place: int, n_bytes: int) -> bytes:
        self._file.seek(place)
        return self._file.read(n_bytes)

    def _whole(self, place: int, n_bytes: int) -> bytes:
        if place + n_bytes > self.size:
            raise EOFError
        data = self._read(place, n_bytes)
        if len(data) < n_bytes:
            raise EOFError
        return data

    def _damaged(self) -> FrameReadError:
        return FrameReadError(
            f"Expected a whole TIFF, but parts of {self.path} are missing; copy it again."
        )
