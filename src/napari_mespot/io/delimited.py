"""Rows of a delimited text file, as spreadsheets write them.

Commas, semicolons and tabs are told apart by the header row or by a first line ``sep=;``, a byte
order mark is accepted, rows of blanks count as no rows, and every complaint names the file and
the row.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from napari_mespot.errors import AnnotationFormatError
from napari_mespot.io.file_bytes import file_bytes

__all__ = ["Record", "Sheet", "column_key", "csv_line", "read_sheet"]

_MARK, _OWN = "#", "# mespot"
_DELIMITERS = (",", ";", "\t")
_MAX_HEADER_ROWS = 100_000
# Excel's own way to say what separates the cells; saved again, it has empty cells behind it.
_SEPARATOR = re.compile(r'"?sep=(?P<mark>[^"\r\n])"?[,;\t ]*(?:\r\n|\r|\n|$)', re.IGNORECASE)
# Reviewed ranges and notes, which we write ourselves, go past the 131,072 of the csv module. The
# limit holds for the whole process, so that it is only ever raised.
_LONGEST_CELL = 2**31 - 1


@dataclass(frozen=True)
class Record:
    """One row.

    Parameters
    ----------
    path, row
        Where it stands; rows are counted from 1, as a spreadsheet counts them.
    cells
        Text by column name; a row that ends early has empty cells.
    unnamed
        Text of the first column if it has no name, as row numbers have none in many tables.
    """

    path: Path
    row: int
    cells: dict[str, str]
    unnamed: str = ""

    def error(self, column: str, text: str) -> AnnotationFormatError:
        """Return the error that says `text` of one of the cells."""
        return AnnotationFormatError(f"{self.path}, row {self.row}, column {column}: {text}")


@dataclass(frozen=True)
class Sheet:
    """A header row, the comment rows above it and the rows below it.

    Parameters
    ----------
    path
        The file.
    comments
        Rows above the header row, as (row number, cells): those whose first cell starts with
        ``#``, and any other with content where a preamble was expected.
    columns
        Column names, in order, as the file writes them; blank ones are empty.
    records
        The rows with any content.
    """

    path: Path
    comments: tuple[tuple[int, tuple[str, ...]], ...]
    columns: tuple[str, ...]
    records: tuple[Record, ...] = field(repr=False)


def read_sheet(path: str | Path, required: Collection[str], *, has_preamble: bool = False) -> Sheet:
    """Read a delimited file that has at least the `required` columns.

    Parameters
    ----------
    path
        The file.
    required
        Names of columns, in the form of :func:`column_key`.
    has_preamble
        Whether rows of other things may stand above the header row, which is then the first
        row that holds the required columns.

    Raises
    ------
    AnnotationFormatError
        If the file cannot be read, is no text, lacks a column, has one twice, or a row has
        more cells than the header.
    """
    path = Path(path)
    text = _read_text(path)
    if not text.strip():
        raise AnnotationFormatError(
            f"{path}: expected a CSV with the columns {_listed(required)}, got an empty file"
        )
    wanted = frozenset(required) if has_preamble else frozenset()
    delimiter = _find_delimiter(path, text, required, wanted)
    rows = _rows(path, text, delimiter)
    comments, (header_row, columns) = _split_header(rows, wanted)
    if not text.startswith(_OWN):  # where a blank may be the name of somebody's column
        columns = tuple(c if c.strip() else "" for c in columns)
    names = [c for c in columns if c]
    for name, n_times in Counter(names).items():
        if n_times > 1:
            raise AnnotationFormatError(
                f"{path}, row {header_row}: expected each column once, got {name!r} twice; "
                "remove or rename one"
            )
    records = tuple(_record(path, row, cells, columns) for row, cells in rows if _any(cells))
    return Sheet(path, comments, columns, records)


def csv_line(cells: Iterable[str], delimiter: str = ",") -> str:
    """Return one row as RFC 4180 writes it, but with a plain line feed at its end.

    The writer of the standard library leaves a carriage return unquoted when rows end in a
    line feed, and such a row cannot be read back.
    """
    return delimiter.join(_quoted(cell, delimiter) for cell in cells) + "\n"


def _quoted(cell: str, delimiter: str) -> str:
    # Whatever separates elsewhere: a piece of text that became a cell could be a formula.
    needs_quotes = any(mark in cell for mark in f'{delimiter},;\t"\r\n')
    return '"' + cell.replace('"', '""') + '"' if needs_quotes else cell


def column_key(name: str) -> str:
    """Return the form in which column names are compared."""
    return name.strip().casefold()


def _read_text(path: Path) -> str:
    try:
        data = file_bytes(path)
    except FileNotFoundError:
        raise AnnotationFormatError(
            f"{path}: expected a CSV file, got no such file; check the path"
        ) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise AnnotationFormatError(
            f"{path}: expected a readable CSV file, got: {reason}"
        ) from None
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    elif data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise AnnotationFormatError(
            f"{path}: expected a CSV file, got a spreadsheet or zip file; save it as CSV UTF-8"
        )
    else:
        encoding = "utf-8-sig"
    # Our own files may hold the name of a video that is no valid UTF-8 on its disk.
    own = data.removeprefix(b"\xef\xbb\xbf").startswith(_OWN.encode())
    try:
        return data.decode(encoding, errors="surrogateescape" if own else "strict")
    except UnicodeDecodeError as error:
        raise AnnotationFormatError(
            f"{path}: expected text in UTF-8, got a byte that is not, at {error.start}; "
            "save the file as CSV UTF-8"
        ) from None


def _rows(path: Path, text: str, delimiter: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    csv.field_size_limit(max(csv.field_size_limit(), _LONGEST_CELL))
    stated = _SEPARATOR.match(text)
    body = text[stated.end() :] if stated else text
    reader = csv.reader(io.StringIO(body, newline=""), delimiter=delimiter, strict=True)
    row = first = int(stated is not None)
    try:
        for row, cells in enumerate(reader, start=first + 1):
            yield row, tuple(cells)
    except csv.Error as error:
        raise AnnotationFormatError(
            f"{path}, row {row + 1}: expected well-formed CSV, got: {error}; "
            "look for a stray quotation mark"
        ) from None


def _split_header(
    rows: Iterator[tuple[int, tuple[str, ...]]], wanted: frozenset[str] = frozenset()
) -> tuple[tuple[tuple[int, tuple[str, ...]], ...], tuple[int, tuple[str, ...]]]:
    """Take the comments and the header row off the front of `rows`.

    The header row is the first with content that is no comment; with `wanted` columns, the
    first that holds them all.
    """
    comments: list[tuple[int, tuple[str, ...]]] = []
    for row, cells in rows:
        is_comment = bool(cells) and cells[0].startswith(_MARK)
        if not is_comment and _any(cells) and wanted <= set(map(column_key, cells)):
            return tuple(comments), (row, cells)
        if is_comment or (wanted and _any(cells)):
            comments.append((row, cells))
        if row > _MAX_HEADER_ROWS:
            break
    return tuple(comments), (0, ())


def _find_delimiter(
    path: Path, text: str, required: Collection[str], wanted: frozenset[str]
) -> str:
    """Return the delimiter under which the header row holds the required columns."""
    stated = _SEPARATOR.match(text)
    best: tuple[int, tuple[str, ...], list[str]] = (1, (), list(required))
    broken: AnnotationFormatError | None = None
    for delimiter in (stated["mark"],) if stated else _DELIMITERS:
        try:
            _, (row, columns) = _split_header(_rows(path, text, delimiter), wanted)
        except AnnotationFormatError as error:
            broken = broken or error
            continue
        names = {column_key(c) for c in columns}
        missing = [name for name in required if name not in names]
        if not missing:
            return delimiter
        if len(missing) < len(best[2]) or not best[1]:
            best = (row, columns, missing)
    if broken is not None and not best[1]:
        raise broken
    raise AnnotationFormatError(
        f"{path}, row {best[0]}: expected the columns {_listed(required)}, got "
        f"{_listed(best[1][:12]) or 'no header row'}; add the missing: {_listed(best[2])}"
    )


def _any(cells: Iterable[str]) -> bool:
    """Whether a row says anything."""
    return any(cell.strip() for cell in cells)


def _record(path: Path, row: int, cells: tuple[str, ...], columns: tuple[str, ...]) -> Record:
    if _any(cells[len(columns) :]):
        raise AnnotationFormatError(
            f"{path}, row {row}: expected at most {len(columns)} cells, got {len(cells)}; "
            "put text with commas in quotation marks"
        )
    padded = cells + ("",) * (len(columns) - len(cells))
    unnamed = padded[0] if columns and not columns[0] else ""
    return Record(path, row, {c: v for c, v in zip(columns, padded, strict=False) if c}, unnamed)


def _listed(names: Collection[str]) -> str:
    return ", ".join(" ".join(str(name).split())[:40] for name in names)
