"""Parameters of the network. Free of torch."""

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["NetworkParams"]


class NetworkParams(BaseModel):
    """Sizes of the two-stream network; the paper leaves them open."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    channels: tuple[int, int, int] = Field((24, 48, 96), description="outputs of the three blocks")
    stem_filters: int = Field(16, ge=1, description="depthwise filters of the first block")
    stem_kernel_px: int = Field(5, ge=1, description="spatial kernel of the first block")
    dropout: float = Field(0.05, ge=0, lt=1)
