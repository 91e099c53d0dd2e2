"""Hair of the head, beard and moustache."""

from functools import lru_cache

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
from napari_mespot.frames.synthetic.geometry import MIDLINE_X
from napari_mespot.frames.synthetic.identity import FaceIdentity, HairTraits, face_points
from napari_mespot.frames.synthetic.outline import CENTRE, head_radius
from napari_mespot.frames.synthetic.texture import noise, strands

__all__ = ["draw_beard", "front_hair", "long_hair"]

_BALD_FROM = -60.0


@lru_cache(maxsize=2)
def _streaks(canvas: Canvas, hair: HairTraits) -> Field:
    """Return the streaks of the hair, which falls from its parting."""
    dx, dy = canvas.columns - (MIDLINE_X + hair.parting), canvas.rows + 54.0
    angle = np.arctan2(dx, dy + 10)
    wave = 0.02 * noise(canvas, 9.0, hair.seed + 3)
    distance = np.hypot(dx, dy + 10)
    width = distance * (canvas.density / 58)
    streak = strands((angle + wave) * 58, distance * 0.05, hair.seed, width)
    streak.setflags(write=False)
    return streak


def _hair_colour(canvas: Canvas, identity: FaceIdentity) -> Picture:
    """Return hair lit from its side, with streaks and a band of shine."""
    hair, light = identity.hair, identity.light
    streak = _streaks(canvas, identity.hair)
    distance, edge = head_radius(canvas, identity)
    out = np.clip(distance / (edge + hair.volume), 0, 1.4)
    lx, ly, _ = light.direction
    toward = ((canvas.columns - CENTRE[0]) * lx + (canvas.rows - CENTRE[1]) * ly) / 60
    band = np.exp(-0.5 * ((out - 0.84 + 0.03 * streak) / 0.07) ** 2)
    level = 0.62 * light.ambient + light.key * (0.42 + 0.30 * np.clip(toward, -1, 1))
    level = level * (1 + 0.38 * streak) * smoothstep(1.25, 0.85, out)
    gloss = 0.22 * light.key * band * np.clip(0.6 + 0.7 * streak + 0.4 * toward, 0, 2)
    colour = np.array(hair.colour, dtype=np.float32)
    sheen = np.sqrt(colour) * 0.6 + 0.1
    level = np.clip(level, 0.06, 2)
    lit = colour * level[..., None] * 1.45 + sheen * gloss[..., None]
    return np.asarray(lit * light.exposure, dtype=np.float32)


def front_hair(canvas: Canvas, identity: FaceIdentity) -> tuple[Picture, Field]:
    """Return the hair in front of and around the skull, and how much of each pixel it covers."""
    hair = identity.hair
    if hair.hairline < _BALD_FROM:
        return _nothing(canvas)
    streak = _streaks(canvas, identity.hair)
    distance, edge = head_radius(canvas, identity)
    high = smoothstep(60, -5, canvas.rows)
    rim = edge + hair.volume * high * (1 + 0.10 * streak) + 0.35 * streak
    soft = 0.5 + 0.5 * canvas.softness
    body = smoothstep(soft, -soft, distance - rim)
    away = np.abs(canvas.columns - MIDLINE_X) / identity.head.width
    side_end = 44.0 + 30 * min(hair.length, 1.0)
    middle = hair.hairline + hair.fringe
    line = Curve(
        [
            (0, middle),
            (18, middle - 0.3 * hair.recession),
            (31, middle + 3 - hair.recession),
            (39.5, hair.hairline + 14),
            (44.5, hair.hairline + 28),
            (48.0, 26.0),
            (50.5, side_end),
        ]
    )(away)
    ragged = (1.1 + 0.35 * hair.fringe) * streak + 0.8 * noise(canvas, 4.0, hair.seed + 9)
    fade = 1.6 + 0.10 * hair.fringe
    cover = body * smoothstep(fade, -fade, canvas.rows - line - ragged)
    return _hair_colour(canvas, identity), cover


