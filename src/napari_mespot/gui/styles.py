"""Colours of kinds and states: told apart with any kind of colour vision."""

from napari_mespot.gui.review import Item
from napari_mespot.model import ExpressionKind, ReviewStatus

__all__ = ["KIND_RGB", "shape_colours"]

# Okabe and Ito's vermillion and blue, the blue lightened so that it is seen on black too.
KIND_RGB = {
    ExpressionKind.MICRO: (0.835, 0.369, 0.0),
    ExpressionKind.MACRO: (0.18, 0.53, 0.80),
}
_FILL = {
    ReviewStatus.PREDICTED: 0.35,
    ReviewStatus.UNCERTAIN: 0.2,
    ReviewStatus.REJECTED: 0.0,
}

Rgba = tuple[float, float, float, float]


def shape_colours(item: Item) -> tuple[Rgba, Rgba]:
    """Return fill and edge of an item: the more certain it is, the fuller."""
    rgb = KIND_RGB[item.kind]
    edge = 0.45 if item.status is ReviewStatus.REJECTED else 1.0
    return (*rgb, _FILL.get(item.status, 0.9)), (*rgb, edge)
