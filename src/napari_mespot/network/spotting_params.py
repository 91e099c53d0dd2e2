"""Parameters from raw scores to intervals. Free of torch and scipy.

A checkpoint carries them (its thresholds belong to its scores), so they are defined on this
floor; :mod:`napari_mespot.spotting.params` is where to import them from.
"""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from napari_mespot.model import ExpressionKind
from napari_mespot.model.bounds import LONGEST_S

__all__ = ["DetectionParams", "KindDetectionParams", "SmoothingParams", "SpottingParams"]


_Seconds = Annotated[float, Field(le=LONGEST_S)]
_Shift = Annotated[float, Field(ge=-60, le=60)]


class SmoothingParams(BaseModel):
    """Butterworth low-pass, forwards and backwards (zero phase), and normalisation."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    order: int = Field(2, ge=1, le=8)
    cutoff_me_hz: float = Field(4.0, gt=0, le=1e6, description="cut-off for ME scores, in hertz")
    cutoff_mae_hz: float = Field(1.5, gt=0, le=1e6, description="cut-off for MaE scores, in hertz")
    normalisation: Literal["none", "minmax"] = Field(
        "none", description="minmax is the paper's: it always finds something, in any video"
    )


class KindDetectionParams(BaseModel):
    """How a run of scores of one kind becomes an interval."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    threshold: float = Field(0.5, ge=0, le=1, description="score that starts an interval")
    low_threshold: float = Field(
        0.3, ge=0, le=1, description="score down to which an interval goes on (hysteresis)"
    )
    merge_gap_s: float = Field(
        0.05,
        ge=0,
        le=LONGEST_S,
        description="a dip up to this long is no end of an expression, in seconds",
    )
    min_duration_s: float = Field(
        0.06,
        ge=0,
        le=LONGEST_S,
        description="shorter ones are left out and told, in seconds; for MaE also what would be "
        "an ME by its length, but reaches the threshold of MaE alone",
    )
    max_duration_s: float = Field(
        0.5,
        gt=0,
        le=LONGEST_S,
        description="longer ones are MaE, or for MaE marked as long, in seconds",
    )
    onset_shift_s: float = Field(
        0.0, ge=-60, le=60, description="measured correction of the onset, in seconds"
    )
    offset_shift_s: float = Field(
        0.0, ge=-60, le=60, description="measured correction of the offset, in seconds"
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.low_threshold > self.threshold:
            raise ValueError(
                "Expected low_threshold <= threshold, got "
                f"{self.low_threshold} and {self.threshold}"
            )
        if self.min_duration_s > self.max_duration_s:
            raise ValueError(
                "Expected min_duration_s <= max_duration_s, got "
                f"{self.min_duration_s} and {self.max_duration_s}"
            )
        return self


class DetectionParams(BaseModel):
    """Rules for both kinds (paper, section 4.1, and our decisions where it is silent)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    me: KindDetectionParams = KindDetectionParams()
    mae: KindDetectionParams = KindDetectionParams(
        merge_gap_s=0.2, min_duration_s=0.4, max_duration_s=4.5
    )
    cut_depth: float = Field(
        0.25,
        gt=0,
        le=1,
        description="a chain is cut where the score falls by this share of the lower peak beside",
    )

    def of_kind(self, kind: ExpressionKind) -> KindDetectionParams:
        """Return the rules of one kind."""
        return self.me if kind is ExpressionKind.MICRO else self.mae


class SpottingParams(BaseModel):
    """Everything between the network's scores and the intervals."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    smoothing: SmoothingParams = SmoothingParams()
    detection: DetectionParams = DetectionParams()
