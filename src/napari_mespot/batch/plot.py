"""A picture of both score tracks with the intervals found, for two seconds or for an hour."""

import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from napari_mespot.io import atomic_write
from napari_mespot.model import Annotation, ExpressionKind, ScoreSignal
from napari_mespot.spotting.params import DetectionParams

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from napari_mespot.spotting import SpottingResult

__all__ = ["COLOURS", "draw_tracks", "envelope"]

# Okabe and Ito's palette, told apart with any kind of colour vision.
COLOURS = {ExpressionKind.MICRO: "#D55E00", ExpressionKind.MACRO: "#0072B2"}
_NAMES = {ExpressionKind.MICRO: "micro (ME)", ExpressionKind.MACRO: "macro (MaE)"}
_NO_FACE = "#999999"
_SIZE_INCHES, _DPI = (13.0, 6.2), 120
# About one column of pixels each: more points would only be drawn over each other.
_MAX_COLUMNS = 1400
# An apex is marked only where the bar is wide enough to remain visible around the mark.
_MIN_SHARE_FOR_APEX = 0.006


def draw_tracks(
    path: Path,
    result: "SpottingResult",
    detection: DetectionParams,
    *,
    title: str,
    labels: Annotation | None = None,
) -> None:
    """Draw the scores, thresholds and intervals of one video as a PNG file.

    Raw scores are thin, smoothed ones thick; stretches without a face are grey; the intervals
    lie in lanes below, their apex marked.

    Parameters
    ----------
    path
        The PNG file.
    result
        What was found.
    detection
        The rules that were used.
    title
        Name of the video.
    labels
        What is held to be true, drawn as black frames around the lanes.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=_SIZE_INCHES, dpi=_DPI, layout="constrained")
    canvas = FigureCanvasAgg(figure)
    panels = figure.subplots(3, 1, sharex=True, height_ratios=(4, 4, 1.5))
    for panel, kind in zip(panels, ExpressionKind, strict=False):
        _draw_kind(panel, result, kind, detection)
    _draw_lanes(panels[2], result.annotation, result.signal, labels)
    _draw_time_axes(panels[0], panels[2], result.signal)
    _draw_title(figure, result, title)
    with atomic_write(path) as file, warnings.catch_warnings():
        # A name in letters that the font lacks is drawn as boxes; that is no news to the user.
        warnings.filterwarnings("ignore", message="Glyph .* missing", category=UserWarning)
        canvas.print_figure(file, format="png")


def envelope(values: NDArray[np.float32], columns: int) -> tuple[NDArray[np.float64], ...]:
    """Return the lowest and highest value of each of at most `columns` stretches.

    Parameters
    ----------
    values
        Shape (n,); NaN where there is none.
    columns
        Upper limit on the number of stretches.

    Returns
    -------
    rows, low, high
        Middle row of each stretch, its minimum and maximum (NaN if it holds no value), each
        of shape (min(n, columns),). No peak is lost, however short.
    """
    n_columns = max(1, min(len(values), columns))
    # In whole numbers: a rounded quotient would put a row into its neighbour's stretch.
    edges = np.arange(n_columns + 1, dtype=np.int64) * len(values) // n_columns
    data = values.astype(np.float64)
    low = np.minimum.reduceat(np.where(np.isnan(data), np.inf, data), edges[:-1])
    high = np.maximum.reduceat(np.where(np.isnan(data), -np.inf, data), edges[:-1])
    empty = low > high
    low[empty] = high[empty] = np.nan
    return (edges[:-1] + edges[1:] - 1) / 2, low, high


def _draw_kind(
    panel: "Axes", result: "SpottingResult", kind: ExpressionKind, detection: DetectionParams
) -> None:
    """Draw the track of one kind with its thresholds."""
    signal, colour, rules = result.signal, COLOURS[kind], detection.of_kind(kind)
    _shade(panel, _runs(~signal.found), signal, color=_NO_FACE, alpha=0.35, label="no face")
    spans = [(e.onset, e.offset) for e in result.annotation.of_kind(kind)]
    _shade(panel, spans, signal, color=colour, alpha=0.18)
    _draw_track(panel, signal, kind, width=0.7, alpha=0.55, label="raw")
    _draw_track(panel, result.smoothed, kind, width=2.0, alpha=1.0, label="smoothed")
    panel.axhline(
        rules.threshold, color="black", lw=0.9, ls="--", label=f"starts at {rules.threshold:.2f}"
    )
    panel.axhline(
        rules.low_threshold,
        color="black",
        lw=0.9,
        ls=":",
        label=f"goes on to {rules.low_threshold:.2f}",
    )
    top = _top(result, kind, rules.threshold)
    panel.set_ylim(-0.03 * top, 1.03 * top)
    panel.set_ylabel(f"{_NAMES[kind]}\nprobability", color=colour)
    panel.grid(axis="y", alpha=0.25)
    panel.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, fontsize="small")


def _top(result: "SpottingResult", kind: ExpressionKind, threshold: float) -> float:
    """Return the upper end of the axis: 1, or less where threshold and scores are all low.

    A calibrated network can give a rare kind low probabilities, with a threshold to match.
    """
    tracks = (result.signal.of_kind(kind), result.smoothed.of_kind(kind))
    peak = max((float(np.nanmax(t)) for t in tracks if np.isfinite(t).any()), default=0.0)
    return min(1.0, max(0.1, 2.5 * threshold, 1.25 * peak))


def _draw_track(
    panel: "Axes",
    signal: ScoreSignal,
    kind: ExpressionKind,
    *,
    width: float,
    alpha: float,
    label: str,
) -> None:
    rows, low, high = envelope(signal.of_kind(kind), _MAX_COLUMNS)
    times = signal.clock.seconds_at(signal.first_frame + rows + 0.5)
    # Through the lowest and the highest value of each column; where a column is one frame,
    # both are the score itself.
    points = np.stack([low, high], axis=1).ravel()
    marker = "." if len(rows) <= 3 else ""
    panel.plot(
        np.repeat(times, 2),
        points,
        color=COLOURS[kind],
        lw=width,
        alpha=alpha,
        label=label,
        marker=marker,
    )


def _draw_lanes(
    panel: "Axes", annotation: Annotation, signal: ScoreSignal, labels: Annotation | None
) -> None:
    """Draw the intervals as bars and the labels as frames, one lane to a kind."""
    absent = _bars(_runs(~signal.found), signal)
    panel.broken_barh(absent, (-0.6, 2.2), color=_NO_FACE, alpha=0.35, lw=0)
    shortest = _MIN_SHARE_FOR_APEX * signal.n_frames
    for lane, kind in enumerate(ExpressionKind):
        expressions = annotation.of_kind(kind)
        bars = _bars(((e.onset, e.offset) for e in expressions), signal)
        # The edge keeps an interval visible that is narrower than a pixel.
        colour = COLOURS[kind]
        panel.broken_barh(bars, (lane - 0.3, 0.6), facecolor=colour, edgecolor=colour, lw=1.5)
        apexes = [
            float(signal.clock.seconds_at(e.apex + 0.5))
            for e in expressions
            if e.apex is not None and e.interval.n_frames > shortest
        ]
        frames = [(e.onset, e.offset) for e in labels.of_kind(kind)] if labels else []
        panel.broken_barh(
            _bars(frames, signal), (lane - 0.42, 0.84), facecolor="none", edgecolor="black", lw=1.2
        )
        panel.plot(apexes, [lane] * len(apexes), ls="", marker="|", ms=7, color="white")
    panel.set_ylim(1.6, -0.6)
    panel.set_yticks([0, 1], ["ME", "MaE"])
    text = "filled: found" if labels is None else "filled: found\nframe: labelled"
    panel.text(1.01, 0.5, text, transform=panel.transAxes, va="center", fontsize="small")
    panel.tick_params(axis="y", length=0)


def _draw_time_axes(top: "Axes", bottom: "Axes", signal: ScoreSignal) -> None:
    """Put seconds below and frame indices above."""
    from matplotlib.ticker import MaxNLocator

    clock = signal.clock
    first, after = signal.first_frame, signal.first_frame + max(1, signal.n_frames)
    bottom.set_xlim(float(clock.second_of(first)), float(clock.second_of(after)))
    bottom.set_xlabel("time (s)")
    frames = top.secondary_xaxis("top", functions=(clock.places_at, clock.seconds_at))
    frames.set_xlabel("frame")
    frames.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))


def _draw_title(figure: "Figure", result: "SpottingResult", title: str) -> None:
    signal, annotation = result.signal, result.annotation
    counts = ", ".join(f"{len(annotation.of_kind(k))} {k.value}" for k in ExpressionKind)
    last = signal.first_frame + signal.n_frames
    duration = float(signal.clock.second_of(last) - signal.clock.second_of(signal.first_frame))
    # A name may hold line breaks, or bytes that are no text.
    name = " ".join(title.split()).encode("utf-8", errors="replace").decode()
    figure.suptitle(
        f"{name}   ({duration:.4g} s, {signal.n_frames} frame{'s' * (signal.n_frames != 1)} at "
        f"{float(signal.frame_rate):.5g} fps): {counts}",
        parse_math=False,
    )


def _shade(
    panel: "Axes",
    spans: Iterable[tuple[int, int]],
    signal: ScoreSignal,
    *,
    color: str,
    alpha: float,
    label: str = "",
) -> None:
    bars = _bars(spans, signal)
    if bars:
        panel.broken_barh(bars, (-0.03, 1.06), color=color, alpha=alpha, lw=0, label=label)


def _bars(spans: Iterable[tuple[int, int]], signal: ScoreSignal) -> list[tuple[float, float]]:
    """Turn first and last frames into starts and lengths in seconds."""
    ends = np.array([(first, last + 1) for first, last in spans], np.int64).reshape(-1, 2)
    return [(start, stop - start) for start, stop in signal.clock.seconds_of(ends).tolist()]


def _runs(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return first and last row of every run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return [(int(a), int(b) - 1) for a, b in zip(edges[::2], edges[1::2], strict=True)]
