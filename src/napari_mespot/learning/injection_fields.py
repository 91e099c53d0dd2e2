"""Displacement fields of injected movements, in pixels of the aligned 112 px crop.

They are drawn apart from those of the training generator (other patches, shapes and
combinations), so that a network is not tested with the very fields it learnt from.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from napari_mespot.frames.synthetic.geometry import MEAN_FACE, MIDLINE_X

__all__ = [
    "GRID_MARGIN_PX",
    "GRID_PX",
    "MovementField",
    "draw_field",
    "field_of",
    "lid_closure",
]

GRID_MARGIN_PX = 48
"""How far the grid of a field reaches beyond the crop, on each side."""

GRID_PX = 112 + 2 * GRID_MARGIN_PX
"""Side of the grid of a field, one sample to a crop pixel."""

_Field = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Patch:
    """A patch of skin of the half face on the left of the picture, and how it moves."""

    points: tuple[int, ...]
    shift: tuple[float, float]
    move: tuple[float, float]
    width: float
    height: float


_PATCHES: dict[int, tuple[_Patch, ...]] = {
    1: (_Patch((20, 21), (0, -3), (0.05, -1), 9, 8),),
    2: (_Patch((18, 19), (-1, -3), (-0.05, -1), 10, 8),),
    4: (_Patch((20, 21), (1, 0), (0.5, 0.8), 8, 7.5), _Patch((19,), (0, 0), (0.3, 0.5), 8, 7)),
    6: (_Patch((41, 48), (-3, -11), (0.1, -1), 11, 8), _Patch((36,), (-5, 2), (0.5, -0.2), 6, 7)),
    7: (_Patch((40, 41), (0, 3), (0.1, -1), 8, 5), _Patch((37, 38), (0, -1), (0, 0.4), 7, 4.5)),
    9: (_Patch((31,), (2, -12), (0.15, -1), 7, 9), _Patch((21, 39), (3, 5), (0.1, 0.5), 6, 7)),
    10: (_Patch((49, 50), (0, -4), (0, -1), 8, 7), _Patch((31,), (-4, 4), (-0.1, -0.6), 7, 8)),
    12: (
        _Patch((48,), (-1, -1), (-0.65, -0.8), 8.5, 7.5),
        _Patch((48,), (-8, -16), (-0.3, -0.6), 10, 9),
    ),
    14: (_Patch((48,), (-2, 0), (-1, -0.05), 7, 7), _Patch((48,), (-10, -2), (0.3, 0), 6, 7)),
    15: (_Patch((48,), (0, 2), (-0.2, 1), 8, 7.5), _Patch((48,), (-1, 12), (0, 0.5), 8, 8)),
    17: (_Patch((8,), (0, -11), (0, -1), 12, 9), _Patch((57,), (0, 1), (0, -0.6), 9, 6)),
    20: (_Patch((48,), (0, 0), (-1, 0.15), 9, 8), _Patch((48,), (-4, 11), (-0.5, 0.2), 10, 9)),
    24: (_Patch((50, 51), (0, 0), (0, 0.8), 10, 5), _Patch((57, 58), (0, 0), (0, -0.9), 10, 5.5)),
}
_TOGETHER: tuple[tuple[int, ...], ...] = (
    (12,), (6, 12), (1, 2), (1,), (2,), (4,), (4, 7), (7,), (6,), (9,), (4, 9), (10,), (14,),
    (15,), (15, 17), (17,), (20,), (24,), (1, 4),
)  # fmt: skip
_MIDLINE_UNITS = {17, 24}


@dataclass(frozen=True, eq=False, slots=True)
class MovementField:
    """Where the skin goes at full strength.

    Parameters
    ----------
    forward
        Shape (2, GRID_PX, GRID_PX), float32: displacement to the right and down of the point
        that lies there at rest. Its mean length over the moved region is 1.
    code
        The action units in FACS, e.g. ``"6+12"`` or ``"R14"``.
    slope
        Steepest change of the displacement from a pixel to the next.
    """

    forward: _Field
    code: str
    slope: float

    def backward(self, size_px: float) -> _Field:
        """Return from where each point comes when the skin is moved by `size_px`.

        Found by fixed-point iteration; it converges while ``size_px * slope`` is below 1.
        """
        field = np.ascontiguousarray(self.forward.transpose(1, 2, 0)) * np.float32(size_px)
        x, y = np.meshgrid(*(np.arange(GRID_PX, dtype=np.float32),) * 2)
        back = -field
        for _ in range(8):
            gone = cv2.remap(field, x + back[..., 0], y + back[..., 1], cv2.INTER_LINEAR)
            back = -np.asarray(gone, dtype=np.float32)
        return np.ascontiguousarray(back.transpose(2, 0, 1))


def draw_field(rng: np.random.Generator, unilateral_share: float) -> MovementField:
    """Draw action units that occur together, as one person might show them.

    Parameters
    ----------
    rng
        Source of randomness.
    unilateral_share
        Part of the fields that one half of the face shows alone; never those of the midline.
    """
    units = _TOGETHER[int(rng.integers(len(_TOGETHER)))]
    one_sided = rng.random() < unilateral_share and not _MIDLINE_UNITS & set(units)
    side = int(rng.choice((-1, 1))) if one_sided else 0
    total = np.zeros((2, GRID_PX, GRID_PX), dtype=np.float32)
    for code in units:
        gain = float(rng.uniform(0.6, 1.2))
        for patch in _PATCHES[code]:
            total += np.float32(gain) * _patch_field(patch, side, rng)
    # On the left of the picture is the subject's right.
    prefix = {-1: "R", 1: "L", 0: ""}[side]
    return field_of(total, "+".join(f"{prefix}{unit}" for unit in units))


def field_of(forward: _Field, code: str) -> MovementField:
    """Return the movement of a displacement, (2, GRID_PX, GRID_PX), of any size above 0."""
    length = np.hypot(*forward)
    steady = forward / np.float32(length[length >= length.max() / 2].mean())
    return MovementField(steady, code, _slope(steady))


def lid_closure(rng: np.random.Generator) -> _Field:
    """Draw from where each point comes when both upper lids are shut, as a blink shuts them.

    Returns
    -------
    NDArray
        Shape (2, GRID_PX, GRID_PX), float32, in crop pixels; to be scaled by how far the lids
        are shut. The skin above the eye is stretched down to the lower lid, and the open eye
        is pressed together there.
    """
    x, y = _grid()
    back = np.zeros((2, GRID_PX, GRID_PX), dtype=np.float32)
    reach = float(rng.uniform(0.9, 1.1))
    for left, upper, lower in ((36, (37, 38), (40, 41)), (42, (43, 44), (46, 47))):
        middle = MEAN_FACE[left : left + 6].mean(axis=0)
        top, bottom = MEAN_FACE[list(upper), 1].mean(), MEAN_FACE[list(lower), 1].mean()
        fall = np.where(y < bottom, np.exp(-(((y - bottom) / 9) ** 2)), 0)
        fall += np.where(y >= bottom, np.exp(-(((y - bottom) / 1.2) ** 2)), 0)
        across = np.exp(-(((x - middle[0]) / 11) ** 4))
        back[1] -= (reach * (bottom - top) * fall * across).astype(np.float32)
    return back


def _grid() -> tuple[_Field, _Field]:
    axis = np.arange(GRID_PX, dtype=np.float32) - np.float32(GRID_MARGIN_PX)
    x, y = np.meshgrid(axis, axis)
    return x, y


def _patch_field(patch: _Patch, side: int, rng: np.random.Generator) -> _Field:
    """Draw a patch on both halves (side 0), or on the left (-1) or right (1) of the picture."""
    centre = MEAN_FACE[list(patch.points)].mean(axis=0) + patch.shift + rng.normal(0, 1.5, 2)
    stretch = np.exp(rng.normal(0, 0.15, 2))
    turn, power = rng.normal(0, 0.2), rng.uniform(0.85, 1.35)
    x, y = _grid()
    total = np.zeros((2, GRID_PX, GRID_PX), dtype=np.float32)
    # A patch on the midline is one patch, not two on top of each other.
    sides = (side,) if side else ((-1,) if abs(centre[0] - MIDLINE_X) < 3 else (-1, 1))
    for half in sides:
        across = (x if half < 0 else 2 * np.float32(MIDLINE_X) - x) - centre[0]
        down = y - centre[1]
        u = (np.cos(turn) * across + np.sin(turn) * down) / (patch.width * stretch[0])
        v = (np.cos(turn) * down - np.sin(turn) * across) / (patch.height * stretch[1])
        weight = np.exp(-0.5 * (u**2 + v**2) ** power)
        total[0] += (-half * patch.move[0] * weight).astype(np.float32)
        total[1] += (patch.move[1] * weight).astype(np.float32)
    return total


def _slope(field: _Field) -> float:
    steps = [np.gradient(part, axis=axis) for part in field for axis in (0, 1)]
    return float(np.sqrt(np.sum(np.square(steps), axis=0)).max())
