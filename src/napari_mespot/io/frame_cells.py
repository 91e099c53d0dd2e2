"""Frame numbers of a table, looked at together before they are read one by one."""

import re
from collections.abc import Collection, Sequence
from pathlib import Path

from napari_mespot.io.delimited import Record
from napari_mespot.io.notices import Notice

__all__ = ["check_points", "say_if_empty"]

_EITHER_WAY = re.compile(r"[1-9]\d{0,2}\.000", re.ASCII)
_THREE_ZEROS = re.compile(r"\d+\.000", re.ASCII)


def check_points(records: Sequence[Record], columns: Collection[str], notice: Notice) -> None:
    """See that ``1.000`` is no thousand, as half of Europe writes it.

    Where every number of the columns ends in ``.000`` a program wrote them with three decimals,
    and they are read so, with a notice.

    Raises
    ------
    AnnotationFormatError
        If only some do.
    """
    cells = [(r, c, r.cells.get(c, "").strip()) for r in records for c in columns]
    cells = [cell for cell in cells if cell[2]]
    doubtful = [cell for cell in cells if _EITHER_WAY.fullmatch(cell[2])]
    if not doubtful:
        return
    record, column, text = doubtful[0]
    if not all(_THREE_ZEROS.fullmatch(text) for _, _, text in cells):
        one, thousand = text[:-4], text.replace(".", "")
        raise record.error(
            column, f"expected a frame index, got {text!r}, which is {one} or {thousand}; write one"
        )
    notice(
        f"{record.path}: all its frame numbers have three decimals; {text!r} in row {record.row} "
        f"is taken for {text[:-4]}"
    )


def say_if_empty(path: Path, records: Sequence[Record], notice: Notice) -> None:
    """Say that a table has a header row and nothing below it."""
    if not records:
        notice(f"{path}: a header row and no rows below it; nothing was read")
