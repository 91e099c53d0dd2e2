"""A benchmark's figures as rows, and the files it leaves behind."""

import csv
import io
import math
from collections.abc import Sequence
from pathlib import Path

from napari_mespot.batch.spotting_benchmark import SpottingBenchmark
from napari_mespot.batch.spotting_benchmark_figures import BenchmarkFigures, benchmark_figures
from napari_mespot.batch.spotting_benchmark_picture import draw_rendition
from napari_mespot.io import atomic_write
from napari_mespot.io.cells import escaped

__all__ = ["HEADER", "figure_rows", "rate_text", "save_benchmark"]

HEADER = (
    "rate", "kind", "spotter", "TP", "FP", "FN", "precision", "recall", "F1", "95 %", "AUC",
    "onset ms", "apex ms", "offset ms", "untouched/min", "blinks/min", "ratio",
)  # fmt: skip
"""Columns of the table."""


def rate_text(rate_hz: float | None) -> str:
    """Return how a rate is written: ``clip`` for the clip's own."""
    return "clip" if rate_hz is None else f"{rate_hz:g}"


def figure_rows(figures: Sequence[BenchmarkFigures]) -> list[list[str]]:
    """Return one row of text per spotter, kind and rate, under :data:`HEADER`."""
    return [_row(f) for f in figures]


def save_benchmark(folder: Path, benchmark: SpottingBenchmark) -> None:
    """Write ``bench.csv``, ``bench.md`` and ``bench.png``, a picture of the first rendition.

    Parameters
    ----------
    folder
        Where to; must exist.
    benchmark
        The outcomes.

    Raises
    ------
    OutputError
        If a file cannot be written.
    """
    _write(folder / "bench.csv", _csv(benchmark))
    _write(folder / "bench.md", _markdown(benchmark))
    draw_rendition(folder / "bench.png", benchmark)


def _row(f: BenchmarkFigures) -> list[str]:
    c = f.counts
    return [
        rate_text(f.rate_hz),
        f.kind.value,
        f.spotter,
        *map(str, (c.tp, c.fp, c.fn)),
        *(f"{value:.3f}" for value in (c.precision, c.recall, c.f1)),
        f"{f.f1_low:.2f}-{f.f1_high:.2f}",
        _number(f.auc, 3),
        *(_number(value, 0) for value in (f.onset_ms, f.apex_ms, f.offset_ms)),
        _number(f.untouched_per_minute, 2),
        _number(f.blinks_per_minute, 2),
        _number(f.ratio, 2),
    ]


def _number(value: float, digits: int) -> str:
    return "-" if math.isnan(value) else f"{value:.{digits}f}"


def _csv(benchmark: SpottingBenchmark) -> str:
    """Return all figures, of each video and of all together (video ``all``), unrounded."""
    names = (
        "video", "rate", "kind", "spotter", "tp", "fp", "fn", "precision", "recall", "f1",
        "f1_low", "f1_high", "auc", "onset_ms", "apex_ms", "offset_ms", "untouched_per_minute",
        "blinks_per_minute", "ratio",
    )  # fmt: skip
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    for f in (*benchmark_figures(benchmark, by_video=True), *benchmark_figures(benchmark)):
        c = f.counts
        plain = (c.tp, c.fp, c.fn)
        figures = [c.precision, c.recall, c.f1, f.f1_low, f.f1_high, f.auc, f.onset_ms]
        figures += [f.apex_ms, f.offset_ms, f.untouched_per_minute, f.blinks_per_minute, f.ratio]
        cells = ["" if math.isnan(value) else f"{value:.6g}" for value in figures]
        head = (escaped(f.video_id or "all"), rate_text(f.rate_hz), f.kind.value, f.spotter)
        writer.writerow([*head, *plain, *cells])
    return text.getvalue()


def _markdown(benchmark: SpottingBenchmark) -> str:
    params = benchmark.params
    own = params.motion == "own"
    shown = params.walk if own else params.injection
    title = "real motion along the video's own time" if own else "injected into neutral video"
    videos = list(dict.fromkeys(o.video_id for o in benchmark.outcomes))
    lines = [
        f"# Spotting benchmark: expressions {title}",
        "",
        f"Videos: {', '.join(videos)}. Per video and rate: {params.renditions} renditions of "
        f"{params.seconds:g} s with expressions, {params.controls} untouched, {params.controls} "
        f"with blinks only; seed {params.seed}.",
        "",
        f"ME: {_range(shown.me_size_px)} px of the 112 px crop, "
        f"{_range(shown.me_duration_s)} s. MaE: {_range(shown.mae_size_px)} px, "
        f"{_range(shown.mae_duration_s)} s. Hits under the strict rule (IoU 0.5, same kind). "
        "The interval of F1 holds 95 % of draws of the renditions with replacement. Onset, apex "
        "and offset: mean absolute difference of the hits. False alarms per minute: in video "
        "in which nothing is shown, and with blinks only. Ratio: F1 over that of the best other.",
        "",
        *_table(benchmark_figures(benchmark)),
    ]
    if len(videos) > 1:
        figures = benchmark_figures(benchmark, by_video=True)
        for video in videos:
            of_video = [f for f in figures if f.video_id == video]
            lines += ["", f"## {video}", "", *_table(of_video)]
    return "\n".join(lines) + "\n"


def _table(figures: Sequence[BenchmarkFigures]) -> list[str]:
    rows = [HEADER, ["---"] * 3 + ["---:"] * (len(HEADER) - 3), *figure_rows(figures)]
    return ["| " + " | ".join(row) + " |" for row in rows]


def _range(values: tuple[float, float]) -> str:
    return f"{values[0]:g} to {values[1]:g}"


def _write(path: Path, text: str) -> None:
    with atomic_write(path) as file:
        file.write(text.encode())
