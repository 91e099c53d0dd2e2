"""An experiment as a value: every number that a training depends on, read from TOML."""

import tomllib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from napari_mespot.clips.params import ClipParams
from napari_mespot.face.params import AlignParams, ContrastParams
from napari_mespot.learning.params import (
    AugmentationParams,
    CalibrationParams,
    LossParams,
    SequenceParams,
    SyntheticParams,
    TrainingParams,
)
from napari_mespot.network.params import NetworkParams

__all__ = ["SyntheticRecipe", "read_recipe"]


class SyntheticRecipe(BaseModel):
    """A checkpoint trained on drawn faces alone."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, description="name of the checkpoint")
    align: AlignParams = AlignParams()
    contrast: ContrastParams = ContrastParams()
    clips: ClipParams = ClipParams()
    network: NetworkParams = NetworkParams()
    synthetic: SyntheticParams = SyntheticParams()
    augmentation: AugmentationParams = AugmentationParams()
    loss: LossParams = LossParams()
    training: TrainingParams = TrainingParams()
    sequences: SequenceParams = SequenceParams()
    calibration: CalibrationParams = CalibrationParams()


def read_recipe(path: str | Path) -> SyntheticRecipe:
    """Read a recipe; what it does not say keeps its default.

    Raises
    ------
    pydantic.ValidationError
        If a key is unknown or a value out of bounds.
    """
    return SyntheticRecipe.model_validate(tomllib.loads(Path(path).read_text(encoding="utf-8")))
