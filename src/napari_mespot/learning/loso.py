"""One fold of leave-one-subject-out: train on the others, spot the one, keep what was found.

The function that trains is handed a corpus without the test subject, and this module never
sees that subject's labels at all: they are compared with the predictions by whoever has called
:func:`run_fold`, once it has come back.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from napari_mespot.io import write_scores, write_table
from napari_mespot.learning.dataset_faces import FaceFile, open_corpus
from napari_mespot.learning.dataset_training import Trained, train_on
from napari_mespot.learning.folds import LosoFold
from napari_mespot.model import Annotation
from napari_mespot.network import Checkpoint, save_checkpoint
from napari_mespot.progress import ProgressCallback
from napari_mespot.spotting import spot_faces

__all__ = ["FoldOutcome", "TrainingCurves", "curves_of", "run_fold", "spot_files"]

_CURVE_POINTS = 100


@dataclass(frozen=True, slots=True)
class TrainingCurves:
    """Losses over steps.

    Parameters
    ----------
    training
        (steps done, mean loss since the point before).
    validation
        (steps done, loss) of every look.
    best_step
        Steps done at the lowest validation loss; None without validation.
    """

    training: tuple[tuple[int, float], ...]
    validation: tuple[tuple[int, float], ...]
    best_step: int | None


@dataclass(frozen=True, slots=True)
class FoldOutcome:
    """What came of a fold.

    Parameters
    ----------
    subject
        Who was tested.
    hypotheses
        What was spotted in that subject's videos, one annotation per video.
    validation
        Who was watched to see when to stop.
    thresholds
        Of ME and MaE, chosen on training and validation subjects.
    curves
        How the training went.
    """

    subject: str
    hypotheses: tuple[Annotation, ...]
    validation: tuple[str, ...]
    thresholds: tuple[float, float]
    curves: TrainingCurves


def run_fold(fold: LosoFold, progress: ProgressCallback | None = None) -> FoldOutcome:
    """Train on everybody but one and spot that one's videos.

    ``checkpoint.safetensors``, ``log.csv``, ``validation.csv``, the resumable state and, for
    every test video, ``NAME.intervals.csv`` and ``NAME.scores.csv`` are left in the fold's
    folder. A fold that was cut off goes on from its state.
    """
    trained = train_on(
        open_corpus(fold.training),
        fold.recipe,
        fold.folder,
        device=fold.device,
        progress=progress,
    )
    checkpoint = trained.checkpoint
    save_checkpoint(checkpoint, fold.folder / "checkpoint.safetensors")
    detection = checkpoint.spotting.detection
    return FoldOutcome(
        fold.subject,
        spot_files(fold.test, checkpoint, fold.folder, device=fold.device, progress=progress),
        trained.split.validation,
        (detection.me.threshold, detection.mae.threshold),
        curves_of(trained),
    )


def spot_files(
    files: Iterable[FaceFile],
    checkpoint: Checkpoint,
    folder: Path,
    *,
    device: str = "cpu",
    progress: ProgressCallback | None = None,
) -> tuple[Annotation, ...]:
    """Spot videos whose faces are aligned; leave a table and score tracks of each in `folder`."""
    found = []
    for file in files:
        result = spot_faces(file.open(), checkpoint, device=device, progress=progress)
        signal = replace(result.signal, video_id=file.video_id)
        annotation = replace(result.annotation, video_id=file.video_id, subject_id=file.subject_id)
        name = "".join(c if c.isalnum() or c in "._-" else "_" for c in file.video_id)
        write_table(folder / f"{name}.intervals.csv", [annotation])
        write_scores(folder / f"{name}.scores.csv", signal)
        found.append(annotation)
    return tuple(found)


def curves_of(trained: Trained) -> TrainingCurves:
    """Return the curves of a training, thinned to some hundred points."""
    losses = trained.history.losses
    width = max(1, math.ceil(len(losses) / _CURVE_POINTS))
    points = tuple(
        (min(start + width, len(losses)), float(losses[start : start + width].mean()))
        for start in range(0, len(losses), width)
    )
    return TrainingCurves(points, trained.history.looks, trained.history.best_step)
