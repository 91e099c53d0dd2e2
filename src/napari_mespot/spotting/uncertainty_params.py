"""Parameters of what to review next. Free of torch and scipy."""

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["UncertaintyParams"]


class UncertaintyParams(BaseModel):
    """What makes a stretch of video worth a look, and what a look costs.

    The numbers were compared in a simulation, decision 0086.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    spread: float = Field(
        0.5, gt=0, description="log-odds over which a peak turns from unlikely to likely"
    )
    chance_at_threshold: float = Field(
        0.25, gt=0, lt=1, description="chance that a peak as high as the threshold is an expression"
    )
    edge_weight: float = Field(
        0.5, ge=0, description="worth of a corrected onset or offset beside a found error"
    )
    length_share: float = Field(
        0.3,
        ge=0,
        le=1,
        description="share of runs too short, or long, for their kind that are one expression",
    )
    min_gain: float = Field(
        0.08, gt=0, le=0.5, description="expected corrections below which nothing is proposed"
    )
    context_s: float = Field(
        0.3, ge=0, description="watched before and after a doubtful place, in seconds"
    )
    max_stretch_s: float = Field(
        8.0, gt=0, description="longest stretch made by joining places, in seconds"
    )
    slowdown: float = Field(
        3.0, gt=0, description="seconds of work for a second of video: it is watched repeatedly"
    )
    overhead_s: float = Field(
        4.0, ge=0, description="work on a stretch whatever its length, in seconds"
    )
    apart_s: float = Field(
        2.0, ge=0, description="stretches nearer to a better one than this come later, in seconds"
    )
    near_discount: float = Field(
        0.5, gt=0, le=1, description="factor on the worth of a stretch near a better one"
    )
    video_discount: float = Field(
        0.97, gt=0, le=1, description="factor for each better stretch of the same video"
    )
    subject_discount: float = Field(
        0.99, gt=0, le=1, description="factor for each better stretch of the same subject"
    )
