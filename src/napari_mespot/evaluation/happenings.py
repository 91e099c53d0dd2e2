"""What the scores do while something happens: an expression, speech, a blink, or nothing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_mespot.evaluation.doubtful import is_doubtful
from napari_mespot.evaluation.frame_level import roc_auc
from napari_mespot.model import Annotation, ExpressionKind, Interval, ReviewStatus, ScoreSignal

__all__ = ["FrameShare", "WatchedFrames", "event_auc", "frame_shares", "watched_frames"]

_EVENT = "event"


@dataclass(frozen=True, eq=False, slots=True)
class WatchedFrames:
    """The frames of one video for which it is known what happens.

    Parameters
    ----------
    score
        Shape (n,): the higher of the scores of both kinds; ``-inf`` for a frame without one.
    reached
        Shape (n,): whether one of the kinds is at or above its threshold.
    happens
        By name, shape (n,): in which frames something happens. ``"event"`` are the frames of
        the clear labels; in all others, these and those of doubtful labels are left out.
    rest
        Shape (n,): frames of no label.
    """

    score: NDArray[np.float64]
    reached: NDArray[np.bool_]
    happens: Mapping[str, NDArray[np.bool_]]
    rest: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class FrameShare:
    """How many of the frames in which something happens are at or above a threshold."""

    what: str
    n_frames: int
    n_reached: int

    @property
    def share(self) -> float:
        """Part of the frames; NaN without frames."""
        return self.n_reached / self.n_frames if self.n_frames else float("nan")


def watched_frames(
    reference: Annotation,
    signal: ScoreSignal,
    thresholds: Mapping[ExpressionKind, float],
    ranges: Iterable[tuple[str, Interval]] = (),
) -> WatchedFrames:
    """Bring together what happens in a video and what its scores do.

    Parameters
    ----------
    reference
        The labels of the video.
    signal
        Its scores; frames that it does not cover are left out.
    thresholds
        Of each kind.
    ranges
        What else happens, as (name, frames); parts past the end are ignored.
    """
    labels = [e for e in reference.expressions if e.status is not ReviewStatus.REJECTED]
    event = _mask((e.interval for e in labels if not is_doubtful(e)), signal)
    rest = ~_mask((e.interval for e in labels), signal)
    names = list(ranges)
    happens = {_EVENT: event}
    for name in dict.fromkeys(name for name, _ in names):
        happens[name] = _mask((i for other, i in names if other == name), signal) & rest
    values = np.where(np.isnan(signal.values), -np.inf, signal.values.astype(np.float64))
    limits = np.array([thresholds[kind] for kind in signal.kinds])
    reached = np.asarray((values >= limits).any(axis=1))
    return WatchedFrames(values.max(axis=1), reached, happens, rest)


def frame_shares(videos: Sequence[WatchedFrames]) -> tuple[FrameShare, ...]:
    """Return the share of frames at or above the threshold by what happens, events first."""
    names = dict.fromkeys(name for video in videos for name in video.happens)
    shares = []
    for name in names:
        own = [(v.happens[name], v.reached) for v in videos if name in v.happens]
        n_frames = sum(int(mask.sum()) for mask, _ in own)
        n_reached = sum(int((mask & reached).sum()) for mask, reached in own)
        shares.append(FrameShare(name, n_frames, n_reached))
    return tuple(shares)


def event_auc(videos: Sequence[WatchedFrames]) -> float:
    """Return the ROC AUC of the frames of clear labels against those of no label.

    NaN without either.
    """
    scores, targets = [np.zeros(0)], [np.zeros(0, dtype=np.bool_)]
    for video in videos:
        event = video.happens.get(_EVENT, np.zeros_like(video.rest))
        known = event | video.rest
        scores.append(video.score[known])
        targets.append(event[known])
    return roc_auc(np.concatenate(targets), np.concatenate(scores))


def _mask(intervals: Iterable[Interval], signal: ScoreSignal) -> NDArray[np.bool_]:
    """Return which rows of the signal lie in the intervals."""
    end = signal.first_frame + signal.n_frames
    mask = np.zeros(end, dtype=np.bool_)
    for interval in intervals:
        mask[interval.onset : interval.offset + 1] = True
    return np.asarray(mask[signal.first_frame :])
