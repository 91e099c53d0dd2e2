"""DeepEthogram labels (``NAME_labels.csv``): one row per frame, one column per behaviour.

A frame nobody has looked at is a row of -1 there, so our reviewed ranges survive. What a
column of ones and zeros cannot hold are two intervals of one kind that touch or overlap. The
first column, or one named ``frame``, says which frame a row is; a table that was cut or filtered
does not begin at 0.
"""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from napari_mespot.errors import AnnotationFormatError, OutputError
from napari_mespot.io.assembling import check_tiers, with_expressions
from napari_mespot.io.atomic import atomic_write
from napari_mespot.io.cells import parse_frame
from napari_mespot.io.delimited import Record, Sheet, column_key, csv_line, read_sheet
from napari_mespot.io.encoding import encoded
from napari_mespot.io.frame_cells import say_if_empty
from napari_mespot.io.notices import Notice, as_warning
from napari_mespot.io.tiers import TierReader, parse_tier
from napari_mespot.model import Annotation, ExpressionKind, Interval, merged

__all__ = ["deepethogram_content", "read_deepethogram", "write_deepethogram"]

_BACKGROUND, _ENDING = "background", "_labels"
_KINDS = (ExpressionKind.MICRO, ExpressionKind.MACRO)
_VALUES = {"1": 1, "1.0": 1, "0": 0, "0.0": 0, "-1": -1, "-1.0": -1}
_UNLABELLED = -1
_FRAME_NAMES = frozenset({"frame", "frames", "frame_index", "frame index", "index", "unnamed: 0"})


def write_deepethogram(
    path: str | Path, annotation: Annotation, *, notice: Notice = as_warning
) -> None:
    """Write the expressions of one video as DeepEthogram labels.

    A frame that lies in no reviewed range and in no expression is written as unlabelled.

    Raises
    ------
    OutputError
        If the file cannot be written, or the number of frames is unknown.
    """
    content = deepethogram_content(Path(path), annotation, None, notice)
    with atomic_write(path) as file:
        file.write(content)


def deepethogram_content(
    path: Path, annotation: Annotation, existing: bytes | None, notice: Notice
) -> bytes:
    """Return the labels that :func:`write_deepethogram` writes; raises what that raises.

    Parameters
    ----------
    path, existing
        A file that holds something already; its columns of other behaviours stay.
    annotation
        The video.
    notice
        Is told what cannot be held.
    """
    if annotation.n_frames is None:
        raise OutputError(
            f"{annotation.video_id}: expected a number of frames to write a row for each, got "
            "none; give it (--frames)"
        )
    values = np.zeros((annotation.n_frames, 3), np.int8)
    known = np.zeros(annotation.n_frames, np.bool_)
    for interval in (*annotation.reviewed, *(e.interval for e in annotation.expressions)):
        known[interval.onset : interval.offset + 1] = True
    for column, kind in enumerate(_KINDS, start=1):
        intervals = [e.interval for e in annotation.of_kind(kind)]
        for interval in intervals:
            values[interval.onset : interval.offset + 1, column] = 1
        n_lost = len(intervals) - len(merged(intervals))
        if n_lost:
            notice(
                f"{annotation.video_id}: {n_lost} {kind} touch or overlap the one before and "
                "cannot be told apart in DeepEthogram labels"
            )
    if not known.all():
        notice(
            f"{annotation.video_id}: {int((~known).sum())} frames that nobody has reviewed are "
            "written as unlabelled (-1)"
        )
    others = {} if existing is None else _other_columns(path, annotation.n_frames)
    columns = np.array([*others.values()], np.int8).reshape(len(others), annotation.n_frames)
    values[:, 0] = ~(values[:, 1:].any(axis=1) | (columns == 1).any(axis=0))
    # A row is unlabelled as a whole, unless somebody has labelled another behaviour there.
    is_known_otherwise = (columns != _UNLABELLED).any(axis=0)
    values[~known, 1:] = _UNLABELLED
    values[~known & ~is_known_otherwise, 0] = _UNLABELLED
    table = np.column_stack((np.arange(annotation.n_frames), values, *columns)).tolist()
    lines = [csv_line(("", _BACKGROUND, *_KINDS, *others))]
    lines += [",".join(map(str, row)) + "\n" for row in table]
    return encoded("".join(lines))


