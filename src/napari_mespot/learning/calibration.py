"""Make scores mean something: probabilities that fit, thresholds that were measured.

Both are found on sequences that training never saw, and travel in the checkpoint.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from statistics import median

import numpy as np
from numpy.typing import NDArray

from napari_mespot.evaluation import SpottingCounts, match_expressions
from napari_mespot.learning.params import CalibrationParams
from napari_mespot.model import Annotation, ExpressionKind, ScoreSignal
from napari_mespot.spotting import (
    DetectionParams,
    KindDetectionParams,
    SmoothingParams,
    SpottingParams,
    find_expressions,
    smooth,
)

__all__ = ["Platt", "ScoredSequence", "calibrate_spotting", "count_hits", "fit_platt"]

ScoredSequence = tuple[Annotation, ScoreSignal]
"""The truth about a video, and its calibrated scores before smoothing."""


@dataclass(frozen=True, slots=True)
class Platt:
    """probability = sigmoid((logit + bias) / temperature)."""

    temperature: float = 1.0
    bias: float = 0.0


def fit_platt(logits: NDArray[np.floating], targets: NDArray[np.floating]) -> Platt:
    """Fit temperature and bias by maximum likelihood (Platt scaling), with Newton's method.

    Parameters
    ----------
    logits, targets
        Shape (n,) each; both classes must occur.

    Raises
    ------
    ValueError
        If only one class occurs, or higher logits do not mean more positives.
    """
    y = np.asarray(targets, dtype=np.float64)
    if not 0 < y.mean() < 1:
        raise ValueError(f"Expected positives and negatives, got a share of {y.mean()}")
    x = np.stack([np.asarray(logits, dtype=np.float64), np.ones(len(y))], axis=1)
    line = np.array([1.0, 0.0])
    for _ in range(100):
        p = 1 / (1 + np.exp(-np.clip(x @ line, -50, 50)))
        hessian = (x * (p * (1 - p))[:, np.newaxis]).T @ x + 1e-6 * np.eye(2)
        step = np.linalg.solve(hessian, x.T @ (y - p))
        line = line + step / max(1.0, float(np.abs(step).max()))
        if np.abs(step).max() < 1e-8:
            break
    slope, shift = map(float, line)
    if slope <= 0:
        raise ValueError(f"Expected logits that rise with the targets, got a slope of {slope}")
    return Platt(temperature=1 / slope, bias=shift / slope)


def calibrate_spotting(
    sequences: Sequence[ScoredSequence], params: CalibrationParams
) -> SpottingParams:
    """Choose cut-offs, thresholds and onset/offset corrections, one set per kind.

    For each kind the combination with the highest F-beta (strict rule, IoU ≥ 0.5, counts
    summed over all sequences and frame rates) is taken; it is averaged with that of the next
    lower and higher threshold, so that a lucky peak does not win. The corrections are the
    median errors of onset and offset of what was then found.
    """
    chosen = {kind: _calibrate_kind(sequences, kind, params) for kind in ExpressionKind}
    me, mae = chosen[ExpressionKind.MICRO], chosen[ExpressionKind.MACRO]
    return SpottingParams(
        smoothing=SmoothingParams(
            cutoff_me_hz=me[0], cutoff_mae_hz=mae[0], normalisation=params.normalisation
        ),
        detection=DetectionParams(me=me[1], mae=mae[1]),
    )


def count_hits(
    sequences: Sequence[ScoredSequence], params: SpottingParams, kind: ExpressionKind
) -> SpottingCounts:
    """Count hits, false alarms and misses of one kind over all sequences, strict rule."""
    smoothed = [(truth, smooth(signal, params.smoothing)) for truth, signal in sequences]
    total = SpottingCounts(0, 0, 0)
    for _, _, counts in _matched(smoothed, params.detection, kind):
        total = total + counts
    return total


def _calibrate_kind(
    sequences: Sequence[ScoredSequence],
    kind: ExpressionKind,
    calibration: CalibrationParams,
) -> tuple[float, KindDetectionParams]:
    params = calibration.of_kind(kind)
    beta = params.beta or calibration.beta
    best: tuple[float, float, KindDetectionParams] | None = None
    for cutoff in params.cutoffs_hz:
        smoothing = _smoothing(cutoff, calibration)
        smoothed = [(truth, smooth(signal, smoothing)) for truth, signal in sequences]
        for low_share, gap_s in product(params.low_shares, params.merge_gaps_s):
            rules = [
                KindDetectionParams(
                    threshold=threshold,
                    low_threshold=low_share * threshold,
                    merge_gap_s=gap_s,
                    min_duration_s=params.min_duration_s,
                    max_duration_s=params.max_duration_s,
                )
                for threshold in params.thresholds
            ]
            scores = np.array([_f_beta(smoothed, kind, rule, beta) for rule in rules])
            steady = np.convolve(np.pad(scores, 1, mode="edge"), [0.25, 0.5, 0.25], mode="valid")
            top = len(steady) - 1 - int(steady[::-1].argmax())  # of equals the strictest
            if best is None or steady[top] > best[0]:
                best = (float(steady[top]), cutoff, rules[top])
    if best is None:
        raise ValueError("Expected at least one cut-off, low share and merge gap to try")
    _, cutoff, rule = best
    smoothing = _smoothing(cutoff, calibration)
    smoothed = [(truth, smooth(signal, smoothing)) for truth, signal in sequences]
    return cutoff, _with_shifts(smoothed, kind, rule, beta)


def _smoothing(cutoff_hz: float, calibration: CalibrationParams) -> SmoothingParams:
    return SmoothingParams(
        cutoff_me_hz=cutoff_hz, cutoff_mae_hz=cutoff_hz, normalisation=calibration.normalisation
    )


def _with_shifts(
    smoothed: Sequence[ScoredSequence],
    kind: ExpressionKind,
    rule: KindDetectionParams,
    beta: float,
) -> KindDetectionParams:
    """Correct onset and offset by their median errors, if that finds as much or more."""
    onsets, offsets = [], []
    for onset_s, offset_s, _ in _matched(smoothed, _both(rule), kind):
        onsets += onset_s
        offsets += offset_s
    if not onsets:
        return rule
    shifted = rule.model_copy(
        update={
            "onset_shift_s": round(-median(onsets), 3),
            "offset_shift_s": round(-median(offsets), 3),
        }
    )
    before, after = (_f_beta(smoothed, kind, r, beta) for r in (rule, shifted))
    return shifted if after >= before else rule


def _f_beta(
    smoothed: Sequence[ScoredSequence],
    kind: ExpressionKind,
    rule: KindDetectionParams,
    beta: float,
) -> float:
    """(1 + b²) tp / ((1 + b²) tp + b² fn + fp), 0 if nothing is found."""
    total = SpottingCounts(0, 0, 0)
    for _, _, counts in _matched(smoothed, _both(rule), kind):
        total = total + counts
    weighted = (1 + beta**2) * total.tp
    return weighted / (weighted + beta**2 * total.fn + total.fp) if total.tp else 0.0


def _matched(
    smoothed: Sequence[ScoredSequence], detection: DetectionParams, kind: ExpressionKind
) -> Iterator[tuple[list[float], list[float], SpottingCounts]]:
    """Yield, per sequence, errors of onset and of offset in seconds, and the counts."""
    for truth, signal in smoothed:
        found = find_expressions(signal, detection)
        hypothesis = Annotation(truth.video_id, signal.n_frames, signal.frame_rate, tuple(found))
        matching = match_expressions(truth, hypothesis)
        hits = [hit for hit in matching.hits if hit.reference.kind is kind]
        rate = float(signal.frame_rate)
        yield (
            [(h.hypothesis.onset - h.reference.onset) / rate for h in hits],
            [(h.hypothesis.offset - h.reference.offset) / rate for h in hits],
            matching.counts.of_kind(kind),
        )


def _both(rule: KindDetectionParams) -> DetectionParams:
    return DetectionParams(me=rule, mae=rule)
