"""A picture of one rendition: what is shown, and the track of every spotter."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from napari_mespot.batch.plot import COLOURS, envelope
from napari_mespot.batch.spotting_benchmark import BenchmarkOutcome, SpottingBenchmark
from napari_mespot.io import atomic_write
from napari_mespot.model import Annotation, ExpressionKind

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw_rendition"]

_DPI = 120
_COLUMNS = 1400


def draw_rendition(path: Path, benchmark: SpottingBenchmark) -> None:
    """Draw the first rendition with expressions as a PNG file.

    One panel to a spotter: its evidence for each kind, what it found as bars below, and what
    is shown as shades.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    first = benchmark.outcomes[0]
    shown = [
        o
        for o in benchmark.outcomes
        if (o.video_id, o.rate_hz, o.seed) == (first.video_id, first.rate_hz, first.seed)
    ]
    figure = Figure(figsize=(13.0, 1.0 + 2.3 * len(shown)), dpi=_DPI, layout="constrained")
    canvas = FigureCanvasAgg(figure)
    panels = figure.subplots(len(shown), 1, sharex=True, squeeze=False)[:, 0]
    for panel, outcome in zip(panels, shown, strict=True):
        _draw_spotter(panel, outcome)
    rate = float(first.result.signal.frame_rate)
    panels[-1].set_xlabel("time (s)")
    panels[-1].set_xlim(0, first.result.signal.n_frames / rate)
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=4, frameon=False)
    figure.suptitle(f"{first.video_id}, {rate:g} fps: shown and found", parse_math=False)
    with atomic_write(path) as file:
        canvas.print_figure(file, format="png")


def _draw_spotter(panel: "Axes", outcome: BenchmarkOutcome) -> None:
    signal = outcome.result.smoothed
    rate = float(signal.frame_rate)
    for kind in ExpressionKind:
        colour = COLOURS[kind]
        _shade(panel, outcome.truth, kind, rate)
        rows, low, high = envelope(signal.of_kind(kind), _COLUMNS)
        top = np.nanmax(high) if np.isfinite(high).any() else 1.0
        # Kinds and spotters have evidence of different units: each is drawn up to its highest.
        points = np.stack([low, high], axis=1).ravel() / (top if top > 0 else 1.0)
        times = np.repeat((rows + 0.5) / rate, 2)
        panel.plot(times, points, color=colour, lw=1.4, label=f"evidence for {kind.value}")
        lane = -0.12 if kind is ExpressionKind.MICRO else -0.26
        bars = _bars(outcome.result.annotation, kind, rate)
        panel.broken_barh(bars, (lane - 0.05, 0.1), color=colour)
    panel.set_ylim(-0.36, 1.08)
    panel.set_yticks([-0.26, -0.12, 0, 1], ["found MaE", "found ME", "0", "highest"])
    panel.tick_params(axis="y", labelsize="small")
    panel.set_title(outcome.spotter, loc="left", fontsize="medium")


def _shade(panel: "Axes", truth: Annotation, kind: ExpressionKind, rate: float) -> None:
    panel.broken_barh(
        _bars(truth, kind, rate),
        (-0.36, 1.44),
        color=COLOURS[kind],
        alpha=0.22,
        lw=0,
        label=f"shown {kind.value}",
    )


def _bars(annotation: Annotation, kind: ExpressionKind, rate: float) -> list[tuple[float, float]]:
    return [(e.onset / rate, e.interval.n_frames / rate) for e in annotation.of_kind(kind)]
