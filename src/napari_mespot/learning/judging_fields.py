"""Movements to judge by that adapting does not learn from: those of the drawn training faces.

Other patches, shapes and combinations than :mod:`.injection_fields`, which adapting injects.
"""

import numpy as np
from numpy.typing import NDArray

from napari_mespot.learning.injection_fields import GRID_MARGIN_PX, MovementField, field_of
from napari_mespot.learning.motions import draw_units

__all__ = ["draw_judging_field"]

_EDGE_PX = 6


def draw_judging_field(rng: np.random.Generator, unilateral_share: float) -> MovementField:
    """Draw action units as the training generator does; it has its own share of one-sided ones."""
    del unilateral_share
    field, code = draw_units(rng)
    margin = (GRID_MARGIN_PX, GRID_MARGIN_PX)
    inside = field * _fading(field.shape[-1])
    return field_of(np.pad(inside, ((0, 0), margin, margin)), code)


def _fading(side: int) -> NDArray[np.float32]:
    """Return 1 inside, falling to 0 at the edges: skin beyond the crop stays where it is."""
    from_edge = np.minimum(np.arange(side), np.arange(side)[::-1])
    ramp = np.clip(from_edge / _EDGE_PX, 0, 1).astype(np.float32)
    return np.asarray(np.outer(ramp, ramp), dtype=np.float32)
