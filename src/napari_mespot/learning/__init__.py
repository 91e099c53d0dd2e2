"""Training: data made by drawing, augmentation, loss, the training loop and calibration.

Importing this room does not import torch; using one of its functions does.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from napari_mespot.learning.params import (
    AugmentationParams,
    CalibrationParams,
    KindCalibrationParams,
    LossParams,
    Range,
    SamplingParams,
    SequenceParams,
    SyntheticParams,
    TrainingParams,
    ValidationParams,
)
from napari_mespot.learning.recipe import (
    DatasetRecipe,
    SubmissionRecipe,
    SyntheticRecipe,
    read_recipe,
)
from napari_mespot.learning.recipe_files import find_recipe, load_recipe, recipe_names
from napari_mespot.learning.retrain_params import RetrainParams

if TYPE_CHECKING:
    from napari_mespot.learning.batches import BatchRecipe, ClipBatches
    from napari_mespot.learning.calibration import calibrate_spotting, fit_platt
    from napari_mespot.learning.corpus import Corpus, LabelledFaces
    from napari_mespot.learning.corpus_calibration import calibrated_on
    from napari_mespot.learning.dataset_faces import (
        FaceFile,
        LabelledFile,
        align_video,
        labelled_file,
        open_corpus,
    )
    from napari_mespot.learning.dataset_training import Trained, split_subjects, train_on
    from napari_mespot.learning.faces import still_faces
    from napari_mespot.learning.fitting import FitHistory, fit
    from napari_mespot.learning.folds import LosoFold, loso_folds
    from napari_mespot.learning.loso import FoldOutcome, run_fold, spot_files
    from napari_mespot.learning.losses import SpottingLoss, spotting_loss
    from napari_mespot.learning.repertoire import Repertoire
    from napari_mespot.learning.sequences import draw_corpus, draw_sequence, score_sequence
    from napari_mespot.learning.submission import write_submission
    from napari_mespot.learning.synthetic_training import calibrated_checkpoint, train_network
    from napari_mespot.learning.watching import Watch

__all__ = [
    "AugmentationParams",
    "BatchRecipe",
    "CalibrationParams",
    "ClipBatches",
    "Corpus",
    "DatasetRecipe",
    "FaceFile",
    "FitHistory",
    "FoldOutcome",
    "KindCalibrationParams",
    "LabelledFaces",
    "LabelledFile",
    "LosoFold",
    "LossParams",
    "Range",
    "Repertoire",
    "RetrainParams",
    "SamplingParams",
    "SequenceParams",
    "SpottingLoss",
    "SubmissionRecipe",
    "SyntheticParams",
    "SyntheticRecipe",
    "Trained",
    "TrainingParams",
    "ValidationParams",
    "Watch",
    "align_video",
    "calibrate_spotting",
    "calibrated_checkpoint",
    "calibrated_on",
    "draw_corpus",
    "draw_sequence",
    "find_recipe",
    "fit",
    "fit_platt",
    "labelled_file",
    "load_recipe",
    "loso_folds",
    "open_corpus",
    "read_recipe",
    "recipe_names",
    "run_fold",
    "score_sequence",
    "split_subjects",
    "spot_files",
    "spotting_loss",
    "still_faces",
    "train_network",
    "train_on",
    "write_submission",
]

_HOMES = {
    "BatchRecipe": "batches",
    "FitHistory": "fitting",
    "Repertoire": "repertoire",
    "SpottingLoss": "losses",
    "ClipBatches": "batches",
    "Corpus": "corpus",
    "LabelledFaces": "corpus",
    "draw_corpus": "sequences",
    "calibrate_spotting": "calibration",
    "calibrated_checkpoint": "synthetic_training",
    "draw_sequence": "sequences",
    "fit": "fitting",
    "fit_platt": "calibration",
    "score_sequence": "sequences",
    "spotting_loss": "losses",
    "still_faces": "faces",
    "train_network": "synthetic_training",
    "FaceFile": "dataset_faces",
    "LabelledFile": "dataset_faces",
    "align_video": "dataset_faces",
    "labelled_file": "dataset_faces",
    "open_corpus": "dataset_faces",
    "Trained": "dataset_training",
    "split_subjects": "dataset_training",
    "train_on": "dataset_training",
    "LosoFold": "folds",
    "loso_folds": "folds",
    "FoldOutcome": "loso",
    "run_fold": "loso",
    "spot_files": "loso",
    "write_submission": "submission",
    "Watch": "watching",
    "calibrated_on": "corpus_calibration",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
