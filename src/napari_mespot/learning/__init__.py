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
)
from napari_mespot.learning.recipe import SyntheticRecipe, read_recipe

if TYPE_CHECKING:
    from napari_mespot.learning.batches import BatchRecipe, ClipBatches
    from napari_mespot.learning.calibration import calibrate_spotting, fit_platt
    from napari_mespot.learning.corpus import Corpus, LabelledFaces
    from napari_mespot.learning.faces import still_faces
    from napari_mespot.learning.fitting import FitHistory, fit
    from napari_mespot.learning.losses import SpottingLoss, spotting_loss
    from napari_mespot.learning.repertoire import Repertoire
    from napari_mespot.learning.sequences import draw_corpus, draw_sequence, score_sequence
    from napari_mespot.learning.synthetic_training import calibrated_checkpoint, train_network

__all__ = [
    "AugmentationParams",
    "BatchRecipe",
    "CalibrationParams",
    "ClipBatches",
    "Corpus",
    "FitHistory",
    "KindCalibrationParams",
    "LabelledFaces",
    "LossParams",
    "Range",
    "Repertoire",
    "SamplingParams",
    "SequenceParams",
    "SpottingLoss",
    "SyntheticParams",
    "SyntheticRecipe",
    "TrainingParams",
    "calibrate_spotting",
    "calibrated_checkpoint",
    "draw_corpus",
    "draw_sequence",
    "fit",
    "fit_platt",
    "read_recipe",
    "score_sequence",
    "spotting_loss",
    "still_faces",
    "train_network",
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
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
