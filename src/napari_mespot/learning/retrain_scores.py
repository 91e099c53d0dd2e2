"""Score aligned faces before calibration, and calibrate a network on corrected labels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_mespot.evaluation import SpottingCounts
from napari_mespot.learning.calibration import (
    Platt,
    ScoredSequence,
    with_rule,
)
from napari_mespot.learning.corpus import Corpus
from napari_mespot.learning.labelled_logits import (
    Labelled,
    LabelledLogits,
    fit_platt_to_videos,
    probabilities,
    score_video,
)
from napari_mespot.learning.retrain_outcome import matched
from napari_mespot.learning.retrain_params import RetrainParams
from napari_mespot.learning.retrain_split import judged
from napari_mespot.model import ExpressionKind, ScoreSignal
from napari_mespot.network import Checkpoint
from napari_mespot.progress import ProgressCallback, renamed
from napari_mespot.spotting import (
    DetectionParams,
    KindDetectionParams,
    SpottingParams,
    smooth,
)

__all__ = [
    "Calibration",
    "Logits",
    "ThresholdPrior",
    "best_threshold",
    "calibrate",
    "own_calibration",
    "rescaled",
    "scored",
    "video_logits",
]

Logits = Mapping[str, NDArray[np.float32]]
"""Of each video by name, shape (n, 2); NaN where there is no face."""

_KINDS = tuple(ExpressionKind)
_SMALLEST = 1e-4


@dataclass(frozen=True, slots=True)
class Calibration:
    """What turns logits into expressions."""

    platts: tuple[Platt, Platt]
    spotting: SpottingParams


def own_calibration(checkpoint: Checkpoint) -> Calibration:
    """Return the calibration that a checkpoint has."""
    me, mae = checkpoint.temperature
    return Calibration((Platt(me), Platt(mae)), checkpoint.spotting)


def video_logits(
    checkpoint: Checkpoint, corpus: Corpus, progress: ProgressCallback | None = None
) -> dict[str, NDArray[np.float32]]:
    """Score every frame of every video as for spotting, before calibration."""
    n = len(corpus.videos)
    return {
        v.annotation.video_id: score_video(
            checkpoint, v, progress=renamed(progress, f"scoring, video {i} of {n}")
        )
        for i, v in enumerate(corpus.videos, 1)
    }


def scored(
    videos: Sequence[Labelled], logits: Logits, calibration: Calibration
) -> list[ScoredSequence]:
    """Return the settled labels and calibrated scores of every video."""
    out = []
    for video in videos:
        truth = judged(video.annotation)
        values = probabilities(logits[truth.video_id], calibration.platts)
        found = np.asarray(~np.isnan(values).any(axis=1))
        out.append(
            (truth, ScoreSignal(values, found, video.frame_rate, truth.video_id, times=truth.times))
        )
    return out


def rescaled(
    videos: Sequence[Labelled], logits: Logits, before: Logits, old: Calibration
) -> Calibration:
    """Return the old rules, with temperature and bias that mean the same for new logits.

    What is the same is said by videos fully known: two logits that stand for one probability there.

    Parameters
    ----------
    videos
        Whatever they show; only the old and new scores of the same frames count.
    logits, before
        Of new weights, and of those that `old` was made for.
    old
        The calibration to carry over.
    """
    now, then = (_labelled(videos, said) for said in (logits, before))
    me, mae = (
        _carried(platt, fit_platt_to_videos(now, column), fit_platt_to_videos(then, column))
        for column, platt in enumerate(old.platts)
    )
    return Calibration((me, mae), old.spotting)


def _carried(old: Platt, now: Platt | None, then: Platt | None) -> Platt:
    """Return `old` for logits that are `now` where they were `then`; unchanged if not known."""
    if now is None or then is None:
        return old
    scale = now.temperature / then.temperature
    return Platt(old.temperature * scale, now.bias + (old.bias - then.bias) * scale)


def calibrate(
    corpus: Corpus, logits: Logits, params: RetrainParams, start: Calibration
) -> Calibration:
    """Choose temperature, bias and threshold of each kind on corrected labels.

    All of them begin with those of `start`, which count as much as ``prior_expressions`` labels:
    what was chosen on a few minutes alone would be mere chance. For the same reason the other
    rules stay. A kind of which there are fewer than ``least_of_kind`` keeps everything.
    """
    labelled = _labelled(corpus.videos, logits)
    found = [
        fit_platt_to_videos(labelled, column)
        if corpus.count(kind) >= params.least_of_kind
        else None
        for column, kind in enumerate(_KINDS)
    ]
    me, mae = (
        old if platt is None else _between(old, platt, corpus.count(kind), params.prior_expressions)
        for old, platt, kind in zip(start.platts, found, _KINDS, strict=True)
    )
    chosen = Calibration((me, mae), start.spotting)
    smoothing = start.spotting.smoothing
    smoothed = [(truth, smooth(s, smoothing)) for truth, s in scored(corpus.videos, logits, chosen)]
    for column, kind in enumerate(_KINDS):
        if found[column] is not None:
            prior = ThresholdPrior.of(start, chosen, column, params.prior_expressions)
            best = best_threshold(smoothed, kind, chosen.spotting, (params.thresholds, prior))
            chosen = Calibration(chosen.platts, best)
    return chosen


def _between(old: Platt, found: Platt, n: int, prior: float) -> Platt:
    """Return what lies between: `n` expressions speak for what was found, `prior` for the old."""
    share = n / (n + prior)
    temperature = found.temperature**share * old.temperature ** (1 - share)
    return Platt(temperature, share * found.bias + (1 - share) * old.bias)


@dataclass(frozen=True, slots=True)
class ThresholdPrior:
    """What speaks for the old threshold: imagined expressions that it finds.

    A threshold `d` old logits away finds the share exp(-d² / 2) of them.

    Parameters
    ----------
    threshold
        Where the old threshold lies among the new probabilities.
    scale
        Logits of the old probabilities to one of the new ones.
    weight
        How many expressions.
    """

    threshold: float
    scale: float
    weight: float

    @staticmethod
    def of(old: Calibration, new: Calibration, column: int, weight: float) -> "ThresholdPrior":
        """Return the prior of one kind when its probabilities are calibrated anew."""
        before, after = old.platts[column], new.platts[column]
        own = _logit(old.spotting.detection.of_kind(_KINDS[column]).threshold)
        moved = (before.temperature * own - before.bias + after.bias) / after.temperature
        return ThresholdPrior(
            float(1 / (1 + np.exp(-moved))), after.temperature / before.temperature, weight
        )

    def f1(self, counts: SpottingCounts, threshold: float) -> float:
        """Return the F1 of a threshold, the imagined expressions among the labelled ones."""
        distance = self.scale * (_logit(threshold) - _logit(self.threshold))
        found = self.weight * float(np.exp(-(distance**2) / 2))
        hits = 2 * (counts.tp + found)
        total = hits + counts.fp + counts.fn + self.weight - found
        return hits / total if total else 0.0


def best_threshold(
    smoothed: Sequence[ScoredSequence],
    kind: ExpressionKind,
    start: SpottingParams,
    choice: tuple[Sequence[float], ThresholdPrior],
) -> SpottingParams:
    """Return the rules whose threshold finds most; of equals, that nearest to the old one.

    The F1 of each, over both kinds, is averaged with that of its neighbours, so that a lucky peak
    does not win.
    """
    thresholds, prior = choice
    own = start.detection.of_kind(kind)
    values = sorted({*thresholds, own.threshold, prior.threshold})
    tried = [with_rule(start, kind, _with_threshold(own, value)) for value in values]
    f1 = [prior.f1(_counts(smoothed, r.detection), v) for r, v in zip(tried, values, strict=True)]
    steady = np.convolve(np.pad(f1, 1, mode="edge"), [0.25, 0.5, 0.25], mode="valid")
    ranks = [
        (-round(float(f), 6), abs(value - prior.threshold))
        for f, value in zip(steady, values, strict=True)
    ]
    return tried[ranks.index(min(ranks))]


def _counts(smoothed: Sequence[ScoredSequence], detection: DetectionParams) -> SpottingCounts:
    """Count hits, false alarms and misses of both kinds together."""
    total = SpottingCounts(0, 0, 0)
    for matching in matched(smoothed, detection):
        me, mae = (matching.counts.of_kind(kind) for kind in _KINDS)
        total = total + me + mae
    return total


def _logit(p: float) -> float:
    within = float(np.clip(p, _SMALLEST, 1 - _SMALLEST))
    return float(np.log(within / (1 - within)))


def _with_threshold(own: KindDetectionParams, value: float) -> KindDetectionParams:
    """Move both thresholds of a rule."""
    share = own.low_threshold / own.threshold if own.threshold else 1.0
    return own.model_copy(update={"threshold": value, "low_threshold": share * value})


def _labelled(videos: Sequence[Labelled], logits: Logits) -> list[LabelledLogits]:
    return [(video, np.asarray(logits[video.annotation.video_id])) for video in videos]
