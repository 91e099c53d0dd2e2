"""Rows of a label sheet as the spreadsheet shows them: ``.xlsx`` and the older ``.xls``."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path

from napari_mespot.errors import AnnotationFormatError

__all__ = [
    "WORKBOOK_SUFFIXES",
    "SheetRow",
    "WorkSheet",
    "cell_text",
    "number_of",
    "read_workbook",
    "rows_below_header",
]

WORKBOOK_SUFFIXES = frozenset({".xls", ".xlsx", ".xlsm"})
#: More than any label sheet has; a workbook itself goes to a million.
_MOST_ROWS, _MOST_COLUMNS = 200_000, 16_384
_ZIP = b"PK"  # an .xlsx is a zip file, whatever its name says
_HEADER_ROWS = 40


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row with any content; `row` counts from 1, as the spreadsheet does."""

    row: int
    cells: tuple[object, ...]

    def cell(self, column: int | None) -> object:
        """Return a cell; None for an empty one, a column past the end, or no column."""
        if column is None or column >= len(self.cells):
            return None
        return self.cells[column]

    def text(self, column: int | None) -> str:
        """Return a cell as text."""
        return cell_text(self.cell(column))


@dataclass(frozen=True, slots=True)
class WorkSheet:
    """One sheet of a workbook; `title` names file and sheet."""

    file: str
    name: str
    rows: tuple[SheetRow, ...] = field(repr=False)

    @property
    def title(self) -> str:
        """File and sheet, for messages."""
        return f"{self.file} [{self.name}]"


def read_workbook(path: Path) -> tuple[WorkSheet, ...]:
    """Read all sheets of a workbook.

    Raises
    ------
    AnnotationFormatError
        If it cannot be read as one.
    """
    try:
        with path.open("rb") as file:
            modern = file.read(2) == _ZIP
        sheets = _modern_sheets(path) if modern else _old_sheets(path)
    # Damaged workbooks make both libraries fail in any way there is.
    except Exception as error:
        reason = str(error) or type(error).__name__
        raise AnnotationFormatError(
            f"{path}: expected a spreadsheet (.xlsx or .xls), got: {reason}; "
            "open it in a spreadsheet program and save it again"
        ) from error
    return tuple(
        WorkSheet(path.name, name, _rows_with_content(cells)) for name, cells in sheets.items()
    )


def _modern_sheets(path: Path) -> dict[str, list[tuple[object, ...]]]:
    import openpyxl

    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    try:
        sheets = {}
        for sheet in book.worksheets:
            sheet.reset_dimensions()  # some programs write a wrong size, and rows would be lost
            sheets[sheet.title] = list(_rows(sheet.iter_rows(values_only=True)))
        return sheets
    finally:
        book.close()


def _rows(rows: Iterable[tuple[object, ...]]) -> Iterator[tuple[object, ...]]:
    """Yield rows, up to more than any label sheet has: a damaged number of a row has no end."""
    for number, row in enumerate(rows):
        if number >= _MOST_ROWS:
            raise ValueError(f"a sheet of more than {_MOST_ROWS} rows")
        if len(row) > _MOST_COLUMNS:
            raise ValueError(f"a row of more than {_MOST_COLUMNS} columns")
        yield row


def _old_sheets(path: Path) -> dict[str, list[tuple[object, ...]]]:
    import xlrd

    with xlrd.open_workbook(str(path), on_demand=True) as book:
        sheets: dict[str, list[tuple[object, ...]]] = {}
        for name in book.sheet_names():
            sheet = book.sheet_by_name(name)
            sheets[name] = [
                tuple(
                    None if cell.ctype in {xlrd.XL_CELL_ERROR, xlrd.XL_CELL_EMPTY} else cell.value
                    for cell in sheet.row(row)
                )
                for row in range(sheet.nrows)
            ]
        return sheets


def _rows_with_content(rows: list[tuple[object, ...]]) -> tuple[SheetRow, ...]:
    numbered = (SheetRow(number, cells) for number, cells in enumerate(rows, 1))
    return tuple(row for row in numbered if any(cell_text(cell) for cell in row.cells))


def cell_text(cell: object) -> str:
    """Return a cell as a person reads it: ``6`` for 6.0, nothing for an empty one."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return " ".join(str(cell).split())


def number_of(cell: object) -> float | None:
    """Return the number in a cell, be it stored as number or as text; None if there is none."""
    if isinstance(cell, bool):
        return None
    try:
        value = float(cell) if isinstance(cell, int | float) else float(_with_point(cell))
    except (ValueError, OverflowError):
        return None
    return value if isfinite(value) else None


def _with_point(cell: object) -> str:
    return cell_text(cell).replace(",", ".")


def rows_below_header(
    sheet: WorkSheet, required: Collection[str], optional: Mapping[str, Collection[str]]
) -> tuple[dict[str, int], tuple[SheetRow, ...]] | None:
    """Find the header row, wherever it is among the first rows.

    Parameters
    ----------
    sheet
        The sheet to look through.
    required
        Names of columns in lower case, letters and digits only, that must all be in one row.
    optional
        Further columns: our name, and the names a sheet may give it.

    Returns
    -------
    tuple or None
        Column index by name, and the rows below; None if no row holds all required names.
    """
    for place, row in enumerate(sheet.rows[:_HEADER_ROWS]):
        names = [re.sub("[^a-z0-9]", "", cell_text(cell).lower()) for cell in row.cells]
        if not set(required) <= set(names):
            continue
        columns = {name: names.index(name) for name in required}
        for ours, theirs in optional.items():
            found = [names.index(name) for name in theirs if name in names]
            columns |= {ours: found[0]} if found else {}
        return columns, sheet.rows[place + 1 :]
    return None
