"""Score aligned faces before calibration, and calibrate a network on corrected labels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from napari_mespot.face import FaceSequence
from napari_mespot.learning.calibration import (
    Platt,
    ScoredSequence,
    calibrate_spotting,
    count_hits,
    fit_platt,
)
from napari_mespot.learning.corpus import Corpus, LabelledFaces
from napari_mespot.learning.params import CalibrationParams
from napari_mespot.learning.retrain_params import RetrainParams
from napari_mespot.learning.retrain_split import judged
from napari_mespot.model import ExpressionKind, ScoreSignal
from napari_mespot.network import Checkpoint
from napari_mespot.progress import ProgressCallback, renamed
from napari_mespot.spotting import DetectionParams, SmoothingParams, SpottingParams, score_faces

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
    plain = replace(checkpoint, temperature=(1.0, 1.0))
    n = len(corpus.videos)
    return {
        v.annotation.video_id: _logits(plain, v, renamed(progress, f"scoring, video {i} of {n}"))
        for i, v in enumerate(corpus.videos, 1)
    }


def scored(corpus: Corpus, logits: Logits, calibration: Calibration) -> list[ScoredSequence]:
    """Return the settled labels and calibrated scores of every video."""
    bias = np.array([p.bias for p in calibration.platts])
    temperature = np.array([p.temperature for p in calibration.platts])
    out = []
    for video in corpus.videos:
        truth = judged(video.annotation)
        z = np.clip((logits[truth.video_id] + bias) / temperature, -50, 50)
        values = (1 / (1 + np.exp(-z))).astype(np.float32)
        found = ~np.isnan(values).any(axis=1)
        out.append((truth, ScoreSignal(values, found, video.frame_rate, truth.video_id)))
    return out


def rescaled(corpus: Corpus, logits: Logits, old: Calibration) -> Calibration:
    """Return the old rules with temperature and bias of new scores, on videos fully known."""
    me, mae = (_platt(corpus, logits, column) or old.platts[column] for column in range(2))
    return Calibration((me, mae), old.spotting)


def calibrate(
    corpus: Corpus, logits: Logits, params: RetrainParams, start: Calibration
) -> Calibration:
    """Choose temperature, bias and rules of each kind on corrected labels.

    A kind of which there are few keeps part or all of `start`: below
    ``least_of_kind`` everything, below ``least_for_rules`` all but temperature and threshold.
    """
    counts = [corpus.count(kind) for kind in _KINDS]
    platts = [
        _platt(corpus, logits, column) if counts[column] >= params.least_of_kind else None
        for column in range(2)
    ]
    if platts == [None, None]:
        return start
    both = (platts[0] or start.platts[0], platts[1] or start.platts[1])
    sequences = scored(corpus, logits, Calibration(both, start.spotting))
    searched = start.spotting
    if max(counts) >= params.least_for_rules:
        searched = calibrate_spotting(sequences, params.calibration)
    chosen = []
    for kind, platt, count in zip(_KINDS, platts, counts, strict=True):
        if platt is None:
            chosen.append(start.spotting)
        elif count >= params.least_for_rules:
            chosen.append(searched)
        else:
            chosen.append(_with_threshold(sequences, kind, start.spotting, params.calibration))
    return Calibration(both, _joined(*chosen))


def _with_threshold(
    sequences: Sequence[ScoredSequence],
    kind: ExpressionKind,
    start: SpottingParams,
    params: CalibrationParams,
) -> SpottingParams:
    """Return rules whose threshold of one kind finds most; of equals, that nearest to `start`."""
    own = start.detection.of_kind(kind)
    share = own.low_threshold / own.threshold if own.threshold else 0.5
    thresholds = sorted({*params.of_kind(kind).thresholds, own.threshold})
    tried = []
    for threshold in thresholds:
        rule = own.model_copy(update={"threshold": threshold, "low_threshold": share * threshold})
        detection = DetectionParams(me=rule, mae=rule)
        tried.append(SpottingParams(smoothing=start.smoothing, detection=detection))
    f1 = np.array([count_hits(sequences, rules, kind).f1 for rules in tried])
    steady = np.convolve(np.pad(f1, 1, mode="edge"), [0.25, 0.5, 0.25], mode="valid")
    far = np.abs(np.log(np.maximum(thresholds, 1e-6) / max(own.threshold, 1e-6)))
    return tried[int(np.lexsort((far, -np.round(steady, 6)))[0])]


def _logits(
    plain: Checkpoint, video: LabelledFaces, progress: ProgressCallback | None
) -> NDArray[np.float32]:
    n = len(video.images)
    found = np.ones(n, np.bool_) if video.found is None else video.found
    faces = FaceSequence(
        video_id=video.annotation.video_id,
        frame_rate=video.frame_rate,
        images=video.images,
        found=found,
        confidence=found.astype(np.float32),
        transforms=np.tile(np.eye(2, 3), (n, 1, 1)),
    )
    signal = score_faces(
        plain,
        faces,
        n_frames=n,
        frame_rate=video.frame_rate,
        video_id=faces.video_id,
        progress=progress,
    )
    p = np.clip(signal.values.astype(np.float64), 1e-7, 1 - 1e-7)
    return np.asarray(np.log(p / (1 - p)), dtype=np.float32)


def _platt(corpus: Corpus, logits: Logits, column: int) -> Platt | None:
    """Fit one kind; None if the scores say nothing of the labels."""
    xs, ys = [], []
    for video in corpus.videos:
        targets, known = video.targets()
        own = logits[video.annotation.video_id][:, column]
        use = known[:, column] & ~np.isnan(own)
        every = max(1, round(float(video.frame_rate) / 30))
        xs.append(own[use][::every])
        ys.append(targets[use, column][::every])
    try:
        return fit_platt(np.concatenate(xs), np.concatenate(ys))
    except ValueError:
        return None


def _joined(me: SpottingParams, mae: SpottingParams) -> SpottingParams:
    """Return the rules of each kind from its own parameters."""
    return SpottingParams(
        smoothing=SmoothingParams(
            cutoff_me_hz=me.smoothing.cutoff_me_hz, cutoff_mae_hz=mae.smoothing.cutoff_mae_hz
        ),
        detection=DetectionParams(me=me.detection.me, mae=mae.detection.mae),
    )
