"""The cells of a table that OpenFace 2 writes: separators, decimal commas, numbers that are none.

The number format of the computer it ran on goes into the table: with decimal commas a table
separated by commas has more cells in a row than names in its header, and Windows writes
``-nan(ind)`` for what is no number. Every function raises :class:`ValueError`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["read_numbers"]

_BYTE_ORDER_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"\xef\xbb\xbf": "utf-8-sig"}
_SEPARATORS = (",", ";", "\t")
# Columns that never hold a fraction.
_WHOLE = ("frame", "face_id", "success")
_NOT_A_NUMBER = r"[-+]?(?:nan|inf(?:inity)?|1\.#[a-z]+\d*)(?:\([a-z0-9]*\))?"
_WHOLE_NUMBER = re.compile(rf"[-+]?\d+|{_NOT_A_NUMBER}|", re.IGNORECASE)
_FRACTION = re.compile(rf"[-+]?\d+,\d+(?:e[-+]?\d+)?|{_NOT_A_NUMBER}|", re.IGNORECASE)
_LONGEST_HEADER = 1_000_000
_LINES_ABOVE = 20


@dataclass(frozen=True, slots=True)
class _Layout:
    """How a table is written: what its rows are like beside its header."""

    names: tuple[str, ...]
    separator: str
    encoding: str
    first_line: int  # lines above the first row
    surplus: bool  # rows have more cells than the header
    quoted: bool
    last_is_short: bool

    @property
    def decimal_commas(self) -> bool:
        """Whether a comma in a cell can only be a decimal comma."""
        return self.separator != "," or self.surplus or self.quoted


def read_numbers(
    path: Path, wanted: Callable[[str], bool]
) -> tuple[dict[str, NDArray[np.float64]], tuple[str, ...]]:
    """Read columns of a table as numbers; NaN where there is none.

    Parameters
    ----------
    path
        The table: separated by commas, semicolons or tabs, with decimal points or commas.
    wanted
        Says of a column's name whether to read it.

    Returns
    -------
    The columns by name, each (n_rows,), and one-line texts for the user.

    Raises
    ------
    ValueError
        If the file cannot be read as a table, or a cell of a wanted column is no number.
    """
    if path.exists() and not path.is_file():
        raise ValueError("not a file")
    try:
        layout = _layout(path)
        split = layout.surplus and not layout.quoted
        cells = _split(path, layout, wanted) if split else _parsed(path, layout, wanted)
        if layout.last_is_short:
            cells = {name: column.iloc[:-1] for name, column in cells.items()}
        columns = {name: _numbers(name, column, layout) for name, column in cells.items()}
    except (OSError, ValueError, ArithmeticError, RecursionError) as error:
        raise ValueError((str(error) or type(error).__name__).splitlines()[0]) from error
    short = ("the last row of the OpenFace table is cut short: left out",)
    return columns, short if layout.last_is_short else ()


def _encoding(path: Path) -> str:
    with path.open("rb") as file:
        start = file.read(3)
    found = [name for mark, name in _BYTE_ORDER_MARKS.items() if start.startswith(mark)]
    return found[0] if found else "utf-8"


def _layout(path: Path) -> _Layout:
    """Go through the table once and count its cells."""
    encoding = _encoding(path)
    with path.open(encoding=encoding) as file:
        header, first_line = _header(file)
        separator = max(_SEPARATORS, key=header.count)
        names = tuple(name.strip().strip('"') for name in header.split(separator))
        names = names[:-1] if names[-1] == "" else names
        surplus = quoted = False
        short: list[int] = []
        last = 0
        for number, line in enumerate(file, first_line + 1):
            row = line.strip()
            if not row:
                continue
            last = number
            n = row.count(separator) + 1
            quoted |= '"' in row
            surplus |= n - row.endswith(separator) > len(names)
            if n < len(names):
                short.append(number)
    if short and not quoted and (len(short) > 1 or short[0] != last):
        raise ValueError(f"line {short[0]} with fewer cells than the {len(names)} of the header")
    return _Layout(names, separator, encoding, first_line, surplus, quoted, bool(short))


def _header(file: TextIO) -> tuple[str, int]:
    """Return the row of names, and the number of its line."""
    for number in range(1, _LINES_ABOVE + 1):
        line = file.readline(_LONGEST_HEADER)
        if line.strip() and not line.strip().lower().startswith("sep="):
            return line.strip(), number
    raise ValueError("No columns")


def _parsed(
    path: Path, layout: _Layout, wanted: Callable[[str], bool]
) -> "dict[str, pd.Series[str]]":
    """Read the wanted columns of a table whose rows are as long as its header."""
    import pandas as pd

    rows = pd.read_csv(
        path,
        sep=layout.separator,
        header=None,
        skiprows=layout.first_line,
        names=list(range(len(layout.names))),
        index_col=False,  # else a comma at the end of every row shifts the columns
        usecols=[i for i, name in enumerate(layout.names) if wanted(name)],
        dtype=str,
        keep_default_na=False,
        encoding=layout.encoding,
        skipinitialspace=True,
    )
    return {layout.names[int(i)]: rows[i].fillna("") for i in rows.columns}


def _split(
    path: Path, layout: _Layout, wanted: Callable[[str], bool]
) -> "dict[str, pd.Series[str]]":
    """Read a table separated by commas whose numbers have decimal commas as well."""
    import pandas as pd

    places = {name: i for i, name in enumerate(layout.names) if wanted(name)}
    cells: dict[str, list[str]] = {name: [] for name in places}
    with path.open(encoding=layout.encoding) as file:
        for number, line in enumerate(file, 1):
            row = line.strip()
            if row and number > layout.first_line:
                whole = _whole_cells(row, layout, number)
                for name, i in places.items():
                    cells[name].append(whole[i])
    return {name: pd.Series(column, dtype=object) for name, column in cells.items()}


def _whole_cells(row: str, layout: _Layout, number: int) -> list[str]:
    """Put the cells of a row together again; refuse what can be read in two ways."""
    spaced = [cell.strip() for cell in row.removesuffix(",").split(", ")]
    if len(spaced) == len(layout.names):
        return spaced
    parts = [part.strip() for part in row.removesuffix(",").split(",")]
    cells: list[str] = []
    at = 0
    for name in layout.names:
        cell = ",".join(parts[at : at + 1 + _has_fraction(name, parts[at : at + 1])])
        if not (_WHOLE_NUMBER if name in _WHOLE else _FRACTION).fullmatch(cell):
            break
        cells.append(cell)
        at += 1 + cell.count(",")
    if len(cells) == len(layout.names) and at == len(parts):
        return cells
    raise ValueError(
        f"decimal commas in a table that is separated by commas ({len(parts)} cells in line "
        f"{number} for {len(layout.names)} names in the header), which can be read in several "
        "ways: run OpenFace with decimal points (LC_NUMERIC=C, or the region set to English)"
    )


def _has_fraction(name: str, cell: list[str]) -> bool:
    """Whether the digits behind the comma are in the next cell: of all numbers but whole ones."""
    return name not in _WHOLE and bool(cell) and cell[0].lstrip("+-").isdigit()


def _numbers(name: str, column: "pd.Series[Any]", layout: _Layout) -> NDArray[np.float64]:
    """Turn the cells of a column into numbers."""
    import pandas as pd

    text = column.astype(str).str.strip()
    if layout.decimal_commas:
        text = text.str.replace(",", ".", n=1, regex=False)
    values = pd.to_numeric(text, errors="coerce").to_numpy(dtype=np.float64, copy=True)
    odd = np.isnan(values) & (text != "").to_numpy()
    for cell in text[odd][~text[odd].str.fullmatch(_NOT_A_NUMBER, case=False)]:
        raise ValueError(f"{cell[:40]!r} in the column {name}, where a number belongs")
    values[~np.isfinite(values)] = np.nan
    return values
