"""``mespot demo``: spot the sample video and open it for review."""

import shutil
from pathlib import Path
from typing import Annotated

import typer

from napari_mespot.cli.console import fail, say, warn
from napari_mespot.cli.evaluate import read_tables
from napari_mespot.cli.spot import report_outcomes, run_jobs
from napari_mespot.cli.viewer import (
    VIEWER_ADVICE,
    draw_window,
    has_display,
    has_viewer,
    open_window,
)
from napari_mespot.errors import OutputError

__all__ = ["demo"]


def demo(
    out: Annotated[Path, typer.Option(help="Folder for the results.")] = Path("mespot-demo"),
    show: Annotated[
        bool, typer.Option("--show/--no-show", help="Open napari if there is a display.")
    ] = True,
) -> None:
    """Spot the sample video that comes with the program, and open it for review in napari.

    The sample is drawn and animated by the program itself, so that onset, apex and offset of
    every expression are known exactly.
    """
    from napari_mespot.batch import SpottingJob, prepare_folder

    prepare_folder(out)
    video, labels = _own_sample(out)
    # Results lie in a folder of their own, so that a review of the video stays untouched.
    results = out / "results"
    job = SpottingJob(path=video, out=results, name=video.stem, labels=labels)
    outcomes = run_jobs([job])
    report_outcomes(outcomes, as_json=False)
    if not outcomes[0].ok:
        raise typer.Exit(1)
    intervals, scores, plot = outcomes[0].files
    _say_comparison(labels, intervals)
    say()
    arguments = [str(video), "--predictions", str(intervals), "--scores", str(scores), "--hint"]
    if show and has_viewer() and has_display():
        say("Opening the video for review in napari; close the window to come back.")
        raise typer.Exit(open_window(arguments))
    say(f"Look at the plot: {plot}")
    if not has_viewer():
        say(f"The viewer is not installed; to review in napari: {VIEWER_ADVICE}")
    elif show:
        _draw(arguments, out / "window.png")


def _own_sample(out: Path) -> tuple[Path, Path]:
    """Put the sample and its labels into the folder, where a review can lie beside them."""
    from napari_mespot.frames.synthetic.sample import sample_path

    try:
        sample = sample_path()
    except FileNotFoundError as error:
        fail(str(error))
        raise typer.Exit(1) from None
    labels = sample.with_name(f"{sample.stem}.intervals.csv")
    mine = out / sample.name, out / f"{sample.stem}.labels.csv"
    for source, target in zip((sample, labels), mine, strict=True):
        if target.is_file() and target.read_bytes() == source.read_bytes():
            continue  # with its time stamp, by which caches know it again
        try:
            shutil.copy2(source, target)
        except OSError as error:
            raise OutputError(
                f"{target}: expected to copy the sample there, got: {error.strerror}; choose "
                "another folder with --out"
            ) from None
    return mine


def _draw(arguments: list[str], picture: Path) -> None:
    """Draw the window that would have opened."""
    say("There is no display to open napari on; drawing its window instead ...")
    trouble = draw_window(arguments, picture)
    if trouble:
        warn(f"the window could not be drawn: {trouble}")
    else:
        say(f"Look at the window: {picture}")


def _say_comparison(labels: Path, found: Path) -> None:
    """Say how many of the drawn expressions were found."""
    from napari_mespot.evaluation import evaluate

    counts = evaluate(read_tables(labels), read_tables(found)).counts
    for name, kind in (("ME", counts.me), ("MaE", counts.mae)):
        say(
            f"{name}: {kind.tp} of the {kind.tp + kind.fn} drawn were found, {kind.fp} others "
            "were reported (rule strict, IoU 0.5)"
        )
