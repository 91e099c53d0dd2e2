"""From folders of labels and videos to a new checkpoint file: what command and dock both do."""

from pathlib import Path
from typing import TYPE_CHECKING

from napari_mespot.batch.correction_files import CorrectionSurvey
from napari_mespot.errors import OutputError
from napari_mespot.learning.corrections import check_enough, load_corrections, trains_weights
from napari_mespot.learning.retrain_params import RetrainParams
from napari_mespot.progress import ProgressCallback, report

if TYPE_CHECKING:
    from napari_mespot.learning.retrain_outcome import RetrainOutcome

__all__ = ["check_new_checkpoint", "retrain_files"]


def check_new_checkpoint(out: Path) -> None:
    """Refuse a path at which no new checkpoint can be written.

    Raises
    ------
    OutputError
        If it has another suffix, exists already, or its folder does not exist.
    """
    if out.suffix != ".safetensors":
        raise OutputError(f"Expected a name that ends in .safetensors, got {out}")
    if out.exists():
        raise OutputError(f"{out} exists already: choose another name for the new checkpoint")
    if not out.absolute().parent.is_dir():
        raise OutputError(f"{out}: expected an existing folder; make it first")


def retrain_files(
    survey: CorrectionSurvey,
    checkpoint: str | Path | None,
    params: RetrainParams,
    out: Path,
    progress: ProgressCallback | None = None,
) -> "RetrainOutcome":
    """Retrain on what a survey found, and write the new checkpoint, whole or not at all.

    Parameters
    ----------
    survey
        Labels and videos.
    checkpoint
        Name or file of the one to begin with; None for the one shipped.
    params
        How to learn.
    out
        The new checkpoint; it is named after this file.
    progress
        Called from this thread; may raise :class:`~napari_mespot.progress.Cancelled`, after
        which no file has been written.

    Raises
    ------
    CorrectionsError, CheckpointError, FrameReadError, NoFaceError, OutputError
        If there is too little to learn from, or a file cannot be used.
    """
    check_new_checkpoint(out)
    check_enough(survey.annotations, params)
    report(progress, "loading the network", 0, 0)
    from napari_mespot.learning.retrain import retrain
    from napari_mespot.network import load_checkpoint, save_checkpoint

    old = load_checkpoint() if checkpoint is None else load_checkpoint(checkpoint)
    corrections = load_corrections(
        survey.videos,
        old.align,
        notes=survey.notes,
        walked=trains_weights(survey.annotations, params) and params.walk_share > 0,
        progress=progress,
    )
    outcome = retrain(corrections, old, params, progress, name=out.stem)
    save_checkpoint(outcome.checkpoint, out)
    return outcome