def _other_columns(path: Path, n_frames: int) -> dict[str, list[int]]:
    """Return the columns of a file of labels that are none of ours."""
    known = (_BACKGROUND, *_FRAME_NAMES)
    try:
        sheet = read_sheet(path, (_BACKGROUND,))
        names = [c for c in sheet.columns if c and column_key(c) not in known]
        names = [c for c in names if parse_tier(c) is None]
        if not names:
            return {}
        if _frames(sheet) != list(range(n_frames)):
            raise AnnotationFormatError(f"its rows are not the {n_frames} frames of the video")
        return {c: [_value(record, c) for record in sheet.records] for c in names}
    except AnnotationFormatError as error:
        raise OutputError(
            f"{path}: expected DeepEthogram labels of the same video to merge into, got another "
            f"file ({error}); write another file, or say --replace to start this one anew"
        ) from None


def read_deepethogram(
    path: str | Path, *, frame_rate: Fraction | None = None, notice: Notice = as_warning
) -> tuple[Annotation, ...]:
    """Read DeepEthogram labels: the columns named ``ME`` or ``MaE``.

    Parameters
    ----------
    path
        The ``NAME_labels.csv`` file; NAME is taken for the name of the video.
    frame_rate
        Frames per second; the file holds none, and may be left without.
    notice
        Is told what was left out.

    Returns
    -------
    tuple of Annotation
        One. The labelled rows are its reviewed ranges.

    Raises
    ------
    AnnotationFormatError
        If the file is no table of labels, or has no column of ours.
    """
    path = Path(path)
    sheet = read_sheet(path, (_BACKGROUND,))
    say_if_empty(path, sheet.records, notice)
    known = (_BACKGROUND, *_FRAME_NAMES)
    columns = [c for c in sheet.columns if c and column_key(c) not in known]
    background = next(c for c in sheet.columns if column_key(c) == _BACKGROUND)
    reader, video = TierReader(), Annotation(path.stem.removesuffix(_ENDING))
    tiers = {c: found for c in columns if (found := reader.tier(c)) is not None}
    check_tiers(path, reader, "columns", notice)
    if not tiers:
        raise AnnotationFormatError(
            f"{path}: expected a column named ME or MaE, got only {_BACKGROUND}"
        )
    frames = _frames(sheet)
    is_whole = sorted(frames) == list(range(len(frames)))
    if not is_whole:
        notice(
            f"{path}: its {len(frames)} rows are frames from {min(frames)} to {max(frames)}, by "
            "its column of frames; the others are unknown, and so is the number of frames"
        )
    values = np.array([[_value(r, c) for c in (background, *tiers)] for r in sheet.records])
    values = values.reshape(-1, 1 + len(tiers))
    labelled = (values != _UNLABELLED).all(axis=1)
    for column, (tier, is_apex) in enumerate(tiers.values(), start=1):
        for interval in _runs(frames, (values[:, column] == 1) & labelled):
            if is_apex:
                reader.add_apex(tier, interval.onset)
            else:
                reader.add(tier, interval, "")
    video = replace(
        video,
        n_frames=len(frames) if is_whole else None,
        frame_rate=frame_rate,
        reviewed=tuple(_runs(frames, labelled)),
    )
    return (with_expressions(path, video, reader, notice),)


def _frames(sheet: Sheet) -> list[int]:
    """Return the frame of each row."""
    column = next((c for c in sheet.columns if column_key(c) in _FRAME_NAMES), "")
    texts = [r.cells[column] if column else r.unnamed for r in sheet.records]
    if not any(text.strip() for text in texts):
        return _counted(sheet)
    seen: dict[int, int] = {}
    for record, text in zip(sheet.records, texts, strict=True):
        try:
            frame = parse_frame(text)
        except ValueError as error:
            raise record.error(column or "of frames", f"{error}; correct the cell") from None
        if frame in seen:
            raise record.error(
                column or "of frames",
                f"expected each frame once, got {frame} as in row {seen[frame]}",
            )
        seen[frame] = record.row
    return list(seen)


def _counted(sheet: Sheet) -> list[int]:
    """Return the frames of rows that do not say them: from 0, one to a row."""
    for before, record in pairwise(sheet.records):
        if record.row != before.row + 1:
            raise AnnotationFormatError(
                f"{sheet.path}, row {before.row + 1}: expected a row for each frame, got a blank "
                "one; fill it, or add a column 'frame'"
            )
    return list(range(len(sheet.records)))


def _value(record: Record, column: str) -> int:
    text = record.cells[column].strip()
    if text not in _VALUES:
        raise record.error(column, f"expected 1, 0 or -1 (unlabelled), got {text[:40]!r}")
    return _VALUES[text]


def _runs(frames: Sequence[int], flags: NDArray[np.bool_]) -> tuple[Interval, ...]:
    """Return the ranges of frames in which the flag is set."""
    return merged(Interval(f, f) for f, flag in zip(frames, flags.tolist(), strict=True) if flag)
