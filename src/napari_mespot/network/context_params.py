"""Parameters of the context network. Free of torch."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["ContextParams"]

_Temperature = Annotated[float, Field(gt=0, le=1e6)]
_Dilation = Annotated[int, Field(ge=1, le=256)]


class ContextParams(BaseModel):
    """Sizes of the context network, and what it sees as the neutral face of a person."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rate_hz: float = Field(30.0, gt=0, le=240, description="steps to a second of its time grid")
    neutral_s: float = Field(
        10.0,
        gt=0,
        le=120,
        description="half of the window whose median is the running neutral, in seconds",
    )
    neutral_step: int = Field(
        6, ge=1, le=240, description="every n-th step of the grid goes into that median"
    )
    still_s: float = Field(
        1.4, gt=0, le=60, description="time around a step in which a still head is asked for"
    )
    still_deg: float = Field(
        2.0,
        ge=0,
        le=360,
        description="turn of the head in that time up to which MaE of the streams count in full",
    )
    fall_per_deg: float = Field(
        5.0, ge=0, le=1e6, description="what their logit loses for every degree beyond that"
    )
    streams_bias: tuple[float, float] = Field(
        (1.0, 1.0), description="added to the logits of the streams, ME and MaE"
    )
    streams_temperature: tuple[_Temperature, _Temperature] = Field(
        (1.0, 1.0), description="of the logits of the streams, ME and MaE"
    )
    members: int = Field(1, ge=1, le=16, description="networks whose logits are averaged")
    channels: int = Field(48, ge=1, le=1024, description="width of all layers")
    dilations: tuple[_Dilation, ...] = Field(
        (1, 2, 4, 8, 16, 32, 1, 2, 4), min_length=1, max_length=32, description="one per layer"
    )
    dropout: float = Field(0.1, ge=0, lt=1)

    @property
    def reach_steps(self) -> int:
        """Steps of the grid that the convolutions of a score span, on either side."""
        return sum(self.dilations)

    @property
    def neutral_steps(self) -> int:
        """Values on either side that go into the median of the running neutral."""
        return max(1, round(self.neutral_s * self.rate_hz / self.neutral_step))

    @property
    def still_steps(self) -> int:
        """Steps on either side in which a still head is asked for."""
        return max(1, round(self.still_s * self.rate_hz))

    @property
    def margin_steps(self) -> int:
        """Steps on either side that the input of a step depends on."""
        return max((self.neutral_steps + 2) * self.neutral_step, self.still_steps) + 1
