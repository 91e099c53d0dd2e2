"""DeepEthogram labels (``NAME_labels.csv``): one row per frame, one column per behaviour.

A frame nobody has looked at is a row of -1 there, so our reviewed ranges survive. What a
column of ones and zeros cannot hold are two intervals of one kind that touch or overlap.
"""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from napari_mespot.errors import AnnotationFormatError, OutputError
from napari_mespot.io.assembling import check_tiers, with_expressions
from napari_mespot.io.atomic import atomic_write
from napari_mespot.io.delimited import Record, column_key, read_sheet
from napari_mespot.io.notices import Notice, as_warning
from napari_mespot.io.tiers import TierReader
from napari_mespot.model import Annotation, ExpressionKind, Interval, merged

__all__ = ["read_deepethogram", "write_deepethogram"]

_BACKGROUND, _ENDING = "background", "_labels"
_KINDS = (ExpressionKind.MICRO, ExpressionKind.MACRO)
_VALUES = {"1": 1, "1.0": 1, "0": 0, "0.0": 0, "-1": -1, "-1.0": -1}
_UNLABELLED = -1


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
    values[:, 0] = ~values[:, 1:].any(axis=1)
    values[~known] = _UNLABELLED
    lines = [",".join(("", _BACKGROUND, *_KINDS))]
    lines += [f"{frame},{b},{me},{mae}" for frame, (b, me, mae) in enumerate(values.tolist())]
    with atomic_write(path) as file:
        file.write(("\n".join(lines) + "\n").encode())


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
    columns = [c for c in sheet.columns if c.strip() and column_key(c) != _BACKGROUND]
    background = next(c for c in sheet.columns if column_key(c) == _BACKGROUND)
    reader, video = TierReader(), Annotation(path.stem.removesuffix(_ENDING))
    tiers = {c: found[0] for c in columns if (found := reader.tier(c)) is not None}
    check_tiers(path, reader, "columns", notice)
    if not tiers:
        raise AnnotationFormatError(
            f"{path}: expected a column named ME or MaE, got only {_BACKGROUND}"
        )
    values = np.array([[_value(r, c) for c in (background, *tiers)] for r in sheet.records])
    values = values.reshape(-1, 1 + len(tiers))
    labelled = (values != _UNLABELLED).all(axis=1)
    for column, tier in enumerate(tiers.values(), start=1):
        for interval in _runs((values[:, column] == 1) & labelled):
            reader.add(tier, interval, "")
    video = replace(
        video, n_frames=len(values), frame_rate=frame_rate, reviewed=tuple(_runs(labelled))
    )
    return (with_expressions(path, video, reader, notice),)


def _value(record: Record, column: str) -> int:
    text = record.cells[column].strip()
    if text not in _VALUES:
        raise record.error(column, f"expected 1, 0 or -1 (unlabelled), got {text[:40]!r}")
    return _VALUES[text]


def _runs(flags: NDArray[np.bool_]) -> list[Interval]:
    """Return the ranges of frames in which the flag is set."""
    changes = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False])).astype(np.int8)))
    return [Interval(int(a), int(b) - 1) for a, b in zip(changes[::2], changes[1::2], strict=True)]
