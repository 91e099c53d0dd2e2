"""Parameters of learning a context network. Free of torch."""

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["ContextTrainingParams"]


class ContextTrainingParams(BaseModel):
    """How long and how fast a context network learns."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    steps: int = Field(3000, ge=1)
    batch_size: int = Field(16, ge=1, description="windows in a step")
    window_s: float = Field(15.0, gt=0, description="length of a window, in seconds")
    start_share: float = Field(
        0.35, ge=0, le=1, description="windows that begin where a stretch begins"
    )
    learning_rate: float = Field(4e-3, gt=0, description="peak of the one-cycle schedule")
    warmup_fraction: float = Field(0.1, gt=0, lt=1)
    weight_decay: float = Field(1e-2, ge=0)
    ema_decay: float = Field(0.995, ge=0, lt=1, description="average of the weights that is kept")
    me_weight: float = Field(3.0, gt=0, description="of steps with an ME, against all others")
    mirror_probability: float = Field(0.5, ge=0, le=1, description="left and right exchanged")
    steady_norms: bool = Field(
        False, description="the statistics of the norms stay: little material is no sample of them"
    )
    seed: int = Field(0, ge=0)
