"""From the evidence of a training-free spotter to expressions."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from napari_mespot.errors import NoFaceError
from napari_mespot.model import (
    Annotation,
    Expression,
    ExpressionKind,
    Interval,
    ReviewStatus,
    ScoreSignal,
)
from napari_mespot.spotting.baselines.params import PeakParams
from napari_mespot.spotting.spotter import SpottingResult

__all__ = ["find_peaks", "frames_of", "result_of", "threshold_of", "width_of"]


def frames_of(seconds: float, frame_rate: Fraction) -> int:
    """Return a time in frames, at least one."""
    return max(1, round(seconds * float(frame_rate)))


def threshold_of(evidence: NDArray[np.float64], params: PeakParams) -> float:
    """Return ``mean + share · (maximum - mean)``, or the floor where that is lower.

    Parameters
    ----------
    evidence
        Shape (n,), not NaN.
    params
        Share and floor.
    """
    if not evidence.size:
        return params.floor
    mean = float(evidence.mean())
    return max(params.floor, mean + params.share * (float(evidence.max()) - mean))


def find_peaks(evidence: NDArray[np.float64], threshold: float, apart: int) -> tuple[int, ...]:
    """Return the rows of the highest peaks, none of them within `apart` rows of a higher one.

    Parameters
    ----------
    evidence
        Shape (n,), not NaN.
    threshold
        What a peak must exceed.
    apart
        Rows.
    """
    order = np.argsort(-evidence, kind="stable")
    taken = np.zeros(len(evidence), dtype=np.bool_)
    peaks = []
    for row in order[evidence[order] > threshold].tolist():
        # A row beside a higher one is on its slope; so a slope is no peak however long it is.
        if not taken[row]:
            peaks.append(row)
        taken[max(0, row - apart) : row + apart + 1] = True
    return tuple(sorted(peaks))


def width_of(evidence: NDArray[np.float64], peak: int) -> int:
    """Return for how many rows around a peak the evidence stays above half its height."""
    below = np.flatnonzero(evidence <= evidence[peak] / 2)
    place = int(np.searchsorted(below, peak))
    first = int(below[place - 1]) if place > 0 else -1
    last = int(below[place]) if place < len(below) else len(evidence)
    return last - first - 1


def result_of(
    signals: tuple[ScoreSignal, ScoreSignal],
    intervals: Mapping[ExpressionKind, Iterable[tuple[Interval, int]]],
    source: str,
    warnings: tuple[str, ...] = (),
) -> SpottingResult:
    """Put together what was found.

    An ME that overlaps an MaE is taken for a part of it and left out. Intervals of one kind
    that overlap are cut where the second begins.

    Parameters
    ----------
    signals
        Evidence as it is, and as it was searched for peaks.
    intervals
        Interval and apex of every expression, by kind.
    source
        Name of the spotter.
    warnings
        One-line texts for the user.

    Raises
    ------
    NoFaceError
        If no frame has a face.
    """
    raw, searched = signals
    if not raw.found.any():
        raise NoFaceError(
            f"No face in any of the {raw.n_frames} frames of {raw.video_id}: expected a face "
            "seen from the front"
        )
    evidence = {kind: searched.of_kind(kind) for kind in ExpressionKind}
    found = {
        kind: _apart([_expression(i, apex, kind, evidence[kind], source) for i, apex in places])
        for kind, places in intervals.items()
    }
    macro = found.get(ExpressionKind.MACRO, [])
    micro = [
        e
        for e in found.get(ExpressionKind.MICRO, [])
        if not any(e.interval.overlap(m.interval) for m in macro)
    ]
    annotation = Annotation(raw.video_id, raw.n_frames, raw.frame_rate, tuple(micro) + tuple(macro))
    return SpottingResult(raw, searched, annotation, warnings)


def _expression(
    interval: Interval,
    apex: int,
    kind: ExpressionKind,
    evidence: NDArray[np.float32],
    source: str,
) -> Expression:
    return Expression(
        interval,
        kind,
        apex,
        score=float(evidence[apex]),
        status=ReviewStatus.PREDICTED,
        source=source,
    )


def _apart(expressions: list[Expression]) -> list[Expression]:
    """Cut each interval where the next begins, never before its own apex."""
    ordered = sorted(expressions, key=lambda e: e.sort_key)
    out = ordered[-1:]
    for one, after in zip(ordered[-2::-1], ordered[:0:-1], strict=True):
        last = max(one.apex or one.onset, min(one.offset, after.onset - 1))
        out.append(replace(one, interval=Interval(one.onset, last)))
    return out
