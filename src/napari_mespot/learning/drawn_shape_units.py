"""What action units do to the signals of the shape of a face."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from napari_mespot.face.shape import SHAPE_SIGNALS

__all__ = [
    "COMBINATIONS",
    "FORM_SIGNALS",
    "N_FORM",
    "PAIRS",
    "columns_of",
    "draw_effect",
    "draw_expression_effect",
    "per_signal",
]

_Array = NDArray[np.float64]

N_FORM = len(SHAPE_SIGNALS) - 3
"""Signals of the form of the face; the rest is the pose of the head."""
FORM_SIGNALS = SHAPE_SIGNALS[:N_FORM]

PAIRS: tuple[tuple[int, int], ...] = tuple(
    (column, FORM_SIGNALS.index(name.removesuffix("_right") + "_left"))
    for column, name in enumerate(FORM_SIGNALS)
    if name.endswith("_right")
)
"""Columns of the right and left side of the face that belong together."""

_SIDE = np.zeros(N_FORM)
_GROUPS = list(FORM_SIGNALS)
for _right, _left in PAIRS:
    _SIDE[_right], _SIDE[_left] = 1, -1
    _GROUPS[_right] = _GROUPS[_left] = FORM_SIGNALS[_right].removesuffix("_right")
_NAMES = tuple(dict.fromkeys(_GROUPS))
_GROUP = np.array([_NAMES.index(group) for group in _GROUPS])


def columns_of(*names: str) -> list[int]:
    """Return the columns of signals; a name without side stands for right and left."""
    return [column for column, group in enumerate(_GROUPS) if group in names]


def per_signal(values: Mapping[str, float]) -> _Array:
    """Return one value per signal of the form, (23,), from those of names without side."""
    return np.array([values[group] for group in _GROUPS])


# Pixels of the aligned frame at a plain expression, as the mesh measures them; read off drawn
# units and posed faces. Signals that a unit hardly moves are left out.
_UNITS: dict[int, dict[str, float]] = {
    1: {"brow_inner": 3.5, "brow_outer": 1, "brow_gap": 0.5},
    2: {"brow_outer": 3, "brow_inner": 1.5},
    4: {"brow_inner": -2.5, "brow_outer": -1.5, "brow_gap": -2.5, "lids_open": -0.7},
    5: {"lids_open": 1.5},
    6: {"cheek": 1, "lids_open": -1, "brow_outer": -0.5, "mouth_corner_up": 0.5},
    7: {"lids_open": -1.5, "cheek": 0.6},
    9: {"nose_wing": 3, "brow_inner": -2, "cheek": 0.8, "lids_open": -1, "upper_lip_up": 2},
    10: {"nose_wing": 2, "upper_lip_up": 3, "mouth_corner_up": 1},
    12: {
        "mouth_corner_up": 4,
        "mouth_corner_out": 3.5,
        "cheek": 0.5,
        "upper_lip_up": 1.5,
        "mouth_forward": -2,
        "lids_open": -0.4,
        "upper_lip_height": -0.5,
        "lower_lip_height": -0.5,
        "lower_lip_down": -0.5,
    },
    14: {"mouth_corner_out": 2, "mouth_corner_up": 0.5},
    15: {"mouth_corner_up": -3},
    17: {
        "chin_down": -2,
        "lower_lip_down": -3,
        "mouth_corner_up": -1,
        "lower_lip_height": 0.5,
        "upper_lip_up": 0.7,
        "mouth_forward": 0.5,
    },
    18: {
        "mouth_corner_out": -4,
        "mouth_forward": 3,
        "upper_lip_height": 0.5,
        "lower_lip_height": 0.5,
    },
    20: {"mouth_corner_out": 3, "mouth_corner_up": -1, "lower_lip_down": 1},
    22: {"mouth_forward": 3, "upper_lip_up": 1, "lower_lip_down": 1},
    23: {"upper_lip_height": -1, "lower_lip_height": -1.2, "mouth_corner_out": -0.8},
    24: {
        "upper_lip_height": -1.2,
        "lower_lip_height": -1.5,
        "upper_lip_up": -1,
        "lower_lip_down": -1.5,
    },
    25: {"lips_apart": 4, "lower_lip_down": 3.5, "upper_lip_up": 0.7},
    26: {"chin_down": 5, "lower_lip_down": 5, "lips_apart": 4.5, "mouth_corner_up": -1.5},
    27: {
        "chin_down": 9,
        "lower_lip_down": 11,
        "lips_apart": 12,
        "mouth_corner_up": -4,
        "mouth_corner_out": -1.5,
        "upper_lip_up": 0.5,
        "nose_wing": -1,
    },
    28: {
        "upper_lip_height": -2,
        "lower_lip_height": -3,
        "upper_lip_up": -1.5,
        "lower_lip_down": -2,
    },
    30: {"mouth_to_left": 3, "mouth_forward": 0.5},
    43: {"lids_open": -4},
}
_SIDEWAYS = 30
_ROW = {unit: row for row, unit in enumerate(_UNITS)}
_TABLE = np.array([[moved.get(name, 0.0) for name in _NAMES] for moved in _UNITS.values()])

COMBINATIONS: tuple[tuple[int, ...], ...] = (
    (12,), (6, 12), (6, 12, 25), (12, 25, 26), (1, 2), (1, 2), (1, 2, 5), (1, 2, 5, 26),
    (1, 2, 25, 27), (1, 4), (1, 4, 15), (4,), (4,), (4, 7), (4, 7, 23), (9,), (4, 9, 10), (10,),
    (10, 25), (14,), (15,), (15, 17), (4, 15, 17), (17,), (17, 24), (20,), (20, 25), (24,),
    (23, 24), (18,), (18, 22), (18, 22, 25), (2,), (1,), (7,), (6, 7), (6,), (25, 26), (27,),
    (25,), (28,), (30,), (30, 18), (30, 14), (30, 12), (12, 14), (12, 24), (6, 9, 10, 12, 25),
    (5,), (10, 20, 25, 27), (43, 4, 7), (17, 23, 15),
)  # fmt: skip
"""Action units that come together in expressions; a common one stands here twice."""


def draw_effect(
    units: Sequence[int], rng: np.random.Generator, one_sided_share: float = 0.2
) -> _Array:
    """Draw what action units do to the signals at a plain strength.

    People differ in how far each unit moves what, and in how evenly.

    Parameters
    ----------
    units
        Numbers of action units.
    rng
        Where draws come from.
    one_sided_share
        Chance that one side moves and the other hardly.

    Returns
    -------
    Shape (23,), in pixels.
    """
    rows = _TABLE[[_ROW[unit] for unit in units]]
    gain = np.exp(rng.normal(0, 0.35, (len(rows), 1)))
    each = (rows * gain * np.exp(rng.normal(0, 0.3, rows.shape)))[:, _GROUP]
    one_sided, side = rng.random() < one_sided_share, 1 if rng.random() < 0.5 else -1
    if one_sided:
        balance = np.where(_SIDE == 0, 0.7, np.where(side == _SIDE, 1.0, 0.1))
    else:
        balance = 1 + _SIDE * rng.normal(0, 0.15, (len(rows), 1))
    effect = np.asarray((each * balance).sum(axis=0))
    if _SIDEWAYS in units:
        _turn_sideways(effect, side, rng)
    return np.asarray(effect + rng.normal(0, 0.08, N_FORM) * np.abs(effect).max())


def draw_expression_effect(rng: np.random.Generator, one_sided_share: float = 0.2) -> _Array:
    """Draw what some expression does to the signals at a plain strength, (23,), in pixels."""
    return draw_effect(COMBINATIONS[rng.integers(len(COMBINATIONS))], rng, one_sided_share)


_MOUTH = FORM_SIGNALS.index("mouth_to_left")
_OUT = columns_of("mouth_corner_out")
_UP = columns_of("mouth_corner_up")


def _turn_sideways(effect: _Array, side: int, rng: np.random.Generator) -> None:
    """Let the mouth go to one side: both corners go with it."""
    effect[_MOUTH] *= side
    effect[_OUT] += np.array([-0.8, 0.8]) * effect[_MOUTH]
    effect[_UP] += rng.normal(0, 0.8, 2)
