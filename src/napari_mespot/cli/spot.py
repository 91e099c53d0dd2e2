"""``mespot spot``: from videos to score tracks, intervals and plots."""

import math
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from napari_mespot.cli.console import fail, progress_bar, say, say_json, warn
from napari_mespot.cli.options import CheckpointOption, DeviceOption, FaceOption
from napari_mespot.face.choice import LARGEST
from napari_mespot.progress import Progress

if TYPE_CHECKING:
    from napari_mespot.batch import ClusterParams, JobOutcome, SpottingJob

__all__ = ["parse_rate", "parse_threshold", "report_outcomes", "run_jobs", "spot"]


def parse_rate(text: str) -> Fraction:
    """Read ``--fps``."""
    from napari_mespot.errors import FrameReadError
    from napari_mespot.frames import parse_frame_rate

    try:
        return parse_frame_rate(text)
    except FrameReadError as error:
        raise typer.BadParameter(str(error)) from None


def parse_threshold(text: str) -> float:
    """Read a threshold from 0 to 1."""
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not 0 <= value <= 1:
        raise typer.BadParameter(f"Expected a number from 0 to 1, got {text!r}.")
    return value


def spot(  # noqa: PLR0913 - one parameter to an option
    paths: Annotated[
        list[Path],
        typer.Argument(help="Videos, folders of images, or folders of videos.", metavar="PATH..."),
    ],
    out: Annotated[Path, typer.Option(help="Folder for the results; made if missing.")],
    checkpoint: CheckpointOption = None,
    device: DeviceOption = "auto",
    fps: Annotated[
        Fraction | None,
        typer.Option(
            help="Frames per second, where the file says it wrongly or not at all; "
            "200 or 30000/1001.",
            parser=parse_rate,
            metavar="RATE",
        ),
    ] = None,
    threshold_me: Annotated[
        float | None,
        typer.Option(
            help="Score that starts an ME, 0 to 1.",
            parser=parse_threshold,
            metavar="SCORE",
            show_default="the checkpoint's",
        ),
    ] = None,
    threshold_mae: Annotated[
        float | None,
        typer.Option(
            help="Score that starts an MaE, 0 to 1.",
            parser=parse_threshold,
            metavar="SCORE",
            show_default="the checkpoint's",
        ),
    ] = None,
    openface: Annotated[
        Path | None,
        typer.Option(
            help="Folder that OpenFace wrote to (NAME_aligned or NAME.csv for each video), "
            "in place of our own alignment."
        ),
    ] = None,
    face: FaceOption = None,
    plot: Annotated[bool, typer.Option("--plot/--no-plot", help="Draw the tracks.")] = True,
    cache: Annotated[
        bool, typer.Option("--cache/--no-cache", help="Keep aligned faces for the next run.")
    ] = True,
    workers: Annotated[
        int,
        typer.Option(
            help="Videos at once, each in a process of its own; 1: one after the other.", min=1
        ),
    ] = 1,
    scheduler: Annotated[
        str | None,
        typer.Option(
            help="Address of a dask scheduler whose workers do the videos, in place of --workers.",
            metavar="tcp://HOST:PORT",
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Write the outcomes as one JSON document.")
    ] = False,
) -> None:
    """Spot micro- and macro-expressions in videos.

    For each video, OUT gets NAME.intervals.csv (onset, apex, offset), NAME.scores.csv (the
    two probabilities of every frame) and NAME.png (a plot of both). A video that fails does
    not stop the others.
    """
    from napari_mespot.batch import (
        ClusterParams,
        SpottingJob,
        find_openface,
        find_videos,
        name_videos,
        plain_name,
        prepare_folder,
    )

    if face is not None and openface is not None:
        raise typer.BadParameter(
            "expected --face or --openface, got both: OpenFace has chosen its face already."
        )
    prepare_folder(out)
    videos = find_videos(paths)
    names, warnings = name_videos(videos, out)
    for text in warnings:
        warn(text)
    if len(videos) > 1:
        _check_network(checkpoint, device if scheduler is None else None)
    jobs = [
        SpottingJob(
            path=video,
            out=out,
            name=name,
            checkpoint=checkpoint,
            device=device,
            frame_rate=fps,
            threshold_me=threshold_me,
            threshold_mae=threshold_mae,
            openface=find_openface(openface, plain_name(video)) if openface else None,
            plot=plot,
            cache=cache,
            face=face or LARGEST,
        )
        for video, name in zip(videos, names, strict=True)
    ]
    outcomes = run_jobs(jobs, ClusterParams(workers=workers, scheduler=scheduler))
    report_outcomes(outcomes, as_json=as_json)
    if not all(outcome.ok for outcome in outcomes):
        raise typer.Exit(1)


def _check_network(checkpoint: str | None, device: str | None) -> None:
    """See that checkpoint and device can be used: told once, not for every video."""
    from napari_mespot.network import choose_device, load_checkpoint

    if device is not None:  # else it is one of another machine
        choose_device(device)
    if checkpoint is None:
        load_checkpoint()
    else:
        load_checkpoint(checkpoint)


def run_jobs(
    jobs: "list[SpottingJob]", cluster: "ClusterParams | None" = None
) -> "tuple[JobOutcome, ...]":
    """Spot the videos of `jobs`, and say how far it is."""
    from napari_mespot.batch import spot_videos

    if cluster is not None and not cluster.in_process:
        return _run_on_workers(jobs, cluster)
    # Without a terminal a line for each video; a single one is told of by its result.
    with progress_bar(stages=len(jobs) > 1, every_s=math.inf) as show:

        def on_progress(job: "SpottingJob", progress: Progress) -> None:
            place = f" ({jobs.index(job) + 1} of {len(jobs)})" if len(jobs) > 1 else ""
            show(f"{job.name}{place}", progress)

        return spot_videos(jobs, on_progress=on_progress)


def _run_on_workers(
    jobs: "list[SpottingJob]", cluster: "ClusterParams"
) -> "tuple[JobOutcome, ...]":
    """Spot videos at once; what is counted are those that are finished."""
    from napari_mespot.batch import spot_videos

    with progress_bar("videos", every_s=math.inf) as show:
        finished = 0
        show("spotting", Progress("starting", 0, len(jobs)))

        def on_outcome(outcome: "JobOutcome") -> None:
            nonlocal finished
            finished += 1
            state = "done" if outcome.ok else "failed"
            show("spotting", Progress(f"{outcome.job.name} {state}", finished, len(jobs)))

        return spot_videos(jobs, cluster=cluster, on_outcome=on_outcome)


def report_outcomes(outcomes: "tuple[JobOutcome, ...]", *, as_json: bool) -> None:
    """Write what came of the videos; what failed comes last."""
    failed = [outcome for outcome in outcomes if not outcome.ok]
    for outcome in outcomes:
        for text in outcome.warnings:
            name = outcome.job.path.name
            warn(text if name in text else f"{name}: {text}")
    if as_json:
        say_json(
            {
                "outcomes": [outcome.as_dict() for outcome in outcomes],
                "ok": len(outcomes) - len(failed),
                "failed": len(failed),
            }
        )
    else:
        for outcome in outcomes:
            if outcome.ok:
                _say_outcome(outcome)
    if len(outcomes) > 1 and failed:
        fail(f"{len(failed)} of {len(outcomes)} videos failed:")
    for outcome in failed:
        path = str(outcome.job.path)
        fail(outcome.error if path in outcome.error else f"{path}: {outcome.error}")


def _say_outcome(outcome: "JobOutcome") -> None:
    rate = float(outcome.frame_rate or 0)
    plural = "s" if outcome.n_frames != 1 else ""
    say(
        f"{outcome.job.name}: {outcome.n_me} ME and {outcome.n_mae} MaE in {outcome.n_frames} "
        f"frame{plural} at {rate:.5g} fps ({outcome.seconds:.1f} s)"
    )
    if outcome.followed:
        say(f"  face followed: {outcome.followed}")
    for path in outcome.files:
        say(f"  {path}")
