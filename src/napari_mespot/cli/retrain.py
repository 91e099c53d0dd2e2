"""``mespot retrain``: learn from corrected labels, and say whether it helped."""

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from napari_mespot.cli.console import progress_bar, say, say_json, table, warn
from napari_mespot.cli.recipe_options import (
    FromOption,
    RecipeOption,
    SeedOption,
    SettingsOption,
    params_of,
)
from napari_mespot.cli.spot import parse_rate
from napari_mespot.progress import Progress

if TYPE_CHECKING:
    from napari_mespot.batch.correction_files import CorrectionSurvey
    from napari_mespot.learning.retrain_outcome import KindFigures, RetrainOutcome
    from napari_mespot.learning.retrain_params import RetrainParams

__all__ = ["FIGURES_HEADER", "figure_cells", "retrain"]

FIGURES_HEADER = ["kind", "", "hits", "false alarms", "misses", "F1", "FA/min", "frame AUC"]


def retrain(  # noqa: PLR0913 - one parameter to an option
    labels: Annotated[
        Path, typer.Option(help="Folder with sessions or files of corrected labels.")
    ],
    videos: Annotated[Path, typer.Option(help="Folder with their videos.")],
    out: Annotated[Path, typer.Option(help="The new checkpoint, NAME.safetensors.")],
    checkpoint: FromOption = None,
    settings: SettingsOption = None,
    recipe: RecipeOption = None,
    seed: SeedOption = None,
    whole: Annotated[
        bool,
        typer.Option("--whole", help="Labels without reviewed ranges hold for the whole video."),
    ] = False,
    fps: Annotated[
        Fraction | None,
        typer.Option(
            help="Frames per second, where the video files say it wrongly or not at all.",
            parser=parse_rate,
            metavar="RATE",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write the outcome as JSON.")] = False,
) -> None:
    """Retrain a checkpoint on corrected labels.

    The corrections are divided by person; the new checkpoint is recommended only if it finds
    clearly more on people it has not learned from. The old one is never changed.
    """
    from napari_mespot.learning.retrain_params import RetrainParams

    params = params_of(RetrainParams, recipe, settings or [], seed)
    from napari_mespot.batch.correction_files import survey_corrections
    from napari_mespot.batch.retraining import check_new_checkpoint

    check_new_checkpoint(out)
    survey = survey_corrections(labels, videos, whole=whole, fps=fps)
    for text in survey.notes:
        warn(text)
    if not as_json:
        say(survey.in_words)
    outcome = _run(survey, checkpoint, params, out)
    if as_json:
        say_json(outcome.checkpoint.card["retrained"])
        return
    _say_outcome(outcome)
    say(f"written: {out}" + ("" if outcome.recommended else " (not recommended)"))


def _run(
    survey: "CorrectionSurvey", name: str | None, params: "RetrainParams", out: Path
) -> "RetrainOutcome":
    from napari_mespot.batch.retraining import retrain_files

    with progress_bar("done") as bar:

        def show(progress: Progress) -> None:
            bar(out.stem, progress)

        return retrain_files(survey, name, params, out, show)


def _say_outcome(outcome: "RetrainOutcome") -> None:
    rows = [FIGURES_HEADER]
    for kind in outcome.before:
        rows.append([kind.value, "before", *figure_cells(outcome.before[kind])])
        rows.append(["", "after", *figure_cells(outcome.after[kind])])
    say()
    for line in table(rows, left=(0, 1)):
        say(line)
    say()
    for text in dict.fromkeys(outcome.notes):
        say(text)


def figure_cells(figures: "KindFigures") -> list[str]:
    """Return the figures of a kind as the cells of a row."""
    auc = figures.frame_auc
    return [
        str(figures.tp),
        str(figures.fp),
        str(figures.fn),
        f"{figures.f1:.2f}",
        f"{figures.false_alarms_per_minute:.1f}",
        "–" if auc != auc else f"{auc:.3f}",
    ]
