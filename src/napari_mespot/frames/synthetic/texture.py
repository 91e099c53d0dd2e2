"""Random patterns that stay where they are on the face at any resolution."""

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from napari_mespot.frames.synthetic.canvas import Canvas, Field, smoothstep

__all__ = ["blotches", "noise", "strands"]

# Streaks of three sizes: how strong, how many to a strand across it, and along it.
_STREAKS = ((0.40, 0.3, 0.6), (0.42, 1.0, 1.0), (0.42, 2.6, 1.3))
_SIDE = 256  # the one random lattice; patterns are places on it, and repeat after its side


@lru_cache(maxsize=1)
def _lattice() -> NDArray[np.float32]:
    lattice = np.random.default_rng(0).standard_normal((_SIDE, _SIDE)).astype(np.float32)
    lattice.setflags(write=False)
    return lattice


@lru_cache(maxsize=1024)
def _place(seed: int) -> tuple[float, float]:
    """Return the column and row of the lattice at which the pattern of a seed begins."""
    column, row = np.random.default_rng(seed).uniform(0, _SIDE, 2)
    return float(column), float(row)


def _sampled(column: Field, row: Field, seed: int) -> Field:
    c0, r0 = _place(seed)
    shape = np.broadcast_shapes(column.shape, row.shape)
    columns = np.broadcast_to((column + c0) % _SIDE, shape).astype(np.float32)
    rows = np.broadcast_to((row + r0) % _SIDE, shape).astype(np.float32)
    return np.asarray(
        cv2.remap(_lattice(), columns, rows, cv2.INTER_CUBIC, borderMode=cv2.BORDER_WRAP)
    )


def noise(canvas: Canvas, cell: float, seed: int) -> Field:
    """Return smooth noise of standard deviation about 0.7 whose grain is `cell` crop pixels.

    Grain finer than a pixel of the canvas cannot be shown: it gives zeros, not aliasing.
    """
    if cell * canvas.density < 1.0 or not canvas.height or not canvas.width:
        return np.zeros((canvas.height, canvas.width), dtype=np.float32)
    return _sampled(canvas.columns / cell, canvas.rows / cell, seed)


def blotches(canvas: Canvas, cells: tuple[float, ...], seed: int) -> Field:
    """Return noise of several grains, the coarser the stronger; standard deviation about 0.5."""
    out = np.zeros((canvas.height, canvas.width), dtype=np.float32)
    for i, cell in enumerate(cells):
        out += np.float32(0.75**i) * noise(canvas, cell, seed + 101 * i)
    return out * np.float32(0.7 / max(1.0, len(cells) ** 0.5))


def strands(across: Field, along: Field, seed: int, width: Field | float = 9.0) -> Field:
    """Return streaks: noise that changes fast `across` the strands and slowly `along` them.

    Parameters
    ----------
    across, along
        Coordinates of each pixel in strand widths and strand lengths.
    seed
        Which pattern.
    width
        Width of a strand in pixels of the canvas: streaks finer than a pixel are left out,
        since they would only alias.
    """
    out = np.zeros(np.broadcast_shapes(across.shape, along.shape), dtype=np.float32)
    for i, (share, finer, longer) in enumerate(_STREAKS):
        seen = smoothstep(0.7, 1.6, np.asarray(width) / finer)
        out += share * seen * _sampled(finer * across, longer * along, seed + i)
    return out
