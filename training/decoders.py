"""Compare ways from the same tracks to intervals.

    python training/decoders.py TRACKS.npz LABELS [--out training/results/decoders.md]

TRACKS holds the two probabilities per frame of real clips (``real/NAME/scores``, shape (n, 2), ME
and MaE, and ``real/NAME/fps``) and of drawn people (``drawn/NUMBER/scores``, ``fps``, ``events``:
first and last frame, shape (k, 2)). LABELS is a folder with ``NAME.labels.csv`` for the real clips;
one without is taken to show nothing. Of drawn people the kind is that of the length.

Each decoder is tried with a grid of settings. A line gives the best setting by the sum of both
F1, and the means over the grid, which tell a plateau from a peak.
"""

import argparse
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_mespot.evaluation import (
    KindCounts,
    Matching,
    match_clear,
    of_any_kind,
    timing_by_length,
)
from napari_mespot.io import read_table
from napari_mespot.model import Annotation, Clock, Expression, ExpressionKind, Interval, ScoreSignal
from napari_mespot.spotting import DetectionParams, KindDetectionParams, find_expressions

LONGEST_ME_S, LONGEST_S, SHORTEST_S = 0.5, 5.0, 0.1
LENGTHS_S = (0.25, 0.5, 1.0, 2.0, 4.0)
GRID_HZ = 30
Found = Iterable[tuple[int, int, ExpressionKind]]
Decoder = Callable[..., Found]


@dataclass(frozen=True, eq=False)
class Track:
    """Scores of one video, and what it shows."""

    signal: ScoreSignal
    labels: Annotation
    is_real: bool

    def matching(self, found: Found, *, any_kind: bool = False) -> Matching:
        """Compare intervals with the clear labels, under the strict rule."""
        expressions = tuple(Expression(Interval(a, b), kind) for a, b, kind in found)
        pair = (self.labels, Annotation(self.labels.video_id, expressions=expressions))
        return match_clear(*(map(of_any_kind, pair) if any_kind else pair))


def read_tracks(path: Path, labels: Path) -> list[Track]:
    """Read all tracks and labels."""
    stored = np.load(path)
    names = sorted({tuple(key.split("/")[:2]) for key in stored})
    return [_track(stored, *name, labels) for name in names]


def _track(stored: Any, origin: str, name: str, labels: Path) -> Track:
    scores = stored[f"{origin}/{name}/scores"].astype(np.float32)
    rate = Fraction(float(stored[f"{origin}/{name}/fps"])).limit_denominator(1001)
    signal = ScoreSignal(scores, np.ones(len(scores), np.bool_), rate, name)
    table = labels / f"{name}.labels.csv"
    if origin == "real":
        tables = read_table(table, notice=lambda _: None) if table.exists() else ()
        events = tuple(e for one in tables for e in one.expressions)
    else:
        ends = stored[f"{origin}/{name}/events"].tolist()
        events = tuple(Expression(Interval(a, b), by_length(a, b, rate)) for a, b in ends)
    return Track(signal, Annotation(name, expressions=events), origin == "real")


def by_length(first: int, last: int, rate: Fraction | float) -> ExpressionKind:
    """Return the kind of an interval by its length."""
    is_micro = (last - first + 1) / float(rate) <= LONGEST_ME_S + 1e-9
    return ExpressionKind.MICRO if is_micro else ExpressionKind.MACRO


# -- decoders ---------------------------------------------------------------------------------


def joined_and_dropped(
    signal: ScoreSignal, threshold: float, low: float, gap_s: float
) -> Iterator[tuple[int, int, ExpressionKind]]:
    """Each track by itself: runs closer than the gap are joined, those of odd length dropped."""
    rate = float(signal.frame_rate)
    for kind, shortest, longest in (
        (ExpressionKind.MICRO, SHORTEST_S, LONGEST_ME_S + 0.1),
        (ExpressionKind.MACRO, LONGEST_ME_S, LONGEST_S),
    ):
        scores = signal.of_kind(kind)
        joined: list[list[int]] = []
        for first, last in _runs(scores >= low * threshold):
            if scores[first : last + 1].max() < threshold:
                continue
            if joined and first - joined[-1][1] - 1 <= gap_s * rate + 1e-9:
                joined[-1][1] = last
            else:
                joined.append([first, last])
        for first, last in joined:
            if shortest - 1e-9 <= (last - first + 1) / rate <= longest + 1e-9:
                yield first, last, kind


