"""How far figures would vary with other videos: a bootstrap over videos."""

from collections.abc import Sequence

import numpy as np

from napari_mespot.evaluation.counts import SpottingCounts

__all__ = ["f1_interval"]


def f1_interval(
    counts: Sequence[SpottingCounts],
    *,
    n_resamples: int = 10_000,
    seed: int | Sequence[int] = 0,
) -> tuple[float, float]:
    """Return the 95 % percentile interval of F1 when videos are drawn with replacement.

    Parameters
    ----------
    counts
        One per video, or per whatever is independent of the others.
    n_resamples
        Number of draws.
    seed
        Of the draws; the same seed gives the same interval.

    Returns
    -------
    Low and high; (nan, nan) without videos.
    """
    if not counts:
        return float("nan"), float("nan")
    table = np.array([(c.tp, max(0, c.fp), c.fn) for c in counts], dtype=np.float64)
    rng = np.random.default_rng(seed)
    drawn = rng.integers(0, len(table), (n_resamples, len(table)))
    tp, fp, fn = table[drawn].sum(axis=1).T
    total = 2 * tp + fp + fn
    f1 = np.divide(2 * tp, total, out=np.zeros_like(tp), where=total > 0)
    low, high = np.quantile(f1, (0.025, 0.975))
    return float(low), float(high)
