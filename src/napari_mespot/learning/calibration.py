"""Make scores mean something: probabilities that fit, thresholds that were measured.

Both are found on sequences that training never saw, and travel in the checkpoint.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from statistics import median

import numpy as np
from numpy.typing import NDArray

from napari_mespot.evaluation import Matching, SpottingCounts, match_expressions
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

__all__ = [
    "Platt",
    "ScoredSequence",
    "calibrate_spotting",
    "count_hits",
    "fit_platt",
    "with_rule",
]

_MOST_SMOOTHED = 8

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
    """Choose cut-offs, thresholds, depth of cuts and onset/offset corrections.

    Both kinds are found by all the rules together, so the rules of each are chosen in turn while
    those of the other stay: MaE, ME, the depth of cuts, and the thresholds of both once more. The
    choice with the highest mean of F-beta over the kinds that are labelled is taken (strict rule,
    IoU ≥ 0.5, counts summed over all sequences and frame rates); that of each threshold is averaged
    with those of the next lower and higher one, so that a lucky peak does not win. The corrections
    are the median errors of onset and offset of what was then found.
    """
    search = _Search(sequences, params)
    rules = search.first_guess()
    for kind in (ExpressionKind.MACRO, ExpressionKind.MICRO):
        rules = search.best_of(kind, rules)
    rules = search.best_depth(rules)
    for kind in (ExpressionKind.MACRO, ExpressionKind.MICRO):
        rules = search.best_threshold(kind, rules)[1]
    for kind in ExpressionKind:
        rules = search.with_shifts(kind, rules)
    return rules


def count_hits(
    sequences: Sequence[ScoredSequence], params: SpottingParams, kind: ExpressionKind
) -> SpottingCounts:
    """Count hits, false alarms and misses of one kind over all sequences, strict rule."""
    total = SpottingCounts(0, 0, 0)
    for matching in _matched(_smooth_all(sequences, params.smoothing), params.detection):
        total = total + matching.counts.of_kind(kind)
    return total


class _Search:
    """What rules find in labelled sequences."""

    def __init__(self, sequences: Sequence[ScoredSequence], params: CalibrationParams) -> None:
        self._sequences, self._params = sequences, params
        self._kinds = [k for k in ExpressionKind if any(t.of_kind(k) for t, _ in sequences)]
        self._smoothed: dict[SmoothingParams, list[ScoredSequence]] = {}

    def first_guess(self) -> SpottingParams:
        """Return the first value of everything, and the middle threshold."""
        me, mae = (self._first_rule(kind) for kind in ExpressionKind)
        smoothing = SmoothingParams(
            cutoff_me_hz=self._params.me.cutoffs_hz[0],
            cutoff_mae_hz=self._params.mae.cutoffs_hz[0],
            normalisation=self._params.normalisation,
        )
        detection = DetectionParams(me=me, mae=mae, cut_depth=self._params.cut_depths[0])
        return SpottingParams(smoothing=smoothing, detection=detection)

    def best_of(self, kind: ExpressionKind, rules: SpottingParams) -> SpottingParams:
        """Choose everything of one kind."""
        tried = self._params.of_kind(kind)
        best: tuple[float, SpottingParams] | None = None
        for cutoff, low_share, gap_s in product(
            tried.cutoffs_hz, tried.low_shares, tried.merge_gaps_s
        ):
            name = "cutoff_me_hz" if kind is ExpressionKind.MICRO else "cutoff_mae_hz"
            smoothing = rules.smoothing.model_copy(update={name: cutoff})
            start = rules.model_copy(update={"smoothing": smoothing})
            start = with_rule(start, kind, self._rule(kind, tried.thresholds[0], low_share, gap_s))
            found = self.best_threshold(kind, start)
            if best is None or found[0] > best[0]:
                best = found
        if best is None:
            raise ValueError("Expected at least one cut-off, low share and merge gap to try")
        return best[1]

    def best_threshold(
        self, kind: ExpressionKind, rules: SpottingParams
    ) -> tuple[float, SpottingParams]:
        """Choose the threshold of one kind, and say how good it is."""
        own = rules.detection.of_kind(kind)
        share = own.low_threshold / own.threshold if own.threshold else 1.0
        tried = [
            with_rule(rules, kind, self._rule(kind, threshold, share, own.merge_gap_s))
            for threshold in self._params.of_kind(kind).thresholds
        ]
        scores = np.array([self._worth(one) for one in tried])
        steady = np.convolve(np.pad(scores, 1, mode="edge"), [0.25, 0.5, 0.25], mode="valid")
        top = len(steady) - 1 - int(steady[::-1].argmax())  # of equals the strictest
        return float(steady[top]), tried[top]

    def best_depth(self, rules: SpottingParams) -> SpottingParams:
        """Choose how deep a dip must be; of equals the first."""
        tried = [
            rules.model_copy(
                update={"detection": rules.detection.model_copy(update={"cut_depth": depth})}
            )
            for depth in self._params.cut_depths
        ]
        return max(tried, key=self._worth)

    def with_shifts(self, kind: ExpressionKind, rules: SpottingParams) -> SpottingParams:
        """Correct onset and offset by their median errors, if that finds as much or more."""
        onsets, offsets = [], []
        for errors in _errors(self._with(rules), rules.detection, kind):
            onsets += errors[0]
            offsets += errors[1]
        if not onsets:
            return rules
        shifts = {
            "onset_shift_s": round(-median(onsets), 3),
            "offset_shift_s": round(-median(offsets), 3),
        }
        own = rules.detection.of_kind(kind)
        shifted = with_rule(rules, kind, own.model_copy(update=shifts))
        return shifted if self._worth(shifted) >= self._worth(rules) else rules

    def _first_rule(self, kind: ExpressionKind) -> KindDetectionParams:
        tried = self._params.of_kind(kind)
        middle = tried.thresholds[len(tried.thresholds) // 2]
        return self._rule(kind, middle, tried.low_shares[0], tried.merge_gaps_s[0])

    def _rule(
        self, kind: ExpressionKind, threshold: float, low_share: float, gap_s: float
    ) -> KindDetectionParams:
        params = self._params.of_kind(kind)
        return KindDetectionParams(
            threshold=threshold,
            low_threshold=min(low_share * threshold, threshold),
            merge_gap_s=gap_s,
            min_duration_s=params.min_duration_s,
            max_duration_s=params.max_duration_s,
        )

    def _worth(self, rules: SpottingParams) -> float:
        """Mean of (1 + b²) tp / ((1 + b²) tp + b² fn + fp), 0 where nothing is found."""
        totals = dict.fromkeys(self._kinds, SpottingCounts(0, 0, 0))
        for matching in _matched(self._with(rules), rules.detection):
            for kind in self._kinds:
                totals[kind] = totals[kind] + matching.counts.of_kind(kind)
        worth = 0.0
        for kind, total in totals.items():
            square = (self._params.of_kind(kind).beta or self._params.beta) ** 2
            weighted = (1 + square) * total.tp
            if total.tp:
                worth += weighted / (weighted + square * total.fn + total.fp) / len(totals)
        return worth

    def _with(self, rules: SpottingParams) -> list[ScoredSequence]:
        """Return the sequences smoothed; those of the last few cut-offs are kept."""
        if rules.smoothing not in self._smoothed:
            if len(self._smoothed) >= _MOST_SMOOTHED:
                self._smoothed.clear()
            self._smoothed[rules.smoothing] = _smooth_all(self._sequences, rules.smoothing)
        return self._smoothed[rules.smoothing]


def with_rule(
    rules: SpottingParams, kind: ExpressionKind, rule: KindDetectionParams
) -> SpottingParams:
    """Return rules with another one for a kind."""
    name = "me" if kind is ExpressionKind.MICRO else "mae"
    detection = rules.detection.model_copy(update={name: rule})
    return rules.model_copy(update={"detection": detection})


def _smooth_all(
    sequences: Sequence[ScoredSequence], smoothing: SmoothingParams
) -> list[ScoredSequence]:
    return [(truth, smooth(signal, smoothing)) for truth, signal in sequences]


def _errors(
    smoothed: Sequence[ScoredSequence], detection: DetectionParams, kind: ExpressionKind
) -> Iterator[tuple[list[float], list[float]]]:
    """Yield, per sequence, the errors of onset and of offset of the hits of a kind, in seconds."""
    for (_, signal), matching in zip(smoothed, _matched(smoothed, detection), strict=True):
        hits = [hit for hit in matching.hits if hit.reference.kind is kind]
        rate = float(signal.frame_rate)
        yield (
            [(h.hypothesis.onset - h.reference.onset) / rate for h in hits],
            [(h.hypothesis.offset - h.reference.offset) / rate for h in hits],
        )


def _matched(smoothed: Sequence[ScoredSequence], detection: DetectionParams) -> Iterator[Matching]:
    """Yield, per sequence, what was found beside the truth."""
    for truth, signal in smoothed:
        found = find_expressions(signal, detection)
        hypothesis = Annotation(truth.video_id, signal.n_frames, signal.frame_rate, found)
        yield match_expressions(truth, hypothesis)
