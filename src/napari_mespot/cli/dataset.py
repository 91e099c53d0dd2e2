"""``mespot dataset``: what lies in the folder of a data set, and whether it can be used."""

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from napari_mespot.cli.console import say, table, warn

if TYPE_CHECKING:
    from napari_mespot.io.datasets import (
        DatasetKind,
        DatasetLabels,
        KindSummary,
        LabelProblem,
        MissingOffset,
        SpottingDataset,
    )
    from napari_mespot.model import ExpressionKind

__all__ = ["dataset_app"]

_SHOWN = 3
_POLICIES = ("mirror", "apex", "apex+20", "drop")

dataset_app = typer.Typer(
    help="Look at a data set before training on it.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _kind(text: str) -> "DatasetKind":
    """Read ``--kind``."""
    from napari_mespot.io.datasets import DatasetKind

    try:
        return DatasetKind(text)
    except ValueError:
        names = ", ".join(DatasetKind)
        raise typer.BadParameter(f"Expected one of {names}, got {text!r}.") from None


def _policy(text: str) -> str:
    """Read ``--policy``."""
    if text not in _POLICIES:
        raise typer.BadParameter(f"Expected one of {', '.join(_POLICIES)}, got {text!r}.")
    return text


@dataset_app.callback()
def dataset() -> None:
    """Look at a data set before training on it."""


@dataset_app.command()
def check(  # noqa: PLR0913 - one parameter to an option
    folder: Annotated[
        Path, typer.Argument(help="Folder with label sheet and frames.", metavar="DIR")
    ],
    kind: Annotated[
        str | None,
        typer.Option(
            help="samm_lv, cas_me2, cas_me3, samm_challenge, smic_e_long or plain; "
            "found by what lies there if not given.",
            parser=_kind,
            metavar="NAME",
        ),
    ] = None,
    policy: Annotated[
        str,
        typer.Option(
            help="What to take for a missing offset: mirror (2·apex − onset), apex, apex+20, "
            "or drop the row.",
            parser=_policy,
            metavar="NAME",
        ),
    ] = "mirror",
    frames: Annotated[
        Path | None, typer.Option(help="Where the frames lie, if elsewhere.", metavar="DIR")
    ] = None,
    recipe: Annotated[
        str | None,
        typer.Option(
            help="Recipe whose longest ME and MaE are compared with the labels; "
            "that of the data set if not given.",
            metavar="NAME",
        ),
    ] = None,
    show_all: Annotated[bool, typer.Option("--all", help="Show every problem.")] = False,
    csv: Annotated[
        Path | None, typer.Option(help="Write every problem to a CSV.", metavar="FILE")
    ] = None,
) -> None:
    """Say what a data set holds, what is odd in it, and whether it can be used.

    Exits with 1 if no video with frames is found; problems that were mended are no failure.
    """
    from napari_mespot.errors import AnnotationFormatError
    from napari_mespot.io.datasets import doubts_of, read_dataset, read_labels

    chosen: tuple[DatasetKind | None, MissingOffset] = (kind, policy)  # type: ignore[assignment]
    labels = read_labels(folder, chosen[0], missing_offset=chosen[1])
    found = read_dataset(
        folder, chosen[0], missing_offset=chosen[1], frames=frames, measure=_measure
    )
    problems = (*found.problems, *_empty_frames(found))
    doubts = doubts_of(labels.annotations, labels.name, _longest_s(recipe, labels.kind))
    _say_contents(folder, found)
    _say_kinds(found, labels)
    if csv is not None:
        _write(csv, (*problems, *doubts))
    n_shown = _SHOWN if not show_all else None
    _say_problems("problems", problems, n_shown)
    _say_problems("doubtful labels, which are kept", doubts, n_shown)
    if not found.videos:
        raise AnnotationFormatError(
            f"{frames or folder}: expected the frames of {found.name}, got none of the videos that "
            "the sheet names; say where they lie with --frames"
        )


def _longest_s(recipe: str | None, kind: "DatasetKind") -> "dict[ExpressionKind, float]":
    """Return the longest interval of each kind that the recipe reports."""
    from napari_mespot.cli.training_input import dataset_recipe
    from napari_mespot.learning.params import CalibrationParams
    from napari_mespot.learning.recipe_files import recipe_names
    from napari_mespot.model import ExpressionKind

    name = recipe or (kind.value if kind.value in recipe_names() else None)
    rules = CalibrationParams() if name is None else dataset_recipe(name, None).calibration
    return {kind: rules.of_kind(kind).max_duration_s for kind in ExpressionKind}


def _measure(path: Path) -> "tuple[int, Fraction] | None":
    """Return length and frame rate of a video file; say so if it cannot be read."""
    from napari_mespot.errors import FrameReadError
    from napari_mespot.frames import open_frames

    try:
        with open_frames(path) as source:
            return source.n_frames, source.frame_rate
    except FrameReadError as error:
        warn(str(error))
        return None


def _empty_frames(found: "SpottingDataset") -> "Iterator[LabelProblem]":
    from napari_mespot.io.datasets import LabelProblem
    from napari_mespot.io.datasets.frame_numbers import empty_frames

    for video in found.videos:
        names = empty_frames(video.path) if video.path.is_dir() else ()
        if names:
            raw = f"{len(names)} empty files: {', '.join(names[:_SHOWN])}"
            raw += ", ..." if len(names) > _SHOWN else ""
            name, remedy = video.annotation.video_id, "copy them again, they cannot be read"
            yield LabelProblem(name, None, "frame files hold a picture", raw, remedy)


def _say_contents(folder: Path, found: "SpottingDataset") -> None:
    lengths = [video.annotation.n_frames for video in found.videos]
    n_unknown = sum(length is None for length in lengths)
    rates = sorted({v.annotation.frame_rate for v in found.videos if v.annotation.frame_rate})
    say(f"{folder}: {found.name} ({found.kind.value})")
    say(f"subjects: {len(found.subjects)}")
    say(f"videos: {len(found.videos)}")
    text = f"frames: {sum(filter(None, lengths))}"
    say(text + (f", and those of {n_unknown} videos of unknown length" if n_unknown else ""))
    say(f"frames per second: {', '.join(map(_rate, rates)) or 'unknown'}")
    n_others = sum(len(video.non_expressions) for video in found.videos)
    if n_others:
        say(f"labelled movements that are no expressions: {n_others}")


def _say_kinds(found: "SpottingDataset", labels: "DatasetLabels") -> None:
    from napari_mespot.io.datasets import summary_of
    from napari_mespot.model import ExpressionKind

    if not any(labels.count(kind) for kind in ExpressionKind):
        say("labels: none")
        return
    rows = [["", *(kind.value for kind in ExpressionKind)]]
    rows.append(["labels in the sheet", *(str(labels.count(kind)) for kind in ExpressionKind)])
    columns = [
        _figures(summary_of(found, kind, labels), found.frame_rate) for kind in ExpressionKind
    ]
    for name in columns[0]:
        rows.append([name, *(column[name] for column in columns)])
    say()
    for line in table(rows):
        say(line)


def _figures(summary: "KindSummary", rate: Fraction | None) -> dict[str, str]:
    k = "-" if summary.k is None else str(summary.k)
    k_s = "-" if summary.k is None or rate is None else f"{float(summary.k / rate):.3f}"
    return {
        "labels with frames": str(summary.n_labels),
        "frames inside a label": str(summary.n_positive),
        "share of reviewed frames": f"{100 * summary.share:.2f} %",
        "shortest, s": _seconds(summary.shortest_s),
        "median, s": _seconds(summary.median_s),
        "longest, s": _seconds(summary.longest_s),
        "k-th frame": k,
        "k-th frame, s": k_s,
    }


def _say_problems(title: str, problems: "Sequence[LabelProblem]", n_shown: int | None) -> None:
    groups: dict[str, list[LabelProblem]] = {}
    for problem in problems:
        groups.setdefault(problem.rule, []).append(problem)
    say()
    say(f"{title}: {len(problems) or 'none'}")
    for rule, members in sorted(groups.items(), key=lambda item: (-len(item[1]), item[0])):
        say()
        say(f"expected that {rule}; not so: {len(members)}")
        for problem in members[:n_shown]:
            where = problem.sheet if problem.row is None else f"{problem.sheet}, row {problem.row}"
            say(" ".join(f"  {where}: {problem.raw}; {problem.remedy}".splitlines()))
        if n_shown is not None and len(members) > n_shown:
            say(f"  and {len(members) - n_shown} more (--all shows them)")


def _write(path: Path, problems: "Iterable[LabelProblem]") -> None:
    from napari_mespot.io import atomic_write
    from napari_mespot.io.cells import escaped
    from napari_mespot.io.delimited import csv_line

    lines = ["sheet,row,rule,raw,remedy\n"]
    for p in problems:
        cells = (p.sheet, "" if p.row is None else str(p.row), p.rule, p.raw, p.remedy)
        lines.append(csv_line(map(escaped, cells)))
    with atomic_write(path) as file:
        file.write("".join(lines).encode("utf-8", errors="surrogateescape"))


def _rate(rate: Fraction) -> str:
    return f"{float(rate):g}"


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
