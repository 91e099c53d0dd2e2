"""SMIC-E-long: micro-expressions only, numbered as in the recording, without an apex."""

import re
from fractions import Fraction
from pathlib import Path

from napari_mespot.io.datasets.dataset import DatasetKind, LabelProblem
from napari_mespot.io.datasets.raw_label import (
    RawLabel,
    SheetLabels,
    SheetLayout,
    VideoKey,
    unplaced,
)
from napari_mespot.io.datasets.workbook import (
    SheetRow,
    WorkSheet,
    number_of,
    rows_below_header,
)
from napari_mespot.model import ExpressionKind

__all__ = ["SMIC_E_LONG"]

_REQUIRED = ("subject", "filename", "onsetf", "offsetf", "firstf")
_OPTIONAL = {"emotion": ("emotion", "emotionlabel"), "apex": ("apexf",)}
_VIDEO = re.compile(r"s?(\d{1,2})_([a-z]+_\d+(?:_\d+)?)", re.IGNORECASE)
_SLOW = re.compile(r"NIR|VIS")


def _read(sheets: tuple[WorkSheet, ...]) -> SheetLabels | None:
    for sheet in sheets:
        found = rows_below_header(sheet, _REQUIRED, _OPTIONAL)
        if found is None:
            continue
        problems: list[LabelProblem] = []
        labels = [_label(sheet, found[0], row, problems) for row in found[1]]
        return SheetLabels(tuple(x for x in labels if x is not None), tuple(problems))
    return None


def _label(
    sheet: WorkSheet, columns: dict[str, int], row: SheetRow, problems: list[LabelProblem]
) -> RawLabel | None:
    name, first = row.text(columns["filename"]), number_of(row.cell(columns["firstf"]))
    key = _key_of((name,))
    if key is None:
        problems.append(unplaced(sheet, row, "file names are like s1_ne_01", name))
        return None
    label = RawLabel(
        sheet.title,
        row.row,
        key,
        ExpressionKind.MICRO,
        onset=row.cell(columns["onsetf"]),
        apex=row.cell(columns.get("apex")),
        offset=row.cell(columns["offsetf"]),
        first=int(first) if first is not None else 1,
        emotion=row.text(columns.get("emotion")),
        extras=(("file_name", name), ("first_frame", row.text(columns["firstf"]))),
    )
    if first is None:
        raw = row.text(columns["firstf"]) or "empty"
        problems.append(label.problem("the first frame has a number", raw, "1 is taken"))
    return label


def _key_of(parts: tuple[str, ...]) -> VideoKey | None:
    match = _VIDEO.fullmatch(parts[-1]) if parts else None
    if match is None:
        return None
    subject = f"s{int(match[1]):02}"
    return subject, f"{subject}_{match[2].lower()}"


def _frame_rate(workbook: Path) -> Fraction:
    """Return 100 for the high-speed camera, 25 for the other two."""
    return Fraction(25 if _SLOW.search(workbook.name) else 100)


SMIC_E_LONG = SheetLayout(
    DatasetKind.SMIC_E_LONG,
    "SMIC-E-long",
    _frame_rate,
    "a sheet with the columns Subject, Filename, OnsetF, OffsetF, FirstF, and folders such as "
    "s1/s1_ne_01",
    _read,
    _key_of,
)
