"""``mespot adapt``: learn a face without labels, and keep the old checkpoint unless it helped."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from napari_mespot.cli.console import progress_bar, say, say_json, table
from napari_mespot.cli.options import FaceOption
from napari_mespot.cli.recipe_options import (
    FromOption,
    RecipeOption,
    SeedOption,
    SettingsOption,
    params_of,
)
from napari_mespot.cli.retrain import FIGURES_HEADER, figure_cells
from napari_mespot.errors import NoStillFaceError
from napari_mespot.face.choice import LARGEST, FaceChoice
from napari_mespot.progress import Progress

if TYPE_CHECKING:
    from napari_mespot.learning.adapt_outcome import AdaptOutcome
    from napari_mespot.learning.adapt_params import AdaptParams

__all__ = ["adapt"]


def adapt(  # noqa: PLR0913 - one parameter to an option
    videos: Annotated[list[Path], typer.Argument(help="Videos of one person, no labels needed.")],
    out: Annotated[
        Path, typer.Option(help="The new checkpoint, NAME.safetensors; written only if better.")
    ],
    checkpoint: FromOption = None,
    settings: SettingsOption = None,
    recipe: RecipeOption = None,
    seed: SeedOption = None,
    face: FaceOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write the outcome as JSON.")] = False,
) -> None:
    """Learn the face of the person in the videos, without labels.

    Movements of known timing are put on the face where it rests. The new checkpoint is written only
    if it finds clearly more of movements it has not learned from; else the old one is kept.
    """
    from napari_mespot.learning.adapt_params import AdaptParams

    params = params_of(AdaptParams, recipe, settings or [], seed)
    try:
        outcome = _run(videos, checkpoint, params, out, face or LARGEST)
    except NoStillFaceError as error:
        _say_nothing(f"keep the old checkpoint: {error}", as_json=as_json)
        return
    if as_json:
        say_json(_as_dict(outcome, out))
        return
    _say_outcome(outcome)
    say(f"written: {out}" if outcome.is_better else "nothing was written")


def _run(
    videos: list[Path], name: str | None, params: "AdaptParams", out: Path, face: FaceChoice
) -> "AdaptOutcome":
    from napari_mespot.batch.adapting import adapt_files

    with progress_bar("done") as bar:

        def show(progress: Progress) -> None:
            bar(out.stem, progress)

        return adapt_files(videos, name, params, out, show, face=face)


def _say_nothing(why: str, *, as_json: bool) -> None:
    if as_json:
        say_json({"better": False, "out": None, "notes": [why]})
        return
    say(why)
    say("nothing was written")


def _say_outcome(outcome: "AdaptOutcome") -> None:
    rows = [FIGURES_HEADER]
    for kind in outcome.before:
        rows.append([kind.value, "before", *figure_cells(outcome.before[kind])])
        rows.append(["", "after", *figure_cells(outcome.after[kind])])
    for line in table(rows, left=(0, 1)):
        say(line)
    say()
    for text in outcome.notes:
        say(text)


def _as_dict(outcome: "AdaptOutcome", out: Path) -> dict[str, Any]:
    gain = outcome.gain
    return {
        "better": outcome.is_better,
        "out": str(out) if outcome.is_better else None,
        "parent": outcome.parent,
        "before": {kind.value: f.as_dict() for kind, f in outcome.before.items()},
        "after": {kind.value: f.as_dict() for kind, f in outcome.after.items()},
        "f1_gain": gain and [round(x, 4) for x in (gain.difference, gain.low, gain.high)],
        "notes": list(outcome.notes),
    }
