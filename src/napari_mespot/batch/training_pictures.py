"""Learning curves and figures per subject, as pictures."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from napari_mespot.batch.plot import COLOURS
from napari_mespot.evaluation import SpottingReport
from napari_mespot.io import atomic_write
from napari_mespot.model import ExpressionKind

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from napari_mespot.learning.loso import TrainingCurves

__all__ = ["draw_curves", "draw_subjects"]

_DPI = 120
_TRAINING, _VALIDATION = "#555555", "#009E73"
_MANY = 8


def draw_curves(path: Path, curves: "Mapping[str, TrainingCurves]") -> None:
    """Draw training and validation losses over steps, one pair of lines for each training.

    Where there are many, single lines are thin and their mean is thick.

    Parameters
    ----------
    path
        The PNG file.
    curves
        By name, e.g. of the subject who was left out.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9.0, 5.0), dpi=_DPI, layout="constrained")
    axes = figure.subplots()
    one = len(curves) == 1
    for own in curves.values():
        _line(axes, own.training, _TRAINING, thin=not one)
        _line(axes, own.validation, _VALIDATION, thin=not one)
        looks = dict(own.validation)
        if own.best_step is not None:
            axes.plot(own.best_step, looks[own.best_step], "o", ms=4, color=_VALIDATION)
    if not one:
        _mean_line(axes, [c.training for c in curves.values()], _TRAINING)
        _mean_line(axes, [c.validation for c in curves.values()], _VALIDATION)
    axes.plot([], [], color=_TRAINING, lw=2, label="training")
    if any(c.validation for c in curves.values()):
        axes.plot([], [], color=_VALIDATION, lw=2, label="validation subjects")
        axes.plot([], [], "o", ms=4, color=_VALIDATION, label="lowest")
    axes.set_xlabel("step")
    axes.set_ylabel("loss")
    axes.set_ylim(bottom=0)
    axes.grid(alpha=0.25)
    axes.legend(frameon=False)
    title = next(iter(curves)) if one else f"{len(curves)} trainings, and their means"
    axes.set_title(title, parse_math=False)
    _save(figure, path)


def draw_subjects(path: Path, report: SpottingReport) -> None:
    """Draw hits, false alarms and misses of every subject as bars, one panel to a kind.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    counts = report.per_subject()
    names, at = list(counts), np.arange(len(counts))
    width = max(6.0, 1.5 + 0.42 * len(names))
    figure = Figure(figsize=(width, 6.0), dpi=_DPI, layout="constrained")
    panels = figure.subplots(2, 1, sharex=True)
    for panel, kind in zip(panels, (ExpressionKind.MACRO, ExpressionKind.MICRO), strict=True):
        own = [c.of_kind(kind) for c in counts.values()]
        hits, misses, alarms = (
            np.array([getattr(c, name) for c in own]) for name in ("tp", "fn", "fp")
        )
        colour = COLOURS[kind]
        panel.bar(at, hits, color=colour, label="found")
        panel.bar(at, misses, bottom=hits, color="white", edgecolor=colour, label="missed")
        panel.bar(at, -alarms, color="#999999", label="false alarms")
        panel.axhline(0, color="black", lw=0.8)
        panel.use_sticky_edges = False  # bars end on whole numbers; leave room above them
        panel.margins(y=0.08)
        panel.set_ylabel(f"{kind.value}: intervals")
        panel.yaxis.set_major_locator(MaxNLocator(integer=True))
        panel.yaxis.set_major_formatter(lambda value, _: f"{abs(value):g}")
        panel.grid(axis="y", alpha=0.25)
        panel.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, fontsize="small")
    turn = 90 if len(names) > _MANY or max(map(len, names), default=0) > _MANY else 0
    panels[1].set_xticks(at, names, rotation=turn, parse_math=False)
    panels[1].set_xlabel("subject")
    overall = report.counts.overall
    figure.suptitle(f"Rule {report.rule}: F1 {overall.f1:.4f}", fontsize="medium")
    _save(figure, path)


def _line(axes: "Axes", points: tuple[tuple[int, float], ...], colour: str, *, thin: bool) -> None:
    if points:
        steps, losses = zip(*points, strict=True)
        axes.plot(steps, losses, color=colour, lw=0.6 if thin else 2.0, alpha=0.4 if thin else 1.0)


def _mean_line(axes: "Axes", curves: list[tuple[tuple[int, float], ...]], colour: str) -> None:
    """Draw the mean over those trainings that still ran at a step."""
    at: dict[int, list[float]] = {}
    for points in curves:
        for step, loss in points:
            at.setdefault(step, []).append(loss)
    steps = sorted(step for step, losses in at.items() if len(losses) > len(curves) / 2)
    if steps:
        axes.plot(steps, [float(np.mean(at[step])) for step in steps], color=colour, lw=2.0)


def _save(figure: "Figure", path: Path) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    with atomic_write(path) as file:
        FigureCanvasAgg(figure).print_figure(file, format="png")
