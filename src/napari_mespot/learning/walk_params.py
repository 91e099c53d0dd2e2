"""How a clip is walked along its own time. Free of torch and OpenCV."""

from pydantic import Field

from napari_mespot.learning.injection_params import OccurrenceParams, Range

__all__ = ["WalkParams"]


class WalkParams(OccurrenceParams):
    """Which neutral stretches are used and how far one walks from them.

    Lengths are in pixels of the 112 px crop.
    """

    me_size_px: Range = Field(
        (0.8, 3.5), description="displacement at the apex of an ME, mean of the moved region"
    )
    mae_size_px: Range = Field(
        (2.5, 6.0), description="the same of an MaE, or up to what the clip holds"
    )
    still_px: float = Field(
        0.7, gt=0, le=2, description="largest displacement between frames of a still face"
    )
    still_s: float = Field(
        0.2, gt=0, le=5, description="how long it must be still before an onset, in seconds"
    )
    late_s: float = Field(
        0.35, ge=0, le=2, description="how late a labelled onset may be, in seconds"
    )
    largest_step_px: float = Field(
        4.0, gt=0, description="displacement between two frames at which a walk ends: a cut"
    )
    smoothing_frames: float = Field(
        1.2,
        ge=0.8,
        le=4,
        description="Gaussian in time that tells skin from noise, in frames of the clip",
    )
