"""Folds that an action unit throws in the skin, as a change of its shading.

A raised brow does not only move: it furrows the forehead, and light falls differently on
the furrows. The change is a factor on the picture, to be added in proportion to the
strength of the expression: ``picture * (1 + strength * crease_shading(...))``.
"""

import numpy as np
from numpy.typing import NDArray

from napari_mespot.frames.synthetic.action_units import Side
from napari_mespot.frames.synthetic.canvas import Canvas, Field
from napari_mespot.frames.synthetic.geometry import CROP_PX, half_face, on_side
from napari_mespot.frames.synthetic.identity import FaceIdentity, LightTraits, face_points
from napari_mespot.frames.synthetic.lighting import Normals, lambert, surface_normals
from napari_mespot.frames.synthetic.relief import furrow

__all__ = ["CREASED_UNITS", "crease_picture", "crease_shading"]

_MARGIN = 7.0  # crop pixels around the folds that are still shaded
_Line = tuple[tuple[float, float], ...]
# Per action unit, for the half face on the left: line, the index of the point it is given
# from, width, depth.
_CREASES: dict[int, tuple[tuple[int, _Line, float, float], ...]] = {
    1: (
        (21, ((-10, -11), (-2, -12.5), (10.5, -12)), 1.0, 0.9),
        (21, ((-8, -18), (0, -19.5), (10.5, -19)), 1.1, 1.0),
        (21, ((-6, -26), (2, -27), (10.5, -26.5)), 1.1, 0.8),
    ),
    2: (
        (19, ((-9, -7), (-2, -11), (7, -12.5)), 1.0, 0.9),
        (19, ((-7, -15), (0, -18.5), (8, -19.5)), 1.1, 0.9),
    ),
    4: (
        (21, ((4.5, 8), (5.5, 1), (4.0, -8)), 1.0, 1.3),
        (21, ((8.8, 5), (9.6, 0), (9.0, -5)), 0.8, 0.6),
    ),
    6: (
        (36, ((-3, -1.5), (-11, -5)), 0.7, 0.8),
        (36, ((-3, 1), (-12, 1.5)), 0.7, 0.9),
        (36, ((-2.5, 3.5), (-10, 7.5)), 0.7, 0.8),
        (36, ((2, 6), (9, 8), (17, 5.5)), 1.0, 1.0),
    ),
    7: ((36, ((3, 5), (10, 6.5), (17, 4.5)), 0.8, 0.8),),
    9: (
        (27, ((-7, 2), (-3.5, -0.5), (-0.1, -1.2)), 0.8, 1.0),
        (27, ((-8, 6), (-4, 3.5), (-0.1, 2.6)), 0.8, 0.9),
        (31, ((-2, -6), (-6, 0), (-9, 6)), 1.3, 1.2),
    ),
    10: ((31, ((-1.5, -5), (-5.5, 1), (-9, 8), (-11, 14)), 1.4, 1.6),),
    11: ((31, ((-1.5, -5), (-5.5, 1), (-9, 8)), 1.3, 1.4),),
    12: (
        (31, ((-1.5, -5), (-6, 1), (-11, 8), (-13.5, 16)), 1.5, 2.0),
        (48, ((-2.5, -2.5), (-4.2, 0), (-3.6, 3.5)), 1.0, 1.2),
    ),
    14: ((48, ((-2.0, -3.5), (-3.6, 0), (-2.4, 4)), 1.0, 1.5),),
    15: ((48, ((-1.0, 1.5), (-2.6, 6), (-3.0, 11)), 1.1, 1.2),),
    17: (
        (58, ((-6, 7), (-1, 5.2), (4.9, 5.0)), 1.2, 1.2),
        (58, ((-2, 12), (1, 15)), 1.0, 0.5),
        (58, ((3, 11), (2.5, 15)), 1.0, 0.5),
    ),
    20: ((48, ((-4.5, -4), (-6, 2), (-5, 8)), 1.3, 1.0),),
}

CREASED_UNITS = tuple(sorted(_CREASES))
"""The action units that fold the skin."""


def _lines(points: NDArray[np.float64], code: int, side: Side) -> list[tuple[_Line, float, float]]:
    out = []
    for picture_side in (-1, 1):
        if side == ("L" if picture_side < 0 else "R"):
            continue
        half = half_face(points, picture_side)
        for index, line, width, depth in _CREASES.get(code, ()):
            x0, y0 = half[index].tolist()
            places = tuple((on_side(x0 + x, picture_side), y0 + y) for x, y in line)
            out.append((places, width, depth))
    return out


def crease_shading(
    canvas: Canvas, identity: FaceIdentity, code: int, side: Side = "B"
) -> tuple[tuple[slice, slice], Field]:
    """Return the relative change of brightness by the folds of an action unit.

    Parameters
    ----------
    canvas
        Where to draw.
    identity
        On whose face, in whose light.
    code
        FACS number; a unit that folds nothing gives an empty part.
    side
        As of :func:`~.action_units.action_unit_field`.

    Returns
    -------
    tuple
        The part of the canvas that changes, as slices of rows and columns, and the change
        there, float32; -0.3 is 30 % darker.
    """
    lines = _lines(face_points(identity), code, side)
    if not lines:
        return canvas.window(0, 0, 0, 0)[0], np.zeros((0, 0), dtype=np.float32)
    ends = np.concatenate([np.array(line) for line, _, _ in lines])
    low, high = ends.min(axis=0) - _MARGIN, ends.max(axis=0) + _MARGIN
    place, part = canvas.window(*low.tolist(), *high.tolist())
    depth = np.zeros((part.height, part.width), dtype=np.float32)
    for line, width, strength in lines:
        depth = np.maximum(depth, np.float32(strength) * furrow(part, line, width, 4.0))
    return place, _shaded(depth, part.density, identity.light) if depth.size else depth


def _shaded(depth: Field, density: float, light: LightTraits) -> Field:
    """Return how grooves of some depth change the brightness of a flat surface."""
    level = np.zeros((1, 1), dtype=np.float32)
    flat = float(lambert(Normals(level, level, level + 1), light, 0.28)[0, 0])
    folded = lambert(surface_normals(-depth, density), light, 0.28)
    direct = light.key / (light.key * flat + light.ambient)
    change = direct * (folded - flat) - 0.16 * depth
    return np.asarray(np.clip(change, -0.6, 0.4), dtype=np.float32)


def crease_picture(
    identity: FaceIdentity, code: int, side: Side = "B", size: int = CROP_PX
) -> NDArray[np.float32]:
    """Return the change of :func:`crease_shading` over the aligned crop, shape (size, size)."""
    out = np.zeros((size, size), dtype=np.float32)
    place, change = crease_shading(Canvas.of_crop(size), identity, code, side)
    out[place] = change
    return out
