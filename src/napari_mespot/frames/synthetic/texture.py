"""Random patterns that stay where they are on the face at any resolution."""

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from napari_mespot.frames.synthetic.canvas import Canvas, Field

__all__ = ["blotches", "noise", "strands"]

_REACH = 160.0  # the patterns cover the crop and this far around its centre
_CENTRE = 56.0


@lru_cache(maxsize=48)
def _lattice(seed: int, rows: int, columns: int) -> NDArray[np.float32]:
    rng = np.random.default_rng(seed)
    return rng.standard_normal((rows, columns)).astype(np.float32)


def _sampled(lattice: NDArray[np.float32], column: Field, row: Field) -> Field:
    return np.asarray(
        cv2.remap(lattice, column, row, cv2.INTER_CUBIC, borderMode=cv2.BORDER_WRAP),
        dtype=np.float32,
    )


def noise(canvas: Canvas, cell: float, seed: int) -> Field:
    """Return smooth noise of standard deviation about 0.7 whose grain is `cell` crop pixels.

    Grain finer than a pixel of the canvas cannot be shown: it gives zeros, not aliasing.
    """
    if cell * canvas.density < 1.0:
        return np.zeros(canvas.x.shape, dtype=np.float32)
    n = int(2 * _REACH / cell) + 4
    column = ((canvas.x - np.float32(_CENTRE - _REACH)) / np.float32(cell)).astype(np.float32)
    row = ((canvas.y - np.float32(_CENTRE - _REACH)) / np.float32(cell)).astype(np.float32)
    return _sampled(_lattice(seed, n, n), column, row)


def blotches(canvas: Canvas, cells: tuple[float, ...], seed: int) -> Field:
    """Return noise of several grains, the coarser the stronger; standard deviation about 0.5."""
    out = np.zeros(canvas.x.shape, dtype=np.float32)
    for i, cell in enumerate(cells):
        out += np.float32(0.75**i) * noise(canvas, cell, seed + 101 * i)
    return out * np.float32(0.7 / max(1.0, len(cells) ** 0.5))


def strands(across: Field, along: Field, seed: int) -> Field:
    """Return streaks: noise that changes fast `across` the strands and slowly `along` them.

    Parameters
    ----------
    across, along
        Coordinates of each pixel in strand widths and strand lengths.
    seed
        Which pattern.
    """
    lattice = _lattice(seed, 64, 512)
    coarse = _sampled(lattice, np.float32(0.3) * across, np.float32(0.6) * along)
    fine = _sampled(lattice, across + 211, along + 17)
    return np.float32(0.55) * coarse + np.float32(0.6) * fine
