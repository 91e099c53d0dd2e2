"""``mespot convert``: annotations from one kind of file to another."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from napari_mespot.cli.console import say, warn

if TYPE_CHECKING:
    from napari_mespot.batch import VideoClocks
    from napari_mespot.model import Annotation

__all__ = ["convert"]


def _format(name: str) -> str:
    """Read ``--format`` and ``--from``."""
    from napari_mespot.io import find_format

    try:
        return find_format(name).name
    except ValueError as error:
        raise typer.BadParameter(f"{error}.") from None


def _rate(text: str) -> Fraction:
    """Read ``--fps``."""
    from napari_mespot.io.cells import parse_rate

    try:
        rate = parse_rate(text)
    except ValueError:
        rate = None
    if rate is None:
        raise typer.BadParameter(
            f"Expected a frame rate above 0 such as 200, 29.97 or 30000/1001, got {text!r}."
        )
    return rate


def convert(  # noqa: PLR0913 - one for each option
    source: Annotated[
        Path,
        typer.Argument(help="A file of annotations, or with --from a folder.", metavar="IN"),
    ],
    target: Annotated[
        Path,
        typer.Argument(help="The file to write, or a folder: one file per video.", metavar="OUT"),
    ],
    to_format: Annotated[
        str | None,
        typer.Option(
            "--format",
            help="Format to write, where the ending does not say: mespot, elan, boris, "
            "boris-tabular, deepethogram, textgrid, megc2022 or megc2023.",
            parser=_format,
            metavar="NAME",
        ),
    ] = None,
    from_format: Annotated[
        str | None,
        typer.Option(
            "--from",
            help="Format to read, in place of what the file looks like.",
            parser=_format,
            metavar="NAME",
        ),
    ] = None,
    fps: Annotated[
        Fraction | None,
        typer.Option(
            help="Frame rate of the videos, in place of what the file says.",
            parser=_rate,
            metavar="R",
        ),
    ] = None,
    video: Annotated[
        Path | None,
        typer.Option(
            help="The video, or a folder of them: its own times, where frames are unevenly "
            "spaced or start late. Without it, videos beside IN and OUT are looked for.",
            metavar="PATH",
        ),
    ] = None,
    frames: Annotated[
        int | None,
        typer.Option(help="Number of frames of each video.", min=1, metavar="N"),
    ] = None,
    coder: Annotated[
        str, typer.Option(help="Name put to expressions that have no coder.", metavar="NAME")
    ] = "",
    observation: Annotated[
        str,
        typer.Option(help="The only observation of a BORIS file to read.", metavar="NAME"),
    ] = "",
    rejected: Annotated[
        bool, typer.Option("--rejected", help="Write rejected expressions to other tools too.")
    ] = False,
    start_anew: Annotated[
        bool,
        typer.Option(
            "--replace",
            help="Start a file anew that is there, in place of merging into it; it is kept as "
            "NAME.bak in either case.",
        ),
    ] = False,
    strict: Annotated[
        bool,
        typer.Option(
            "--strict", help="Write nothing if the format does not hold all that is said."
        ),
    ] = False,
) -> None:
    """Convert annotations between this program's table and other tools' files.

    A file that is there is merged into: what it said of the same videos gives way, everything
    else stays. What a format cannot hold is told in one line.
    """
    from napari_mespot.io import read_annotations, write_annotations

    annotations = read_annotations(
        source,
        format=from_format,
        frame_rate=fps,
        n_frames=frames,
        clocks=_clocks(video, source, target),
        observation=observation,
        notice=warn,
    )
    annotations = tuple(_with_coder(annotation, coder) for annotation in annotations)
    written = write_annotations(
        target,
        annotations,
        format=to_format,
        rejected=rejected,
        replace=start_anew,
        strict=strict,
        notice=warn,
    )
    for annotation in written:
        say(_summary(annotation))


def _clocks(video: Path | None, source: Path, target: Path) -> "VideoClocks":
    """Return what finds the videos: those named, else those beside the files."""
    from napari_mespot.batch import VideoClocks, find_videos, videos_in

    if video is not None:
        videos = find_videos([video])
        return VideoClocks(videos, meant=len(videos) == 1, notice=warn)
    places = (place if place.is_dir() else place.parent for place in (source, target))
    return VideoClocks(videos_in(places), notice=warn)


def _with_coder(annotation: "Annotation", coder: str) -> "Annotation":
    named = (replace(e, coder=e.coder or coder) for e in annotation.expressions)
    return replace(annotation, expressions=tuple(named))


def _summary(annotation: "Annotation") -> str:
    """Return what was found in one video."""
    from napari_mespot.model import ExpressionKind, ReviewStatus

    counts = [f"{len(annotation.of_kind(kind))} {kind}" for kind in ExpressionKind]
    n_rejected = sum(e.status is ReviewStatus.REJECTED for e in annotation.expressions)
    text = f"{annotation.video_id}: {' and '.join(counts)}"
    return text + (f", {n_rejected} of them rejected" if n_rejected else "")
