"""The figures of a benchmark: hits, intervals by bootstrap, AUC, timing, false alarms."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from napari_mespot.batch.spotting_benchmark import BenchmarkOutcome, SpottingBenchmark
from napari_mespot.evaluation import (
    KindCounts,
    SpottingCounts,
    TimingErrors,
    f1_interval,
    frame_figures,
)
from napari_mespot.model import ExpressionKind

__all__ = ["BenchmarkFigures", "benchmark_figures", "least_untouched_per_minute"]


@dataclass(frozen=True, slots=True)
class BenchmarkFigures:
    """The figures of one spotter for one kind of expression at one rate.

    Parameters
    ----------
    video_id
        The video; empty: all videos together.
    rate_hz
        The simulated frame rate; None: the clip's own.
    spotter, kind
        Whose figures, of which kind.
    counts
        Hits under the strict rule, summed over renditions.
    f1_low, f1_high
        95 % interval of F1: renditions drawn with replacement.
    auc
        Frame-level ROC AUC over all renditions together.
    onset_ms, apex_ms, offset_ms
        Mean absolute difference of the hits; NaN without hits.
    untouched_per_minute, blinks_per_minute
        False alarms of this kind in video with nothing injected, and with blinks only.
    ratio
        F1 divided by that of the best other spotter; NaN for the others, and where the best
        other one finds nothing.
    """

    video_id: str
    rate_hz: float | None
    spotter: str
    kind: ExpressionKind
    counts: SpottingCounts
    f1_low: float
    f1_high: float
    auc: float
    onset_ms: float
    apex_ms: float
    offset_ms: float
    untouched_per_minute: float
    blinks_per_minute: float
    ratio: float = float("nan")


def benchmark_figures(
    benchmark: SpottingBenchmark, *, by_video: bool = False
) -> tuple[BenchmarkFigures, ...]:
    """Take the figures from the outcomes, in order of rate, kind and spotter.

    Parameters
    ----------
    benchmark
        The outcomes.
    by_video
        Whether each video gets its own figures, or all together.
    """
    videos = dict.fromkeys(o.video_id for o in benchmark.outcomes) if by_video else {"": None}
    figures: list[BenchmarkFigures] = []
    for video in videos:
        for rate in dict.fromkeys(benchmark.params.rates_hz):
            chosen = [
                o for o in benchmark.outcomes if o.rate_hz == rate and video in ("", o.video_id)
            ]
            for kind in ExpressionKind:
                figures += _of_kind(benchmark, chosen, kind, video)
    return tuple(figures)


def least_untouched_per_minute(figures: Sequence[BenchmarkFigures]) -> float:
    """Return what even the quietest spotter finds a minute with nothing injected, both kinds.

    More than a few: the video itself shows expressions, and the figures mean little.
    """
    found: dict[tuple[str, float | None, str], float] = {}
    for f in figures:
        key = (f.video_id, f.rate_hz, f.spotter)
        found[key] = found.get(key, 0.0) + f.untouched_per_minute
    return min(found.values(), default=0.0)


def _of_kind(
    benchmark: SpottingBenchmark,
    outcomes: Sequence[BenchmarkOutcome],
    kind: ExpressionKind,
    video_id: str,
) -> list[BenchmarkFigures]:
    by_name = {name: [o for o in outcomes if o.spotter == name] for name in benchmark.spotters}
    counts = {name: _counts(own, kind) for name, own in by_name.items()}
    first, *others = benchmark.spotters
    best = max((counts[name].f1 for name in others), default=0.0)
    ratio = counts[first].f1 / best if best else float("nan")
    return [
        _figures(benchmark, own, kind, video_id, ratio if name == first else float("nan"))
        for name, own in by_name.items()
    ]


def _figures(
    benchmark: SpottingBenchmark,
    outcomes: Sequence[BenchmarkOutcome],
    kind: ExpressionKind,
    video_id: str,
    ratio: float,
) -> BenchmarkFigures:
    injected = [o for o in outcomes if o.content == "expressions"]
    low, high = _interval(injected, kind, benchmark)
    timing = TimingErrors.of(
        (hit.reference, hit.hypothesis, o.truth.clock)
        for o in injected
        for hit in o.matching.hits
        if hit.reference.kind is kind
    )
    auc = frame_figures([(o.truth, o.result.signal) for o in injected], kind).roc_auc
    return BenchmarkFigures(
        video_id=video_id,
        rate_hz=outcomes[0].rate_hz,
        spotter=outcomes[0].spotter,
        kind=kind,
        counts=_counts(outcomes, kind),
        f1_low=low,
        f1_high=high,
        auc=auc,
        onset_ms=_mean_absolute(timing.onset.milliseconds),
        apex_ms=_mean_absolute(timing.apex.milliseconds),
        offset_ms=_mean_absolute(timing.offset.milliseconds),
        untouched_per_minute=_alarms(outcomes, "untouched", kind),
        blinks_per_minute=_alarms(outcomes, "blinks", kind),
        ratio=ratio,
    )


def _counts(outcomes: Sequence[BenchmarkOutcome], kind: ExpressionKind) -> SpottingCounts:
    """Sum over the renditions that hold expressions; the controls have their own figures."""
    injected = (o.matching.counts for o in outcomes if o.content == "expressions")
    return KindCounts.total(injected).of_kind(kind)


def _interval(
    outcomes: Sequence[BenchmarkOutcome], kind: ExpressionKind, benchmark: SpottingBenchmark
) -> tuple[float, float]:
    params = benchmark.params
    counts = [o.matching.counts.of_kind(kind) for o in outcomes]
    return f1_interval(counts, n_resamples=params.bootstrap_draws, seed=[params.seed, 7])


def _alarms(outcomes: Sequence[BenchmarkOutcome], content: str, kind: ExpressionKind) -> float:
    own = [o for o in outcomes if o.content == content]
    return sum(len(o.result.annotation.of_kind(kind)) for o in own) / sum(o.minutes for o in own)


def _mean_absolute(values: Sequence[float]) -> float:
    return float(np.abs(values).mean()) if values else float("nan")
