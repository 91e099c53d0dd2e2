"""CAS(ME)³ part A: 30 fps, 0-based frames some of which are missing, blinks in a second sheet."""

import re
from fractions import Fraction

from napari_mespot.io.datasets.dataset import DatasetKind, LabelProblem
from napari_mespot.io.datasets.raw_label import (
    RawLabel,
    SheetLabels,
    SheetLayout,
    VideoKey,
    kind_of,
    unplaced,
)
from napari_mespot.io.datasets.workbook import SheetRow, WorkSheet, rows_below_header

__all__ = ["CAS_ME3"]

_REQUIRED = ("subject", "filename", "onset", "offset", "expressiontype")
_BLINKS = ("subject", "filename", "onset", "offset")
_OPTIONAL = {
    "apex": ("apex",),
    "units": ("au", "actionunits"),
    "emotion": ("emotion",),
    "objective": ("objectiveclass",),
    "notes": ("notes", "note"),
}
_SUBJECT = re.compile(r"(?:spno\.?\s*)?(\d{1,4})", re.IGNORECASE)
_SUBJECT_FOLDER = re.compile(r"spno\.?(\d{1,4})", re.IGNORECASE)
_VIDEO = re.compile(r"[a-z]\d?", re.IGNORECASE)
_JOINED = re.compile(r"spno\.?(\d{1,4})_([a-z]\d?)", re.IGNORECASE)


def _read(sheets: tuple[WorkSheet, ...]) -> SheetLabels | None:
    labels: list[RawLabel] = []
    problems: list[LabelProblem] = []
    main = None
    for sheet in sheets:
        found = rows_below_header(sheet, _REQUIRED, _OPTIONAL)
        if found is not None and main is None and _is_of_it(*found):
            main = sheet
            labels += _labels(sheet, *found, problems)
    if main is None:
        return None
    for sheet in sheets:
        found = rows_below_header(sheet, _BLINKS, {})
        if found is not None and sheet is not main and "blink" in sheet.name.lower():
            labels += _labels(sheet, *found, problems)
    return SheetLabels(tuple(labels), tuple(problems))


def _is_of_it(columns: dict[str, int], rows: tuple[SheetRow, ...]) -> bool:
    return any(_SUBJECT.fullmatch(row.text(columns["subject"])) for row in rows)


def _labels(
    sheet: WorkSheet,
    columns: dict[str, int],
    rows: tuple[SheetRow, ...],
    problems: list[LabelProblem],
) -> list[RawLabel]:
    labels = (_label(sheet, columns, row, problems) for row in rows)
    return [label for label in labels if label is not None]


def _label(
    sheet: WorkSheet, columns: dict[str, int], row: SheetRow, problems: list[LabelProblem]
) -> RawLabel | None:
    subject, name = row.text(columns["subject"]), row.text(columns["filename"])
    match, video = _SUBJECT.fullmatch(subject), _VIDEO.fullmatch(name)
    if match is None or video is None:
        raw = f"subject {subject or 'empty'}, file {name or 'empty'}"
        problems.append(unplaced(sheet, row, "subject and file are like spNO.1, a", raw))
        return None
    word = row.text(columns.get("expressiontype"))
    kind = kind_of(word)
    if "expressiontype" in columns and kind is None:
        problems.append(unplaced(sheet, row, "type is macro or micro", word))
        return None
    objective = row.text(columns.get("objective"))
    return RawLabel(
        sheet.title,
        row.row,
        _key(match[1], name),
        kind,
        onset=row.cell(columns["onset"]),
        apex=row.cell(columns.get("apex")),
        offset=row.cell(columns["offset"]),
        first=0,
        action_units=row.text(columns.get("units")),
        emotion=row.text(columns.get("emotion")) or objective,
        notes=row.text(columns.get("notes")),
        extras=(("file_name", name), ("type", word), ("objective_class", objective)),
    )


def _key(number: str, name: str) -> VideoKey:
    subject = f"spNO.{int(number)}"
    return subject, f"{subject}_{name.lower()}"


def _key_of(parts: tuple[str, ...]) -> VideoKey | None:
    """Read ``spNO.1/a`` or ``spNO.1_a``; pictures of depth are no video."""
    if not parts or any("depth" in part.lower() for part in parts):
        return None
    joined = _JOINED.fullmatch(parts[-1])
    if joined:
        return _key(joined[1], joined[2])
    subject = _SUBJECT_FOLDER.fullmatch(parts[-2]) if len(parts) > 1 else None
    return _key(subject[1], parts[-1]) if subject and _VIDEO.fullmatch(parts[-1]) else None


CAS_ME3 = SheetLayout(
    DatasetKind.CAS_ME3,
    "CAS(ME)³",
    lambda _: Fraction(30),
    "a sheet with the columns Subject, Filename, Onset, Offset, Expression type, and folders "
    "such as spNO.1/a/color",
    _read,
    _key_of,
)
