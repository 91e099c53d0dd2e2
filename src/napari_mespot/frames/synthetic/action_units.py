"""How each facial action unit moves the skin.

An action unit (Ekman & Friesen, Facial Action Coding System, 1978) is drawn as a sum of
Gaussian bumps of displacement at points of the mean face: not anatomy, but the right place,
direction and size of what a camera sees. A field says by how far each point of the face
moves at full strength 1: positive x to the right of the picture, positive y down. Strength
in pixels times a course in time (:mod:`napari_mespot.frames.synthetic.dynamics`) gives the
motion of a frame.

Sides are the subject's own, as in FACS: the subject's right (``"R"``) is on the left of the
picture.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from napari_mespot.frames.synthetic.geometry import CROP_PX, MIDLINE_X, pixel_grid

__all__ = [
    "ACTION_UNITS",
    "Bump",
    "Side",
    "action_unit_bumps",
    "action_unit_field",
    "bump_field",
    "jittered",
    "mirrored",
    "peak_normalised",
]

Side = Literal["B", "L", "R"]
"""Both sides, the subject's left or the subject's right."""


@dataclass(frozen=True, slots=True)
class Bump:
    """A Gaussian patch of displacement: centre, displacement there, width (all in crop px)."""

    x: float
    y: float
    dx: float
    dy: float
    sigma: float


# Per action unit: the bumps of the half face on the left of the picture (positive dx points
# to the midline), and those that lie on the midline and belong to both sides.
_SIDES: dict[int, tuple[Bump, ...]] = {
    1: (Bump(43, 9, 0.1, -1, 7), Bump(44, -5, 0, -0.55, 10)),
    2: (Bump(20, 11, -0.1, -1, 8), Bump(19, -3, 0, -0.5, 10)),
    4: (Bump(42, 10, 0.6, 0.75, 8), Bump(28, 10, 0.25, 0.6, 8)),
    5: (Bump(33, 24.5, 0, -1, 4.5), Bump(33, 18, 0, -0.3, 5)),
    6: (Bump(31, 43, 0.1, -1, 9), Bump(17, 31, 0.5, -0.15, 6), Bump(33, 33, 0, -0.5, 4.5)),
    7: (Bump(33, 31.5, 0.1, -0.9, 4.5), Bump(33, 25, 0, 0.45, 4)),
    9: (Bump(46, 48, 0.2, -1, 6), Bump(49, 24, 0.2, 0.4, 6), Bump(47, 67, 0, -0.5, 6)),
    10: (Bump(47, 71, 0, -1, 6), Bump(41, 60, -0.1, -0.7, 7)),
    11: (Bump(40, 59, -0.1, -1, 6),),
    12: (Bump(37, 77.5, -0.75, -0.75, 8), Bump(30, 62, -0.3, -0.75, 9)),
    13: (Bump(37, 77, -0.2, -1, 7), Bump(32, 63, 0, -0.5, 8)),
    14: (Bump(36, 77.5, -1, -0.1, 6), Bump(28, 76, 0.35, 0, 5)),
    15: (Bump(37.5, 79, -0.25, 1, 7), Bump(37, 91, 0, 0.5, 8)),
    16: (Bump(49, 87, -0.15, 1, 7),),
    18: (Bump(38, 77.5, 1, 0, 8), Bump(48, 86, 0.2, -0.3, 6)),
    20: (Bump(37, 78, -1, 0.25, 8), Bump(33, 91, -0.5, 0.2, 10)),
    23: (Bump(39, 77.5, 0.6, 0, 6), Bump(49, 73, 0, 0.6, 5), Bump(49, 84, 0, -0.7, 5)),
    24: (Bump(49, 73.5, 0, 0.8, 6), Bump(49, 84, 0, -0.9, 6)),
    27: (Bump(38, 79, 0.3, 0.5, 8),),
    28: (Bump(49, 74, 0, 0.5, 5), Bump(49, 84, 0, -1, 6), Bump(40, 78, 0.25, 0, 6)),
    38: (Bump(43.5, 59, -1, 0.1, 4),),
    39: (Bump(43.5, 59, 1, 0.1, 4),),
}
_MIDDLE: dict[int, tuple[Bump, ...]] = {
    4: (Bump(MIDLINE_X, 14, 0, 0.5, 6),),
    17: (Bump(MIDLINE_X, 99, 0, -1, 10), Bump(MIDLINE_X, 86, 0, -0.7, 7)),
    25: (Bump(MIDLINE_X, 84, 0, 1, 8), Bump(MIDLINE_X, 73, 0, -0.35, 6)),
    26: (Bump(MIDLINE_X, 88, 0, 0.6, 10), Bump(MIDLINE_X, 105, 0, 0.9, 14)),
    27: (Bump(MIDLINE_X, 90, 0, 0.8, 11), Bump(MIDLINE_X, 107, 0, 1, 16)),
}

ACTION_UNITS = tuple(sorted(_SIDES.keys() | _MIDDLE.keys()))
"""The FACS numbers that can be drawn."""


def mirrored(bumps: Sequence[Bump]) -> tuple[Bump, ...]:
    """Return the bumps of the other half of the face."""
    return tuple(replace(b, x=2 * MIDLINE_X - b.x, dx=-b.dx) for b in bumps)


def action_unit_bumps(code: int, side: Side = "B") -> tuple[Bump, ...]:
    """Return the bumps of an action unit.

    An action unit that lies on the midline only (17, 25, 26) has no sides: `side` does not
    change it.

    Raises
    ------
    ValueError
        If the action unit cannot be drawn, or the side is not B, L or R.
    """
    if code not in ACTION_UNITS:
        raise ValueError(f"Expected an action unit of {ACTION_UNITS}, got {code}")
    if side not in ("B", "L", "R"):
        raise ValueError(f"Expected side B, L or R, got {side!r}")
    half = _SIDES.get(code, ())
    right = half if side != "L" else ()
    left = mirrored(half) if side != "R" else ()
    return right + left + _MIDDLE.get(code, ())


def jittered(
    bumps: Sequence[Bump], rng: np.random.Generator, amount: float = 1.0
) -> tuple[Bump, ...]:
    """Return the bumps as another person might show them.

    Each is shifted (standard deviation 2 px), widened or narrowed (about 25 %), turned
    (about 10°) and made stronger or weaker (about 15 %), all times `amount`.
    """
    shift = rng.normal(0, 2.0 * amount, (len(bumps), 2))
    width = np.exp(rng.normal(0, 0.22 * amount, len(bumps)))
    turn = rng.normal(0, 0.18 * amount, len(bumps))
    gain = np.exp(rng.normal(0, 0.15 * amount, len(bumps)))
    out = []
    for b, (sx, sy), w, a, g in zip(bumps, shift, width, turn, gain, strict=True):
        cos, sin = float(np.cos(a) * g), float(np.sin(a) * g)
        out.append(
            Bump(
                x=b.x + float(sx),
                y=b.y + float(sy),
                dx=b.dx * cos - b.dy * sin,
                dy=b.dx * sin + b.dy * cos,
                sigma=b.sigma * float(w),
            )
        )
    return tuple(out)


def bump_field(
    bumps: Sequence[Bump], x: NDArray[np.floating], y: NDArray[np.floating]
) -> NDArray[np.float32]:
    """Sum the displacement of `bumps` at the points x, y (same shape, crop pixels).

    Returns
    -------
    NDArray
        Shape (2, *x.shape), float32: displacement to the right and down, in crop pixels.
    """
    out = np.zeros((2, *x.shape), dtype=np.float32)
    for b in bumps:
        weight = np.exp(((x - b.x) ** 2 + (y - b.y) ** 2) * np.float32(-0.5 / b.sigma**2))
        out[0] += b.dx * weight
        out[1] += b.dy * weight
    return out


def peak_normalised(field: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scale a field, shape (2, height, width), so that its longest vector has length 1."""
    peak = float(np.sqrt((field**2).sum(axis=0).max()))
    return field / np.float32(peak) if peak > 0 else field


def action_unit_field(
    code: int,
    side: Side = "B",
    size: int = CROP_PX,
    rng: np.random.Generator | None = None,
    jitter: float = 1.0,
) -> NDArray[np.float32]:
    """Draw an action unit as a displacement field over the aligned crop.

    Parameters
    ----------
    code
        FACS number, one of :data:`ACTION_UNITS`.
    side
        Both sides, or the subject's left or right alone.
    size
        Side of the field in samples; the unit stays one pixel of the 112×112 crop.
    rng
        If given, the bumps are varied as by :func:`jittered`.
    jitter
        Amount of that variation; 0 for none.

    Returns
    -------
    NDArray
        Shape (2, size, size), float32: displacement (right, down) of the point of the face
        that lies there at rest; the longest vector has length 1.

    Raises
    ------
    ValueError
        If the action unit cannot be drawn, or the side is not B, L or R.
    """
    bumps = action_unit_bumps(code, side)
    if rng is not None and jitter > 0:
        bumps = jittered(bumps, rng, jitter)
    return peak_normalised(bump_field(bumps, *pixel_grid(size)))
