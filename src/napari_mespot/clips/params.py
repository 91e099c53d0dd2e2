"""Parameters of the two streams. Free of torch."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

__all__ = ["ClipParams", "SkipRange"]


_Seconds = Annotated[float, Field(le=3600)]


class SkipRange(BaseModel):
    """Range of random frame skips in training, in seconds (paper, Table 1)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    low_s: _Seconds = Field(gt=0)
    high_s: _Seconds = Field(gt=0)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.high_s < self.low_s:
            raise ValueError(f"Expected high_s >= low_s, got {self.low_s}..{self.high_s}")
        return self


class ClipParams(BaseModel):
    """Which frames are compared with each other.

    Skips are stored in seconds and turned into frames by the video's own frame rate. The
    defaults are the k-th frames of CAS(ME)² (6 and 19 frames at 30 fps) for testing, and its
    random skips (3 to 9 and 16 to 50 frames) for training.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    skip_me_s: _Seconds = Field(6 / 30, gt=0, description="frame skip of stream 1 (ME), in seconds")
    skip_mae_s: _Seconds = Field(
        19 / 30, gt=0, description="frame skip of stream 2 (MaE), in seconds"
    )
    random_skip_me: SkipRange = SkipRange(low_s=3 / 30, high_s=9 / 30)
    random_skip_mae: SkipRange = SkipRange(low_s=16 / 30, high_s=50 / 30)
    reference: Literal["past", "future", "both"] = Field(
        "past", description="whether a frame is compared with an earlier one, a later one or both"
    )

    references_per_side: int = Field(
        1, ge=1, le=4, description="reference frames on a side: one skip away, two skips away, ..."
    )

    @property
    def images_per_stream(self) -> int:
        """How many images a stream sees at once."""
        return 1 + self.references_per_side * (2 if self.reference == "both" else 1)

    @model_validator(mode="after")
    def _shorter_first(self) -> Self:
        if self.skip_me_s >= self.skip_mae_s:
            raise ValueError(
                "Expected skip_me_s < skip_mae_s (stream 1 is the shorter), got "
                f"{self.skip_me_s} and {self.skip_mae_s}"
            )
        return self
