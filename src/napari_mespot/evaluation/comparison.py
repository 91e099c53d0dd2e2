"""Paired comparison of two runs on the same videos: a bootstrap over subjects.

Frames and videos of one person are not independent; subjects are. Each resample draws
subjects with replacement, sums the counts of both runs over the same draw, and takes the
difference of the two F1 values.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_mespot.evaluation.counts import SpottingCounts
from napari_mespot.evaluation.report import SpottingReport
from napari_mespot.model import ExpressionKind

__all__ = ["PairedComparison", "compare_runs"]


@dataclass(frozen=True, slots=True)
class PairedComparison:
    """Difference in F1 between two runs, second minus first.

    Parameters
    ----------
    difference
        On all subjects.
    low, high
        Limits of the 95 % percentile interval.
    p_value
        Two-sided: how often the resamples reach the other side of zero.
    n_subjects
        Number of subjects; below about ten the interval means little.
    """

    difference: float
    low: float
    high: float
    p_value: float
    n_subjects: int


def compare_runs(
    first: SpottingReport,
    second: SpottingReport,
    kind: ExpressionKind | None = None,
    *,
    n_resamples: int = 10_000,
    seed: int = 0,
) -> PairedComparison:
    """Compare the F1 of two runs that were evaluated on the same videos.

    Parameters
    ----------
    first, second
        Reports under the same rule and threshold.
    kind
        Which F1; None: overall.
    n_resamples
        Number of draws.
    seed
        Of the draws; the same seed gives the same result.

    Raises
    ------
    ValueError
        If rule, threshold or subjects differ, or there is no subject.
    """
    if (first.rule, first.iou) != (second.rule, second.iou):
        raise ValueError(
            f"Expected reports under one rule and threshold, got {first.rule} {first.iou} "
            f"and {second.rule} {second.iou}"
        )
    a, b = first.per_subject(), second.per_subject()
    if a.keys() != b.keys() or not a:
        raise ValueError(f"Expected the same subjects in both reports, got {set(a) ^ set(b)}")
    tables = [
        np.array([_row(c.overall if kind is None else c.of_kind(kind)) for c in counts.values()])
        for counts in (a, b)
    ]
    n_subjects = len(a)
    rng = np.random.default_rng(seed)
    draws = rng.multinomial(n_subjects, np.full(n_subjects, 1 / n_subjects), size=n_resamples)
    differences = _f1(draws @ tables[1]) - _f1(draws @ tables[0])
    low, high = np.quantile(differences, (0.025, 0.975))
    tail = 1 + min((differences <= 0).sum(), (differences >= 0).sum())
    return PairedComparison(
        float(_f1(tables[1].sum(axis=0)) - _f1(tables[0].sum(axis=0))),
        float(low),
        float(high),
        p_value=float(min(1.0, 2 * tail / (n_resamples + 1))),
        n_subjects=n_subjects,
    )


def _row(counts: SpottingCounts) -> tuple[int, int, int]:
    return counts.tp, counts.fp, counts.fn


def _f1(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return F1 of counts of shape (..., 3); 0 where there is neither label nor prediction."""
    hits = 2.0 * counts[..., 0]
    total = hits + np.maximum(counts[..., 1], 0) + counts[..., 2]
    return np.asarray(np.divide(hits, total, out=np.zeros(total.shape), where=total > 0))
