"""Score aligned faces before calibration, and calibrate a network on corrected labels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_mespot.learning.calibration import (
    Platt,
    ScoredSequence,
    count_hits,
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
from napari_mespot.learning.retrain_params import RetrainParams
from napari_mespot.learning.retrain_split import judged
from napari_mespot.model import ExpressionKind, ScoreSignal
from napari_mespot.network import Checkpoint
from napari_mespot.progress import ProgressCallback, renamed
from napari_mespot.spotting import KindDetectionParams, SpottingParams

__all__ = [
    "Calibration",
    "Logits",
    "calibrate",
    "own_calibration",
    "rescaled",
    "scored",
    "video_logits",
]

Logits = Mapping[str, NDArray[np.float32]]
"""Of each video by name, shape (n, 2); NaN where there is no face."""

_KINDS = tuple(ExpressionKind)


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


def rescaled(videos: Sequence[Labelled], logits: Logits, old: Calibration) -> Calibration:
    """Return the old rules with temperature and bias of new scores, on videos fully known."""
    labelled = _labelled(videos, logits)
    me, mae = (fit_platt_to_videos(labelled, column) or old.platts[column] for column in range(2))
    return Calibration((me, mae), old.spotting)


def calibrate(
    corpus: Corpus, logits: Logits, params: RetrainParams, start: Calibration
) -> Calibration:
    """Choose temperature, bias and threshold of each kind on corrected labels.

    The other rules stay those of `start`: on a few minutes they are mere chance. A kind of which
    there are fewer than ``least_of_kind`` keeps everything.
    """
    labelled = _labelled(corpus.videos, logits)
    found = [
        fit_platt_to_videos(labelled, column)
        if corpus.count(kind) >= params.least_of_kind
        else None
        for column, kind in enumerate(_KINDS)
    ]
    both = (found[0] or start.platts[0], found[1] or start.platts[1])
    sequences = scored(corpus.videos, logits, Calibration(both, start.spotting))
    spotting = start.spotting
    for kind, platt in zip(_KINDS, found, strict=True):
        if platt is not None:
            spotting = _with_best_threshold(sequences, kind, spotting, params.thresholds)
    return Calibration(both, spotting)


def _with_best_threshold(
    sequences: Sequence[ScoredSequence],
    kind: ExpressionKind,
    start: SpottingParams,
    thresholds: Sequence[float],
) -> SpottingParams:
    """Return the rules whose threshold finds most; of equals, that nearest to the old one.

    The F1 of each, over both kinds, is averaged with that of its neighbours, so that a lucky peak
    does not win.
    """
    own = start.detection.of_kind(kind)
    tried = [_with_threshold(own, value) for value in sorted({*thresholds, own.threshold})]
    f1 = [_f1(sequences, with_rule(start, kind, rule)) for rule in tried]
    steady = np.convolve(np.pad(f1, 1, mode="edge"), [0.25, 0.5, 0.25], mode="valid")
    ranks = [
        (-round(float(f), 6), abs(r.threshold - own.threshold))
        for f, r in zip(steady, tried, strict=True)
    ]
    return with_rule(start, kind, tried[ranks.index(min(ranks))])


def _f1(sequences: Sequence[ScoredSequence], rules: SpottingParams) -> float:
    me, mae = (count_hits(sequences, rules, kind) for kind in _KINDS)
    return (me + mae).f1


def _with_threshold(own: KindDetectionParams, value: float) -> KindDetectionParams:
    """Move both thresholds of a rule."""
    share = own.low_threshold / own.threshold if own.threshold else 1.0
    return own.model_copy(update={"threshold": value, "low_threshold": share * value})


def _labelled(videos: Sequence[Labelled], logits: Logits) -> list[LabelledLogits]:
    return [(video, np.asarray(logits[video.annotation.video_id])) for video in videos]
