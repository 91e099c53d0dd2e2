"""From smoothed scores to expressions (paper, section 4.1, and our decisions beyond it).

The paper thresholds the scores and takes the runs as intervals. Here, for each kind by
itself and in this order: hysteresis, merging of close runs, measured shift of onset and
offset, minimum and maximum duration.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_mespot.model import (
    Expression,
    ExpressionKind,
    Interval,
    ReviewStatus,
    ScoreSignal,
)
from napari_mespot.spotting.lengths import Lengths
from napari_mespot.spotting.params import DetectionParams, KindDetectionParams

__all__ = ["Found", "find_expressions", "find_of_kind", "search_of_kind"]

_Runs = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Found:
    """What the scores of one kind hold.

    Parameters
    ----------
    expressions
        The expressions found.
    too_long
        What would be expressions, but lasts longer than ``max_duration_s``: never silently lost,
        for a lower threshold lets the best ones grow until they are left out.
    """

    expressions: tuple[Expression, ...]
    too_long: tuple[Expression, ...] = ()


def find_expressions(
    signal: ScoreSignal, params: DetectionParams, *, source: str = ""
) -> tuple[Expression, ...]:
    """Find the expressions of both kinds in smoothed scores.

    A run starts where the score reaches ``threshold`` and goes on, in both directions, as long
    as it stays at or above ``low_threshold``. A frame without a score ends a run, and no gap
    that holds such a frame is closed; nor does a run or a gap go on over a break of the signal.
    A duration is the time for which the frames of an interval are shown: at a steady 30 fps, up
    to 0.5 s means at most 15 frames.

    Parameters
    ----------
    signal
        Smoothed scores.
    params
        Thresholds, and times in seconds, for each kind.
    source
        Name of what made the scores, for :attr:`~napari_mespot.model.Expression.source`.

    Returns
    -------
    Expressions with the status *predicted*, in order; the score of each is its highest
    smoothed score, its apex the first frame that has it.
    """
    found = [
        expression
        for kind in signal.kinds
        for expression in find_of_kind(signal, kind, params.of_kind(kind), source=source)
    ]
    return tuple(sorted(found, key=lambda e: e.sort_key))


def find_of_kind(
    signal: ScoreSignal, kind: ExpressionKind, params: KindDetectionParams, *, source: str = ""
) -> tuple[Expression, ...]:
    """Find the expressions of one kind; see :func:`find_expressions`."""
    return search_of_kind(signal, kind, params, source=source).expressions


def search_of_kind(
    signal: ScoreSignal, kind: ExpressionKind, params: KindDetectionParams, *, source: str = ""
) -> Found:
    """Find the expressions of one kind, and what is left out because it is too long."""
    scores = signal.of_kind(kind)
    parts = [_found_in(signal, rows, kind, params) for rows in signal.stretches]
    found, too_long = (
        tuple(
            _expression(scores, signal.first_frame, kind, run, source)
            for run in np.concatenate(runs).tolist()
        )
        for runs in zip(*parts, strict=True)
    )
    return Found(found, too_long)


def _found_in(
    signal: ScoreSignal, rows: slice, kind: ExpressionKind, params: KindDetectionParams
) -> tuple[_Runs, _Runs]:
    """Return first and last row of each interval in rows without a break, and of those too long."""
    scores, lengths = signal.of_kind(kind)[rows], Lengths(signal, rows.start)
    runs = _hysteresis(scores, params.threshold, params.low_threshold)
    runs = _close_gaps(runs, scores, params.merge_gap_s, lengths)
    runs = _shift(runs, scores, params, lengths)
    start, stop = runs[:, 0], runs[:, 1] + 1
    runs = runs[lengths.at_least(start, stop, params.min_duration_s)]
    fits = lengths.at_most(runs[:, 0], runs[:, 1] + 1, params.max_duration_s)
    return runs[fits] + rows.start, runs[~fits] + rows.start


def _expression(
    scores: NDArray[np.float32],
    first_frame: int,
    kind: ExpressionKind,
    run: list[int],
    source: str,
) -> Expression:
    onset, offset = run
    peak = onset + int(scores[onset : offset + 1].argmax())
    return Expression(
        interval=Interval(first_frame + onset, first_frame + offset),
        kind=kind,
        apex=first_frame + peak,
        score=float(scores[peak]),
        status=ReviewStatus.PREDICTED,
        source=source,
    )


def _hysteresis(scores: NDArray[np.float32], high: float, low: float) -> _Runs:
    """Return runs (first, last row) at or above `low` that reach `high` somewhere.

    Comparisons with NaN are False, so a row without a score is in no run.
    """
    runs = _runs_of(scores >= low)
    return runs[_any_within(scores >= high, runs[:, 0], runs[:, 1] + 1)]


def _close_gaps(
    runs: _Runs, scores: NDArray[np.float32], longest_s: float, lengths: Lengths
) -> _Runs:
    """Join runs with at most `longest_s` between them, all rows of which have a score."""
    if len(runs) < 2:
        return runs
    start, stop = runs[:-1, 1] + 1, runs[1:, 0]
    apart = ~lengths.at_most(start, stop, longest_s) | _any_within(np.isnan(scores), start, stop)
    return _joined(runs, apart)


def _shift(
    runs: _Runs, scores: NDArray[np.float32], params: KindDetectionParams, lengths: Lengths
) -> _Runs:
    """Move onsets and offsets, within the stretch of scored rows each run lies in.

    A run whose onset would pass its offset is dropped; runs that come to overlap become one.
    """
    if not len(runs) or (params.onset_shift_s == 0 and params.offset_shift_s == 0):
        return runs
    stretches = _runs_of(~np.isnan(scores))
    home = stretches[np.searchsorted(stretches[:, 0], runs[:, 0], side="right") - 1]
    first = np.clip(lengths.moved(runs[:, 0], params.onset_shift_s), home[:, 0], home[:, 1])
    after = lengths.moved(runs[:, 1] + 1, params.offset_shift_s)
    last = np.clip(after - 1, home[:, 0], home[:, 1])
    moved = np.stack([first, last], axis=1)[first <= last]
    return _joined(moved, moved[1:, 0] > moved[:-1, 1])


def _joined(runs: _Runs, apart: NDArray[np.bool_]) -> _Runs:
    """Join neighbours, in order, except where `apart`, shape (n_runs - 1,), is True."""
    if not len(runs):
        return runs
    first = np.concatenate([[True], apart])
    last = np.concatenate([apart, [True]])
    return np.stack([runs[first, 0], runs[last, 1]], axis=1)


def _any_within(
    mask: NDArray[np.bool_], start: NDArray[np.int64], stop: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Whether `mask` is True anywhere in rows start..stop - 1, for each pair of ends."""
    rows = np.flatnonzero(mask)
    return np.searchsorted(rows, stop) > np.searchsorted(rows, start)


def _runs_of(mask: NDArray[np.bool_]) -> _Runs:
    """Return the first and last row of each run of True, shape (n_runs, 2)."""
    edges = np.flatnonzero(np.diff(mask, prepend=False, append=False))
    return np.stack([edges[::2], edges[1::2] - 1], axis=1)
