"""Logits of labelled faces, and the calibration that makes probabilities of them."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from napari_mespot.learning.calibration import Platt, fit_platt
from napari_mespot.learning.corpus import LabelledFaces
from napari_mespot.model import Annotation
from napari_mespot.network import Checkpoint
from napari_mespot.progress import ProgressCallback
from napari_mespot.spotting import Evidence, evidence_logits, gather_evidence

__all__ = [
    "Labelled",
    "LabelledLogits",
    "ScoredFrames",
    "fit_platt_to_videos",
    "pooled_frames",
    "probabilities",
    "score_video",
    "video_evidence",
]


class Labelled(Protocol):
    """A video of which something is known, whatever it was made of."""

    @property
    def annotation(self) -> Annotation:
        """What is known, with the name of the video."""

    @property
    def frame_rate(self) -> Fraction:
        """Frames per second."""

    def targets(self) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Return targets and where they are known, each (n, 2)."""


LabelledLogits = tuple[Labelled, NDArray[np.float32]]
"""A video and the logits of its frames, shape (n, 2); NaN where there is no face."""

Values = NDArray[np.floating]

ScoredFrames = tuple[Values, Values, NDArray[np.bool_], Fraction]
"""Of one kind in one video: logits, targets and where they are known, shape (n,); frame rate."""

# Of every second of video as many frames count, whatever its frame rate.
_FIT_RATE = 30


def score_video(
    checkpoint: Checkpoint,
    video: LabelledFaces,
    *,
    device: str = "cpu",
    progress: ProgressCallback | None = None,
) -> NDArray[np.float32]:
    """Return the logits of every frame as for spotting, before calibration, shape (n, 2).

    They are those that the probabilities come from: of the context network, if there is one. A
    frame without a face has NaN.
    """
    evidence = video_evidence(checkpoint, video, device=device, progress=progress)
    return evidence_logits(checkpoint, evidence)


def video_evidence(
    checkpoint: Checkpoint,
    video: LabelledFaces,
    *,
    device: str = "cpu",
    progress: ProgressCallback | None = None,
) -> Evidence:
    """Return what the two streams of a checkpoint say of a video, and the shape of its face."""
    return gather_evidence(checkpoint, video.faces, device=device, progress=progress)


def probabilities(logits: NDArray[np.floating], platts: Sequence[Platt]) -> NDArray[np.float32]:
    """Return calibrated probabilities of logits, both of shape (n, 2); NaN stays NaN."""
    bias = np.array([p.bias for p in platts])
    temperature = np.array([p.temperature for p in platts])
    z = np.clip((logits + bias) / temperature, -50, 50)
    return np.asarray(1 / (1 + np.exp(-z)), dtype=np.float32)


def fit_platt_to_videos(videos: Iterable[LabelledLogits], column: int) -> Platt | None:
    """Fit temperature and bias of one kind on what is known; None if the scores say nothing of it.

    Parameters
    ----------
    videos
        What is known of each, and its logits.
    column
        0 (ME) or 1 (MaE).
    """
    parts = []
    for video, scores in videos:
        target, known = video.targets()
        own = scores[:, column]
        parts.append(
            (own, target[:, column], known[:, column] & np.isfinite(own), video.frame_rate)
        )
    if not parts:
        return None
    try:
        return fit_platt(*pooled_frames(parts))
    except ValueError:
        return None


def pooled_frames(parts: Iterable[ScoredFrames]) -> tuple[Values, Values]:
    """Return logits and targets of all known frames; every second of video counts alike."""
    logits, targets = [], []
    for scores, target, known, frame_rate in parts:
        use = np.flatnonzero(known)[:: max(1, round(float(frame_rate) / _FIT_RATE))]
        logits.append(scores[use])
        targets.append(target[use])
    return np.concatenate(logits), np.concatenate(targets)
