"""Parameters of the training-free spotters, in seconds. Free of OpenCV and scipy.

Thresholds were chosen on drawn faces (decision 84), never on real video.
"""

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["FlowParams", "LbpParams", "PeakParams"]


class PeakParams(BaseModel):
    """When a peak of the evidence of one kind is an expression."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    k_s: float = Field(gt=0, description="half the length of a usual expression, in seconds")
    share: float = Field(
        ge=0, le=1, description="threshold between mean (0) and maximum (1) of the video"
    )
    floor: float = Field(ge=0, description="lowest threshold, in units of the evidence")
    min_width_s: float = Field(
        0.0, ge=0, description="least time for which a peak stays above half its height, in seconds"
    )


class LbpParams(BaseModel):
    """Feature difference of local binary patterns (Moilanen et al., ICPR 2014)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    blocks: int = Field(6, ge=1, le=16, description="blocks along each side of the face")
    radius_px: int = Field(3, ge=1, le=3, description="radius of the pattern of 8 points")
    largest_blocks: int = Field(
        6, ge=1, description="the mean is taken over this many blocks that differ most"
    )
    without_eyes: bool = Field(
        True, description="leave out the blocks of the eyes, which differ most when they blink"
    )
    me: PeakParams = PeakParams(k_s=0.17, share=0.5, floor=0.016)
    mae: PeakParams = PeakParams(k_s=0.95, share=0.2, floor=0.028, min_width_s=0.25)


class FlowParams(BaseModel):
    """Optical flow of brows, mouth corners and chin, against the nose."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    samples_hz: float = Field(50.0, gt=0, description="faster video is sampled at about this rate")
    window_px: int = Field(15, ge=5, le=41, description="averaging window of the flow")
    smoothing_share: float = Field(
        0.25, ge=0, le=1, description="Gaussian in time, standard deviation as a part of k_s"
    )
    reach: float = Field(
        2.0, ge=1, le=5, description="onset and offset lie within this many k_s of the apex"
    )
    me: PeakParams = PeakParams(k_s=0.13, share=0.4, floor=0.6)
    mae: PeakParams = PeakParams(k_s=0.85, share=0.2, floor=1.0)
