"""The skin: colour, texture and light."""

import numpy as np
from numpy.typing import NDArray

from napari_mespot.frames.synthetic.canvas import Canvas, Field, Picture, bell, blend, smoothstep
from napari_mespot.frames.synthetic.geometry import MIDLINE_X
from napari_mespot.frames.synthetic.identity import FaceIdentity, face_points
from napari_mespot.frames.synthetic.lighting import (
    Normals,
    hollows,
    lambert,
    shadow,
    shine,
    surface_normals,
)
from napari_mespot.frames.synthetic.relief import (
    face_relief,
    lip_curves,
    mouth_window,
    pores,
)
from napari_mespot.frames.synthetic.texture import blotches, noise

__all__ = ["lit", "skin_colour", "skin_picture"]

# Skin from light to dark, at melanin 0, 0.35, 0.65, 1.
_TONES = np.array([[0.95, 0.80, 0.71], [0.83, 0.63, 0.50], [0.60, 0.41, 0.30], [0.38, 0.26, 0.20]])
_TONE_AT = (0.0, 0.35, 0.65, 1.0)


def skin_colour(identity: FaceIdentity) -> NDArray[np.float32]:
    """Return the mean colour of the skin, shape (3,)."""
    melanin = identity.skin.melanin
    tone = [np.interp(melanin, _TONE_AT, _TONES[:, i]) for i in range(3)]
    return np.array(tone, dtype=np.float32)


def skin_picture(canvas: Canvas, identity: FaceIdentity) -> Picture:
    """Return the lit skin of the face with closed lips and without eyes, brows and hair."""
    smooth = face_relief(canvas, identity)
    relief = smooth + pores(canvas, identity)
    normals = surface_normals(relief, canvas.density)
    colour = _flesh(canvas, identity)
    colour = _freckled(canvas, identity, colour)
    colour = _lips(canvas, identity, colour)
    shade = shadow(smooth, canvas.density, identity.light)
    dark = hollows(smooth, canvas.density)
    picture = lit(colour, normals, identity, shade=shade, dark=dark)
    gloss = shine(normals, identity.light) * (1 - shade) * _oiliness(canvas, identity)
    picture += (np.float32(0.42 * identity.skin.shine) * gloss)[..., None]
    return _nostrils(canvas, identity, picture)


def lit(
    colour: Picture,
    normals: Normals,
    identity: FaceIdentity,
    *,
    shade: Field | float = 0.0,
    dark: Field | float = 0.0,
) -> Picture:
    """Light a coloured surface: main light with shadow, and light from all around.

    Parameters
    ----------
    colour
        Of the surface itself, shape (height, width, 3).
    normals
        Where it faces.
    identity
        Whose light it is.
    shade
        Cast shadow, 0 to 1.
    dark
        Darkness of hollows, 0 to 1.
    """
    light = identity.light
    warm = np.array([1 + 0.08 * light.warmth, 1.0, 1 - 0.12 * light.warmth], dtype=np.float32)
    sky = np.array([1 - 0.03 * light.warmth, 1.0, 1 + 0.05 * light.warmth], dtype=np.float32)
    around = light.ambient * (0.80 + 0.20 * normals.z - 0.12 * normals.y) * (1 - 0.75 * dark)
    out = np.empty_like(colour)
    for channel, wrap in enumerate((0.42, 0.28, 0.22)):
        direct = light.key * lambert(normals, light, wrap) * (1 - 0.72 * shade) * (1 - 0.35 * dark)
        total = direct * warm[channel] + around * sky[channel]
        out[..., channel] = colour[..., channel] * total * light.exposure
    return out


def _flesh(canvas: Canvas, identity: FaceIdentity) -> Picture:
    """Return the colour of the skin with its blush, blotches and shadows of the beard."""
    skin = identity.skin
    points = face_points(identity)
    base = np.broadcast_to(skin_colour(identity), (*canvas.x.shape, 3)).astype(np.float32)
    mottle = blotches(canvas, (11.0, 5.0, 2.4), skin.texture_seed)
    grain = noise(canvas, 1.1, skin.texture_seed + 31) + 0.6 * noise(
        canvas, 0.55, skin.texture_seed + 33
    )
    value = 1 + np.float32(0.05 * (0.4 + skin.mottling)) * mottle
    value += np.float32(0.016 * (0.5 + skin.roughness)) * grain
    base *= value[..., None]
    red = 0.35 * mottle * skin.mottling
    for side in (-1, 1):
        red += 0.9 * bell(canvas, (MIDLINE_X + side * 26, 56.0), (13.0, 10.0))
    red += 0.8 * bell(canvas, tuple(points[30]), (7.0, 6.0)) + 0.3 * bell(
        canvas, tuple(points[8] - (0, 9)), (11.0, 7.0)
    )
    amount = np.clip(red * skin.redness, -0.5, 1.2) * (1 - 0.5 * skin.melanin)
    base *= 1 - amount[..., None] * np.array([0.02, 0.12, 0.11], dtype=np.float32)
    return _darker_parts(canvas, identity, points, base)


