"""Eyebrows, hair by hair."""

import numpy as np
from numpy.typing import NDArray

from napari_mespot.frames.synthetic.canvas import Canvas, Curve, Picture, blend, smoothstep
from napari_mespot.frames.synthetic.geometry import MIDLINE_X, half_face, on_side
from napari_mespot.frames.synthetic.identity import FaceIdentity, face_points
from napari_mespot.frames.synthetic.strokes import hair_strokes

__all__ = ["draw_brows"]


def draw_brows(picture: Picture, canvas: Canvas, identity: FaceIdentity) -> Picture:
    """Draw both eyebrows on a picture of the skin, in place, and return it."""
    for side in (-1, 1):
        half = half_face(face_points(identity), side)
        x, y = half[17:22].mean(axis=0)
        cx = on_side(float(x), side)
        place, part = canvas.window(cx - 23, float(y) - 11, cx + 23, float(y) + 15)
        if part.height and part.width:
            picture[place] = _brow(picture[place], part, identity, side)
    return picture


def _thickness(identity: FaceIdentity, along: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return the height of the brow from its inner (0) to its outer end (1)."""
    body = np.clip(0.8 + along, 0.8, 1) * np.clip((1.06 - along) / 0.72, 0, 1) ** 0.8
    return np.asarray(identity.brows.thickness * body)


def _brow(skin: Picture, part: Canvas, identity: FaceIdentity, side: int) -> Picture:
    half = half_face(face_points(identity), side)
    edge = Curve(half[17:22])
    inner, outer = float(half[21, 0]) + 1.0, float(half[17, 0]) - 2.0
    x = part.columns if side < 0 else 2 * MIDLINE_X - part.columns
    along = np.clip((inner - x) / (inner - outer), 0, 1)
    drop = np.clip((along - 0.85) * 9, 0, None)
    top, thick = edge(x) + drop, np.maximum(_thickness(identity, along), 0.05)
    across = (part.rows - top - 0.3) / thick
    body = smoothstep(-0.25, 0.35, across) * smoothstep(1.25, 0.6, across)
    body = body * smoothstep(inner + 1.0, inner - 5.0, x) * smoothstep(outer - 0.5, outer + 3, x)
    brows = identity.brows
    dark = np.array(identity.hair.colour, dtype=np.float32) * 0.55
    dark = dark * brows.darkness + skin.mean(axis=(0, 1)) * 0.6 * (1 - brows.darkness)
    out = blend(skin, dark, np.float32(0.62 * brows.density) * body)
    for share, tone in ((0.6, 0.75), (0.4, 1.25)):
        lines = _hairs(identity, edge, inner, outer, share)
        lines[..., 0] = lines[..., 0] if side < 0 else 2 * MIDLINE_X - lines[..., 0]
        cover = hair_strokes(part, lines, 0.26, 0.8)
        out = blend(out, dark * tone, cover * np.float32(0.35 + 0.6 * brows.density))
    return out


def _hairs(
    identity: FaceIdentity, edge: Curve, inner: float, outer: float, share: float
) -> NDArray[np.float64]:
    """Return the hairs of a left brow: upright at the inner end, lying along at the outer."""
    rng = np.random.default_rng(identity.hair.seed + int(100 * share))
    n = int(230 * share * (0.35 + identity.brows.density))
    along = 0.97 * rng.beta(1.25, 1.0, n)
    x = inner - along * (inner - outer)
    thick = _thickness(identity, along)
    across = np.clip(rng.normal(0.55, 0.27, n), 0.02, 1.0)
    y = edge(x) + np.clip((along - 0.85) * 9, 0, None) + 0.3 + across * thick
    length = identity.brows.thickness * (0.85 - 0.35 * along) * rng.uniform(0.6, 1.1, n)
    lean = np.interp(along, [0, 0.15, 0.45, 1], [1.25, 0.95, 0.45, -0.25])
    lean += (across - 0.5) * 0.8 * (along > 0.2) + rng.normal(0, 0.12, n)
    tip = np.stack([x - length * np.cos(lean), y - length * np.sin(lean)], axis=1)
    root = np.stack([x, y], axis=1)
    middle = (root + tip) / 2 + np.stack([np.zeros(n), -0.12 * length], axis=1)
    return np.stack([root, middle, tip], axis=1)
