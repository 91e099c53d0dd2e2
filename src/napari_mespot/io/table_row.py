"""One row of our table of intervals: from an expression and to one."""

from collections.abc import Callable
from fractions import Fraction
from typing import TypeVar

from napari_mespot.io.cells import (
    escaped,
    parse_frame,
    parse_kind,
    parse_score,
    parse_status,
    rate_text,
    restored,
)
from napari_mespot.io.delimited import Record
from napari_mespot.model import Annotation, Expression, Interval

__all__ = ["COLUMNS", "expression_cells", "parse_expression", "text_cell"]

T = TypeVar("T")

_TEXTS = ("action_units", "emotion", "source", "coder", "notes")
COLUMNS = (
    "video",
    "subject",
    "kind",
    "onset",
    "apex",
    "offset",
    "fps",
    "onset_s",
    "offset_s",
    "duration_s",
    "action_units",
    "emotion",
    "status",
    "source",
    "score",
    "coder",
    "notes",
)


def expression_cells(annotation: Annotation, expression: Expression) -> dict[str, str]:
    """Return the cells of one expression by column name, texts escaped."""
    e, clock = expression, annotation.clock
    cells = {
        "video": escaped(annotation.video_id),
        "subject": escaped(annotation.subject_id),
        "kind": e.kind.value,
        "onset": str(e.onset),
        "apex": "" if e.apex is None else str(e.apex),
        "offset": str(e.offset),
        "fps": rate_text(annotation.frame_rate),
        "status": e.status.value,
        "score": "" if e.score is None else repr(float(e.score)),
        **{name: escaped(getattr(e, name)) for name in _TEXTS},
        **{name: escaped(value) for name, value in e.extras},
    }
    if clock is not None:
        cells["onset_s"] = _seconds(clock.second_of(e.onset))
        cells["offset_s"] = _seconds(clock.end_of(e.offset))
        cells["duration_s"] = _seconds(clock.duration_of(e.interval))
    return cells


def parse_expression(row: Record, *, exact: bool) -> Expression:
    """Return the expression of one row, its unknown columns as extras.

    Parameters
    ----------
    row
        Cells by our column names.
    exact
        Whether blanks around a text belong to it.

    Raises
    ------
    AnnotationFormatError
        If a cell cannot be read; the text names file, row and column.
    """
    kind = _parsed(row, "kind", parse_kind)
    onset, offset = _parsed(row, "onset", parse_frame), _parsed(row, "offset", parse_frame)
    if offset < onset:
        raise row.error("offset", f"expected a frame from {onset} (onset), got {offset}; swap them")
    has_apex = bool(row.cells.get("apex", "").strip())
    apex = _parsed(row, "apex", parse_frame) if has_apex else None
    if apex is not None and not onset <= apex <= offset:
        raise row.error(
            "apex",
            f"expected a frame from {onset} to {offset}, got {apex}; correct it or leave it empty",
        )
    texts = {name: text_cell(row.cells.get(name, ""), exact=exact) for name in _TEXTS}
    extras = {c: text_cell(v, exact=exact) for c, v in row.cells.items() if c not in COLUMNS}
    return Expression(
        Interval(onset, offset),
        kind,
        apex=apex,
        score=_parsed(row, "score", parse_score),
        status=_parsed(row, "status", parse_status),
        extras=tuple(extras.items()),
        **texts,
    )


def text_cell(text: str, *, exact: bool) -> str:
    """Return the text that a cell stands for."""
    return restored(text if exact else text.strip())


def _parsed(row: Record, column: str, parse: Callable[[str], T]) -> T:
    try:
        return parse(row.cells.get(column, ""))
    except ValueError as error:
        raise row.error(column, f"{error}; correct the cell") from None


def _seconds(value: Fraction) -> str:
    """Write seconds to the microsecond, without idle zeros."""
    return f"{float(value):.6f}".rstrip("0").rstrip(".")