def _darker_parts(
    canvas: Canvas, identity: FaceIdentity, points: NDArray[np.float64], base: Picture
) -> Picture:
    weight = np.zeros((canvas.height, canvas.width), dtype=np.float32)
    for side, eye in ((-1, slice(36, 42)), (1, slice(42, 48))):
        ex, ey = points[eye].mean(axis=0).tolist()
        weight += 0.14 * bell(canvas, (ex, ey + 1), (11.0, 7.0))
        weight += 0.16 * identity.eyes.bags * bell(canvas, (ex - side * 2, ey + 8), (8.0, 3.0))
    base *= 1 - weight[..., None] * np.array([0.8, 1.0, 0.95], dtype=np.float32)
    return base


def _freckled(canvas: Canvas, identity: FaceIdentity, colour: Picture) -> Picture:
    """Return the colour with freckles over nose and cheeks, and here and there a mole."""
    rng = np.random.default_rng(identity.skin.texture_seed + 11)
    for i in range(identity.skin.freckles):
        mole = i % 12 == 0
        x = rng.normal(MIDLINE_X, 24) if not mole else rng.uniform(12, 100)
        y = rng.normal(52, 10) if not mole else rng.uniform(-15, 105)
        size = rng.uniform(0.45, 0.9) * (1.3 if mole else 1.0)
        strength = rng.uniform(0.1, 0.35) * (1.8 if mole else 1.0)
        rows, part = canvas.window(x - 4, y - 4, x + 4, y + 4)
        if part.height and part.width:
            spot = bell(part, (x, y), (size, size * rng.uniform(0.8, 1.2)))
            colour[rows] = blend(colour[rows], (0.30, 0.17, 0.11), strength * spot)
    return colour


def _lips(canvas: Canvas, identity: FaceIdentity, colour: Picture) -> Picture:
    """Return the colour with the red of the lips and the line between them."""
    points, mouth = face_points(identity), identity.mouth
    place, part = mouth_window(canvas, points)
    x, y = part.columns, part.rows
    top, line, bottom = (curve(x) for curve in lip_curves(points))
    soft = 0.55 + 0.5 * canvas.softness
    inside = smoothstep(-soft, soft, y - top) * smoothstep(-soft, soft, bottom - y)
    left, right = float(points[48, 0]), float(points[54, 0])
    ends = smoothstep(0, 2.5, x - left) * smoothstep(0, 2.5, right - x)
    red = np.array([0.72, 0.33, 0.32], dtype=np.float32) * (1 - 0.45 * identity.skin.melanin)
    target = skin_colour(identity) * (1 - mouth.colour) + red * mouth.colour
    creases = 1 + 0.05 * noise(part, 0.9, identity.skin.texture_seed + 41)
    lips = target * np.float32(0.94) * creases[..., None]
    out = blend(colour[place], lips, (0.35 + 0.6 * mouth.colour) * inside * ends)
    seam = np.exp(-0.5 * ((y - line) / (0.55 + 0.3 * canvas.softness)) ** 2)
    seam *= smoothstep(-1.5, 2, x - left) * smoothstep(-1.5, 2, right - x)
    colour[place] = blend(out, (0.16, 0.06, 0.06), 0.78 * seam)
    return colour


def _oiliness(canvas: Canvas, identity: FaceIdentity) -> Field:
    """Return where skin shines: forehead, nose and lips more than cheeks."""
    points = face_points(identity)
    out = np.full(canvas.x.shape, 0.35, dtype=np.float32)
    out += 0.5 * bell(canvas, (MIDLINE_X, -6.0), (24.0, 12.0))
    out += 0.6 * bell(canvas, tuple(points[30]), (6.0, 12.0))
    out += 0.5 * bell(canvas, tuple(points[57] - (0, 3)), (9.0, 2.6))
    return np.asarray(out, dtype=np.float32)


def _nostrils(canvas: Canvas, identity: FaceIdentity, picture: Picture) -> Picture:
    points = face_points(identity)
    x, y = (float(c) for c in points[33])
    place, part = canvas.window(x - 14, y - 6, x + 14, y + 4)
    for index, side in ((32, -1.0), (34, 1.0)):
        nx, ny = (float(c) for c in points[index])
        size = (1.8 * identity.nose.width, 0.95)
        hole = bell(part, (nx + side * 0.3, ny - 0.9), size, side * 0.4)
        dark = np.clip(1.25 * hole - 0.18, 0, 0.88)
        picture[place] = blend(picture[place], (0.07, 0.03, 0.03), dark)
    return picture
