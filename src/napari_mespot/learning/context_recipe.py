"""Recipe of a context network that is learned from drawn people."""

import tomllib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from napari_mespot.learning.context_params import ContextTrainingParams
from napari_mespot.learning.drawn_shape_params import DrawnShapeParams
from napari_mespot.network.context_params import ContextParams
from napari_mespot.network.spotting_params import SpottingParams

__all__ = ["ContextRecipe", "read_context_recipe"]


class ContextRecipe(BaseModel):
    """A checkpoint whose context network learns from drawn people; its streams are given."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, description="name of the checkpoint")
    streams: str = Field(min_length=1, description="checkpoint whose two streams it has")
    shape_hz: float = Field(30.0, gt=0, le=1000, description="how often the shape is measured")
    drawn: DrawnShapeParams = DrawnShapeParams()
    sequences: int = Field(3000, ge=1, description="drawn for each member of the network")
    notch_s: float = Field(
        0.1, ge=0, le=1, description="by how much targets end early where the next one begins"
    )
    context: ContextParams = ContextParams()
    training: ContextTrainingParams = ContextTrainingParams()
    temperature: tuple[float, float] = Field(
        (1.0, 1.0), description="of ME and MaE, so that probabilities fit"
    )
    spotting: SpottingParams = SpottingParams()


def read_context_recipe(path: str | Path) -> ContextRecipe:
    """Read a recipe; what it does not say keeps its default.

    Raises
    ------
    pydantic.ValidationError
        If a key is unknown or a value out of bounds.
    """
    return ContextRecipe.model_validate(tomllib.loads(Path(path).read_text(encoding="utf-8")))
