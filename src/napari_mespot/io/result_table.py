"""The table of intervals as ``mespot spot`` leaves it, and whether anybody has changed it since.

Such a table has one comment row more, the last cell of which is its seal::

    # mespot intervals,version,1
    # result,scores,4f0c…,digest,seal-sha256-91ab…

A person's slightest change (a frame, a note, a spreadsheet that saved it again) makes it a file of
theirs. A table that is exported or converted has no such row, and so is a person's from the
beginning. Further cells say what the result was made from and with.
"""

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path

from napari_mespot.io.atomic import atomic_write
from napari_mespot.io.cells import escaped, restored
from napari_mespot.io.encoding import encoded
from napari_mespot.io.seal import OPEN_SEAL, is_sealed, sealed
from napari_mespot.io.table import table_text
from napari_mespot.io.table_header import RESULT_MARK
from napari_mespot.model import Annotation

__all__ = ["is_result_table", "result_facts", "stated_facts", "write_result_table"]

_DIGEST = "digest"


def write_result_table(
    path: str | Path, annotations: Iterable[Annotation], facts: Mapping[str, str]
) -> None:
    """Write a table of intervals that nobody has looked at yet, all or nothing.

    Parameters
    ----------
    path
        The file to make or replace; its folder must exist.
    annotations
        One per video.
    facts
        What it was made from and with, by short names; the values on one line.

    Raises
    ------
    OutputError
        If the file cannot be written; an existing file stays as it was.
    ValueError
        As :func:`~napari_mespot.io.table.write_table` does.
    """
    cells = [escaped(" ".join(c.split())) for pair in facts.items() for c in pair]
    row = (RESULT_MARK, *cells, _DIGEST, OPEN_SEAL)
    content = sealed(encoded(table_text(annotations, marks=[row])))
    with atomic_write(path) as file:
        file.write(content)


def is_result_table(data: bytes) -> bool:
    """Whether a file says that it is a result, whoever may have changed it since."""
    lines = data[:10_000].splitlines()
    return any(line.strip(b'"').startswith(RESULT_MARK.encode()) for line in lines)


def result_facts(data: bytes) -> dict[str, str] | None:
    """Return what an untouched result says of itself.

    Parameters
    ----------
    data
        The content of a file of any kind.

    Returns
    -------
    dict or None
        The facts that :func:`write_result_table` was given; None if the file is no such table,
        or differs from what was written.
    """
    row = data.split(b"\n", 2)[1:2]
    if not row or not row[0].startswith(RESULT_MARK.encode()) or not is_sealed(data):
        return None
    return _facts(row[0])


def stated_facts(data: bytes) -> dict[str, str]:
    """Return what a result says of itself, whoever may have changed it since; empty if nothing."""
    lines = (line.replace(b'"', b"").rstrip(b"\r") for line in data[:10_000].split(b"\n"))
    mark = RESULT_MARK.encode() + b","
    return next((_facts(line) for line in lines if line.startswith(mark)), {})


def _facts(line: bytes) -> dict[str, str]:
    (cells,) = csv.reader([line.decode("utf-8", "surrogateescape")])
    words = [restored(cell) for cell in cells[1:]]
    facts = dict(zip(words[::2], words[1::2], strict=False))
    facts.pop(_DIGEST, None)
    return facts
