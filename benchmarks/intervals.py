"""Are thresholds live? From smoothed scores to intervals at 100,000 frames, in one run.

Beside the time stand the time as a share of its aim, and how many times faster it is than walking
through the frames one by one, which the tests hold it against (on a part of the frames, for it
is slow).

    python -m benchmarks.intervals [--frames 100000] [--json]
"""

import argparse
import json
import time
from collections.abc import Callable
from fractions import Fraction

import numpy as np
from tests.reference.spotting import slow_search

from napari_mespot.model import ScoreSignal
from napari_mespot.spotting import (
    DetectionParams,
    KindDetectionParams,
    SmoothingParams,
    search_expressions,
    smooth,
)

AIM_MS = 50.0
RATE = Fraction(200)
SLOW_FRAMES = 5000
KIND = KindDetectionParams(threshold=0.6, low_threshold=0.24, merge_gap_s=0.05, min_duration_s=0)
RULES = DetectionParams(me=KIND, mae=KIND.model_copy(update={"max_duration_s": 5.0}))


def humps(n_frames: int, n_humps: int) -> ScoreSignal:
    """Smoothed scores with about as many humps as wanted on both tracks, many in chains."""
    rng = np.random.default_rng(0)
    x = np.arange(n_frames)[:, np.newaxis] * n_humps / n_frames
    heights = rng.uniform(0.3, 1, (int(x.max()) + 2, 2))
    depths = rng.uniform(0, 1, heights.shape)
    place = x.astype(int)[:, 0]
    values = heights[place] * (1 - depths[place] * np.cos(np.pi * (x % 1)) ** 4)
    return _smoothed(values + rng.normal(0, 0.02, values.shape))


def noise(n_frames: int) -> ScoreSignal:
    """Smoothed noise: dips everywhere."""
    return _smoothed(np.random.default_rng(1).normal(0.5, 0.6, (n_frames, 2)))


def _smoothed(values: np.ndarray) -> ScoreSignal:
    found = np.ones(len(values), np.bool_)
    found[len(values) // 3 : len(values) // 3 + len(values) // 50] = False
    values = np.clip(values, 0, 1).astype(np.float32)
    values[~found] = np.nan
    signal = ScoreSignal(values, found, RATE)
    return smooth(signal, SmoothingParams(cutoff_me_hz=20, cutoff_mae_hz=20))


def head(signal: ScoreSignal, n: int) -> ScoreSignal:
    """Return the first frames of a signal."""
    return ScoreSignal(signal.values[:n], signal.found[:n], RATE)


def milliseconds(call: Callable[[], object], repeats: int) -> float:
    """Least processor time of a call."""
    times = []
    for _ in range(repeats):
        start = time.process_time()
        call()
        times.append(1e3 * (time.process_time() - start))
    return min(times)


def measure(n_frames: int) -> dict[str, dict[str, float]]:
    """Return the figures of every kind of track."""
    tracks = {f"{n} humps": humps(n_frames, n) for n in (60, 1000, 5000)}
    tracks["noise"] = noise(n_frames)
    out = {}
    for name, signal in tracks.items():
        whole, part = (
            milliseconds(lambda s=s: search_expressions(s, RULES), 7)
            for s in (signal, head(signal, SLOW_FRAMES))
        )
        walked = milliseconds(lambda s=signal: slow_search(head(s, SLOW_FRAMES), RULES), 1)
        out[name] = {
            "expressions": len(search_expressions(signal, RULES).expressions),
            "ms": whole,
            "share of aim": whole / AIM_MS,
            "times faster": walked / part,
        }
    return out


def main() -> None:
    """Print the figures, as a table or as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frames", type=int, default=100_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    figures = measure(options.frames)
    if options.json:
        print(json.dumps(figures, indent=1))
        return
    names = list(next(iter(figures.values())))
    print(f"{options.frames} frames{'':8}" + "".join(f"{name:>14}" for name in names))
    for track, values in figures.items():
        print(f"{track:21}" + "".join(f"{value:14.4g}" for value in values.values()))


if __name__ == "__main__":
    main()