def cut_at_dips(
    signal: ScoreSignal, threshold: float, low: float, depth: float, gap_s: float = 0.05
) -> Iterator[tuple[int, int, ExpressionKind]]:
    """Decode as the library does."""
    rules = detection(threshold, threshold, low=low, depth=depth, gap_s=gap_s)
    for e in find_expressions(signal, rules):
        yield e.onset, e.offset, e.kind


def detection(
    me: float, mae: float, *, low: float, depth: float, gap_s: float = 0.05
) -> DetectionParams:
    """Return the library's rules."""
    kinds = {
        name: KindDetectionParams(
            threshold=threshold,
            low_threshold=low * threshold,
            merge_gap_s=gap_s,
            min_duration_s=SHORTEST_S,
            max_duration_s=longest,
        )
        for name, threshold, longest in (("me", me, LONGEST_ME_S), ("mae", mae, LONGEST_S))
    }
    return DetectionParams(**kinds, cut_depth=depth)


def semi_markov(
    signal: ScoreSignal, weight: float, cost: float, edge: float
) -> Iterator[tuple[int, int, ExpressionKind]]:
    """Find the most likely sequence of neutral stretches and expressions (Viterbi).

    An expression earns `weight` times the log-odds of its frames beyond one half of odds e, and the
    log of the prior of its length (two log-normals, for ME and MaE), less `cost`. With `edge` it
    earns that times the share by which the scores have fallen at either end, less `edge`.
    """
    rate = float(signal.frame_rate)
    n = max(2, int(signal.n_frames / rate * GRID_HZ))
    frames = np.arange(n) / GRID_HZ * rate
    scores = np.interp(frames, np.arange(signal.n_frames), signal.values.max(axis=1))
    scores = np.clip(scores.astype(np.float64), 0.02, 0.98)
    gains = np.concatenate([[0], np.cumsum(weight * (np.log(scores / (1 - scores)) - 1))])
    before, after = _falls(scores)
    prior = _length_prior(8 * GRID_HZ) - cost - edge
    best, came = np.zeros(n + 1), np.zeros(n + 1, np.int64)
    for stop in range(1, n + 1):
        longest = min(len(prior), stop)
        starts = slice(stop - longest, stop)
        worth = best[starts] + gains[stop] - gains[starts] + prior[:longest][::-1]
        worth += edge * (before[starts] + after[stop])
        top = int(worth.argmax())
        best[stop] = max(best[stop - 1], worth[top])
        came[stop] = longest - top if worth[top] > best[stop - 1] else 0
    stop = n
    while stop > 0:
        if came[stop]:
            first = round((stop - int(came[stop])) * rate / GRID_HZ)
            last = max(first, round(stop * rate / GRID_HZ) - 1)
            yield first, last, by_length(first, last, rate)
        stop -= int(came[stop]) or 1


