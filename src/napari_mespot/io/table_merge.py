"""Rows of some videos put into a table of ours that holds others too."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from napari_mespot.errors import AnnotationFormatError, OutputError
from napari_mespot.io.delimited import Sheet, read_sheet
from napari_mespot.io.encoding import encoded
from napari_mespot.io.merging import GivingWay
from napari_mespot.io.notices import Notice
from napari_mespot.io.table import read_table, table_text
from napari_mespot.io.table_header import is_ours
from napari_mespot.model import Annotation, same_video

__all__ = ["merged_table"]


def merged_table(path: Path, annotations: Sequence[Annotation], notice: Notice) -> bytes:
    """Return a table with the annotations in place of what it said of their videos.

    Other videos, intervals of other coders, columns of other people and comments stay.

    Raises
    ------
    OutputError
        If the file is no table of intervals.
    """
    try:
        there = read_table(path, notice=lambda text: None)
        sheet = read_sheet(path, ("video",))
    except AnnotationFormatError as error:
        raise OutputError(
            f"{path}: expected a table of intervals to merge into, got another file ({error}); "
            "write another file, or say --replace to start this one anew"
        ) from None
    merged = list(there)
    for annotation in annotations:
        place = next((i for i, old in enumerate(there) if _is_same(old, annotation)), None)
        if place is None:
            merged.append(annotation)
        else:
            merged[place] = _merged(path, there[place], annotation, notice)
    return encoded(table_text(merged, comments=_comments(sheet), columns=sheet.columns))


def _is_same(one: Annotation, other: Annotation) -> bool:
    subjects = {one.subject_id, other.subject_id} - {""}
    return same_video(one.video_id, other.video_id) and len(subjects) < 2


def _merged(path: Path, old: Annotation, new: Annotation, notice: Notice) -> Annotation:
    going = GivingWay.to(new)
    kept = [e for e in old.expressions if not going.includes_expression(e)]
    going.tell(path, notice)
    n_frames = new.n_frames if new.n_frames is not None else old.n_frames
    try:
        return replace(
            new if new.clock is not None else new.with_clock(old.clock),
            n_frames=n_frames,
            subject_id=new.subject_id or old.subject_id,
            expressions=(*new.expressions, *kept),
            # A source that knows not even the length says nothing of what was looked at.
            reviewed=old.reviewed if new.n_frames is None and not new.reviewed else new.reviewed,
        )
    except ValueError as error:
        raise OutputError(
            f"{path}: expected annotations of the video that it is about, got others of "
            f"{new.video_id!r} ({error}); write another file"
        ) from None


def _comments(sheet: Sheet) -> list[tuple[str, ...]]:
    """Return the comments that are none of ours."""
    return [cells for _, cells in sheet.comments if not is_ours(cells)]
