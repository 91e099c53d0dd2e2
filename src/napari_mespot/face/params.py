"""Parameters of alignment and of local contrast normalisation. Free of torch and OpenCV."""

from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
)

__all__ = ["AlignParams", "ContrastParams"]


#: Beyond these nothing is measured any more, and windows of that size never end.
_Seconds = Annotated[float, Field(le=60)]
_Pixels = Annotated[float, Field(le=112)]


class AlignParams(BaseModel):
    """How a face is found, held still and cut out.

    The geometry is that of OpenFace (112×112, scale 0.7 of its mean shape), so that crops
    written by OpenFace can be used in place of ours.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    crop_px: int = Field(112, ge=32, le=512, description="side of the square crop, in pixels")
    method: Literal["registration", "landmarks"] = Field(
        "registration", description="hold the face still by registration, or by landmarks alone"
    )
    check_interval_s: float = Field(
        0.25,
        gt=0,
        le=3600,
        description="time between two landmark checks of the registration, in seconds",
    )
    rekey_ncc: float = Field(0.90, ge=0, le=1, description="correlation below which to re-key")
    lost_ncc: float = Field(0.75, ge=0, le=1, description="correlation below which to restart")
    max_deviation_px: float = Field(
        4.0,
        gt=0,
        le=512,
        description="distance from the landmarks that forces a restart, in crop pixels",
    )
    smoothing_s: float = Field(
        0.1,
        ge=0,
        le=60,
        description="Savitzky-Golay window over the transform, in seconds; 0: none",
    )
    smoothing_min_fps: float = Field(
        60.0, gt=0, le=1e7, description="frame rate from which the transform is smoothed"
    )
    min_detection_score: float = Field(0.5, ge=0, le=1)
    min_landmark_score: float = Field(0.5, ge=0, le=1)
    supersample: bool = Field(
        True, description="warp at twice the size and average when the face is large in the frame"
    )
    shape_hz: float = Field(
        0.0,
        ge=0,
        le=1000,
        description="how often the shape of the face is measured, times a second; 0: never",
    )

    @model_serializer(mode="wrap")
    def _written(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leave out `shape_hz` where nothing is measured.

        Digests of checkpoints and names of cached faces stay what they were before there was
        this field.
        """
        written: dict[str, Any] = handler(self)
        if not self.shape_hz:
            written.pop("shape_hz", None)
        return written


class ContrastParams(BaseModel):
    """Local contrast normalisation (paper, Eq. 1)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sigma_px: float = Field(
        3.0, gt=0, le=100, description="Gaussian window, standard deviation in pixels"
    )
    truncate: float = Field(3.0, gt=0, le=10, description="window radius in standard deviations")
    enabled: bool = Field(True, description="off only for the ablation")
