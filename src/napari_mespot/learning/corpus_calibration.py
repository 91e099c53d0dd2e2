"""Temperature, smoothing and thresholds, chosen on the labelled videos of a corpus."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from napari_mespot.learning.calibration import Platt, ScoredSequence, calibrate_spotting
from napari_mespot.learning.corpus import Corpus
from napari_mespot.learning.labelled_logits import (
    LabelledLogits,
    fit_platt_to_videos,
    probabilities,
    score_video,
)
from napari_mespot.learning.params import CalibrationParams
from napari_mespot.model import ExpressionKind, ScoreSignal
from napari_mespot.network import Checkpoint
from napari_mespot.progress import ProgressCallback, report
from napari_mespot.spotting import SpottingParams

__all__ = ["calibrated_on", "settled_scores"]

_KINDS = tuple(ExpressionKind)


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
        Changed in place: the bias of the calibration is added to what its probabilities come
        from.
        Of a kind without labels, or whose scores do not rise with the labels, it keeps the
        temperature; of one without labels also smoothing and rules.
    params
        What is tried.
    device
        Where the network runs.
    progress
        Told the videos scored.
    """
    scored: list[LabelledLogits] = []
    for done, video in enumerate(corpus.videos, 1):
        scored.append((video, score_video(checkpoint, video, device=device)))
        report(progress, "choosing thresholds", done, len(corpus.videos))
    platts = [
        fit_platt_to_videos(scored, column) or Platt(checkpoint.temperature[column])
        for column in (0, 1)
    ]
    spotting = calibrate_spotting([settled_scores(one, platts) for one in scored], params)
    chosen = [spotting if corpus.count(kind) else checkpoint.spotting for kind in _KINDS]
    me, mae = platts
    checkpoint.add_bias(me.bias, mae.bias)
    return replace(
        checkpoint, spotting=_joined(*chosen), temperature=(me.temperature, mae.temperature)
    )


def settled_scores(scored: LabelledLogits, platts: Sequence[Platt]) -> ScoredSequence:
    """Return the labels of a video and its probabilities where somebody has looked."""
    video, logits = scored
    values = probabilities(logits, platts)
    # Where nobody has looked, a find is neither right nor wrong: there are no scores there.
    values[~video.targets()[1].any(axis=1)] = np.nan
    found = np.asarray(np.isfinite(values).all(axis=1))
    truth = video.annotation
    return truth, ScoreSignal(values, found, video.frame_rate, truth.video_id, times=truth.times)


def _joined(me: SpottingParams, mae: SpottingParams) -> SpottingParams:
    """Return smoothing and rules, those of ME from the one and those of MaE from the other."""
    smoothing = me.smoothing.model_copy(update={"cutoff_mae_hz": mae.smoothing.cutoff_mae_hz})
    detection = mae.detection.model_copy(update={"me": me.detection.me})
    return SpottingParams(smoothing=smoothing, detection=detection)
