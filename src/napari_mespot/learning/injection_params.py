"""How expressions are injected into neutral video. Free of torch and OpenCV."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

__all__ = ["InjectionParams", "OccurrenceParams"]

Range = tuple[float, float]
"""Lowest and highest value of a uniform draw."""


class OccurrenceParams(BaseModel):
    """How many expressions, of what length and course."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    me_per_minute: float = Field(14.0, ge=0, le=60, description="ME shown, per minute")
    mae_per_minute: float = Field(7.0, ge=0, le=30, description="MaE shown, per minute")
    me_duration_s: Range = Field((0.2, 0.48), description="onset to offset of an ME, in seconds")
    mae_duration_s: Range = Field((0.6, 3.0), description="onset to offset of an MaE, in seconds")
    apex_share: Range = Field((0.3, 0.6), description="where the apex lies, from onset to offset")
    plateau_share: Range = Field(
        (0.0, 0.5), description="part of the time after the apex for which an MaE is held"
    )
    min_gap_s: float = Field(
        0.6, ge=0, description="least time between expressions and at both ends, in seconds"
    )

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        for name in type(self).model_fields:
            value = getattr(self, name)
            if isinstance(value, tuple) and not 0 <= value[0] <= value[1]:
                raise ValueError(f"Expected {name} from low to high, 0 or above, got {value}")
            if name.endswith("duration_s") and value[0] <= 0:
                raise ValueError("Expected durations above 0")
        if self.apex_share[1] >= 1 or self.plateau_share[1] >= 1:
            raise ValueError("Expected apex_share and plateau_share below 1")
        return self


class InjectionParams(OccurrenceParams):
    """What is injected into a neutral clip. Lengths are in pixels of the 112 px crop."""

    blinks_per_minute: float = Field(10.0, ge=0, le=60, description="blinks injected, per minute")
    me_size_px: Range = Field(
        (1.0, 2.5), description="displacement at the apex of an ME, mean of the moved region"
    )
    mae_size_px: Range = Field((2.5, 6.0), description="the same of an MaE")
    blink_duration_s: Range = Field((0.1, 0.3), description="length of a blink, in seconds")
    unilateral_share: float = Field(0.2, ge=0, le=1, description="part shown on one side only")
    steepest: float = Field(
        0.75, gt=0, lt=1, description="size is cut where the skin would stretch by more than this"
    )
    smoothing_frames: float = Field(
        1.2,
        ge=0.8,
        le=4,
        description="Gaussian in time that tells skin from noise, in frames of the clip",
    )
