"""The two per-frame probability tracks as a CSV: ``frame,time_s,p_me,p_mae,found``.

One row per frame, no comments, so that any program draws it. Numbers are written with as
many digits as it takes to read the same number back; ``nan`` stands where no face was
found. The frame rate is not written: it follows from the times, which are those at which the
frames are shown. Where a video has cuts, or another person comes into view, a sixth column
``shot`` counts from 1 the parts that are not compared with each other.
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import nextafter
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from napari_mespot.errors import AnnotationFormatError
from napari_mespot.io.atomic import atomic_write
from napari_mespot.io.cells import parse_frame
from napari_mespot.io.delimited import Record, csv_line, read_sheet
from napari_mespot.model import Clock, ExpressionKind, ScoreSignal
from napari_mespot.model.bounds import FASTEST_FPS, LONGEST_S, SLOWEST_FPS

__all__ = ["read_scores", "write_scores"]

_COLUMNS = ("frame", "time_s", "p_me", "p_mae", "found")
_SHOT = "shot"
_BLOCK_ROWS = 4096
_UNIT_S = 1e-6
_KINDS = (ExpressionKind.MICRO, ExpressionKind.MACRO)


def write_scores(path: str | Path, signal: ScoreSignal) -> None:
    """Write the scores of one video, all or nothing.

    Raises
    ------
    OutputError
        If the file cannot be written; an existing file stays as it was.
    ValueError
        If the signal lacks one of the two kinds.
    """
    columns = [signal.of_kind(kind) for kind in _KINDS]
    with atomic_write(path) as file:
        file.write(csv_line((*_COLUMNS, _SHOT) if signal.breaks else _COLUMNS).encode())
        for start in range(0, signal.n_frames, _BLOCK_ROWS):
            rows = slice(start, start + _BLOCK_ROWS)
            file.write(_lines(signal, rows, *(column[rows] for column in columns)).encode())


def read_scores(
    path: str | Path, *, frame_rate: Fraction | None = None, clock: Clock | None = None
) -> ScoreSignal:
    """Read the scores of one video; the file's name without its endings names the video.

    Parameters
    ----------
    path
        A file written by :func:`write_scores`.
    frame_rate
        Frames per second; needed only if the file has no frame but frame 0, whose time
        says nothing.
    clock
        When the frames are shown, if that is known; else the times in the file say it, to the
        microsecond.

    Raises
    ------
    AnnotationFormatError
        If the file is not such a table, or its frames are not consecutive.
    """
    path = Path(path)
    records = read_sheet(path, _COLUMNS).records
    if not records:
        raise AnnotationFormatError(f"{path}: expected a row per frame, got none")
    frames = [_frame(record, records[0], row) for row, record in enumerate(records)]
    values = [[_number(record, "p_me"), _number(record, "p_mae")] for record in records]
    if clock is None:
        clock = Clock(frame_rate) if frame_rate else _clock(path, frames, records)
    return ScoreSignal(
        np.array(values, dtype=np.float32),
        np.array([_found(record) for record in records], dtype=np.bool_),
        clock.rate,
        video_id=path.name.removesuffix(".csv").removesuffix(".scores"),
        first_frame=frames[0],
        times=clock,
        breaks=_breaks(records, frames),
    )


def simplest_between(low: Fraction, high: Fraction) -> Fraction:
    """Return the fraction of the smallest denominator from `low` to `high` (both > 0).

    Continued fractions: the whole part is shared until one limit passes it.
    """
    whole = -(-low.numerator // low.denominator)
    if whole <= high:
        return Fraction(whole)
    rest = whole - 1
    return rest + 1 / simplest_between(1 / (high - rest), 1 / (low - rest))


def _lines(
    signal: ScoreSignal, rows: slice, me: NDArray[np.float32], mae: NDArray[np.float32]
) -> str:
    """Return the lines of some rows; not of all at once, so that memory stays flat."""
    frames, found = signal.frames[rows].tolist(), signal.found[rows].tolist()
    times = map(repr, _times(signal.clock, frames))
    columns: list[Iterable[object]] = [frames, times, map(_shortest, me), map(_shortest, mae)]
    columns.append(map(int, found))
    if signal.breaks:
        columns.append(np.searchsorted(signal.breaks, frames, side="right") + 1)
    line = ",".join(["{}"] * len(columns)) + "\n"
    return "".join(line.format(*cells) for cells in zip(*columns, strict=True))


def _times(clock: Clock, frames: list[int]) -> list[float]:
    if not clock.is_plain:
        return list(map(float, clock.seconds_of(frames)))
    per_second, seconds = clock.rate.as_integer_ratio()
    return [frame * seconds / per_second for frame in frames]  # rounded once, correctly


def _shortest(value: np.float32) -> str:
    """Write a float32 with the fewest digits that give it back."""
    return str(np.float32(value))


def _frame(record: Record, first: Record, row: int) -> int:
    try:
        frame = parse_frame(record.cells["frame"])
        expected = parse_frame(first.cells["frame"]) + row
    except ValueError as error:
        raise record.error("frame", f"{error}; correct the cell") from None
    if frame != expected:
        raise record.error("frame", f"expected {expected} (no frame left out), got {frame}")
    return frame


def _number(record: Record, column: str) -> float:
    try:
        return float(record.cells[column])
    except ValueError:
        raise record.error(
            column, f"expected a number or nan, got {record.cells[column]!r}"
        ) from None


def _breaks(records: Sequence[Record], frames: Sequence[int]) -> tuple[int, ...]:
    """Return the frames where another shot begins."""
    if _SHOT not in records[0].cells:
        return ()
    shots = [record.cells[_SHOT].strip() for record in records]
    places = zip(frames[1:], shots[1:], shots, strict=False)
    return tuple(frame for frame, now, before in places if now != before)


def _found(record: Record) -> bool:
    text = record.cells["found"].strip()
    if text not in {"0", "1"}:
        raise record.error("found", f"expected 1 or 0, got {text!r}")
    return text == "1"


def _clock(path: Path, frames: Sequence[int], records: Sequence[Record]) -> Clock:
    """Return the clock that gives the times of the file."""
    times = np.array([_number(record, "time_s") for record in records])
    plain = Clock(_frame_rate(path, frames, records))
    if len(times) < 3 or np.allclose(times, plain.seconds_of(frames), rtol=0, atol=_UNIT_S / 2):
        return plain
    stamps = np.round(times / _UNIT_S)
    if not (np.abs(stamps) < 2**52).all() or (np.diff(stamps) <= 0).any():
        raise AnnotationFormatError(
            f"{path}: expected times that rise from row to row, got others; write the file anew"
        )
    unit = Fraction(1, round(1 / _UNIT_S))
    span, steps = Fraction(times[-1]) - Fraction(times[0]), len(frames) - 1
    rounding = 2 * Fraction(float(np.spacing(np.abs(times).max())))
    rate = simplest_between(steps / (span + rounding), steps / (span - rounding))
    missing = frames[0]  # the file begins with this frame
    before = np.round(np.arange(-missing, 0) * float(1 / (rate * unit)))
    first = int(stamps[0]) * unit - missing / rate
    every = np.concatenate([stamps[0] + before, stamps])
    return Clock.of_stamps(every, unit, rate, starts_late_s=first)


def _frame_rate(path: Path, frames: Sequence[int], records: Sequence[Record]) -> Fraction:
    """Return the simplest frame rate that gives the last time, rounded as a float is."""
    frame, time_s = frames[-1], _number(records[-1], "time_s")
    if frame == 0 or not 0 < time_s < LONGEST_S or not SLOWEST_FPS < frame / time_s < FASTEST_FPS:
        raise AnnotationFormatError(
            f"{path}: expected times that tell the frame rate, got {time_s} s for frame "
            f"{frame}; give the frame rate"
        )
    exact = Fraction(time_s)
    below, above = (Fraction(nextafter(time_s, to)) for to in (0.0, float("inf")))
    return simplest_between(frame / ((exact + above) / 2), frame / ((exact + below) / 2))
