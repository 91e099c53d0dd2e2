"""Parameters of the network. Free of torch."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

__all__ = ["NetworkParams"]

_Channels = Annotated[int, Field(ge=1, le=4096)]


class NetworkParams(BaseModel):
    """Sizes of the two-stream network; the paper leaves them open."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    channels: tuple[_Channels, _Channels, _Channels] = Field(
        (24, 48, 96), description="outputs of the three blocks"
    )
    stem_filters: int = Field(16, ge=1, le=4096, description="depthwise filters of the first block")
    stem_kernel_px: int = Field(
        5, ge=1, le=31, description="spatial kernel of the first block, odd, in pixels"
    )
    images_per_stream: int = Field(2, ge=2, le=9, description="a frame and its reference frames")
    dropout: float = Field(0.05, ge=0, lt=1)

    @model_validator(mode="after")
    def _odd_kernel(self) -> Self:
        if self.stem_kernel_px % 2 == 0:
            raise ValueError(f"Expected an odd stem_kernel_px, got {self.stem_kernel_px}")
        return self
