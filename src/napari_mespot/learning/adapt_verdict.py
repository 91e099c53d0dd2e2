"""Whether to use a checkpoint that has learned a face: figures where nothing was learned from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from napari_mespot.learning.adapt_params import AdaptParams
from napari_mespot.learning.calibration import ScoredSequence
from napari_mespot.learning.retrain_outcome import (
    Gain,
    KindFigures,
    kind_figures,
    matchings,
    paired_gain,
)
from napari_mespot.model import Expression, ExpressionKind, Interval
from napari_mespot.spotting import SpottingParams

__all__ = ["Findings", "Verdict", "compared", "lost_share", "still_alarms"]

_NO_GAIN = 1e-9
_SAME_IOU = 0.5


@dataclass(frozen=True, eq=False, slots=True)
class Findings:
    """What one checkpoint makes of the kept material and of the videos as they are.

    Parameters
    ----------
    judged
        Truth and scores of the moved faces kept to judge by.
    rules
        Of the checkpoint.
    own
        What it finds in each watched part.
    """

    judged: Sequence[ScoredSequence]
    rules: SpottingParams
    own: Sequence[Sequence[Expression]]


@dataclass(frozen=True, eq=False, slots=True)
class Verdict:
    """The figures and what follows from them.

    Parameters
    ----------
    is_better
        Whether to use the new one.
    why
        In one sentence.
    before, after, gain
        On the kept material.
    """

    is_better: bool
    why: str
    before: Mapping[ExpressionKind, KindFigures]
    after: Mapping[ExpressionKind, KindFigures]
    gain: Gain


def compared(
    old: Findings,
    new: Findings,
    stills: Sequence[Sequence[Interval]],
    minutes: float,
    forgotten: float,
    params: AdaptParams,
) -> Verdict:
    """Compare two checkpoints.

    Parameters
    ----------
    old, new
        What they find.
    stills
        Still stretches of each watched part that nothing was learned from.
    minutes
        How long they are together.
    forgotten
        How much the new one's frame AUC on drawn people fell.
    params
        What is asked for.
    """
    gain = paired_gain(
        [truth for truth, _ in old.judged],
        matchings(old.judged, old.rules),
        matchings(new.judged, new.rules),
        stretch_s=params.rendition_s / 3,
        resamples=params.resamples,
        seed=params.seed,
    )
    before, after = (kind_figures(f.judged, f.rules) for f in (old, new))
    alarms = still_alarms(new.own, stills) - still_alarms(old.own, stills)
    lost = lost_share(old.own, new.own, params.sure_score)
    figures = f"F1 {gain.difference:+.2f}, 95 % interval {gain.low:+.2f} to {gain.high:+.2f}"
    reasons = [
        (
            gain.low < -_NO_GAIN or gain.difference < params.least_gain,
            f"no clear gain ({figures})",
        ),
        (
            alarms > params.most_alarms_per_minute * minutes,
            f"the new one finds {alarms} more where nothing happens ({figures})",
        ),
        (
            lost > params.most_lost,
            f"the new one no longer finds {lost:.0%} of what the old one is sure of ({figures})",
        ),
        (
            forgotten > params.largest_forgetting,
            f"the new one's frame AUC on drawn people fell by {forgotten:.3f} ({figures})",
        ),
    ]
    against = [text for holds, text in reasons if holds]
    why = (
        f"keep the old checkpoint: {against[0]}"
        if against
        else f"use the new checkpoint: {figures} on movements of this face it has not learned from"
    )
    return Verdict(not against, why, before, after, gain)


def still_alarms(own: Sequence[Sequence[Expression]], stills: Sequence[Sequence[Interval]]) -> int:
    """Count what is found mostly inside still stretches."""
    return sum(
        any(2 * e.interval.overlap(still) >= e.interval.n_frames for still in there)
        for found, there in zip(own, stills, strict=True)
        for e in found
    )


def lost_share(
    old: Sequence[Sequence[Expression]], new: Sequence[Sequence[Expression]], sure: float
) -> float:
    """Return the part of what the old one is sure of that the new one does not find; 0 of none."""
    missing = [
        not any(e.interval.iou(o.interval) >= _SAME_IOU for o in after)
        for before, after in zip(old, new, strict=True)
        for e in before
        if (e.score or 0) >= sure
    ]
    return float(np.mean(missing)) if missing else 0.0
