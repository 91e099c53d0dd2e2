"""Parameters of adapting a checkpoint to a face. Free of torch and OpenCV."""

from pydantic import BaseModel, ConfigDict, Field

from napari_mespot.learning.injection_params import InjectionParams
from napari_mespot.learning.retrain_params import ContextRetrainParams
from napari_mespot.learning.walk_params import WalkParams

__all__ = ["AdaptParams"]


class AdaptParams(BaseModel):
    """How a checkpoint learns a face nobody has labelled, and by what it is judged.

    Lengths in pixels are of the 112 px crop.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    searched_s: float = Field(
        180.0, gt=0, description="most of a video that is searched for still stretches, in seconds"
    )
    still_s: float = Field(0.5, gt=0, le=30, description="shortest still stretch, in seconds")
    longest_still_s: float = Field(
        8.0, gt=0, le=60, description="longer stretches are divided, in seconds"
    )
    still_px: float = Field(
        0.8, gt=0, le=5, description="largest displacement between frames of a still face"
    )
    still_deg: float = Field(
        6.0, gt=0, le=90, description="largest turn of the head in a still stretch, in degrees"
    )
    least_renditions: int = Field(
        1, ge=1, description="of the moved face, to learn from and to judge by; fewer are refused"
    )
    gap_s: float = Field(
        0.5, ge=0, description="left out between what is learned from and what judges, in seconds"
    )
    stretches: int = Field(
        4, ge=1, description="still stretches that are used to learn, and to judge, at most"
    )
    kept_share: float = Field(0.4, gt=0, lt=1, description="of the still time, kept to judge by")
    own_motions: int = Field(3, ge=0, description="own larger expressions walked along, at most")
    rendition_s: float = Field(15.0, ge=2, le=120, description="length of a rendition, in seconds")
    learned_renditions: int = Field(6, ge=1, description="to learn from, with drawn action units")
    judged_renditions: int = Field(8, ge=1, description="to judge by, of the other injector")
    rendered_hz: float = Field(
        60.0, gt=0, description="faster videos are rendered at this frame rate"
    )
    injection: InjectionParams = InjectionParams(me_per_minute=20, mae_per_minute=8)
    judged_injection: InjectionParams = InjectionParams(
        me_per_minute=20, mae_per_minute=8, apex_share=(0.25, 0.7), plateau_share=(0.0, 0.7)
    )
    sure_score: float = Field(
        0.85, ge=0, le=1, description="of an own MaE that is taken as one, as the old one scores it"
    )
    walk: WalkParams = WalkParams(still_px=1.0)
    context: ContextRetrainParams = ContextRetrainParams(
        steps=120, batch_size=8, window_s=10.0, learning_rate=5e-4
    )
    way: float = Field(
        0.7, gt=0, le=1, description="how far the weights go from the old to the learned ones"
    )
    replay_share: float = Field(0.5, ge=0, lt=1, description="of a batch, from drawn people")
    walk_share: float = Field(
        0.3, ge=0, lt=1, description="of the rest, own expressions made brief and small"
    )
    replay_videos: int = Field(40, ge=1, description="drawn people to replay, at 10 s each")
    checked_drawn_videos: int = Field(
        12, ge=1, description="other drawn people, on whom forgetting is measured"
    )
    largest_forgetting: float = Field(
        0.02, ge=0, description="most that the mean frame AUC on drawn people may fall"
    )
    prior_expressions: float = Field(
        20.0, ge=0, description="how many injected ones the old thresholds count as"
    )
    thresholds: tuple[float, ...] = Field(
        (0.45, 0.52, 0.58, 0.64, 0.69, 0.74, 0.78, 0.82, 0.86),
        min_length=1,
        description="tried for each kind, beside the old one",
    )
    null_quantile: float = Field(
        0.995, gt=0, lt=1, description="of the scores of the face at rest; no threshold lies below"
    )
    most_lost: float = Field(
        0.2, ge=0, le=1, description="part of what the old one is sure of that may be lost"
    )
    least_gain: float = Field(
        0.02, ge=0, description="of F1, below which the old checkpoint is kept"
    )
    most_alarms_per_minute: float = Field(
        0.5, ge=0, description="false alarms more than before, where nothing happens"
    )
    resamples: int = Field(2000, ge=100, description="draws of the bootstrap")
    seed: int = Field(0, ge=0)
