"""``mespot loso``: leave one subject out, and print the paper's table."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from napari_mespot.cli.console import fail, progress_bar, say, warn
from napari_mespot.cli.options import DeviceOption
from napari_mespot.cli.training_input import (
    DataOption,
    FacesOption,
    FramesOption,
    OutOption,
    RecipeArgument,
    SetOption,
    align,
    dataset_recipe,
    read_data,
)
from napari_mespot.progress import Progress

if TYPE_CHECKING:
    from napari_mespot.batch.aligning import AlignedDataset
    from napari_mespot.batch.cluster_params import ClusterParams
    from napari_mespot.batch.folds import LosoResult
    from napari_mespot.learning.recipe import DatasetRecipe

__all__ = ["loso"]


def loso(  # noqa: PLR0913 - one parameter to an option
    recipe: RecipeArgument,
    data: DataOption,
    out: OutOption,
    subjects: Annotated[
        str | None,
        typer.Option(help="Only these subjects are tested, by commas.", metavar="A,B"),
    ] = None,
    settings: SetOption = None,
    workers: Annotated[
        int, typer.Option(help="Folds at once, each in a process of its own.", min=1)
    ] = 1,
    scheduler: Annotated[
        str | None,
        typer.Option(help="Workers of this dask scheduler.", metavar="tcp://HOST:PORT"),
    ] = None,
    frames: FramesOption = None,
    faces: FacesOption = None,
    device: DeviceOption = "cpu",
) -> None:
    """Train and test once per subject, and print the table under every rule.

    A subject's labels are compared with what was spotted and used for nothing else. The same
    command again repeats no finished fold, and goes on with one that was cut off.
    """
    from napari_mespot.batch import ClusterParams, prepare_folder
    from napari_mespot.batch.training_report import loso_table, save_loso
    from napari_mespot.errors import ClusterError
    from napari_mespot.network import choose_device

    chosen = dataset_recipe(recipe, settings)
    if scheduler is None:
        device = str(choose_device(device))
    prepare_folder(out)
    cluster = ClusterParams(workers=workers, scheduler=scheduler)
    aligned = align(read_data(data, chosen, frames), chosen, faces, cluster)
    wanted = None if subjects is None else [s.strip() for s in subjects.split(",") if s.strip()]
    result = _run(aligned, chosen, out, (wanted, device), cluster)
    for text in result.failures:
        fail(text)
    if not result.outcomes:
        raise ClusterError("expected results of some fold, got none; see the lines above")
    name = aligned.dataset.kind.value
    save_loso(out, name, chosen, result)
    say(loso_table(name, result))
    written = ("table.md", "subjects.md", "subjects.csv", "log.csv", "curves.png", "subjects.png")
    say(f"written: {', '.join(str(out / file) for file in written)}")
    if result.failures:
        raise typer.Exit(1)


def _run(
    aligned: "AlignedDataset",
    recipe: "DatasetRecipe",
    out: Path,
    what: tuple[list[str] | None, str],
    cluster: "ClusterParams",
) -> "LosoResult":
    """Do the folds; one line for each that ends, and how far the others are."""
    from napari_mespot.batch.folds import FoldsCallbacks, run_loso

    subjects, device = what
    with progress_bar("steps") as bar:

        def under_way(subject: str, progress: Progress) -> None:
            bar(f"without {subject}", progress)

        def done(subject: str, progress: Progress) -> None:
            say(f"subject {subject}: {progress.stage} ({progress.done} of {progress.total})")

        result = run_loso(
            aligned,
            recipe,
            out,
            subjects=subjects,
            device=device,
            cluster=cluster,
            callbacks=FoldsCallbacks(under_way, done),
        )
    tested = {outcome.subject for outcome in result.outcomes} | set(result.unaligned)
    untested = {r.subject_id for r in aligned.references} - tested
    if result.unaligned:
        who = ", ".join(result.unaligned)
        warn(f"no face was aligned of {who}: their labels count as missed")
    if untested and subjects is None:
        warn(f"not tested, and not counted: {', '.join(sorted(untested))}")
    say()
    return result
