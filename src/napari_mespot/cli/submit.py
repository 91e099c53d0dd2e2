"""``mespot submit``: train on one data set, spot an unseen one, write the challenge's files."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from napari_mespot.cli.console import progress_bar, say
from napari_mespot.cli.options import DeviceOption
from napari_mespot.cli.training_input import (
    FacesOption,
    OutOption,
    RecipeArgument,
    SetOption,
    align,
    dataset_recipe,
    read_data,
)
from napari_mespot.progress import Progress

if TYPE_CHECKING:
    from napari_mespot.io.datasets import SpottingDataset
    from napari_mespot.learning.recipe import DatasetRecipe
    from napari_mespot.learning.submission import TestPart
    from napari_mespot.model import Annotation as Labels

__all__ = ["submit"]


def _year(text: str | int) -> int:  # the default comes as a number
    """Read ``--year``."""
    if str(text) not in {"2022", "2023"}:
        raise typer.BadParameter(f"Expected 2022 or 2023, got {text!r}.")
    return int(text)


def submit(  # noqa: PLR0913 - one parameter to an option
    recipe: RecipeArgument,
    data: Annotated[
        list[Path],
        typer.Option(help="Folder of a data set to train on; may be repeated.", metavar="DIR"),
    ],
    test: Annotated[Path, typer.Option(help="Folder of the unseen videos.", metavar="DIR")],
    out: OutOption,
    settings: SetOption = None,
    faces: FacesOption = None,
    device: DeviceOption = "auto",
    year: Annotated[
        int,
        typer.Option(help="Whose column names: 2022 or 2023.", parser=_year, metavar="YEAR"),
    ] = 2022,
) -> None:
    """Train on a data set, spot the videos of an unseen one, and write the submission.

    ``samm_pred.csv`` holds the videos with names like 001_2, ``cas_pred.csv`` all others. If the
    test set has labels, the paper's Table 3 is printed under every rule.
    """
    from napari_mespot.batch import prepare_folder
    from napari_mespot.learning.submission import write_submission
    from napari_mespot.network import choose_device

    place = str(choose_device(device))
    prepare_folder(out)
    unseen = read_data(test, None)
    parts = [_Part(own, part, *_data_for(own, data)) for own, part in _networks(recipe, settings)]
    for own in parts:
        _check_apart(own.dataset, unseen)
        _check_tested(own, unseen, test)
    found: list[Labels] = []
    for own in parts:
        say(f"{own.recipe.name}: trained on {own.folder}, spots {own.videos} videos of {test}")
        found += _spotted(own, unseen, (out / own.recipe.name, faces, place))
        write_submission(out, found, year)  # what is done is not lost if the next one fails
    written = write_submission(out, found, year)
    _say_table(out, unseen, found)
    say(f"written: {', '.join(map(str, written))}")


@dataclass(frozen=True)
class _Part:
    """One network of a submission: how and on what it is trained, and which videos it spots."""

    recipe: "DatasetRecipe"
    videos: "TestPart"
    folder: Path
    dataset: "SpottingDataset"


def _check_tested(own: _Part, unseen: "SpottingDataset", test: Path) -> None:
    """See that a network has videos to spot, before it is trained for hours."""
    from napari_mespot.errors import RecipeError
    from napari_mespot.learning.submission import part_of

    parts = {part_of(video.annotation.video_id) for video in unseen.videos}
    if own.videos != "all" and own.videos not in parts:
        names = {"samm": "names like 001_2", "cas": "other names than 001_2"}
        raise RecipeError(
            f"{test}: expected videos with {names[own.videos]} for the network {own.recipe.name}, "
            f"got none; give the whole test set, or take the recipe {own.recipe.name} alone"
        )


def _networks(name: str, settings: list[str] | None) -> "list[tuple[DatasetRecipe, TestPart]]":
    """Return the recipes of a submission, and the videos that each network spots."""
    from napari_mespot.learning.recipe import SubmissionRecipe
    from napari_mespot.learning.recipe_files import load_recipe

    outer = load_recipe(name)  # what --set says is meant for the recipes of the networks
    if isinstance(outer, SubmissionRecipe):
        return [(dataset_recipe(n.recipe, settings), n.videos) for n in outer.networks]
    return [(dataset_recipe(name, settings), "all")]


def _data_for(recipe: "DatasetRecipe", folders: list[Path]) -> "tuple[Path, SpottingDataset]":
    """Return the data set that a recipe is for."""
    from napari_mespot.errors import RecipeError

    if len(folders) == 1:
        return folders[0], read_data(folders[0], recipe)
    kind = recipe.data.kind
    for folder in folders:
        dataset = read_data(folder, None)
        if kind in {None, dataset.kind}:
            return folder, read_data(folder, recipe)
    raise RecipeError(
        f"expected a folder of {kind} among {', '.join(map(str, folders))}, got none; "
        "name it with --data"
    )


def _check_apart(dataset: "SpottingDataset", unseen: "SpottingDataset") -> None:
    """See that no test video is one of those learned from."""
    from napari_mespot.errors import RecipeError

    shared = {v.path.resolve() for v in dataset.videos} & {v.path.resolve() for v in unseen.videos}
    if shared:
        raise RecipeError(
            f"{min(shared)}: expected test videos that are not learned from, got one of both; "
            "check --data and --test"
        )


def _spotted(
    own: _Part, unseen: "SpottingDataset", where: tuple[Path, Path | None, str]
) -> "tuple[Labels, ...]":
    from napari_mespot.batch.training_pictures import draw_curves
    from napari_mespot.learning.dataset_faces import open_corpus
    from napari_mespot.learning.dataset_training import train_on
    from napari_mespot.learning.loso import curves_of, spot_files
    from napari_mespot.learning.submission import videos_of
    from napari_mespot.network import save_checkpoint

    folder, faces, device = where
    recipe = own.recipe
    aligned = align(own.dataset, recipe, faces)
    tested = videos_of([f.faces for f in align(unseen, recipe, faces).files], own.videos)
    with progress_bar("steps") as bar:

        def show(progress: Progress) -> None:
            bar(recipe.name, progress)

        trained = train_on(open_corpus(aligned.files), recipe, folder, device=device, progress=show)
        save_checkpoint(trained.checkpoint, folder / f"{recipe.name}.safetensors")
        draw_curves(folder / "curves.png", {recipe.name: curves_of(trained)})
        return spot_files(tested, trained.checkpoint, folder, device=device, progress=show)


def _say_table(out: Path, unseen: "SpottingDataset", found: "list[Labels]") -> None:
    """Print Table 3, if the test set has labels."""
    from napari_mespot.batch.training_report import submission_table, write_text
    from napari_mespot.evaluation import reports_under_every_rule
    from napari_mespot.learning.submission import part_of

    if not unseen.labelled:
        say("the test videos have no labels, so there are no figures")
        return
    truth = [video.annotation for video in unseen.videos]
    parts = {part_of(annotation.video_id) for annotation in truth}
    results = {
        str(part): reports_under_every_rule(
            [a for a in truth if part_of(a.video_id) == part],
            [a for a in found if part_of(a.video_id) == part],
        )
        for part in sorted(parts)
    }
    text = submission_table(results)
    write_text(out / "table.md", text)
    say(text)
