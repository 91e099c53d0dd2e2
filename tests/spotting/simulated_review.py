"""A simulated laboratory: videos with known expressions, scores with errors, and a reviewer.

``python -m tests.spotting.simulated_review`` prints the table of decision 0086.
"""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from napari_mespot.model import (
    Annotation,
    Expression,
    ExpressionKind,
    Interval,
    ScoreSignal,
)
from napari_mespot.spotting import find_expressions, smooth
from napari_mespot.spotting.params import DetectionParams, KindDetectionParams, SpottingParams
from napari_mespot.spotting.review_order import ScoredVideo, rank_stretches
from napari_mespot.spotting.uncertainty_params import UncertaintyParams

ME, MAE = ExpressionKind.MICRO, ExpressionKind.MACRO
RATE = Fraction(30)
VIDEO_S, N_VIDEOS = 120, 8
# Low thresholds on calibrated scores, as the shipped checkpoints have them.
RULES = SpottingParams(
    detection=DetectionParams(
        me=KindDetectionParams(threshold=0.15, low_threshold=0.08),
        mae=KindDetectionParams(
            threshold=0.3,
            low_threshold=0.15,
            merge_gap_s=0.2,
            min_duration_s=0.4,
            max_duration_s=4.5,
        ),
    )
)
LENGTH_S = {ME: (0.2, 0.5), MAE: (0.6, 3.0)}
PEAK = {ME: (-0.9, 1.3), MAE: (0.2, 1.3)}  # log-odds of the peak of an expression: mean, spread
DECOY = {ME: (-3.4, 1.3), MAE: (-2.4, 1.2)}  # of the peak of a blink or a turn of the head


@dataclass(frozen=True)
class Simulated:
    """A video, and the truth about it."""

    video: ScoredVideo
    truth: tuple[Expression, ...]


def laboratory(seed: int, rules: SpottingParams = RULES) -> list[Simulated]:
    """Make videos of four people, each with a quality of its own."""
    rng = np.random.default_rng(seed)
    return [_video(rng, f"v{n}", f"s{n % 4}", rules) for n in range(N_VIDEOS)]


def _video(rng, name: str, subject: str, rules: SpottingParams) -> Simulated:
    n = int(VIDEO_S * RATE)
    ease = rng.normal(0, 0.5)
    busy = rng.uniform(0.5, 2.0)  # some people move more than others
    odds = -5.5 + _wander(rng, n)
    truth = []
    for kind, per_minute in ((ME, 1.5 * busy), (MAE, 2.5 * busy)):
        column = 0 if kind is ME else 1
        for onset, length in _places(rng, n, kind, per_minute):
            truth.append(Expression(Interval(onset, onset + length - 1), kind))
            drift = rng.normal(0, 0.12, 2) * length  # scores begin and end not quite with it
            _bump(odds, column, onset + drift[0], length + drift[1], rng.normal(*PEAK[kind]) + ease)
        for onset, length in _places(rng, n, kind, 12 * busy):
            _bump(odds, column, onset, length, rng.normal(*DECOY[kind]))
    signal = ScoreSignal(
        (1 / (1 + np.exp(-odds))).astype(np.float32), np.ones(n, np.bool_), RATE, name
    )
    smoothed = smooth(signal, rules.smoothing)
    found = find_expressions(smoothed, rules.detection)
    annotation = Annotation(name, n, RATE, found, subject_id=subject)
    return Simulated(ScoredVideo(annotation, smoothed, rules), tuple(truth))


def _places(rng, n, kind, per_minute):
    for _ in range(rng.poisson(per_minute * n / float(RATE) / 60)):
        length = int(rng.uniform(*LENGTH_S[kind]) * RATE)
        yield int(rng.integers(0, n - length)), length


def _bump(odds, column, onset, length, peak) -> None:
    """Raise the log-odds smoothly to a peak and back."""
    t = (np.arange(len(odds)) - onset) / max(length, 2)
    shape = np.where((t >= 0) & (t <= 1), np.sin(np.pi * np.clip(t, 0, 1)) ** 0.5, 0)
    here = shape > 0
    odds[here, column] = np.maximum(
        odds[here, column], (-5.5 + (peak + 5.5) * shape[here]) + 0 * odds[here, column]
    )


def _wander(rng, n):
    noise = rng.normal(0, 1, (n + 30, 2))
    kernel = np.hanning(9) / np.sqrt((np.hanning(9) ** 2).sum())
    return 0.5 * np.stack([np.convolve(c, kernel, "same")[:n] for c in noise.T], axis=1)


@dataclass(frozen=True)
class Task:
    """A stretch that the reviewer is given."""

    video: int
    interval: Interval


def cost_s(task: Task, params: UncertaintyParams) -> float:
    return params.overhead_s + params.slowdown * task.interval.n_frames / float(RATE)