def long_hair(canvas: Canvas, identity: FaceIdentity) -> tuple[Picture, Field]:
    """Return the hair that falls behind neck and cheeks, and its cover."""
    hair = identity.hair
    if hair.length <= 0 or hair.hairline < _BALD_FROM:
        return _nothing(canvas)
    streak = _streaks(canvas, identity.hair)
    end = 70.0 + 75.0 * hair.length
    half = (49.0 + hair.volume) * identity.head.width
    width = half + 7 * smoothstep(10, 90, canvas.rows) - 4 * smoothstep(90, 150, canvas.rows)
    away = np.abs(canvas.columns - MIDLINE_X) + 0.8 * streak
    cover = smoothstep(1.0, -1.0, away - width) * smoothstep(-10, 15, canvas.rows)
    cover = cover * smoothstep(1.6, -1.6, canvas.rows - end - 4 * streak)
    away_share = np.clip(away / width, 0, 1)
    shade = 0.35 + 0.65 * smoothstep(0.62, 0.95, away_share)
    return _hair_colour(canvas, identity) * shade[..., None], np.asarray(cover, dtype=np.float32)


def _nothing(canvas: Canvas) -> tuple[Picture, Field]:
    shape = (canvas.height, canvas.width)
    return np.zeros((*shape, 3), dtype=np.float32), np.zeros(shape, dtype=np.float32)


def draw_beard(picture: Picture, canvas: Canvas, identity: FaceIdentity) -> Picture:
    """Draw beard and moustache, from stubble to full, on a picture of the skin."""
    hair = identity.hair
    if hair.beard <= 0 and hair.moustache <= 0:
        return picture
    points = face_points(identity)
    cover = np.maximum(_beard_area(canvas, identity) * hair.beard, _moustache(canvas, identity))
    mx, my = (float(c) for c in points[57])
    dx, dy = canvas.columns - mx, canvas.rows - (my - 40)
    angle = np.arctan2(dx, dy)
    bristle = strands(angle * 80, np.hypot(dx, dy) * 0.42, hair.seed + 5)
    dots = noise(canvas, 0.75, hair.seed + 6)
    rough = np.clip(1 + (1 - 0.5 * cover) * (0.6 * bristle + 0.4 * dots), 0, 2)
    weight = np.clip(cover * (0.3 + 0.65 * cover) * rough, 0, 0.93)
    lips = bell(canvas, tuple(points[48:60].mean(axis=0)), (10.5, 3.4))
    weight = weight * np.clip(1 - 1.6 * lips, 0, 1)
    light = identity.light
    tone = np.array(hair.colour) * (0.5 * light.key + light.ambient) * light.exposure * 0.9
    fur = 0.7 * tone.astype(np.float32) * (1 + 0.3 * bristle)[..., None]
    return blend(picture, np.clip(fur, 0, 1), weight)


def _beard_area(canvas: Canvas, identity: FaceIdentity) -> Field:
    points = face_points(identity)
    away = np.abs(canvas.columns - MIDLINE_X)
    corner = float(np.mean(points[[48, 54], 1]))
    upper = Curve(
        [(0, corner + 9), (9, corner + 8), (19, corner + 1), (30, corner - 5), (42, 55), (48, 42)]
    )(away)
    ragged = noise(canvas, 3.0, identity.hair.seed + 15)
    return smoothstep(-3.0, 5.0, canvas.rows - upper - 1.5 * ragged)


def _moustache(canvas: Canvas, identity: FaceIdentity) -> Field:
    hair, points = identity.hair, face_points(identity)
    if hair.moustache <= 0:
        return np.zeros(canvas.x.shape, dtype=np.float32)
    away = np.abs(canvas.columns - MIDLINE_X)
    nose, lip = float(points[33, 1]), float(points[51, 1])
    top = Curve([(0, nose + 3.5), (8, nose + 3.0), (20, lip + 1.5), (24, lip + 6)])(away)
    bottom = Curve([(0, lip - 0.6), (5, lip - 1.2), (19, lip + 3), (24, lip + 8)])(away)
    inside = smoothstep(-1.2, 1.2, canvas.rows - top) * smoothstep(-0.8, 1.0, bottom - canvas.rows)
    return np.asarray(hair.moustache * inside * smoothstep(25, 19, away), dtype=np.float32)
