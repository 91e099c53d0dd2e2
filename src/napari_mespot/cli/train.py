"""``mespot train``: a checkpoint from a data set, or from drawn faces."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from napari_mespot.cli.console import progress_bar, say, table
from napari_mespot.cli.options import DeviceOption
from napari_mespot.cli.training_input import (
    FacesOption,
    FramesOption,
    OutOption,
    RecipeArgument,
    SetOption,
    align,
    read_data,
)
from napari_mespot.progress import Progress

if TYPE_CHECKING:
    from napari_mespot.learning.dataset_training import Trained
    from napari_mespot.learning.recipe import DatasetRecipe, SyntheticRecipe

__all__ = ["train"]


def train(  # noqa: PLR0913 - one parameter to an option
    recipe: RecipeArgument,
    out: OutOption,
    data: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the data set; not needed for a recipe of drawn faces.", metavar="DIR"
        ),
    ] = None,
    settings: SetOption = None,
    frames: FramesOption = None,
    faces: FacesOption = None,
    device: DeviceOption = "auto",
) -> None:
    """Train on everybody in a data set; a run that was cut off goes on.

    Some people are kept aside to see when to stop. For figures on people that were not learned
    from, use ``mespot loso``.
    """
    from napari_mespot.batch import prepare_folder
    from napari_mespot.errors import RecipeError
    from napari_mespot.learning.recipe import DatasetRecipe, SyntheticRecipe
    from napari_mespot.learning.recipe_files import load_recipe

    chosen = load_recipe(recipe, settings or ())
    prepare_folder(out)
    if isinstance(chosen, SyntheticRecipe):
        _train_on_drawn_faces(chosen, out)
        return
    if not isinstance(chosen, DatasetRecipe):
        raise RecipeError(
            f"{recipe}: expected a recipe of one network, got {type(chosen).__name__}; "
            "use mespot submit"
        )
    if data is None:
        raise typer.BadParameter("Expected --data DIR for a recipe with a data set.")
    _train_on_data(chosen, out, data, (frames, faces), device)


def _train_on_data(
    recipe: "DatasetRecipe",
    out: Path,
    data: Path,
    places: tuple[Path | None, Path | None],
    device: str,
) -> None:
    from napari_mespot.batch.training_pictures import draw_curves
    from napari_mespot.learning.dataset_faces import open_corpus
    from napari_mespot.learning.dataset_training import train_on
    from napari_mespot.learning.loso import curves_of
    from napari_mespot.network import choose_device, save_checkpoint

    place = str(choose_device(device))
    frames, faces = places
    aligned = align(read_data(data, recipe, frames), recipe, faces)
    with progress_bar("steps") as bar:

        def show(progress: Progress) -> None:
            bar(recipe.name, progress)

        trained = train_on(open_corpus(aligned.files), recipe, out, device=place, progress=show)
    path = out / f"{recipe.name}.safetensors"
    save_checkpoint(trained.checkpoint, path)
    draw_curves(out / "curves.png", {recipe.name: curves_of(trained)})
    _say_trained(trained)
    say()
    say(f"written: {path}, {out / 'log.csv'}, {out / 'curves.png'}")


def _say_trained(trained: "Trained") -> None:
    card, split = trained.checkpoint.card, trained.split
    detection = trained.checkpoint.spotting.detection
    say(f"trained on {len(split.training)} people, {card['steps']} steps")
    if split.validation:
        say(
            f"watched on {', '.join(split.validation)}: lowest loss {card['validation_loss']} "
            f"after {card['best_step']} steps"
        )
    rows = [["", "labels", "threshold", "temperature"]]
    for name, rules, temperature in zip(
        ("ME", "MaE"), (detection.me, detection.mae), trained.checkpoint.temperature, strict=True
    ):
        labels = str(card["labels"][name])
        rows.append([name, labels, f"{rules.threshold:.3f}", f"{temperature:.3f}"])
    for line in table(rows):
        say(line)


def _train_on_drawn_faces(recipe: "SyntheticRecipe", out: Path) -> None:
    import torch

    from napari_mespot.errors import RecipeError
    from napari_mespot.learning import calibrated_checkpoint, train_network
    from napari_mespot.network import save_checkpoint

    with progress_bar("steps") as bar:

        def show(progress: Progress) -> None:
            bar(recipe.name, progress)

        network, history = train_network(recipe, out, progress=show)
        card: dict[str, Any] = {
            "training_data": "drawn faces with action-unit-like motion, drawn by this library",
            "torch": torch.__version__,
            "loss": round(history.mean_loss(100), 4),
        }
        try:
            checkpoint = calibrated_checkpoint(network, recipe, card, progress=show)
        except ValueError as error:  # too little to measure anything by
            raise RecipeError(
                f"{recipe.name}: {error}; train for more steps, or draw more"
            ) from error
    path = out / f"{recipe.name}.safetensors"
    save_checkpoint(checkpoint, path)
    say(f"written: {path}, {out / 'log.csv'}")
