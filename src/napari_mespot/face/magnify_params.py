"""Parameters of motion magnification. Free of OpenCV."""

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["MagnifyParams"]


class MagnifyParams(BaseModel):
    """How the motion of an interval is measured, and how far it may be magnified.

    Lengths are in pixels of the 112×112 aligned face, whatever the size of the crops.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    image_sigma_px: float = Field(
        0.5, ge=0, le=5, description="blur against sensor noise before motion is measured"
    )
    flow_sigma_px: float = Field(
        4.0, gt=0, le=20, description="smoothing of the motion across the face"
    )
    time_sigma_frames: float = Field(
        1.0, ge=0, le=20, description="smoothing of the motion along time, in frames; 0: none"
    )
    noise_px: float = Field(
        0.03, ge=0, le=2, description="motion of this size is taken for noise by half"
    )
    limit_px: float = Field(
        14.0, gt=0, le=56, description="most that a point is moved beyond where it was seen"
    )
