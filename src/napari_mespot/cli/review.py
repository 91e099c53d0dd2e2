"""``mespot review``: open a video in the viewer."""

from fractions import Fraction
from pathlib import Path
from typing import Annotated

import typer

from napari_mespot.cli.console import fail, say
from napari_mespot.cli.options import FaceOption
from napari_mespot.cli.spot import parse_rate
from napari_mespot.cli.viewer import (
    VIEWER_ADVICE,
    draw_window,
    has_display,
    has_viewer,
    open_window,
)

__all__ = ["review"]


def review(  # noqa: PLR0913 - one parameter to an option
    video: Annotated[
        Path,
        typer.Argument(help="A video, a folder of images, or a session (.mespot)."),
    ],
    predictions: Annotated[
        Path | None,
        typer.Option(
            "--predictions",
            "--labels",
            help="Intervals to start from, of any known format; NAME.scores.csv beside "
            "NAME.intervals.csv is opened too.",
        ),
    ] = None,
    scores: Annotated[Path | None, typer.Option(help="Score tracks (NAME.scores.csv).")] = None,
    fps: Annotated[
        Fraction | None,
        typer.Option(
            help="Frames per second, where the file says it wrongly or not at all.",
            parser=parse_rate,
            metavar="RATE",
        ),
    ] = None,
    face: FaceOption = None,
    frame: Annotated[
        int | None, typer.Option(help="Frame to go to, as mespot next proposes it.", min=0)
    ] = None,
    of_any_video: Annotated[
        bool,
        typer.Option(
            "--of-any-video",
            help="Add the intervals without asking even if the file names another video or length.",
        ),
    ] = False,
    coder: Annotated[str, typer.Option(help="Your initials, put beside what you draw.")] = "",
    picture: Annotated[
        Path | None,
        typer.Option(help="Draw the window into this PNG file instead of opening it."),
    ] = None,
) -> None:
    """Review a video in napari: play it, correct its intervals, code action units.

    Every edit is kept in a journal beside the video at once. On a machine without a display
    the window is drawn into a picture.
    """
    if not has_viewer():
        fail(f"expected napari for the viewer, found none; install it: {VIEWER_ADVICE}")
        raise typer.Exit(1)
    arguments = [str(video)]
    for name, value in (
        ("predictions", predictions),
        ("scores", scores),
        ("fps", fps),
        ("frame", frame),
        ("face", face),
    ):
        if value is not None:
            arguments += [f"--{name}", str(value)]
    if of_any_video:
        arguments.append("--of-any-video")
    if coder:
        arguments += ["--coder", coder]
    if picture is None and has_display():
        raise typer.Exit(open_window(arguments))
    _draw(arguments, picture or Path(f"{video.stem}.review.png"), asked=picture is not None)


def _draw(arguments: list[str], picture: Path, *, asked: bool) -> None:
    if not asked:
        say("There is no display to open a window on; drawing it instead ...")
    trouble = draw_window(arguments, picture)
    if trouble:
        fail(trouble.removeprefix("error: "))
        raise typer.Exit(1)
    say(f"Look at the window: {picture}")
