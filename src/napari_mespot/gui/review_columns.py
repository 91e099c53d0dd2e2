"""What the columns of the review table say of an item, and how a new value is written into it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from napari_mespot.errors import EditError
from napari_mespot.gui import edits
from napari_mespot.gui.review import Item, Review
from napari_mespot.model import Clock, ExpressionKind, ReviewStatus

__all__ = ["COLUMNS", "Column", "column_index"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Parameters
    ----------
    name
        Key.
    title, tip
        Header, and what it means.
    text
        What the cell shows of an item, given the frame rate.
    key
        What the column is sorted by.
    write
        Returns the review with another value in the cell, given as text; raises ValueError for
        what is no such value, EditError for one that cannot be. None if the cell cannot be edited.
    is_number
        Whether it is set flush right.
    """

    name: str
    title: str
    tip: str
    text: Callable[[Item, Clock], str]
    key: Callable[[Item], Any]
    write: Callable[[Review, Item, str], Review] | None = None
    is_number: bool = False


def _length_text(item: Item, clock: Clock) -> str:
    seconds = float(clock.duration_of(item.expression.interval))
    return f"{seconds:.{3 if clock.rate >= 100 else 2}f}"


def _score_text(item: Item, clock: Clock) -> str:
    score = item.expression.score
    return "" if score is None else f"{score:.2f}"


def _score_key(item: Item) -> float:
    return -1.0 if item.expression.score is None else item.expression.score


def _write_onset(review: Review, item: Item, text: str) -> Review:
    return edits.set_onset(review, item.uid, int(text))


def _write_apex(review: Review, item: Item, text: str) -> Review:
    frame = int(text)
    if frame not in item.expression.interval:
        raise EditError(
            f"Frame {frame} lies outside of {item.name}: the apex stays; move onset or offset first"
        )
    return edits.set_apex(review, item.uid, frame)


def _write_offset(review: Review, item: Item, text: str) -> Review:
    return edits.set_offset(review, item.uid, int(text))


def _write_kind(review: Review, item: Item, text: str) -> Review:
    return edits.set_kind(review, item.uid, ExpressionKind(text))


def _write_status(review: Review, item: Item, text: str) -> Review:
    if text == item.status:
        return review
    return edits.set_status(review, (item.uid,), ReviewStatus(text))


def _annotate(name: str) -> Callable[[Review, Item, str], Review]:
    def write(review: Review, item: Item, text: str) -> Review:
        return edits.annotate(review, item.uid, **{name: text})

    return write


def _field(name: str, title: str, tip: str, *, is_written: bool = True) -> Column:
    """Return a column of a free text."""

    def text(item: Item, clock: Clock) -> str:
        return str(getattr(item.expression, name))

    def key(item: Item) -> str:
        return str(getattr(item.expression, name)).casefold()

    return Column(name, title, tip, text, key, _annotate(name) if is_written else None)


def _apex_text(item: Item, clock: Clock) -> str:
    return "" if item.expression.apex is None else str(item.expression.apex)


def _apex_key(item: Item) -> int:
    return -1 if item.expression.apex is None else item.expression.apex


COLUMNS: tuple[Column, ...] = (
    Column(
        "kind", "Kind", "ME or MaE", lambda i, c: i.kind.value, lambda i: i.kind.value, _write_kind
    ),
    Column(
        "onset",
        "Onset",
        "first frame",
        lambda i, c: str(i.onset),
        lambda i: i.onset,
        _write_onset,
        True,
    ),
    Column(
        "apex",
        "Apex",
        "frame of the strongest expression",
        _apex_text,
        _apex_key,
        _write_apex,
        True,
    ),
    Column(
        "offset",
        "Offset",
        "last frame, included",
        lambda i, c: str(i.offset),
        lambda i: i.offset,
        _write_offset,
        True,
    ),
    Column(
        "duration",
        "Length",
        "duration in seconds, both ends included",
        _length_text,
        lambda i: i.expression.interval.n_frames,
        None,
        True,
    ),
    Column("score", "Score", "peak score, 0 to 1", _score_text, _score_key, None, True),
    Column(
        "status",
        "Status",
        "what a person has said of it",
        lambda i, c: i.status.value,
        lambda i: i.status.value,
        _write_status,
    ),
    _field("action_units", "AUs", "action units, as written"),
    _field("emotion", "Emotion", "emotion, as written"),
    _field("source", "Source", "who found it", is_written=False),
    _field("coder", "Coder", "who coded it"),
    _field("notes", "Notes", "notes"),
)
"""The columns, in their first order."""


def column_index(name: str) -> int:
    """Return the number of a column."""
    return next(i for i, column in enumerate(COLUMNS) if column.name == name)
