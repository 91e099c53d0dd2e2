"""What a training on a data set leaves behind for people: tables and CSVs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from napari_mespot.batch.folds import LosoResult
from napari_mespot.batch.training_pictures import draw_curves, draw_subjects
from napari_mespot.evaluation import SpottingReport, counts_table, table_2, table_3
from napari_mespot.evaluation.counts import KindCounts
from napari_mespot.io import atomic_write, write_table
from napari_mespot.io.delimited import csv_line
from napari_mespot.learning.loso import FoldOutcome
from napari_mespot.learning.recipe import DatasetRecipe
from napari_mespot.model import Annotation

__all__ = ["loso_table", "save_loso", "submission_table", "write_text"]

_ABOUT_RULES = (
    "Each row of the first table is one way to count hits; figures under different rules cannot be "
    "compared. The paper names no rule; the metric of its challenge is closest to `megc2020`."
)


def save_loso(out: Path, dataset: str, recipe: DatasetRecipe, result: LosoResult) -> None:
    """Write tables, curves, and all labels and predictions of a LOSO run.

    Parameters
    ----------
    out
        Must exist.
    dataset
        Name of the data set: ``"samm_lv"``, ``"cas_me2"`` have a column of the paper.
    recipe
        What it was trained by.
    result
        What came of it.

    Raises
    ------
    OutputError
        If a file cannot be written.
    """
    write_text(out / "table.md", loso_table(dataset, result))
    write_text(out / "subjects.md", _subjects_markdown(result))
    write_text(out / "subjects.csv", _subjects_csv(result))
    write_text(out / "log.csv", _curves_csv(result.outcomes))
    write_text(out / "recipe.json", recipe.model_dump_json(indent=1) + "\n")
    write_table(out / "labels.csv", result.references)
    write_table(out / "predictions.csv", (*result.hypotheses, *_nothing_found(result)))
    draw_curves(out / "curves.png", {o.subject: o.curves for o in result.outcomes})
    draw_subjects(out / "subjects.png", result.reports[0])


def loso_table(dataset: str, result: LosoResult) -> str:
    """Return the paper's Table 2 with our rows, and the counts behind them, as Markdown."""
    n_subjects = len(result.outcomes)
    n_videos = len(result.references)
    parts = [
        f"# Leave one subject out: {dataset}\n",
        f"{n_subjects} subjects, {n_videos} videos, {_labels_of(result)}, IoU 0.5. "
        f"{_ABOUT_RULES}\n",
        "## F1, in the layout of the paper's Table 2\n",
        table_2({dataset: result.reports}),
        "## Counts\n",
        counts_table(result.reports),
    ]
    return "\n".join(parts)


def _nothing_found(result: LosoResult) -> list[Annotation]:
    """Return the videos of subjects without a face, in which nothing could be spotted."""
    return [
        replace(r, expressions=(), reviewed=())
        for r in result.references
        if r.subject_id in result.unaligned
    ]


def _labels_of(result: LosoResult) -> str:
    """Say how many labels count, and whose could only be missed."""
    n_counted = sum(len(r.expressions) for r in result.references)
    text = f"{n_counted} of {result.n_labels} labels"
    if result.unaligned:
        who = ", ".join(result.unaligned)
        text += f" (no face was aligned of {who}: their labels count as missed)"
    return text


def submission_table(results: Mapping[str, Sequence[SpottingReport]]) -> str:
    """Return the paper's Table 3 with our rows, and the counts behind them, as Markdown."""
    parts = [
        "# Unseen test set\n",
        f"IoU 0.5. {_ABOUT_RULES}\n",
        "## F1, in the layout of the paper's Table 3\n",
        table_3(results),
    ]
    for name, reports in results.items():
        parts += [f"## Counts, {name}\n", counts_table(reports)]
    return "\n".join(parts)


def write_text(path: Path, text: str) -> None:
    """Write a text, whole or not at all."""
    with atomic_write(path) as file:
        file.write(text.encode("utf-8", errors="surrogateescape"))


def _subject_rows(result: LosoResult) -> Iterable[tuple[FoldOutcome, KindCounts]]:
    counts = result.reports[0].per_subject()
    return ((o, counts.get(o.subject, KindCounts())) for o in result.outcomes)


def _subjects_markdown(result: LosoResult) -> str:
    lines = [
        f"# Per subject, rule {result.reports[0].rule}\n",
        "| subject | MaE F1 | ME F1 | F1 | TP | FP | FN | threshold ME | threshold MaE "
        "| best step | validation subjects |",
        "|---|" + "--:|" * 9 + "---|",
    ]
    for outcome, counts in _subject_rows(result):
        every = counts.overall
        figures = [f"{c.f1:.4f}" for c in (counts.mae, counts.me, every)]
        figures += [str(n) for n in (every.tp, every.fp, every.fn)]
        figures += [f"{t:.3f}" for t in outcome.thresholds]
        figures.append(_step(outcome))
        watched = ", ".join(outcome.validation) or "-"
        lines.append(f"| {outcome.subject} | {' | '.join(figures)} | {watched} |")
    return "\n".join(lines) + "\n"


def _subjects_csv(result: LosoResult) -> str:
    names = ("subject", "kind", "tp", "fp", "fn", "precision", "recall", "f1")
    lines = [csv_line((*names, "best_step", "validation_subjects"))]
    for outcome, counts in _subject_rows(result):
        for kind, c in (("MaE", counts.mae), ("ME", counts.me), ("overall", counts.overall)):
            figures = (f"{value:.6f}" for value in (c.precision, c.recall, c.f1))
            cells = (outcome.subject, kind, str(c.tp), str(c.fp), str(c.fn), *figures)
            lines.append(csv_line((*cells, _step(outcome), " ".join(outcome.validation))))
    return "".join(lines)


def _curves_csv(outcomes: Iterable[FoldOutcome]) -> str:
    lines = [csv_line(("subject", "part", "step", "loss"))]
    for outcome in outcomes:
        parts = (("training", outcome.curves.training), ("validation", outcome.curves.validation))
        for part, points in parts:
            lines += [
                csv_line((outcome.subject, part, str(step), f"{loss:.6f}")) for step, loss in points
            ]
    return "".join(lines)


def _step(outcome: FoldOutcome) -> str:
    return "-" if outcome.curves.best_step is None else str(outcome.curves.best_step)
