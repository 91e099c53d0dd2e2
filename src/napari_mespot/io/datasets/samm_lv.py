"""SAMM Long Videos: 200 fps, 1-based frames, a preamble above the header of the sheet."""

import re
from collections import Counter
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

__all__ = ["SAMM_LV"]

_REQUIRED = ("subject", "filename", "onset", "offset", "type")
_OPTIONAL = {
    "apex": ("apex", "apexframe"),
    "inducement": ("inducementcode",),
    "duration": ("duration",),
    "units": ("actionunits", "actionunit", "au"),
    "notes": ("notes",),
}
_LABEL = re.compile(r"0*(\d{1,3})_(\d{1,2})(?:_(\d{1,3}))?(?:\D.*)?")
_VIDEO = re.compile(r"(\d{3})_(\d{1,2})")
_MAIN_SHEET = "FACS_Movement_Only"


def _read(sheets: tuple[WorkSheet, ...]) -> SheetLabels | None:
    named = [sheet for sheet in sheets if sheet.name.strip() == _MAIN_SHEET]
    for sheet in (*named, *sheets):
        found = rows_below_header(sheet, _REQUIRED, _OPTIONAL)
        if found is not None:
            return _labels(sheet, *found)
    return None


def _labels(sheet: WorkSheet, columns: dict[str, int], rows: tuple[SheetRow, ...]) -> SheetLabels:
    labels: list[RawLabel] = []
    problems: list[LabelProblem] = []
    for row in rows:
        label = _label(sheet, columns, row, problems)
        if label is not None:
            labels.append(label)
    return SheetLabels(tuple(labels), (*problems, *_repeated(labels)))


def _label(
    sheet: WorkSheet, columns: dict[str, int], row: SheetRow, problems: list[LabelProblem]
) -> RawLabel | None:
    name, word = row.text(columns["filename"]), row.text(columns["type"])
    match, kind = _LABEL.fullmatch(name), kind_of(word)
    if match is None or kind is None:
        rule = "file names are subject_video_index" if match is None else "type is macro or micro"
        problems.append(unplaced(sheet, row, rule, name if match is None else word))
        return None
    subject = f"{int(match[1]):03}"
    label = RawLabel(
        sheet.title,
        row.row,
        (subject, f"{subject}_{int(match[2])}"),
        kind,
        onset=row.cell(columns["onset"]),
        apex=row.cell(columns.get("apex")),
        offset=row.cell(columns["offset"]),
        action_units=row.text(columns.get("units")),
        notes=row.text(columns.get("notes")),
        extras=(
            ("file_name", name),
            ("type", word),
            ("inducement_code", row.text(columns.get("inducement"))),
            ("raw_duration", row.text(columns.get("duration"))),
        ),
    )
    written = row.text(columns["subject"])
    if written.lstrip("0") != subject.lstrip("0"):
        raw = f"subject {written or 'empty'}, file {name}"
        problems.append(label.problem("subject and file name agree", raw, f"{subject} is taken"))
    return label


def _repeated(labels: list[RawLabel]) -> list[LabelProblem]:
    """Return the rows whose file name has been used before; both are labels."""
    seen: Counter[str] = Counter()
    problems = []
    for label in labels:
        name = dict(label.extras)["file_name"]
        seen[name] += 1
        if seen[name] > 1:
            problems.append(label.problem("a file name is used once", name, "both rows are kept"))
    return problems


def _key_of(parts: tuple[str, ...]) -> VideoKey | None:
    match = _VIDEO.fullmatch(parts[-1]) if parts else None
    return (match[1], f"{match[1]}_{int(match[2])}") if match else None


SAMM_LV = SheetLayout(
    DatasetKind.SAMM_LV,
    "SAMM-LV",
    lambda _: Fraction(200),
    "a sheet with the columns Subject, Filename, Onset, Offset, Type, and folders such as 006_1",
    _read,
    _key_of,
)
