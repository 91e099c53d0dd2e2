"""Displacement fields of all movements, drawn once."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from napari_mespot.frames.synthetic import (
    action_unit_field,
    blink_field,
    gaze_field,
    head_turn_field,
    sniff_field,
    speech_field,
    swallow_field,
)
from napari_mespot.frames.synthetic.action_units import peak_normalised
from napari_mespot.frames.synthetic.geometry import CROP_PX, MIDLINE_X, pixel_grid
from napari_mespot.learning.params import SyntheticParams

__all__ = ["MotionBank", "build_motion_bank", "draw_units"]

# Action units that occur together, with the weight of each, as in spontaneous expressions
# (FACS prototypes of joy, surprise, sadness, anger, disgust, fear, contempt, and parts).
_COMBINATIONS: tuple[tuple[tuple[int, float], ...], ...] = (
    ((12, 1.0),),
    ((6, 0.7), (12, 1.0)),
    ((6, 0.7), (12, 1.0), (25, 0.6)),
    ((1, 1.0), (2, 1.0)),
    ((1, 0.8), (2, 0.9), (5, 0.5), (26, 0.6)),
    ((1, 1.0), (4, 0.8)),
    ((1, 0.7), (4, 0.6), (15, 1.0)),
    ((4, 1.0),),
    ((4, 1.0), (7, 0.7)),
    ((4, 0.9), (7, 0.5), (23, 0.7)),
    ((9, 1.0),),
    ((4, 0.5), (9, 1.0), (10, 0.6)),
    ((10, 1.0),),
    ((14, 1.0),),
    ((15, 1.0),),
    ((15, 0.7), (17, 1.0)),
    ((17, 1.0),),
    ((20, 1.0), (25, 0.5)),
    ((24, 1.0),),
    ((2, 1.0),),
    ((1, 1.0),),
    ((7, 1.0),),
    ((6, 1.0),),
)


@dataclass(frozen=True, eq=False, slots=True)
class MotionBank:
    """Displacement fields, each of shape (n, 2, S, S), float32, longest vector 1."""

    expressions: NDArray[np.float32]
    shades: NDArray[np.float32]
    blinks: NDArray[np.float32]
    gazes: NDArray[np.float32]
    speech: NDArray[np.float32]
    swallows: NDArray[np.float32]
    turns: NDArray[np.float32]
    surroundings: NDArray[np.float32]
    shapes: NDArray[np.float32]


def build_motion_bank(params: SyntheticParams, rng: np.random.Generator) -> MotionBank:
    """Draw the fields of all movements."""
    few = max(8, params.fields // 8)
    expressions = np.stack([draw_units(rng)[0] for _ in range(params.fields)])
    swallows = [swallow_field(rng=rng) if i % 2 else sniff_field(rng=rng) for i in range(few)]
    return MotionBank(
        expressions=expressions,
        shades=np.stack([_shade(field) for field in expressions]),
        blinks=np.stack([blink_field(rng=rng) for _ in range(few)]),
        gazes=np.stack([gaze_field((rng.normal(), 0.4 * rng.normal())) for _ in range(few)]),
        speech=np.stack([speech_field(rng) for _ in range(2 * few)]),
        swallows=np.stack(swallows),
        turns=np.stack([head_turn_field(rng.normal(), rng.normal()) for _ in range(few)]),
        surroundings=np.stack([_surroundings(rng) for _ in range(few)]),
        shapes=np.stack([_smooth_field(rng) for _ in range(few)]),
    )


def draw_units(rng: np.random.Generator) -> tuple[NDArray[np.float32], str]:
    """Draw one or a few action units together, on one side in a fifth of the cases.

    Returns
    -------
    field
        Shape (2, S, S), longest vector 1.
    code
        In FACS, e.g. ``"6+12"`` or ``"R14"``.
    """
    side = str(rng.choice(["B", "L", "R"], p=[0.8, 0.1, 0.1]))
    units = _COMBINATIONS[int(rng.integers(len(_COMBINATIONS)))]
    total = np.zeros((2, CROP_PX, CROP_PX), dtype=np.float32)
    for code, weight in units:
        gain = weight * float(rng.uniform(0.6, 1.3))
        total += np.float32(gain) * action_unit_field(code, side, rng=rng)  # type: ignore[arg-type]
    prefix = side.replace("B", "")
    return peak_normalised(total), "+".join(f"{prefix}{code}" for code, _ in units)


def _shade(field: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return where a movement presses skin together (negative) or stretches it."""
    d_row = np.gradient(field[1], axis=0)
    d_column = np.gradient(field[0], axis=1)
    return np.asarray(d_row + d_column, dtype=np.float32)


def _smooth_field(rng: np.random.Generator) -> NDArray[np.float32]:
    """Draw a smooth displacement, as between the proportions of two people."""
    cells = int(rng.integers(3, 8))
    coarse = rng.standard_normal((2, cells, cells)).astype(np.float32)
    fine = [cv2.resize(c, (CROP_PX, CROP_PX), interpolation=cv2.INTER_CUBIC) for c in coarse]
    return peak_normalised(np.stack(fine).astype(np.float32))


def _surroundings(rng: np.random.Generator) -> NDArray[np.float32]:
    """Draw a shift of all that is not face: what an aligned crop shows when a head moves."""
    x, y = pixel_grid()
    across, down = rng.normal(52, 4), rng.normal(64, 4)
    radius = np.hypot((x - MIDLINE_X) / across, (y - rng.normal(50, 3)) / down)
    outside = 1 / (1 + np.exp(np.clip(-20 * (radius - 1), -50, 50)))
    angle = rng.uniform(0, 2 * np.pi)
    field = np.stack([np.cos(angle) * outside, np.sin(angle) * outside])
    return peak_normalised(field.astype(np.float32))
