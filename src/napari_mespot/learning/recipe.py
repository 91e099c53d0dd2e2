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
    Range,
    SamplingParams,
    SequenceParams,
    SyntheticParams,
    TrainingParams,
)
from napari_mespot.network.params import NetworkParams

__all__ = ["SyntheticRecipe", "read_recipe"]


class SyntheticRecipe(BaseModel):
    """A checkpoint trained on drawn faces alone.

    `drawn` are the sequences it is trained on, of what `synthetic` says; `sequences`, of other
    people, are those that its thresholds are chosen and measured on, of what `shown` says.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, description="name of the checkpoint")
    align: AlignParams = AlignParams()
    contrast: ContrastParams = ContrastParams()
    clips: ClipParams = ClipParams()
    network: NetworkParams = NetworkParams()
    synthetic: SyntheticParams = SyntheticParams()
    drawn: SequenceParams = SequenceParams(
        faces=300,
        fields=600,
        frame_rates=(30,),
        sequences=900,
        duration_s=10.0,
        gap_s=Range(low=0.6, high=3.5),
        neutral_share=0.08,
        seed=1,
    )
    sampling: SamplingParams = SamplingParams()
    augmentation: AugmentationParams = AugmentationParams()
    loss: LossParams = LossParams()
    training: TrainingParams = TrainingParams()
    sequences: SequenceParams = SequenceParams()
    shown: SyntheticParams = SyntheticParams(
        micro_amplitude_px=Range(low=1.0, high=3.0), macro_amplitude_px=Range(low=2.5, high=7.0)
    )
    calibration: CalibrationParams = CalibrationParams()


def read_recipe(path: str | Path) -> SyntheticRecipe:
    """Read a recipe; what it does not say keeps its default.

    Raises
    ------
    pydantic.ValidationError
        If a key is unknown or a value out of bounds.
    """
    return SyntheticRecipe.model_validate(tomllib.loads(Path(path).read_text(encoding="utf-8")))
