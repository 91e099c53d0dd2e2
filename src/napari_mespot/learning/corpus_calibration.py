"""Temperature, smoothing and thresholds, chosen on the labelled videos of a corpus."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray

from napari_mespot.face import FaceSequence
from napari_mespot.learning.calibration import (
    Platt,
    ScoredSequence,
    calibrate_spotting,
    fit_platt,
)
from napari_mespot.learning.corpus import Corpus, LabelledFaces
from napari_mespot.learning.params import CalibrationParams
from napari_mespot.model import ExpressionKind, ScoreSignal
from napari_mespot.network import Checkpoint
from napari_mespot.progress import ProgressCallback, report
from napari_mespot.spotting import DetectionParams, SpottingParams, score_faces

__all__ = ["calibrated_on"]

_KINDS = tuple(ExpressionKind)
# Video that is used for the fit of the temperature: every second of it counts alike.
_FIT_RATE = 30


@dataclass(frozen=True, eq=False, slots=True)
class _Scored:
    """A video and the logits of its frames, shape (n, 2); NaN without a face."""

    video: LabelledFaces
    logits: NDArray[np.float64]

    def calibrated(self, platts: Sequence[Platt]) -> ScoredSequence:
        bias = np.array([p.bias for p in platts])
        temperature = np.array([p.temperature for p in platts])
        z = np.clip((self.logits + bias) / temperature, -50, 50)
        values = (1 / (1 + np.exp(-z))).astype(np.float32)
        # Where nobody has looked, a find is neither right nor wrong: there are no scores there.
        values[~self.video.targets()[1].any(axis=1)] = np.nan
        found = np.isfinite(values).all(axis=1)
        truth, rate = self.video.annotation, self.video.frame_rate
        return truth, ScoreSignal(values, found, rate, truth.video_id)


def calibrated_on(
    corpus: Corpus,
    checkpoint: Checkpoint,
    params: CalibrationParams,
    *,
    device: str = "cpu",
    progress: ProgressCallback | None = None,
) -> Checkpoint:
    """Return the checkpoint with probabilities and thresholds that fit a corpus.

    Parameters
    ----------
    corpus
        The only videos that anything is chosen on.
    checkpoint
        Its network is changed in place: the bias of the calibration is added to its output.
        Of a kind without labels, or whose scores do not rise with the labels, it keeps the
        temperature; of one without labels also smoothing and rules.
    params
        What is tried.
    device
        Where the network runs.
    progress
        Told the videos scored.
    """
    plain = replace(checkpoint, temperature=(1.0, 1.0))
    scored = []
    for done, video in enumerate(corpus.videos, 1):
        scored.append(_Scored(video, _logits(plain, video, device)))
        report(progress, "choosing thresholds", done, len(corpus.videos))
    platts = [_platt(scored, column) or Platt(checkpoint.temperature[column]) for column in (0, 1)]
    spotting = calibrate_spotting([s.calibrated(platts) for s in scored], params)
    chosen = [spotting if corpus.count(kind) else checkpoint.spotting for kind in _KINDS]
    with torch.no_grad():
        checkpoint.network.output.bias.add_(torch.tensor([p.bias for p in platts]))
    me, mae = platts
    return replace(
        checkpoint, spotting=_joined(*chosen), temperature=(me.temperature, mae.temperature)
    )


def _logits(plain: Checkpoint, video: LabelledFaces, device: str) -> NDArray[np.float64]:
    """Score every frame with the skips used for spotting."""
    n = len(video.images)
    found = np.ones(n, np.bool_) if video.found is None else video.found
    faces = FaceSequence(
        video_id=video.annotation.video_id,
        frame_rate=video.frame_rate,
        images=video.images,
        found=found,
        confidence=found.astype(np.float32),
        transforms=np.broadcast_to(np.eye(2, 3), (n, 2, 3)),
    )
    signal = score_faces(plain, faces, n_frames=n, frame_rate=video.frame_rate, device=device)
    p = np.clip(signal.values.astype(np.float64), 1e-7, 1 - 1e-7)
    return np.asarray(np.log(p / (1 - p)))


def _platt(scored: Sequence[_Scored], column: int) -> Platt | None:
    """Fit one kind; None if the scores say nothing of the labels."""
    logits, targets = [np.zeros(0)], [np.zeros(0)]
    for one in scored:
        target, known = one.video.targets()
        own = one.logits[:, column]
        use = np.flatnonzero(known[:, column] & np.isfinite(own))
        use = use[:: max(1, round(float(one.video.frame_rate) / _FIT_RATE))]
        logits.append(own[use])
        targets.append(target[use, column])
    try:
        return fit_platt(np.concatenate(logits), np.concatenate(targets))
    except ValueError:
        return None


def _joined(me: SpottingParams, mae: SpottingParams) -> SpottingParams:
    """Return smoothing and rules, those of ME from the one and those of MaE from the other."""
    smoothing = me.smoothing.model_copy(update={"cutoff_mae_hz": mae.smoothing.cutoff_mae_hz})
    detection = DetectionParams(me=me.detection.me, mae=mae.detection.mae)
    return SpottingParams(smoothing=smoothing, detection=detection)
