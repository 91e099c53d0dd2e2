"""Parameters of retraining. Free of torch and OpenCV."""

from pydantic import BaseModel, ConfigDict, Field

from napari_mespot.learning.params import (
    AugmentationParams,
    LossParams,
    SamplingParams,
)

__all__ = ["ContextRetrainParams", "RetrainParams"]


class ContextRetrainParams(BaseModel):
    """How the context network of a checkpoint learns from corrected labels."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    steps: int = Field(200, ge=1)
    batch_size: int = Field(12, ge=2, description="windows in a step")
    window_s: float = Field(15.0, gt=0, description="length of a window, in seconds")
    learning_rate: float = Field(1e-3, gt=0, description="peak of the one-cycle schedule")
    weight_decay: float = Field(1e-2, ge=0)


class RetrainParams(BaseModel):
    """How a checkpoint learns from corrected labels, and by what it is judged.

    The first four are those of clips of faces; a checkpoint with a context network learns by
    `context` instead.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    steps: int = Field(100, ge=1)
    batch_size: int = Field(32, ge=2)
    learning_rate: float = Field(1e-3, gt=0, description="peak of the one-cycle schedule")
    weight_decay: float = Field(1e-3, ge=0)
    context: ContextRetrainParams = ContextRetrainParams()
    replay_share: float = Field(
        0.4, ge=0, lt=1, description="of a batch, from the drawn data it was trained on"
    )
    walk_share: float = Field(
        0.15,
        ge=0,
        lt=1,
        description="of the rest, brief small movements made of confirmed expressions",
    )
    replay_videos: int = Field(40, ge=1, description="drawn videos to replay, at 10 s each")
    checked_drawn_videos: int = Field(
        12, ge=1, description="other drawn videos, on which forgetting is measured"
    )
    largest_forgetting: float = Field(
        0.03, ge=0, description="most that the mean frame AUC on drawn videos may fall"
    )
    held_out_share: float = Field(0.4, gt=0, lt=1, description="of the expressions, for figures")
    check_share: float = Field(0.4, gt=0, lt=1, description="of the rest, to choose and calibrate")
    gap_s: float = Field(2.0, ge=0, description="left out on either side where a video is cut")
    stretch_s: float = Field(20.0, gt=0, description="unit of the bootstrap in few videos")
    least_expressions: int = Field(10, ge=4, description="below, retraining is refused")
    least_for_weights: int = Field(20, ge=4, description="below, thresholds alone are retrained")
    least_of_kind: int = Field(3, ge=1, description="below, a kind keeps its threshold")
    prior_expressions: float = Field(
        10.0,
        ge=0,
        description="how many labels the old thresholds and temperature count as",
    )
    least_units: int = Field(
        6, ge=2, description="people, videos or stretches to judge by; fewer recommend nothing"
    )
    thresholds: tuple[float, ...] = Field(
        (0.05, 0.07, 0.1, 0.14, 0.2, 0.27, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 0.93),
        min_length=1,
        description="tried for each kind, beside the old one",
    )
    resamples: int = Field(5000, ge=100, description="draws of the bootstrap")
    seed: int = Field(0, ge=0)
    sampling: SamplingParams = SamplingParams(share_me=0.25, share_mae=0.25, share_hard=0.15)
    augmentation: AugmentationParams = AugmentationParams(photometric_probability=0.3)
    loss: LossParams = LossParams()
