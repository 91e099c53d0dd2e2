"""An experiment as a value: every number that a training depends on, read from TOML."""

import tomllib
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from napari_mespot.clips.params import ClipParams
from napari_mespot.evaluation.rules import find_rule
from napari_mespot.face.params import AlignParams, ContrastParams
from napari_mespot.io.datasets.dataset import DatasetKind, MissingOffset
from napari_mespot.learning.params import (
    AugmentationParams,
    CalibrationParams,
    LossParams,
    Range,
    SamplingParams,
    SequenceParams,
    SyntheticParams,
    TrainingParams,
    ValidationParams,
)
from napari_mespot.network.params import NetworkParams
from napari_mespot.network.spotting_params import SpottingParams

__all__ = [
    "DataParams",
    "DatasetRecipe",
    "SubmissionNetwork",
    "SubmissionRecipe",
    "SyntheticRecipe",
    "read_recipe",
]


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


class DataParams(BaseModel):
    """How a data set is read. Where it lies is said on the command line."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: DatasetKind | None = Field(None, description="layout; none: found by what lies there")
    missing_offset: MissingOffset = Field("mirror", description="for labels without an offset")
    not_expressions: tuple[int, ...] = Field(
        (),
        description="labels with no action unit but these are taken for no expressions; "
        "43, 45, 46 are blinks",
    )


class DatasetRecipe(BaseModel):
    """A network trained on a data set of videos with labels.

    `spotting` holds smoothing and rules for a kind that the labels say too little of; of all
    others `calibration` chooses them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, description="name of the checkpoint")
    data: DataParams
    align: AlignParams = AlignParams()
    contrast: ContrastParams = ContrastParams()
    clips: ClipParams = ClipParams()
    network: NetworkParams = NetworkParams()
    sampling: SamplingParams = SamplingParams()
    augmentation: AugmentationParams = AugmentationParams()
    loss: LossParams = LossParams()
    training: TrainingParams = TrainingParams()
    validation: ValidationParams = ValidationParams()
    calibration: CalibrationParams = CalibrationParams()
    spotting: SpottingParams = SpottingParams()
    rule: str = Field("strict", description="rule of the figures that come first")

    @field_validator("rule")
    @classmethod
    def _known_rule(cls, name: str) -> str:
        return find_rule(name).name

    @model_validator(mode="after")
    def _images_agree(self) -> Self:
        if self.clips.images_per_stream != self.network.images_per_stream:
            raise ValueError(
                f"Expected network.images_per_stream = {self.clips.images_per_stream} for "
                f"clips.reference {self.clips.reference!r}, got {self.network.images_per_stream}"
            )
        return self


class SubmissionNetwork(BaseModel):
    """One network of a submission: its recipe, and the test videos that it spots."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    recipe: str = Field(min_length=1, description="name of a recipe for a data set")
    videos: Literal["samm", "cas", "all"] = Field(
        "all", description="samm: names like 001_2; cas: names like sub01"
    )


class SubmissionRecipe(BaseModel):
    """Networks that share the videos of a test set (paper, section 4.2)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1)
    networks: tuple[SubmissionNetwork, ...] = Field(min_length=1)


def read_recipe(path: str | Path) -> SyntheticRecipe:
    """Read a recipe; what it does not say keeps its default.

    Raises
    ------
    pydantic.ValidationError
        If a key is unknown or a value out of bounds.
    """
    return SyntheticRecipe.model_validate(tomllib.loads(Path(path).read_text(encoding="utf-8")))
