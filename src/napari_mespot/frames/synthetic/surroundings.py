"""What is around the face: background, clothes, neck, ears and glasses."""

import cv2
import numpy as np

from napari_mespot.frames.synthetic.canvas import (
    Canvas,
    Curve,
    Field,
    Picture,
    bell,
    blend,
    smoothstep,
)
from napari_mespot.frames.synthetic.geometry import MIDLINE_X, on_side
from napari_mespot.frames.synthetic.identity import FaceIdentity, GlassesTraits, face_points
from napari_mespot.frames.synthetic.lighting import Normals, surface_normals
from napari_mespot.frames.synthetic.skin import lit, skin_colour
from napari_mespot.frames.synthetic.texture import blotches, noise

__all__ = ["background", "draw_bust", "ears", "glasses"]


def background(canvas: Canvas, identity: FaceIdentity) -> Picture:
    """Return an out-of-focus wall, brighter on the side of the light."""
    light = identity.light
    lx, ly, _ = light.direction
    x, y = canvas.columns - 56, canvas.rows - 40
    slope = (x * lx + y * ly) / 160
    soft = 0.06 * blotches(canvas, (70.0, 40.0), identity.hair.seed + 21)
    level = (0.88 + 0.30 * slope + soft) * min(1.15, light.exposure)
    vignette = 1 - 0.16 * np.clip(np.hypot(x, y) / 150, 0, 1.2) ** 2
    colour = np.array(light.background, dtype=np.float32)
    return np.asarray(colour * (level * vignette)[..., None], dtype=np.float32)


def draw_bust(picture: Picture, canvas: Canvas, identity: FaceIdentity) -> Picture:
    """Draw neck and clothed shoulders on a picture, and return it."""
    points = face_points(identity)
    chin = float(points[8, 1])
    away = np.abs(canvas.columns - MIDLINE_X)
    half = Curve([(chin - 40, 34), (chin, 31.5), (chin + 14, 32.5), (chin + 26, 40)])(canvas.rows)
    soft = 0.4 + 0.5 * canvas.softness
    neck = smoothstep(soft, -soft, away - half) * smoothstep(chin - 60, chin - 50, canvas.rows)
    relief = 22 * np.sqrt(np.clip(1 - (away / (half + 1.0)) ** 2, 0, 1))
    for side in (-1, 1):  # the two muscles that run from behind the ears to the collar bone
        path = on_side(MIDLINE_X - 12, side), chin + 16
        relief += 1.6 * bell(canvas, path, (3.0, 14.0), side * 0.45)
    colour = np.broadcast_to(skin_colour(identity) * np.float32(0.95), picture.shape)
    grain = 1 + 0.05 * blotches(canvas, (8.0, 3.0, 1.2), identity.skin.texture_seed + 51)
    under = np.exp(-np.clip(canvas.rows - chin + 7, 0, None) / 9.0)
    flesh = lit(
        np.asarray(colour * grain[..., None], dtype=np.float32),
        surface_normals(relief, canvas.density),
        identity,
        shade=0.85 * under,
        dark=0.55 * under,
    )
    return _clothed(blend(picture, flesh, neck), canvas, identity, chin)


def _clothed(picture: Picture, canvas: Canvas, identity: FaceIdentity, chin: float) -> Picture:
    if canvas.bottom < chin + 10:
        return picture
    away = np.abs(canvas.columns - MIDLINE_X)
    collar = Curve([(0, chin + 31), (14, chin + 28), (30, chin + 18), (40, chin + 15)])(away)
    shoulder = Curve([(36, chin + 14), (60, chin + 22), (95, chin + 34), (115, chin + 60)])(away)
    edge = np.maximum(collar, shoulder * (away > 36))
    cloth = smoothstep(-0.5, 0.5, canvas.rows - edge)
    band = smoothstep(-0.3, 0.3, canvas.rows - edge - 4.0)
    weave = noise(canvas, 0.9, identity.hair.seed + 31)
    folds = blotches(canvas, (26.0, 12.0), identity.hair.seed + 33)
    lx, _, _ = identity.light.direction
    light = identity.light.ambient + 0.55 * identity.light.key
    level = light * (1 + 0.04 * weave + 0.12 * folds + 0.25 * lx * (canvas.columns - 56) / 80)
    level = level * (0.78 + 0.22 * band) * identity.light.exposure
    colour = np.array(identity.light.clothes, dtype=np.float32) * np.float32(1.3)
    return blend(picture, np.clip(colour * level[..., None], 0, 1), cloth)


