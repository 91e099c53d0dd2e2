"""What the training commands are given: a recipe, a data set, and where things go."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from napari_mespot.cli.console import progress_bar, warn
from napari_mespot.progress import Progress

if TYPE_CHECKING:
    from napari_mespot.batch.aligning import AlignedDataset
    from napari_mespot.batch.cluster_params import ClusterParams
    from napari_mespot.io.datasets import SpottingDataset
    from napari_mespot.learning.recipe import DatasetRecipe

__all__ = [
    "DataOption",
    "FacesOption",
    "FramesOption",
    "OutOption",
    "RecipeArgument",
    "SetOption",
    "align",
    "dataset_recipe",
    "faces_folder",
    "read_data",
]

RecipeArgument = Annotated[
    str, typer.Argument(help="Name of a recipe, or a TOML file.", metavar="RECIPE")
]
DataOption = Annotated[
    Path, typer.Option(help="Folder of the data set: label sheet and frames.", metavar="DIR")
]
OutOption = Annotated[Path, typer.Option(help="Folder for the results.", metavar="DIR")]
SetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        help="A value of the recipe, e.g. training.steps=500; may be repeated.",
        metavar="KEY=VALUE",
    ),
]
FramesOption = Annotated[
    Path | None, typer.Option(help="Where the frames lie, if elsewhere.", metavar="DIR")
]
FacesOption = Annotated[
    Path | None,
    typer.Option(
        help="Where aligned faces are kept for further runs (12.5 kB a frame).",
        metavar="DIR",
        show_default="the cache folder",
    ),
]


def dataset_recipe(name: str, changes: Sequence[str] | None) -> "DatasetRecipe":
    """Read a recipe that trains on a data set.

    Raises
    ------
    RecipeError
        If it is of another sort.
    """
    from napari_mespot.errors import RecipeError
    from napari_mespot.learning.recipe import DatasetRecipe
    from napari_mespot.learning.recipe_files import load_recipe

    recipe = load_recipe(name, changes or ())
    if not isinstance(recipe, DatasetRecipe):
        raise RecipeError(
            f"{name}: expected a recipe for a data set, with a table [data], got "
            f"{type(recipe).__name__}; take samm_lv or cas_me2"
        )
    return recipe


def read_data(
    folder: Path, recipe: "DatasetRecipe | None", frames: Path | None = None
) -> "SpottingDataset":
    """Read a data set and say how many odd things were found in it."""
    from napari_mespot.io.datasets import read_dataset
    from napari_mespot.learning.dataset_faces import measure_video

    dataset = read_dataset(
        folder,
        None if recipe is None else recipe.data.kind,
        missing_offset="mirror" if recipe is None else recipe.data.missing_offset,
        frames=frames,
        measure=measure_video,
    )
    if dataset.problems:
        n = len(dataset.problems)
        warn(
            f"{folder}: {n} oddit{'y' if n == 1 else 'ies'} in the data set, dealt with; "
            "mespot dataset check names them"
        )
    codes = () if recipe is None else recipe.data.not_expressions
    return dataset.without_labels_of(codes) if codes else dataset


def faces_folder(faces: Path | None) -> Path:
    """Return where aligned faces are kept."""
    from napari_mespot.frames import cache_root

    return (cache_root() / "training") if faces is None else faces


def align(
    dataset: "SpottingDataset",
    recipe: "DatasetRecipe",
    faces: Path | None,
    cluster: "ClusterParams | None" = None,
) -> "AlignedDataset":
    """Align the faces of a data set, and say how far it is."""
    from napari_mespot.batch.aligning import align_dataset

    with progress_bar("videos") as bar:

        def show(progress: Progress) -> None:
            bar(dataset.name, progress)

        aligned = align_dataset(
            dataset, recipe.align, faces_folder(faces), cluster=cluster, on_progress=show
        )
    for text in aligned.warnings:
        warn(text)
    return aligned
