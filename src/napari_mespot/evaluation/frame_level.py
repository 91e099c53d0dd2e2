"""Frame-level figures of the score tracks: ROC AUC, average precision, prevalence.

A frame is positive if a label that is not rejected covers it, from onset to offset, both
included. Where the reference says which ranges a person has looked at, all other frames are
unknown and left out; a reference that names no range holds for the whole video. A frame
without a score (no face found, or past the end of the track) counts with the lowest score,
since it can never be spotted.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_mespot.model import Annotation, ExpressionKind, ReviewStatus, ScoreSignal

__all__ = ["FrameFigures", "average_precision", "frame_figures", "roc_auc"]


@dataclass(frozen=True, slots=True)
class FrameFigures:
    """Figures over the frames of many videos, one kind of expression.

    Parameters
    ----------
    roc_auc
        Area under the ROC curve; NaN without positives or without negatives.
    average_precision
        NaN without positives. Compare it with the prevalence, its value by chance.
    prevalence
        Part of the frames that are positive; NaN without frames.
    n_frames, n_positive, n_scored
        Frames counted; how many are positive; how many have a score.
    """

    roc_auc: float
    average_precision: float
    prevalence: float
    n_frames: int
    n_positive: int
    n_scored: int


def frame_figures(
    videos: Iterable[tuple[Annotation, ScoreSignal]], kind: ExpressionKind
) -> FrameFigures:
    """Measure the scores of one kind over all frames of all videos together.

    Parameters
    ----------
    videos
        Reference and score track of each video.
    kind
        The kind whose labels and scores are compared.
    """
    scores, targets = [np.zeros(0)], [np.zeros(0, dtype=np.bool_)]
    for annotation, signal in videos:
        known, positive, score = _frames_of(annotation, signal, kind)
        scores.append(score[known])
        targets.append(positive[known])
    target, values = np.concatenate(targets), np.concatenate(scores)
    return FrameFigures(
        roc_auc(target, values),
        average_precision(target, values),
        float(target.mean()) if target.size else float("nan"),
        n_frames=int(target.size),
        n_positive=int(target.sum()),
        n_scored=int(np.isfinite(values).sum()),
    )


def roc_auc(target: NDArray[np.bool_], scores: NDArray[np.floating]) -> float:
    """Return the chance that a positive scores above a negative; ties count half.

    Parameters
    ----------
    target
        Shape (n,), whether each frame is positive.
    scores
        Shape (n,); ``-inf`` for a frame without a score.
    """
    n_positive = int(target.sum())
    n_negative = target.size - n_positive
    if not n_positive or not n_negative:
        return float("nan")
    _, place, count = np.unique(scores, return_inverse=True, return_counts=True)
    mean_rank = np.cumsum(count) - (count - 1) / 2
    rank_sum = mean_rank[place][target].sum()
    return float((rank_sum - n_positive * (n_positive + 1) / 2) / (n_positive * n_negative))


def average_precision(target: NDArray[np.bool_], scores: NDArray[np.floating]) -> float:
    """Return the precision, weighted by the gain in recall, over falling thresholds.

    Frames of equal score enter together. Parameters as in :func:`roc_auc`.
    """
    n_positive = int(target.sum())
    if not n_positive:
        return float("nan")
    levels, place = np.unique(-scores, return_inverse=True)
    positives = np.bincount(place, weights=target, minlength=levels.size)
    frames = np.bincount(place, minlength=levels.size)
    precision = np.cumsum(positives) / np.cumsum(frames)
    return float((precision * positives).sum() / n_positive)


def _frames_of(
    annotation: Annotation, signal: ScoreSignal, kind: ExpressionKind
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.float64]]:
    """Return known, positive and score of every frame of a video, each (n_frames,)."""
    labels = [e for e in annotation.of_kind(kind) if e.status is not ReviewStatus.REJECTED]
    end = signal.first_frame + signal.n_frames
    n_frames = annotation.n_frames or max([end, *(e.offset + 1 for e in labels)])
    positive = np.zeros(n_frames, dtype=np.bool_)
    known = np.full(n_frames, not annotation.reviewed)
    for interval in annotation.reviewed:
        known[interval.onset : interval.offset + 1] = True
    for label in labels:
        positive[label.onset : label.offset + 1] = True
    scores = np.full(max(n_frames, end), -np.inf)
    values = signal.of_kind(kind).astype(np.float64)
    scores[signal.first_frame : end] = np.where(np.isnan(values), -np.inf, values)
    return known | positive, positive, scores[:n_frames]