def corrections(videos: list[Simulated]) -> list[tuple[int, int]]:
    """Return each error, as its video and the frame in its middle.

    Missed expressions, false ones, and found ones whose edges are too far off (IoU < 0.5).
    """
    out = []
    for number, simulated in enumerate(videos):
        for kind in ExpressionKind:
            found = list(simulated.video.annotation.of_kind(kind))
            for true in (e for e in simulated.truth if e.kind is kind):
                near = max(found, key=lambda e, t=true: t.interval.iou(e.interval), default=None)
                if near is not None and true.interval.overlap(near.interval):
                    found.remove(near)
                if near is None or true.interval.iou(near.interval) < 0.5:
                    out.append((number, (true.onset + true.offset) // 2))
            out += [(number, (e.onset + e.offset) // 2) for e in found]
    return out


def corrected(tasks: list[Task], errors, minutes: float, params: UncertaintyParams) -> int:
    """Count the errors that are seen in the first minutes of work."""
    left, seconds, n = set(range(len(errors))), 60 * minutes, 0
    for task in tasks:
        seconds -= cost_s(task, params)
        if seconds < 0:
            break
        seen = {i for i in left if errors[i][0] == task.video and errors[i][1] in task.interval}
        left -= seen
        n += len(seen)
    return n


# -- orders of review ----------------------------------------------------------------------


def ranked(videos, params, **changes) -> list[Task]:
    numbers = {v.video.annotation.video_id: n for n, v in enumerate(videos)}
    chosen = rank_stretches([v.video for v in videos], params.model_copy(update=changes))
    return [Task(numbers[s.video_id], s.interval) for s in chosen]


def whole_videos(videos, params) -> list[Task]:
    """From the first frame of the first video to the last of the last."""
    width = 3 * int(RATE)
    return [
        Task(n, Interval(start, min(start + width, v.video.annotation.n_frames) - 1))
        for n, v in enumerate(videos)
        for start in range(0, v.video.annotation.n_frames, width)
    ]


def random_places(videos, params, seed) -> list[Task]:
    tasks = whole_videos(videos, params)
    return [tasks[i] for i in np.random.default_rng(seed).permutation(len(tasks))]


def candidates(videos, params) -> list[Task]:
    """All that was found, in order of time: what the key N does."""
    context = round(params.context_s * float(RATE))
    return [
        Task(
            n,
            Interval(
                max(e.onset - context, 0),
                min(e.offset + context, v.video.annotation.n_frames - 1),
            ),
        )
        for n, v in enumerate(videos)
        for e in v.video.annotation.expressions
    ]


def candidates_at_random(videos, params, seed) -> list[Task]:
    tasks = candidates(videos, params)
    return [tasks[i] for i in np.random.default_rng(seed).permutation(len(tasks))]


def uncertain_first(videos, params) -> list[Task]:
    """All that was found, nearest to its threshold first: what the check box does."""
    tasks = candidates(videos, params)
    distance = [
        abs(e.score - v.video.params.detection.of_kind(e.kind).threshold)
        for v in videos
        for e in v.video.annotation.expressions
    ]
    return [tasks[i] for i in np.argsort(distance, kind="stable")]


def by_gain(videos, params) -> list[Task]:
    """Our stretches by corrections expected, whatever they cost."""
    tasks = rank_stretches([v.video for v in videos], params)
    numbers = {v.video.annotation.video_id: n for n, v in enumerate(videos)}
    return [Task(numbers[s.video_id], s.interval) for s in sorted(tasks, key=lambda s: -s.gain)]


def by_entropy(videos, params) -> list[Task]:
    """Windows of 3 s by the entropy of the scores of their frames."""
    tasks = whole_videos(videos, params)
    tracks = [v.video.smoothed.values for v in videos]

    def entropy(task: Task) -> float:
        p = np.clip(tracks[task.video][task.interval.onset : task.interval.offset + 1], 1e-6, 1)
        q = np.clip(1 - p, 1e-6, 1)
        return float(-(p * np.log(p) + q * np.log(q)).sum())

    return sorted(tasks, key=lambda t: -entropy(t))


def orders(videos, params, seed):
    """Return all orders by name."""
    return {
        "ours": ranked(videos, params),
        "without edges": ranked(videos, params, edge_weight=0.0),
        "without spreading": ranked(
            videos, params, near_discount=1.0, video_discount=1.0, subject_discount=1.0
        ),
        "gain, not per time": by_gain(videos, params),
        "entropy of frames": by_entropy(videos, params),
        "uncertain first": uncertain_first(videos, params),
        "candidates in order": candidates(videos, params),
        "candidates at random": candidates_at_random(videos, params, seed),
        "whole videos in order": whole_videos(videos, params),
        "random places": random_places(videos, params, seed),
    }


def per_minute(seeds, minutes: float = 10, rules: SpottingParams = RULES):
    """Return corrections per minute of work: name of an order → one number per seed."""
    params = UncertaintyParams()
    out: dict[str, list[float]] = {}
    for seed in seeds:
        videos = laboratory(seed, rules)
        errors = corrections(videos)
        for name, tasks in orders(videos, params, seed).items():
            n = corrected(tasks, errors, minutes, params)
            out.setdefault(name, []).append(n / minutes)
    return out


def rules_times(factor: float) -> SpottingParams:
    """Return the rules with other thresholds."""
    detection = RULES.detection
    changed = {
        name: rules.model_copy(
            update={
                "threshold": factor * rules.threshold,
                "low_threshold": factor * rules.low_threshold,
            }
        )
        for name, rules in (("me", detection.me), ("mae", detection.mae))
    }
    return RULES.model_copy(update={"detection": detection.model_copy(update=changed)})


def main() -> None:
    """Print the figures of ten laboratories, with thresholds that are right and that are not."""
    seeds = range(10)
    for factor in (1.0, 0.5, 2.0):
        rules = rules_times(factor)
        sizes = [len(corrections(laboratory(seed, rules))) for seed in seeds]
        say = f"thresholds x {factor:g}: {np.mean(sizes):.0f} errors ({min(sizes)}-{max(sizes)})"
        print(f"\n{say}; corrected per minute in the first 5, 10, 20 minutes")  # noqa: T201
        tables = {minutes: per_minute(seeds, minutes, rules) for minutes in (5, 10, 20)}
        for name in tables[5]:
            cells = [f"{np.mean(t[name]):5.2f} ±{np.std(t[name]):.2f}" for t in tables.values()]
            print(f"{name:24}", "  ".join(cells))  # noqa: T201


if __name__ == "__main__":
    main()
