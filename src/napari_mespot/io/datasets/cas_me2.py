"""CAS(ME)²: 30 fps, 1-based frames, a sheet without header and two sheets of names."""

import re
from collections.abc import Iterator
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
from napari_mespot.io.datasets.workbook import SheetRow, WorkSheet, cell_text, number_of

__all__ = ["CAS_ME2"]

# What the two sheets of names say, for copies that have lost them.
_FOLDERS = (15, 16, *range(19, 28), *range(29, 39), 40)
_STIMULI = {
    "disgust1": "0101",
    "disgust2": "0102",
    "anger1": "0401",
    "anger2": "0402",
    "happy1": "0502",
    "happy2": "0503",
    "happy3": "0505",
    "happy4": "0507",
    "happy5": "0508",
}
_LABEL = re.compile(r"\s*([a-z]+ ?\d+)(?:_(\d+))?\s*", re.IGNORECASE)
_VIDEO = re.compile(r"s?(\d{1,2})_(\d{4})(?!\d).*", re.IGNORECASE)
_FOLDER = re.compile(r"s(\d{1,3})", re.IGNORECASE)
_COLUMNS = 8  # the last, the person's own report, may be missing
_LOOKED_AT = 20


def _read(sheets: tuple[WorkSheet, ...]) -> SheetLabels | None:
    main = next((sheet for sheet in sheets if _is_main(sheet)), None)
    if main is None:
        return None
    others = [sheet for sheet in sheets if sheet is not main]
    problems: list[LabelProblem] = []
    folders = _folders(main, others, problems)
    codes = _codes(main, others, problems)
    labels = []
    for row in main.rows:
        if _is_header(row):
            continue
        label = _label(main, row, folders, codes, problems)
        if label is not None:
            labels.append(label)
    return SheetLabels(tuple(labels), tuple(problems))


def _is_main(sheet: WorkSheet) -> bool:
    return any(
        len(row.cells) >= _COLUMNS
        and kind_of(row.text(7)) is not None
        and _LABEL.fullmatch(row.text(1)) is not None
        and number_of(row.cell(0)) is not None
        for row in sheet.rows[:_LOOKED_AT]
    )


def _is_header(row: SheetRow) -> bool:
    return row.text(2).lower().startswith("onset")


def _label(
    sheet: WorkSheet,
    row: SheetRow,
    folders: dict[int, int],
    codes: dict[str, str],
    problems: list[LabelProblem],
) -> RawLabel | None:
    subject, name, word = number_of(row.cell(0)), row.text(1), row.text(7)
    match, kind = _LABEL.fullmatch(name), kind_of(word)
    stimulus = match[1].replace(" ", "").lower() if match else ""
    if subject is None or int(subject) not in folders:
        problems.append(unplaced(sheet, row, "the subject has a folder", row.text(0)))
        return None
    if stimulus not in codes:
        problems.append(unplaced(sheet, row, "the file name has a video", name))
        return None
    if kind is None:
        problems.append(unplaced(sheet, row, "type is macro or micro", word))
        return None
    return RawLabel(
        sheet.title,
        row.row,
        _key(folders[int(subject)], codes[stimulus]),
        kind,
        onset=row.cell(2),
        apex=row.cell(3),
        offset=row.cell(4),
        action_units=row.text(5),
        emotion=row.text(6),
        extras=(("file_name", name), ("type", word), ("self_report", row.text(8))),
    )


def _folders(
    main: WorkSheet, others: list[WorkSheet], problems: list[LabelProblem]
) -> dict[int, int]:
    """Return the number of the folder by the number of a subject in the main sheet."""
    for sheet in others:
        found = dict(filter(None, map(_folder_of, sheet.rows)))
        if found:
            return found
    problems.append(_without(main, "subjects", "the published order of folders is taken"))
    return dict(enumerate(_FOLDERS, 1))


def _folder_of(row: SheetRow) -> tuple[int, int] | None:
    """Return subject and folder of a row such as ``(..., s15, 1)`` or ``(1, 15)``."""
    texts = [cell_text(cell) for cell in row.cells]
    numbers = [int(text) for text in texts if text.isdigit() and len(text) < 4]
    named = [int(match[1]) for text in texts if (match := _FOLDER.fullmatch(text))]
    if named and numbers:
        return numbers[-1], named[0]
    # Two plain numbers: those of the folders run ahead of those of the subjects.
    return (min(numbers), max(numbers)) if len(numbers) == 2 else None


def _codes(
    main: WorkSheet, others: list[WorkSheet], problems: list[LabelProblem]
) -> dict[str, str]:
    """Return the four digits in a folder's name by the name of the stimulus."""
    for sheet in others:
        found = dict(_stimuli(sheet))
        if found:
            return found
    problems.append(_without(main, "stimuli", "the published codes are taken"))
    return _STIMULI


def _stimuli(sheet: WorkSheet) -> Iterator[tuple[str, str]]:
    for row in sheet.rows:
        texts = [cell_text(cell) for cell in row.cells]
        names = [text.replace(" ", "").lower() for text in texts if _LABEL.fullmatch(text)]
        # A spreadsheet that took 0101 for a number has lost its first digit.
        codes = [text.zfill(4) for text in texts if text.isdigit() and len(text) in {3, 4}]
        if names and codes:
            yield names[0], codes[0]


def _without(main: WorkSheet, what: str, remedy: str) -> LabelProblem:
    return LabelProblem(main.file, None, f"a sheet names the {what}", "there is none", remedy)


def _key(folder: int, code: str) -> VideoKey:
    return f"s{folder}", f"{folder}_{code}"


def _key_of(parts: tuple[str, ...]) -> VideoKey | None:
    match = _VIDEO.fullmatch(parts[-1]) if parts else None
    return _key(int(match[1]), match[2]) if match else None


CAS_ME2 = SheetLayout(
    DatasetKind.CAS_ME2,
    "CAS(ME)²",
    lambda _: Fraction(30),
    "a sheet like code_final.xlsx (subject, anger1_1, onset, apex, offset, units, ..., "
    "micro-expression), and folders such as rawpic/s15/15_0101...",
    _read,
    _key_of,
)
