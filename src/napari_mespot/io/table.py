"""Our own table of intervals: one row per expression, lossless and atomic.

::

    # mespot intervals,version,1
    # video,clip,subject,006,frames,300,fps,30,reviewed,0..99 200..299
    video,subject,kind,onset,apex,offset,fps,onset_s,offset_s,duration_s,action_units,…
    clip,006,ME,12,15,20,30,0.4,0.7,0.3,4B+7C,…

The comment rows carry what the row of an expression cannot: that a video without
expressions exists, how long it is, where a person has looked and, behind ``times``, when the
frames are shown if that is not frame / fps. The columns in seconds
are for the reader's eye; on reading, the frames are the truth. Columns that this format
does not know are kept with each expression.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from napari_mespot.errors import AnnotationFormatError
from napari_mespot.io.atomic import atomic_write
from napari_mespot.io.cells import escaped, parse_rate, rate_text, restored
from napari_mespot.io.delimited import Record, Sheet, column_key, csv_line, read_sheet
from napari_mespot.io.encoding import encoded
from napari_mespot.io.frame_cells import check_points, say_if_empty
from napari_mespot.io.notices import Notice, as_warning
from napari_mespot.io.table_header import first_cells, header_cells, read_headers
from napari_mespot.io.table_row import COLUMNS, expression_cells, parse_expression, text_cell
from napari_mespot.model import Annotation, Expression, composed, exact_rate, same_rate

__all__ = ["read_table", "table_text", "write_table"]

_FRAMES = ("onset", "apex", "offset")
_REQUIRED = ("video", "kind", "onset", "offset")
_Key = tuple[str, str]  # video and subject: data sets use one video name for many subjects


def write_table(path: str | Path, annotations: Iterable[Annotation]) -> None:
    """Write the expressions of one or several videos, all or nothing.

    Parameters
    ----------
    path
        The CSV file to make or replace; its folder must exist.
    annotations
        One per video. A video without expressions is written too.

    Raises
    ------
    OutputError
        If the file cannot be written; an existing file stays as it was.
    ValueError
        If a video has no name or comes twice with the same subject, or an expression has
        an extra column with the name of one of ours.
    """
    text = table_text(annotations)
    with atomic_write(path) as file:
        file.write(encoded(text))


def table_text(
    annotations: Iterable[Annotation],
    *,
    marks: Iterable[Sequence[str]] = (),
    comments: Iterable[Sequence[str]] = (),
    columns: Iterable[str] = (),
) -> str:
    """Return the table that :func:`write_table` writes; raises what that raises.

    Parameters
    ----------
    annotations
        One per video.
    marks
        Comment rows that say what the table is.
    comments
        Further comment rows, as they were read.
    columns
        Further columns, also where no row has anything in them.
    """
    annotations = tuple(annotations)
    others = {restored(c.strip()): None for c in columns if column_key(c) not in COLUMNS}
    others |= dict.fromkeys(_extra_columns(annotations))
    columns = (*COLUMNS, *filter(None, others))
    _check_names(annotations)
    lines = [csv_line(first_cells()), *map(csv_line, marks)]
    lines += [csv_line(escaped(cell) for cell in header_cells(a)) for a in annotations]
    lines += [csv_line(cells) for cells in comments]
    lines.append(csv_line(escaped(name) for name in columns))
    for annotation in annotations:
        for expression in annotation.expressions:
            cells = expression_cells(annotation, expression)
            lines.append(csv_line(cells.get(name, "") for name in columns))
    return "".join(lines)


def read_table(path: str | Path, *, notice: Notice = as_warning) -> tuple[Annotation, ...]:
    """Read the expressions of one or several videos.

    Any CSV with at least the columns ``video, kind, onset, offset`` is accepted; frames are
    0-based and both ends belong to the interval. Commas, semicolons and tabs are told apart.
    Rows with the same video and subject are one annotation. Without our comment rows the
    length and the reviewed ranges of a video are unknown.

    Parameters
    ----------
    path
        The CSV file.
    notice
        Is told what looks wrong.

    Returns
    -------
    tuple of Annotation
        One per video, in the order in which the file names them.

    Raises
    ------
    AnnotationFormatError
        If the file is not such a table; the text names the file, the row and the column.
    """
    sheet = read_sheet(path, _REQUIRED)
    headers = read_headers(sheet)
    # In a file that we wrote every blank counts; in any other, blanks are slips.
    exact = headers is not None and set(_REQUIRED) <= set(sheet.columns)
    rows = _named_rows(sheet, exact=exact)
    check_points(rows, _FRAMES, notice)
    if headers is None:
        say_if_empty(sheet.path, rows, notice)
    keys = _keys(headers or (), rows, exact=exact)
    videos = {keys[a.video_id, a.subject_id]: a for a in headers or ()}
    expressions: dict[_Key, list[Expression]] = defaultdict(list)
    for row in rows:
        key = keys[_row_key(row, exact=exact)]
        videos[key] = _with_rate(videos.get(key, Annotation(key[0])), row)
        expression = parse_expression(row, exact=exact)
        _check_inside(row, expression, videos[key].n_frames)
        expressions[key].append(expression)
    return tuple(
        replace(video, subject_id=subject, expressions=tuple(expressions[name, subject]))
        for (name, subject), video in videos.items()
    )


def _check_names(annotations: Sequence[Annotation]) -> None:
    seen = set()
    for annotation in annotations:
        key = (annotation.video_id, annotation.subject_id)
        if not annotation.video_id:
            raise ValueError("Expected a video_id in every annotation, got an empty one")
        if key in seen:
            raise ValueError(f"Expected one annotation per video, got two of {key}")
        seen.add(key)


def _extra_columns(annotations: Sequence[Annotation]) -> tuple[str, ...]:
    """List the columns of other people, in order of first appearance."""
    extras = {name: None for a in annotations for e in a.expressions for name, _ in e.extras}
    for name in extras:
        if name in COLUMNS:
            raise ValueError(f"Expected extras beside our own columns, got an extra {name!r}")
    return tuple(extras)


def _named_rows(sheet: Sheet, *, exact: bool) -> list[Record]:
    """Return the rows with our names for our columns, and clean names for the others."""
    names: dict[str, str] = {}
    for column in filter(None, sheet.columns):
        ours = column if exact else column_key(column)
        names[column] = ours if ours in COLUMNS else text_cell(column, exact=exact)
    for name, n_times in Counter(names.values()).items():
        if n_times > 1:
            raise AnnotationFormatError(
                f"{sheet.path}: expected each column once, got {name!r} twice; rename one"
            )
    return [
        replace(record, cells={names[c]: value for c, value in record.cells.items()})
        for record in sheet.records
    ]


def _row_key(row: Record, *, exact: bool) -> _Key:
    """Return the video and the subject that a row names."""
    video = composed(text_cell(row.cells["video"], exact=exact))
    if not video:
        raise row.error("video", "expected the name of a video, got an empty cell; fill it in")
    return video, composed(text_cell(row.cells.get("subject", ""), exact=exact))


def _keys(
    headers: Sequence[Annotation], rows: Sequence[Record], *, exact: bool
) -> dict[_Key, _Key]:
    """Map what header and rows name to the video meant.

    A subject that is filled in for some rows of a video holds for all of it, unless the
    file has several videos of that name.
    """
    declared = {(a.video_id, a.subject_id) for a in headers}
    named = declared | {_row_key(row, exact=exact) for row in rows}
    subjects: dict[str, set[str]] = defaultdict(set)
    for video, subject in named:
        subjects[video].add(subject)
    several = {v for v, names in subjects.items() if len(names - {""}) != 1}
    several |= {v for v in subjects if sum(video == v for video, _ in declared) > 1}
    return {
        (video, subject): (video, subject if video in several else max(subjects[video]))
        for video, subject in named
    }


def _with_rate(video: Annotation, row: Record) -> Annotation:
    """Take the frame rate from the row, or see that it agrees."""
    try:
        rate = parse_rate(row.cells.get("fps", ""))
    except ValueError as error:
        raise row.error("fps", f"{error}; correct it or leave it empty") from None
    if rate is None or rate == video.frame_rate:
        return video
    if video.frame_rate is None:
        return replace(video, frame_rate=rate)
    if not same_rate(rate, video.frame_rate):
        raise row.error(
            "fps",
            f"expected {rate_text(video.frame_rate)} as elsewhere for this video, got "
            f"{rate_text(rate)}; give a video one frame rate",
        )
    return replace(video, frame_rate=exact_rate(rate))


def _check_inside(row: Record, expression: Expression, n_frames: int | None) -> None:
    if n_frames is not None and expression.offset >= n_frames:
        raise row.error(
            "offset",
            f"expected a frame below {n_frames}, the length of the video, got "
            f"{expression.offset}; correct it, or the length in the comment row of the video",
        )
