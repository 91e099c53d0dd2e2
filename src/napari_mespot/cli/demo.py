"""``mespot demo``: spot the sample video and show what came out."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from napari_mespot.cli.console import fail, say
from napari_mespot.cli.evaluate import read_tables
from napari_mespot.cli.spot import report_outcomes, run_jobs

__all__ = ["demo"]


def demo(
    out: Annotated[Path, typer.Option(help="Folder for the results.")] = Path("mespot-demo"),
    show: Annotated[
        bool, typer.Option("--show/--no-show", help="Open the plot if there is a display.")
    ] = True,
) -> None:
    """Spot the sample video that comes with the program, and show the plot.

    The sample is drawn and animated by the program itself, so that onset, apex and offset of
    every expression are known exactly.
    """
    from napari_mespot.batch import SpottingJob, prepare_folder
    from napari_mespot.frames.synthetic.sample import sample_path

    prepare_folder(out)
    try:
        sample = sample_path()
    except FileNotFoundError as error:
        fail(str(error))
        raise typer.Exit(1) from None
    labels = sample.with_name(f"{sample.stem}.intervals.csv")
    outcomes = run_jobs([SpottingJob(path=sample, out=out, name=sample.stem, labels=labels)])
    report_outcomes(outcomes, as_json=False)
    if not outcomes[0].ok:
        raise typer.Exit(1)
    intervals, _, plot = outcomes[0].files
    _say_comparison(labels, intervals)
    say()
    if show and _has_display():
        typer.launch(str(plot))
        say(f"The plot is open: {plot}")
    else:
        say(f"Look at the plot: {plot}")


def _say_comparison(labels: Path, found: Path) -> None:
    """Say how many of the drawn expressions were found."""
    from napari_mespot.evaluation import evaluate

    counts = evaluate(read_tables(labels), read_tables(found)).counts
    for name, kind in (("ME", counts.me), ("MaE", counts.mae)):
        say(
            f"{name}: {kind.tp} of the {kind.tp + kind.fn} drawn were found, {kind.fp} others "
            "were reported (rule strict, IoU 0.5)"
        )


def _has_display() -> bool:
    """Whether somebody sits in front of a screen."""
    if not sys.stdout.isatty():
        return False
    if sys.platform in {"darwin", "win32"}:
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