def _falls(scores: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Share by which the scores fall between each two frames from the highest within 0.15 s.

    Of those after it, and of those before; shape (n + 1,) each.
    """
    reach, n = round(0.15 * GRID_HZ), len(scores)
    here = np.minimum(np.append(scores, 0.0), np.concatenate([[0.0], scores]))
    after = np.array([scores[i : i + reach].max(initial=0.0) for i in range(n + 1)])
    before = np.array([scores[max(0, i - reach) : i].max(initial=0.0) for i in range(n + 1)])
    return 1 - here / np.maximum(after, 0.05), 1 - here / np.maximum(before, 0.05)


def _length_prior(longest: int) -> NDArray[np.float64]:
    seconds = np.arange(1, longest + 1) / GRID_HZ

    def log_normal(median: float, spread: float) -> NDArray[np.float64]:
        bell = np.exp(-0.5 * (np.log(seconds / median) / spread) ** 2)
        return np.asarray(bell / (seconds * spread * np.sqrt(2 * np.pi)))

    return np.asarray(np.log(0.3 * log_normal(0.3, 0.35) + 0.7 * log_normal(1.2, 0.8) + 1e-9))


def _runs(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(mask, prepend=False, append=False))
    return list(zip(edges[::2].tolist(), (edges[1::2] - 1).tolist(), strict=True))


DECODERS: dict[str, tuple[Decoder, dict[str, tuple[float, ...]]]] = {
    "joined, then dropped": (
        joined_and_dropped,
        {"threshold": (0.5, 0.6, 0.7, 0.8), "low": (0.3, 0.5), "gap_s": (0.0, 0.2, 0.6)},
    ),
    "hysteresis, no cut": (
        cut_at_dips,
        {"threshold": (0.5, 0.6, 0.7, 0.8), "low": (0.4, 0.5, 0.6), "depth": (1.0,)},
    ),
    "hysteresis, cut at dips": (
        cut_at_dips,
        {
            "threshold": (0.5, 0.6, 0.7, 0.8),
            "low": (0.4, 0.5, 0.6),
            "depth": (0.15, 0.2, 0.25, 0.3, 0.4),
        },
    ),
    "semi-Markov": (
        semi_markov,
        {"weight": (0.3, 0.6, 1.0, 2.0), "cost": (1.0, 3.0, 6.0), "edge": (0.0,)},
    ),
    "semi-Markov, falls at ends": (
        semi_markov,
        {"weight": (0.4, 1.0), "cost": (0.0, 2.0, 4.0), "edge": (5.0, 10.0, 20.0)},
    ),
}


# -- tables -----------------------------------------------------------------------------------


def counts(
    tracks: Sequence[Track], decode: Callable[[ScoreSignal], Found], *, any_kind: bool = False
) -> tuple[KindCounts, KindCounts]:
    """Return the counts on real and on drawn people."""
    pair = {True: KindCounts(), False: KindCounts()}
    for track in tracks:
        matching = track.matching(decode(track.signal), any_kind=any_kind)
        pair[track.is_real] = pair[track.is_real] + matching.counts
    return pair[True], pair[False]


@dataclass(frozen=True)
class Tried:
    """A setting and what it finds, on real and on drawn people."""

    setting: dict[str, float]
    real: KindCounts
    drawn: KindCounts

    @property
    def f1(self) -> tuple[float, float]:
        """F1 over both kinds."""
        return self.real.overall.f1, self.drawn.overall.f1


def grid(
    tracks: Sequence[Track], decoder: Decoder, space: dict[str, tuple[float, ...]]
) -> list[Tried]:
    """Try every setting."""
    out = []
    for values in product(*space.values()):
        setting = dict(zip(space, values, strict=True))
        out.append(Tried(setting, *counts(tracks, lambda s, kw=setting: decoder(s, **kw))))
    return out


def decoder_rows(tracks: Sequence[Track], tried: dict[str, list[Tried]]) -> Iterator[str]:
    """Yield the table of the decoders."""
    yield "| decoder | real F1 | ME | MaE | any kind | drawn F1 | ME | MaE | any kind "
    yield f"| mean real | mean drawn | best setting |\n{'|---' * 12}|\n"
    for name, results in tried.items():
        best = max(results, key=lambda t: sum(t.f1))
        decoder = DECODERS[name][0]
        free = counts(tracks, lambda s, d=decoder, b=best: d(s, **b.setting), any_kind=True)
        cells = [name]
        for found, any_kind in zip((best.real, best.drawn), free, strict=True):
            f1 = (found.overall.f1, found.me.f1, found.mae.f1, any_kind.overall.f1)
            cells += [f"{value:.3f}" for value in f1]
        cells += [f"{np.mean([t.f1[i] for t in results]):.3f}" for i in (0, 1)]
        cells.append(", ".join(f"{key} {value:g}" for key, value in best.setting.items()))
        yield f"| {' | '.join(cells)} |\n"


def mean_rows(tried: Sequence[Tried], names: Sequence[str]) -> Iterator[str]:
    """Yield the mean F1 over all settings that share a value, real / drawn."""
    for name in names:
        for value in dict.fromkeys(t.setting[name] for t in tried):
            some = [t.f1 for t in tried if t.setting[name] == value]
            real, drawn = np.mean(some, axis=0)
            yield f"| {name} {value:g} | {real:.3f} | {drawn:.3f} |\n"


def threshold_rows(tracks: Sequence[Track], low: float, depth: float) -> Iterator[str]:
    """Yield F1 of both kinds with thresholds of their own, real / drawn."""
    values = (0.5, 0.6, 0.7, 0.8, 0.9)
    yield f"| ME \\ MaE | {' | '.join(f'{v:g}' for v in values)} |\n|---|{'---|' * len(values)}\n"
    for me in values:
        cells = []
        for mae in values:
            rules = detection(me, mae, low=low, depth=depth)
            real, drawn = counts(tracks, lambda s, r=rules: _plain(find_expressions(s, r)))
            cells.append(f"{real.overall.f1:.3f} / {drawn.overall.f1:.3f}")
        yield f"| {me:g} | {' | '.join(cells)} |\n"


def edge_rows(tracks: Sequence[Track], low: float, setting: dict[str, float]) -> Iterator[str]:
    """Yield the errors of onset and offset of drawn expressions, whatever their kind, by length."""
    hits: list[tuple[Expression, Expression, Clock]] = []
    for track in tracks:
        if not track.is_real:
            found = cut_at_dips(track.signal, **{**setting, "low": low})
            matching = track.matching(found, any_kind=True)
            clock = track.signal.clock
            hits += [(hit.reference, hit.hypothesis, clock) for hit in matching.hits]
    for band in timing_by_length(hits, LENGTHS_S):
        onset, offset = (np.array(e.milliseconds) for e in (band.errors.onset, band.errors.offset))
        if len(onset):
            cells = [f"{np.median(e):+.0f} | {np.abs(e).mean():.0f}" for e in (onset, offset)]
            name = f"{band.above_s:g} to {band.up_to_s:g} s"
            yield f"| {low:g} | {name} | {len(onset)} | {' | '.join(cells)} |\n"


def _plain(found: Iterable[Expression]) -> Found:
    return ((e.onset, e.offset, e.kind) for e in found)


def report(tracks: Sequence[Track]) -> Iterator[str]:
    """Yield all tables."""
    n_real = sum(t.is_real for t in tracks)
    yield f"{n_real} real clips (clear labels), {len(tracks) - n_real} drawn sequences.\n\n"
    tried = {name: grid(tracks, *decoder) for name, decoder in DECODERS.items()}
    yield from decoder_rows(tracks, tried)
    cut = tried["hysteresis, cut at dips"]
    best = max(cut, key=lambda t: sum(t.f1)).setting
    yield "\nMean over all settings of *hysteresis, cut at dips* with one value fixed:\n\n"
    yield "| setting | real F1 | drawn F1 |\n|---|---|---|\n"
    yield from mean_rows(cut, ("threshold", "low", "depth"))
    gaps = grid(tracks, cut_at_dips, {**_fixed(best), "gap_s": (0.0, 0.05, 0.1, 0.2, 0.3)})
    yield from mean_rows(gaps, ("gap_s",))
    yield "\nThresholds of each kind, real / drawn F1:\n\n"
    yield from threshold_rows(tracks, best["low"], best["depth"])
    yield "\nErrors of hits on drawn people in ms (late is positive), by length of the label:\n\n"
    yield "| low | length | hits | onset, median | mean abs | offset, median | mean abs |\n"
    yield "|---|---|---|---|---|---|---|\n"
    for low in (0.4, 0.5, 0.6):
        yield from edge_rows(tracks, low, best)


def _fixed(setting: dict[str, float]) -> dict[str, tuple[float, ...]]:
    return {name: (value,) for name, value in setting.items()}


def main() -> None:
    """Print the tables, or write them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tracks", type=Path)
    parser.add_argument("labels", type=Path)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    lines = report(read_tracks(options.tracks, options.labels))
    if options.out:
        options.out.write_text("".join(lines), encoding="utf-8")
    else:
        for line in lines:
            print(line, end="", flush=True)


if __name__ == "__main__":
    main()
