"""Submissions to the MEGC challenge: one row per spotted interval, frames only.

::

    vid,pred_onset,pred_offset,type      (2022)
    vid,onset,offset,type                (2023)

`type` is ``me`` or ``mae``. The rules do not say whether the first frame is 0 or 1, and
published entries count from 0: numbers are ours, unchanged.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path

from napari_mespot.errors import AnnotationFormatError, OutputError
from napari_mespot.io.atomic import atomic_write
from napari_mespot.io.cells import escaped, parse_frame, parse_kind, restored
from napari_mespot.io.delimited import Record, column_key, csv_line, read_sheet
from napari_mespot.io.encoding import encoded
from napari_mespot.io.frame_cells import check_points, say_if_empty
from napari_mespot.io.notices import Notice, as_warning
from napari_mespot.model import Annotation, Expression, Interval, ReviewStatus, same_video

__all__ = ["YEARS", "megc_content", "read_megc", "write_megc"]

#: Columns of onset and offset, by year.
YEARS = {2022: ("pred_onset", "pred_offset"), 2023: ("onset", "offset")}


def write_megc(path: str | Path, annotations: Iterable[Annotation], year: int = 2023) -> None:
    """Write a submission.

    Parameters
    ----------
    path
        The challenge asks for the names ``cas_pred.csv`` and ``samm_pred.csv``.
    annotations
        One per video. A video without expressions leaves no row.
    year
        2022 or 2023.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    content = megc_content(Path(path), tuple(annotations), year)
    with atomic_write(path) as file:
        file.write(content)


def megc_content(
    path: Path, annotations: Sequence[Annotation], year: int, existing: bytes | None = None
) -> bytes:
    """Return the submission that :func:`write_megc` writes.

    Parameters
    ----------
    path, existing
        A file that holds something already; its rows of other videos stay.
    annotations, year
        What is written, and how.

    Raises
    ------
    OutputError
        If what is there is no submission of that year.
    """
    lines = [csv_line(("vid", *YEARS[year], "type"))]
    if existing is not None:
        lines += _rows_of_others(path, annotations, year)
    lines += [
        csv_line((escaped(a.video_id), str(e.onset), str(e.offset), e.kind.value.lower()))
        for a in annotations
        for e in a.expressions
    ]
    return encoded("".join(lines))


def _rows_of_others(path: Path, annotations: Sequence[Annotation], year: int) -> Iterator[str]:
    columns = ("vid", *YEARS[year], "type")
    try:
        sheet = read_sheet(path, columns)
        if {column_key(c) for c in sheet.columns} != set(columns):
            raise AnnotationFormatError(f"its columns are {', '.join(sheet.columns[:8])}")
    except AnnotationFormatError as error:
        raise OutputError(
            f"{path}: expected a submission of {year} to put rows into, got another file "
            f"({error}); write another file, or say --replace to start this one anew"
        ) from None
    keys = {column_key(c): c for c in sheet.columns}
    for row in sheet.records:
        video = restored(row.cells[keys["vid"]].strip())
        if not any(same_video(a.video_id, video) for a in annotations):
            yield csv_line(row.cells[keys[name]] for name in columns)


def read_megc(
    path: str | Path, *, frame_rate: Fraction | None = None, notice: Notice = as_warning
) -> tuple[Annotation, ...]:
    """Read a submission of either year; its intervals are predictions.

    Parameters
    ----------
    path
        The CSV file.
    frame_rate
        Frames per second, the same for all videos; may be left out.
    notice
        Is told what looks wrong.

    Returns
    -------
    tuple of Annotation
        One per video, in the order in which the file names them.

    Raises
    ------
    AnnotationFormatError
        If the file is no such table; the text names the file, the row and the column.
    """
    sheet = read_sheet(path, ("vid", "type"))
    columns = {column_key(column): column for column in sheet.columns}
    year = 2022 if YEARS[2022][0] in columns else 2023
    if not set(YEARS[year]) <= set(columns):
        read_sheet(path, ("vid", *YEARS[year], "type"))  # says which column is missing
    onset, offset = (columns[name] for name in YEARS[year])
    check_points(sheet.records, (onset, offset), notice)
    say_if_empty(sheet.path, sheet.records, notice)
    videos: dict[str, list[Expression]] = defaultdict(list)
    for row in sheet.records:
        video = restored(row.cells[columns["vid"]].strip())
        if not video:
            raise row.error("vid", "expected the name of a video, got an empty cell; fill it in")
        videos[video].append(_expression(row, onset, offset, columns["type"]))
    return tuple(
        Annotation(video, frame_rate=frame_rate, expressions=tuple(expressions))
        for video, expressions in videos.items()
    )


def _expression(row: Record, onset: str, offset: str, kind: str) -> Expression:
    def parsed(column: str) -> int:
        try:
            return parse_frame(row.cells[column])
        except ValueError as error:
            raise row.error(column, f"{error}; correct the cell") from None

    first, last = parsed(onset), parsed(offset)
    if last < first:
        raise row.error(offset, f"expected a frame from {first} (onset), got {last}; swap them")
    try:
        of_kind = parse_kind(row.cells[kind])
    except ValueError:
        raise row.error(kind, f"expected me or mae, got {row.cells[kind][:40]!r}") from None
    return Expression(Interval(first, last), of_kind, status=ReviewStatus.PREDICTED)
