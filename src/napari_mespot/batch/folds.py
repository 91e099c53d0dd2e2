"""Leave one subject out, fold by fold, on however many workers: each fold once."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from napari_mespot.batch.aligning import AlignedDataset
from napari_mespot.batch.cluster import run_tasks
from napari_mespot.batch.cluster_params import ClusterParams
from napari_mespot.batch.tasks import TaskOutcome, TaskWork
from napari_mespot.evaluation import SpottingReport, reports_under_every_rule
from napari_mespot.learning.folds import LosoFold, loso_folds
from napari_mespot.learning.loso import FoldOutcome, TrainingCurves, run_fold
from napari_mespot.learning.recipe import DatasetRecipe
from napari_mespot.model import Annotation, Expression, ExpressionKind, Interval, ReviewStatus
from napari_mespot.progress import Progress, ProgressCallback

__all__ = ["FoldsCallbacks", "LosoResult", "run_loso"]


@dataclass(frozen=True)
class LosoResult:
    """What came of all folds.

    Parameters
    ----------
    outcomes
        Of the folds that were done, in order of the subjects.
    failures
        One line for every fold that failed.
    references
        Labels of the subjects of these folds, and of those none of whose videos could be
        aligned: their labels count as missed.
    reports
        The comparison of both under every rule, the recipe's own first.
    n_reused
        Folds that were there before.
    unaligned
        Subjects none of whose videos could be aligned.
    n_labels
        Labels of the whole data set, whether or not their subjects were tested.
    """

    outcomes: tuple[FoldOutcome, ...]
    failures: tuple[str, ...]
    references: tuple[Annotation, ...]
    reports: tuple[SpottingReport, ...]
    n_reused: int = 0
    unaligned: tuple[str, ...] = ()
    n_labels: int = 0

    @property
    def hypotheses(self) -> tuple[Annotation, ...]:
        """Everything that was spotted."""
        return tuple(h for outcome in self.outcomes for h in outcome.hypotheses)


@dataclass(frozen=True)
class FoldsCallbacks:
    """Who is told what, from the calling thread.

    Parameters
    ----------
    on_progress
        A fold under way, by the name of its subject, and how far it is.
    on_done
        The subject of a fold that has ended, and how many have.
    """

    on_progress: Callable[[str, Progress], None] | None = None
    on_done: Callable[[str, Progress], None] | None = None


def run_loso(  # noqa: PLR0913 - what, how, where to, where, who, and who is told
    aligned: AlignedDataset,
    recipe: DatasetRecipe,
    out: Path,
    *,
    subjects: Iterable[str] | None = None,
    device: str = "cpu",
    cluster: ClusterParams | None = None,
    callbacks: FoldsCallbacks | None = None,
) -> LosoResult:
    """Train and test once per subject.

    The labels of a subject are not part of the fold that tests it: they are compared with what
    was spotted here, once all folds are done. Folds of an earlier call with the same recipe
    and data are not repeated, and one that was cut off goes on from its state.

    Parameters
    ----------
    aligned
        The data set.
    recipe
        Every number.
    out
        ``folds/SUBJECT/`` holds what a fold leaves behind, ``records`` which folds are done.
    subjects
        Who is tested; None: everybody.
    device, cluster
        Where it runs.
    callbacks
        Who is told.

    Raises
    ------
    RecipeError
        If there are too few people, or one who is asked for is not there.
    ClusterError
        If the workers cannot be used.
    OutputError
        If `out` cannot be written to.
    """
    folds = loso_folds(
        aligned.files, recipe, (out / "folds").absolute(), subjects=subjects, device=device
    )
    told = callbacks or FoldsCallbacks()
    ended = 0

    def progressed(fold: LosoFold, progress: Progress) -> None:
        if told.on_progress is not None:
            told.on_progress(fold.subject, progress)

    def came(outcome: TaskOutcome[LosoFold, FoldOutcome]) -> None:
        nonlocal ended
        ended += 1
        if told.on_done is not None:
            state = "failed" if not outcome.ok else "was there" if outcome.reused else "done"
            told.on_done(outcome.task.subject, Progress(state, ended, len(folds)))

    done = run_tasks(
        folds,
        FOLD_WORK,
        out=out / "records",
        params=cluster,
        on_progress=progressed if told.on_progress is not None else None,
        on_outcome=came,
    )
    outcomes = tuple(o.result for o in done if o.result is not None)
    return _scored(aligned, recipe, outcomes, done, everybody=subjects is None)


def _scored(
    aligned: AlignedDataset,
    recipe: DatasetRecipe,
    outcomes: tuple[FoldOutcome, ...],
    done: Sequence[TaskOutcome[LosoFold, FoldOutcome]],
    *,
    everybody: bool,
) -> LosoResult:
    with_faces = {file.faces.subject_id for file in aligned.files}
    unaligned = set(aligned.dataset.subjects) - with_faces if everybody else set()
    counted = {outcome.subject for outcome in outcomes} | unaligned
    truth = tuple(r for r in aligned.references if r.subject_id in counted)
    found = [h for outcome in outcomes for h in outcome.hypotheses]
    return LosoResult(
        outcomes,
        tuple(f"subject {o.task.subject}: {o.error}" for o in done if not o.ok),
        truth,
        reports_under_every_rule(truth, found, recipe.rule),
        sum(o.reused for o in done),
        tuple(sorted(unaligned)),
        sum(aligned.dataset.count(kind) for kind in ExpressionKind),
    )


def _encode(outcome: FoldOutcome) -> dict[str, Any]:
    curves = outcome.curves
    return {
        "subject": outcome.subject,
        "videos": [_annotation_values(h) for h in outcome.hypotheses],
        "validation": list(outcome.validation),
        "thresholds": list(outcome.thresholds),
        "training_curve": [list(point) for point in curves.training],
        "validation_curve": [list(point) for point in curves.validation],
        "best_step": curves.best_step,
    }


def _decode(values: dict[str, Any]) -> FoldOutcome:
    me, mae = values["thresholds"]
    return FoldOutcome(
        values["subject"],
        tuple(_annotation(v) for v in values["videos"]),
        tuple(values["validation"]),
        (me, mae),
        TrainingCurves(
            tuple((int(x), float(y)) for x, y in values["training_curve"]),
            tuple((int(x), float(y)) for x, y in values["validation_curve"]),
            values["best_step"],
        ),
    )


def _annotation_values(a: Annotation) -> dict[str, Any]:
    return {
        "video": a.video_id,
        "subject": a.subject_id,
        "frames": a.n_frames,
        "frame_rate": str(a.frame_rate),
        "expressions": [
            [e.kind.value, e.onset, e.apex, e.offset, e.score, e.source] for e in a.expressions
        ],
    }


def _annotation(values: dict[str, Any]) -> Annotation:
    return Annotation(
        values["video"],
        n_frames=values["frames"],
        frame_rate=Fraction(values["frame_rate"]),
        expressions=tuple(
            Expression(
                Interval(onset, offset),
                ExpressionKind(kind),
                apex=apex,
                score=score,
                status=ReviewStatus.PREDICTED,
                source=source,
            )
            for kind, onset, apex, offset, score, source in values["expressions"]
        ),
        subject_id=values["subject"],
    )


def _run(fold: LosoFold, progress: ProgressCallback | None) -> FoldOutcome:
    return run_fold(fold, progress)


#: How folds are done as tasks.
FOLD_WORK: TaskWork[LosoFold, FoldOutcome] = TaskWork(_run, encode=_encode, decode=_decode)
