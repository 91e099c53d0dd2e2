"""An open mouth: the lips drawn apart, teeth and tongue behind them."""

import cv2
import numpy as np

from napari_mespot.frames.synthetic.canvas import Canvas, Picture, bell, blend, smoothstep
from napari_mespot.frames.synthetic.identity import FaceIdentity, face_points
from napari_mespot.frames.synthetic.relief import lip_curves

__all__ = ["UPPER_SHARE", "open_mouth"]

UPPER_SHARE = 0.22
"""Share of the opening by which the upper lip rises; the lower lip takes the rest."""


def open_mouth(picture: Picture, canvas: Canvas, identity: FaceIdentity, gap: float) -> Picture:
    """Draw the lips of a picture with a closed mouth `gap` crop pixels apart.

    The skin above the line between the lips moves up, the skin below it down, most in the
    middle of the mouth and less and less away from it.

    Returns
    -------
    Picture
        A new picture; the same one if `gap` is 0.
    """
    if gap <= 0:
        return picture
    points = face_points(identity)
    mx, my = (float(c) for c in points[60:68].mean(axis=0))
    place, part = canvas.window(mx - 34, my - 22, mx + 34, my + 34 + gap)
    if not part.height or not part.width:
        return picture
    width = float(points[64, 0] - points[60, 0]) / 2
    x = part.columns
    line = lip_curves(points)[1](x)
    share = np.clip(1 - ((x - mx) / np.float32(width)) ** 2, 0, 1)
    rise = np.float32(UPPER_SHARE * gap) * share
    drop = np.float32((1 - UPPER_SHARE) * gap) * share
    top, bottom = line - rise, line + drop
    out = picture.copy()
    out[place] = _parted(picture[place], part, (line, top, bottom))
    soft = 0.15 + 0.5 * canvas.softness
    inside = smoothstep(-soft, soft, part.rows - top) * smoothstep(-soft, soft, bottom - part.rows)
    inside = inside * smoothstep(0.1, 0.8, bottom - top)
    out[place] = blend(out[place], _cavity(part, identity, (mx, my), (top, bottom, rise)), inside)
    return out


def _parted(
    closed: Picture, part: Canvas, rows: tuple[np.ndarray, np.ndarray, np.ndarray]
) -> Picture:
    """Move the skin over and under the line between the lips out of the way."""
    line, top, bottom = rows
    y = part.rows
    above, below = np.clip(top - y, 0, None), np.clip(y - bottom, 0, None)
    # the further from the lips, the less of the motion is left
    source = y + (line - top) * np.exp(-0.5 * (above / 7.0) ** 2) * (y <= top)
    source = source - (bottom - line) * np.exp(-0.5 * (below / 16.0) ** 2) * (y >= bottom)
    source = np.where((y > top) & (y < bottom), line, source)
    column = np.broadcast_to(np.arange(part.width, dtype=np.float32), source.shape)
    row = (source - part.top) * part.density - 0.5
    return np.asarray(
        cv2.remap(
            np.ascontiguousarray(closed),
            np.ascontiguousarray(column),
            row.astype(np.float32),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
    )


def _cavity(
    part: Canvas,
    identity: FaceIdentity,
    centre: tuple[float, float],
    rows: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> Picture:
    """Return what is seen between the lips."""
    top, bottom, rise = rows
    x, y = part.columns - np.float32(centre[0]), part.rows
    light = identity.light.exposure * (0.5 * identity.light.key + identity.light.ambient)
    inside = np.empty((part.height, part.width, 3), dtype=np.float32)
    inside[:] = np.array([0.17, 0.05, 0.05], dtype=np.float32) * np.float32(light)
    tongue = bell(part, (centre[0], float(bottom.max()) + 0.6), (9.0, 2.6))
    inside = blend(inside, np.array([0.55, 0.26, 0.25]) * light, 0.85 * tongue)
    edge = centre[1] - 1.2 * rise + 2.6 - 0.004 * x * x
    soft = 0.3 + 0.5 * part.softness
    teeth = smoothstep(soft, -soft, y - edge) * smoothstep(16, 11, np.abs(x))
    gaps = 1 - 0.25 * np.exp(-0.5 * (np.abs(((np.abs(x) + 2.2) % 4.4) - 2.2) / 0.22) ** 2)
    enamel = np.array([0.90, 0.87, 0.80]) * light * 0.95
    shade = 1 - 0.55 * np.exp(-np.clip(y - top, 0, None) / 0.9)
    level = np.float32(1) * shade * gaps * (1 - 0.0022 * x * x)
    return blend(inside, enamel * level[..., None], teeth)