def ears(canvas: Canvas, identity: FaceIdentity) -> tuple[Picture, Field]:
    """Return both ears, lit, and their cover; they lie behind the cheeks."""
    points = face_points(identity)
    picture = np.zeros((canvas.height, canvas.width, 3), dtype=np.float32)
    cover = np.zeros((canvas.height, canvas.width), dtype=np.float32)
    for side, root in ((-1, points[0]), (1, points[16])):
        cx, cy = float(root[0]) + side * 3.0, float(root[1]) - 1.0
        place, part = canvas.window(cx - 13, cy - 20, cx + 13, cy + 20)
        if part.height > 1 and part.width > 1:
            picture[place], cover[place] = _ear(part, identity, side, (cx, cy))
    return picture, cover


def _ear(
    part: Canvas, identity: FaceIdentity, side: int, centre: tuple[float, float]
) -> tuple[Picture, Field]:
    cx, cy = centre
    v = (part.rows - cy) / 16.0
    u = ((part.columns - cx) * side + 2.24 * v) / (6.4 - 2.2 * v)
    distance = np.hypot(u, v)
    rim = np.exp(-0.5 * ((distance - 0.84) / 0.13) ** 2)
    relief = 2.2 * rim + 3.0 * np.clip(1 - distance, 0, 1)
    dark = 0.75 * bell(part, (cx + side * 0.5, cy + 1.5), (2.2, 6.0), -side * 0.15)
    colour = skin_colour(identity) * np.array([1.0, 0.90, 0.89], dtype=np.float32)
    normals = surface_normals(relief.astype(np.float32), part.density)
    flesh = np.broadcast_to(colour, (*distance.shape, 3)).astype(np.float32)
    shaded = lit(flesh, normals, identity, shade=0.4 * dark, dark=dark)
    return shaded, smoothstep(1.03, 0.94, distance)


def glasses(canvas: Canvas, identity: FaceIdentity) -> tuple[Picture, Field]:
    """Return the glasses and their cover; zeros if none are worn."""
    shape = (canvas.height, canvas.width)
    if identity.glasses is None:
        return np.zeros((*shape, 3), dtype=np.float32), np.zeros(shape, dtype=np.float32)
    worn, points = identity.glasses, face_points(identity)
    soft = 0.25 + 0.5 * canvas.softness
    cover = np.zeros(shape, dtype=np.float32)
    glare = np.zeros(shape, dtype=np.float32)
    centres = (points[36:42].mean(axis=0).tolist(), points[42:48].mean(axis=0).tolist())
    for centre in centres:
        distance = _lens(canvas, worn, (centre[0], centre[1] + 1.5))
        cover = np.maximum(cover, smoothstep(soft, -soft, np.abs(distance) - worn.thickness / 2))
        stripe = np.exp(
            -0.5 * ((canvas.columns - centre[0] + canvas.rows - centre[1] + 9) / 2.5) ** 2
        )
        glare = np.maximum(glare, 0.10 * stripe * smoothstep(0.5, -0.5, distance))
    bridge_y = (centres[0][1] + centres[1][1]) / 2 - 1.5
    gap = (centres[1][0] - centres[0][0]) / 2 - worn.half_width
    middle = (centres[0][0] + centres[1][0]) / 2
    bow = np.abs(canvas.rows - bridge_y - 0.06 * (canvas.columns - middle) ** 2)
    bridge = smoothstep(soft, -soft, bow - worn.thickness / 2)
    cover = np.maximum(cover, bridge * (np.abs(canvas.columns - middle) < gap + 0.8))
    for side, centre in zip((-1, 1), centres, strict=True):
        out = (canvas.columns - centre[0]) * side - worn.half_width
        arm = smoothstep(soft, -soft, np.abs(canvas.rows - centre[1] + 3.0) - worn.thickness * 0.6)
        cover = np.maximum(cover, arm * (out > -0.5) * (out < 9))
    dome = cv2.GaussianBlur(cover, (0, 0), max(0.3, 0.35 * canvas.density))
    picture = _frame_colour(canvas, identity, worn, surface_normals(dome, canvas.density))
    picture = blend(picture, (1.0, 1.0, 1.0), glare * (1 - cover))
    return picture, np.maximum(cover, glare)


def _lens(canvas: Canvas, worn: GlassesTraits, centre: tuple[float, float]) -> Field:
    """Return the distance from the rim of a lens: a rectangle with rounded corners."""
    radius = worn.roundness * worn.half_height
    px = np.abs(canvas.columns - centre[0]) - (worn.half_width - radius)
    py = np.abs(canvas.rows - centre[1]) - (worn.half_height - radius)
    outside = np.hypot(np.clip(px, 0, None), np.clip(py, 0, None))
    inside = np.minimum(np.maximum(px, py), 0)
    return np.asarray(outside + inside - radius, dtype=np.float32)


def _frame_colour(
    canvas: Canvas, identity: FaceIdentity, worn: GlassesTraits, normals: Normals
) -> Picture:
    colour = np.empty((canvas.height, canvas.width, 3), dtype=np.float32)
    colour[:] = worn.colour
    return lit(colour, normals, identity) + np.float32(0.03)
