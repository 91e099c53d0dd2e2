"""What retraining brought: figures before and after on corrections it never saw."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm, t

from napari_mespot.evaluation import Matching, frame_figures, match_expressions
from napari_mespot.learning.calibration import ScoredSequence
from napari_mespot.learning.retrain_split import SplitUnit
from napari_mespot.model import Annotation, Expression, ExpressionKind
from napari_mespot.network import Checkpoint
from napari_mespot.spotting import DetectionParams, SpottingParams, find_expressions, smooth

__all__ = [
    "Gain",
    "KindFigures",
    "RetrainOutcome",
    "kind_figures",
    "matched",
    "matchings",
    "paired_gain",
]

_FEWEST_VIDEOS = 5


@dataclass(frozen=True, slots=True)
class KindFigures:
    """Figures of one kind under the strict rule, IoU ≥ 0.5.

    Parameters
    ----------
    tp, fp, fn
        Hits, false alarms and misses.
    false_alarms_per_minute
        Per reviewed minute.
    frame_auc
        Over the known frames; NaN if the kind does not occur.
    """

    tp: int
    fp: int
    fn: int
    false_alarms_per_minute: float
    frame_auc: float

    @property
    def f1(self) -> float:
        """2 tp / (2 tp + fp + fn); 0 if there is nothing."""
        return float(_f1(np.array([self.tp, self.fp, self.fn])))

    def as_dict(self) -> dict[str, Any]:
        """Return plain values; a figure that is undefined is None."""
        return {
            "tp": self.tp,
            "fp": self.fp,
            "fn": self.fn,
            "f1": round(self.f1, 4),
            "false_alarms_per_minute": round(self.false_alarms_per_minute, 3),
            "frame_auc": None if np.isnan(self.frame_auc) else round(self.frame_auc, 4),
        }


@dataclass(frozen=True, slots=True)
class Gain:
    """Change of F1 over both kinds, after minus before, with its 95 % interval.

    Parameters
    ----------
    difference, low, high
        On all units, and the limits of the interval, which is wider the fewer units there are.
    unit
        What the paired bootstrap drew: subjects, videos or stretches.
    n_units
        How many.
    """

    difference: float
    low: float
    high: float
    unit: SplitUnit
    n_units: int


@dataclass(frozen=True, eq=False, slots=True)
class RetrainOutcome:
    """The new checkpoint, and whether to use it.

    Parameters
    ----------
    checkpoint
        The new one; all of what follows is in its card.
    parent
        Name of the one it began with.
    stage
        ``"thresholds"`` or ``"weights"``: what was changed.
    before, after
        Figures of each kind on the held-out corrections.
    gain
        Change of F1 there.
    split
        What is never both learned from and judged by.
    forgetting
        How much the mean frame AUC on drawn videos fell.
    recommended
        Whether the new one should be used.
    notes
        Lines for the user: why, and what limits the figures.
    """

    checkpoint: Checkpoint
    parent: str
    stage: str
    before: Mapping[ExpressionKind, KindFigures]
    after: Mapping[ExpressionKind, KindFigures]
    gain: Gain
    split: SplitUnit
    forgetting: float
    recommended: bool
    notes: tuple[str, ...] = ()


def matchings(videos: Sequence[ScoredSequence], params: SpottingParams) -> list[Matching]:
    """Match what the rules find in each video to its labels, strict rule, IoU ≥ 0.5."""
    smoothed = [(truth, smooth(signal, params.smoothing)) for truth, signal in videos]
    return matched(smoothed, params.detection)


def matched(smoothed: Sequence[ScoredSequence], detection: DetectionParams) -> list[Matching]:
    """Do the same with scores that are smoothed already."""
    out = []
    for truth, signal in smoothed:
        found = find_expressions(signal, detection)
        hypothesis = Annotation(truth.video_id, truth.n_frames, truth.frame_rate, tuple(found))
        out.append(match_expressions(truth, hypothesis))
    return out


def kind_figures(
    videos: Sequence[ScoredSequence], params: SpottingParams
) -> dict[ExpressionKind, KindFigures]:
    """Measure both kinds on videos whose labels are settled (see ``judged``)."""
    minutes = sum(
        sum(r.n_frames for r in truth.reviewed) / float(signal.frame_rate) / 60
        for truth, signal in videos
    )
    found = matchings(videos, params)
    out = {}
    for kind in ExpressionKind:
        tp, fp, fn = (
            sum(getattr(m.counts.of_kind(kind), name) for m in found) for name in ("tp", "fp", "fn")
        )
        rate = fp / minutes if minutes else 0.0
        out[kind] = KindFigures(tp, fp, fn, rate, frame_figures(videos, kind).roc_auc)
    return out


def paired_gain(
    videos: Sequence[Annotation],
    before: Sequence[Matching],
    after: Sequence[Matching],
    *,
    stretch_s: float,
    resamples: int,
    seed: int,
) -> Gain:
    """Compare two runs on the same videos by a bootstrap over subjects, videos or stretches.

    Subjects (where all are known) or videos are drawn if there are at least five; else stretches
    of about `stretch_s` seconds; these are not independent, which the interval does not know.
    """
    subjects = [a.subject_id for a in videos]
    if all(subjects) and len(set(subjects)) >= _FEWEST_VIDEOS:
        unit, keys = SplitUnit.SUBJECT, subjects
    elif len(videos) >= _FEWEST_VIDEOS:
        unit, keys = SplitUnit.VIDEO, [str(i) for i in range(len(videos))]
    else:
        unit, keys = SplitUnit.STRETCH, [str(i) for i in range(len(videos))]
    lengths = [
        round(stretch_s * float(a.frame_rate or 30)) if unit is SplitUnit.STRETCH else 0
        for a in videos
    ]
    tables = [_table(list(zip(keys, lengths, run, strict=True))) for run in (before, after)]
    names = sorted(tables[0].keys() | tables[1].keys()) or [("", 0)]
    rows = [np.array([t.get(name, (0, 0, 0)) for name in names]) for t in tables]
    rng = np.random.default_rng(seed)
    draws = rng.multinomial(len(names), np.full(len(names), 1 / len(names)), size=resamples)
    differences = _f1(draws @ rows[1]) - _f1(draws @ rows[0])
    low, high = np.quantile(differences, _limits(len(names)))
    total = _f1(rows[1].sum(axis=0)) - _f1(rows[0].sum(axis=0))
    return Gain(float(total), float(low), float(high), unit, len(names))


def _limits(n_units: int) -> tuple[float, float]:
    """Return which quantiles make a 95 % interval of `n_units`.

    Plain percentiles of few units are too narrow. These are as much wider as Student's interval is
    than the normal one (Hesterberg 2015, The American Statistician 69, "expanded percentile").
    """
    n = max(2, n_units)
    tail = float(norm.cdf(np.sqrt(n / (n - 1)) * t.ppf(0.025, n - 1)))
    return tail, 1 - tail


_Key = tuple[str, int]


def _table(run: Sequence[tuple[str, int, Matching]]) -> dict[_Key, tuple[int, int, int]]:
    """Sum hits, false alarms and misses of every unit."""
    out: dict[_Key, list[int]] = {}
    for name, length, matching in run:
        for column, expression in _cases(matching):
            key = (name, expression.onset // length if length else 0)
            out.setdefault(key, [0, 0, 0])[column] += 1
        out.setdefault((name, 0), [0, 0, 0])
    return {key: (row[0], row[1], row[2]) for key, row in out.items()}


def _cases(matching: Matching) -> Iterator[tuple[int, Expression]]:
    yield from ((0, hit.reference) for hit in matching.hits)
    yield from ((1, expression) for expression in matching.false_alarms)
    yield from ((2, expression) for expression in matching.missed)


def _f1(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return F1 of tp, fp, fn in the last axis; 0 where there is nothing."""
    hits = 2.0 * counts[..., 0]
    total = hits + counts[..., 1] + counts[..., 2]
    return np.asarray(np.divide(hits, total, out=np.zeros(total.shape), where=total > 0))
