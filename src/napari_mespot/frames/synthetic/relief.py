"""The surface of a face as a height map: how far each point stands out to the camera.

Light falls on this surface (:mod:`~napari_mespot.frames.synthetic.lighting`), so that
cheeks, nose, folds and pores look round and move together with the skin.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from napari_mespot.frames.synthetic.canvas import Canvas, Curve, Field, bell, smoothstep
from napari_mespot.frames.synthetic.geometry import MIDLINE_X, half_face, on_side
from napari_mespot.frames.synthetic.identity import FaceIdentity, face_points
from napari_mespot.frames.synthetic.outline import head_radius
from napari_mespot.frames.synthetic.texture import noise

__all__ = ["face_relief", "furrow", "lip_curves", "mouth_window", "pores"]

# Soft bumps of the left half: (x, y), (sigma x, sigma y), angle, height.
_Bump = tuple[tuple[float, float], tuple[float, float], float, float]


def face_relief(canvas: Canvas, identity: FaceIdentity) -> Field:
    """Return the height of the face without pores, in crop pixels, shape (height, width)."""
    distance, edge = head_radius(canvas, identity)
    inside = np.clip(1 - (distance / edge) ** 2.15, 0, None)
    z = np.float32(identity.head.depth) * np.sqrt(inside)
    points = face_points(identity)
    for side in (-1, 1):
        for (x, y), sigma, angle, height in _half_face(identity, points, side):
            z += np.float32(height) * bell(canvas, (on_side(x, side), y), sigma, -side * angle)
    z += _nose(canvas, identity, points)
    z += _middle(canvas, points)
    z += _lips(canvas, identity, points)
    z -= _wrinkles(canvas, identity, points)
    return z


def _half_face(identity: FaceIdentity, points: NDArray[np.float64], side: int) -> Iterable[_Bump]:
    """Yield the bumps of one half, given as on the left of the picture."""
    half = half_face(points, side)
    ex, ey = half[36:42].mean(axis=0)
    bx, by = half[17:22].mean(axis=0)
    mx, my = half[48]
    nx, ny = half[31]
    head, nose = identity.head, identity.nose
    yield (bx + 2, by + 6.5), (14.0, 4.0), -0.06, 2.4
    yield (ex + 0.5, ey - 1.5), (11.0, 6.0), 0.05, -4.6
    yield (ex + 11.5, ey - 2.5), (4.0, 5.0), 0.0, -3.4
    yield (ex, ey - 0.3), (7.6, 5.0), 0.0, 3.4
    yield (ex - 9.0, ey + 19.0), (10.0, 8.0), 0.5, 3.2 * head.cheekbones
    yield (ex + 1.0, ey + 27.0), (9.5, 8.5), 0.3, 1.8
    yield (mx - 12.0, my + 1.0), (9.0, 12.0), 0.2, -6.0 * head.leanness
    yield (ex - 22.0, ey - 14.0), (7.0, 12.0), 0.0, -2.0
    yield (ex + 9.5, ey - 36.0), (13.0, 11.0), 0.0, 1.4
    yield (nx + 2.2, ny - 2.6), (3.0 * nose.width, 3.2), -0.2, 5.4
    yield (nx - 2.6, ny - 3.0), (1.3, 3.4), -0.35, -1.0
    yield (MIDLINE_X - 2.7, ny + 6.0), (1.2, 3.6), 0.05, 0.55
    yield (mx - 1.4, my - 0.2), (1.8, 1.8), 0.0, -0.8
    yield (mx - 5.5, my + 2.5), (3.0, 5.0), -0.2, 0.9


def _nose(canvas: Canvas, identity: FaceIdentity, points: NDArray[np.float64]) -> Field:
    """Return the bridge, which widens and rises to the tip, and the tip over its underside."""
    nose = identity.nose
    root, base, middle = float(points[27, 1]), float(points[33, 1]), float(points[33, 0])
    tip_y = float(points[30, 1]) + 0.5
    cx = Curve([(root - 8, points[27, 0]), (tip_y, points[30, 0]), (base + 6, points[33, 0])])
    rise = smoothstep(root - 13, root + 4, canvas.rows) * np.float32(2.2 * nose.bridge)
    rise += smoothstep(root + 2, tip_y + 3, canvas.rows) * np.float32(9.2 * nose.bridge)
    lift = 0.016 * (canvas.columns - middle) ** 2
    under = smoothstep(base + 2.0, base - 5.0, canvas.rows + np.minimum(lift, 2.5))
    width = np.float32(3.9) + smoothstep(root, tip_y, canvas.rows) * np.float32(2.2 * nose.width)
    u = (canvas.columns - cx(canvas.rows)) / width
    bridge = rise * under * np.exp(-0.5 * np.abs(u) ** 2.1)
    tip = (float(points[30, 0]), float(tip_y + 0.8))
    ball = bell(canvas, tip, (4.2 * nose.width, 3.8)) * np.float32(3.0 * nose.tip)
    column = bell(canvas, (float(points[33, 0]), float(base - 1)), (1.8, 2.4)) * np.float32(1.6)
    return np.asarray(bridge + ball * under + column, dtype=np.float32)


def _middle(canvas: Canvas, points: NDArray[np.float64]) -> Field:
    """Return the round of the jaws behind the mouth, the groove below it, and the chin."""
    mouth, chin = points[48:60].mean(axis=0), points[8]
    lower = float(points[57, 1])
    mx = float(mouth[0])
    z = bell(canvas, (mx, float(mouth[1])), (19.0, 11.0)) * np.float32(4.6)
    z -= bell(canvas, (mx, lower + 5.0), (11.0, 3.0)) * np.float32(2.6)
    z += bell(canvas, (float(chin[0]), float(chin[1]) - 9.5), (10.5, 7.5)) * np.float32(4.6)
    z -= bell(canvas, (float(points[33, 0]), float(points[33, 1]) + 5.2), (1.4, 3.4)) * np.float32(
        0.9
    )
    return z


def _lips(canvas: Canvas, identity: FaceIdentity, points: NDArray[np.float64]) -> Field:
    """Return the swelling of the lips, with the line between them."""
    z = np.zeros((canvas.height, canvas.width), dtype=np.float32)
    place, part = mouth_window(canvas, points)
    x, y = part.columns, part.rows
    top, edge, bottom = (curve(x) for curve in lip_curves(points))
    left, right = float(points[48, 0]), float(points[54, 0])
    reach = smoothstep(0, 6, x - left) * smoothstep(0, 6, right - x)
    upper = np.clip((y - top) / np.maximum(edge - top, 0.6), 0, 1)
    lower = np.clip((bottom - y) / np.maximum(bottom - edge, 0.6), 0, 1)
    swell = 1.5 * identity.mouth.upper * np.sin(np.pi * np.sqrt(upper)) * (y < edge)
    swell += 2.1 * identity.mouth.lower * np.sin(np.pi * np.sqrt(lower)) * (y >= edge)
    seam = np.exp(-0.5 * ((y - edge) / 0.8) ** 2) * 1.1
    z[place] = reach * (swell - seam)
    return z


def mouth_window(canvas: Canvas, points: NDArray[np.float64]) -> tuple[tuple[slice, slice], Canvas]:
    """Return the part of the canvas that holds the lips, with a margin."""
    lips = points[48:60]
    (left, top), (right, bottom) = lips.min(axis=0).tolist(), lips.max(axis=0).tolist()
    return canvas.window(left - 5, top - 4, right + 5, bottom + 4)


def lip_curves(points: NDArray[np.float64]) -> tuple[Curve, Curve, Curve]:
    """Return the upper edge, the line between the lips and the lower edge, as y(x)."""
    corners = [points[48], points[54]]
    line = (points[[61, 62, 63]] + points[[67, 66, 65]]) / 2
    middle = np.concatenate([[corners[0]], [points[60]], line, [points[64]], [corners[1]]])
    return (
        Curve(points[48:55]),
        Curve(middle),
        Curve(np.concatenate([[corners[0]], points[59:54:-1], [corners[1]]])),
    )


def furrow(
    canvas: Canvas, ends: tuple[tuple[float, float], ...], width: float, fade: float = 3.0
) -> Field:
    """Return a soft groove of depth 1 along a polyline, fading out towards its ends.

    Parameters
    ----------
    canvas
        Where to draw.
    ends
        Points (x, y) of the line, at least two.
    width
        Standard deviation across, in crop pixels.
    fade
        Length over which it fades, in crop pixels.
    """
    out = np.zeros(canvas.x.shape, dtype=np.float32)
    path = np.asarray(ends, dtype=np.float64)
    low, high = path.min(axis=0) - 3.5 * width, path.max(axis=0) + 3.5 * width
    place, part = canvas.window(*low.tolist(), *high.tolist())
    steps = np.hypot(*np.diff(path, axis=0).T)
    start, total = 0.0, float(steps.sum())
    for (x0, y0), (x1, y1), length in zip(*_ends(path), steps.tolist(), strict=True):
        ux, uy = (x1 - x0) / length, (y1 - y0) / length
        dx, dy = part.columns - x0, part.rows - y0
        along = np.clip(dx * ux + dy * uy, 0, length)
        away = (dx - along * ux) ** 2 + (dy - along * uy) ** 2
        travelled = start + along
        ease = np.clip(np.minimum(travelled, total - travelled) / fade + 0.05, 0, 1)
        out[place] = np.maximum(out[place], np.exp(away * np.float32(-0.5 / width**2)) * ease)
        start += float(length)
    return out


def _ends(path: NDArray[np.float64]) -> tuple[list[list[float]], list[list[float]]]:
    """Return the first and last points of the pieces of a polyline."""
    return path[:-1].tolist(), path[1:].tolist()


def _wrinkles(canvas: Canvas, identity: FaceIdentity, points: NDArray[np.float64]) -> Field:
    """Return the depth of the lines at rest: forehead, nose to mouth, under and beside the eyes."""
    age = identity.skin.wrinkles
    z = np.zeros(canvas.x.shape, dtype=np.float32)
    rng = np.random.default_rng(identity.skin.texture_seed + 7)
    for row in (-16.0, -9.0, -2.5):
        y = row + rng.normal(0, 1)
        bow = rng.uniform(-1.5, 1.5)
        line = ((34.0, y + 1), (48.0, y + bow), (64.0, y - bow), (78.0, y + 1))
        z += np.float32(0.55 * age) * furrow(canvas, line, 0.9, 12)
    for side in (-1, 1):
        half = half_face(points, side)
        nx, ny = half[31]
        mx, my = half[48]
        fold = ((nx - 1.5, ny - 5), (nx - 6, ny + 2), (mx - 4.5, my - 8), (mx - 5.5, my))
        z += np.float32(0.35 + 1.3 * age) * furrow(canvas, _on_side(fold, side), 1.5, 6)
        ex, ey = half[36:42].mean(axis=0)
        bag = ((ex + 9, ey + 5.5), (ex + 2, ey + 9.5), (ex - 7, ey + 8.5))
        z += np.float32(0.2 + 0.8 * identity.eyes.bags) * furrow(
            canvas, _on_side(bag, side), 1.2, 5
        )
        for spread in (-4.0, 0.5, 5.0):
            ray = ((ex - 13, ey + 0.3 * spread), (ex - 20, ey + 1.2 * spread))
            z += np.float32(0.5 * age**1.5) * furrow(canvas, _on_side(ray, side), 0.6, 3)
    return z


def _on_side(line: tuple[tuple[float, float], ...], side: int) -> tuple[tuple[float, float], ...]:
    return tuple((on_side(x, side), y) for x, y in line)


def pores(canvas: Canvas, identity: FaceIdentity) -> Field:
    """Return the fine relief of the skin, in crop pixels."""
    seed, depth = identity.skin.texture_seed, 0.25 + identity.skin.roughness
    z = np.float32(0.045 * depth) * noise(canvas, 3.3, seed + 1)
    z += np.float32(0.045 * depth) * noise(canvas, 1.2, seed + 2)
    z += np.float32(0.03 * depth) * noise(canvas, 0.6, seed + 3)
    return z
