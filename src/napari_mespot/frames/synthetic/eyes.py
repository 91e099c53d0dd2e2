"""The eyes: eyeball, iris, lids that close, lashes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_mespot.frames.synthetic.canvas import (
    Canvas,
    Curve,
    Field,
    Picture,
    bell,
    blend,
    smoothstep,
)
from napari_mespot.frames.synthetic.geometry import MIDLINE_X, half_face, on_side
from napari_mespot.frames.synthetic.identity import FaceIdentity, face_points
from napari_mespot.frames.synthetic.strokes import hair_strokes
from napari_mespot.frames.synthetic.texture import strands

__all__ = ["EyeState", "draw_eyes"]

_EYEBALL_RADIUS = 9.0


@dataclass(frozen=True, slots=True)
class EyeState:
    """What one eye does: lid 0 open to 1 closed; gaze in crop pixels (right, down)."""

    closed: float = 0.0
    gaze: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True)
class _Lids:
    """Rows of the lids over a window, per column of it; drawn as if on the left."""

    canvas: Canvas
    side: int
    x: Field
    upper: Field
    lower: Field
    crease: Field
    corner: Field
    outer: tuple[float, float]
    inner: tuple[float, float]

    @property
    def centre(self) -> tuple[float, float]:
        return (
            (self.outer[0] + self.inner[0]) / 2,
            (self.outer[1] + self.inner[1]) / 2 - 0.6,
        )


def draw_eyes(
    picture: Picture, canvas: Canvas, identity: FaceIdentity, states: tuple[EyeState, EyeState]
) -> Picture:
    """Draw both eyes, the left of the picture first, on a picture of the skin.

    Returns
    -------
    Picture
        A new picture; the skin beneath is what is seen where a lid is down.
    """
    out = picture.copy()
    for side, state in zip((-1, 1), states, strict=True):
        half = half_face(face_points(identity), side)
        cx, cy = half[36:42].mean(axis=0)
        cx = on_side(float(cx), side)
        place, part = canvas.window(cx - 17, float(cy) - 14, cx + 17, float(cy) + 10)
        if part.height and part.width:
            out[place] = _eye(out[place], _lids(part, identity, side, state), identity, state)
    return out


def _lids(part: Canvas, identity: FaceIdentity, side: int, state: EyeState) -> _Lids:
    half = half_face(face_points(identity), side)
    x = part.columns if side < 0 else 2 * MIDLINE_X - part.columns
    outer, inner = half[36], half[39]
    open_upper = Curve(half[36:40])(x)
    open_lower = Curve(half[[36, 41, 40, 39]])(x)
    shut = 0.18 * open_upper + 0.82 * open_lower + np.float32(0.35)
    upper = open_upper + (shut - open_upper) * np.float32(state.closed)
    lower = open_lower + (shut - open_lower) * np.float32(0.9 * state.closed)
    span = np.clip((x - outer[0]) / (inner[0] - outer[0]), 0, 1)
    rise = identity.eyes.crease * (0.35 + 0.65 * np.sin(np.pi * np.clip(span * 1.02, 0, 1)))
    crease = open_upper - rise + 0.5 * state.closed
    corner = smoothstep(-0.6, 1.2, x - outer[0]) * smoothstep(-0.6, 1.2, inner[0] - x)
    ends = (float(outer[0]), float(outer[1])), (float(inner[0]), float(inner[1]))
    return _Lids(part, side, x, upper, lower, crease, corner, *ends)


def _eye(skin: Picture, lids: _Lids, identity: FaceIdentity, state: EyeState) -> Picture:
    y, soft = lids.canvas.rows, 0.25 + 0.5 * lids.canvas.softness
    picture = _lid_shading(skin, lids, identity, state)
    opening = smoothstep(-soft, soft, y - lids.upper) * smoothstep(-soft, soft, lids.lower - y)
    opening = opening * lids.corner * smoothstep(0.05, 0.9, lids.lower - lids.upper)
    picture = blend(picture, _eyeball(lids, identity, state), opening)
    return _lashes(picture, lids, identity, state)


def _eyeball(lids: _Lids, identity: FaceIdentity, state: EyeState) -> Picture:
    """Return the white, the iris and the pupil as lit under the upper lid."""
    canvas, light = lids.canvas, identity.light
    cx, cy = on_side(lids.centre[0], lids.side), lids.centre[1]
    dx, dy = canvas.columns - np.float32(cx), canvas.rows - np.float32(cy)
    round_off = np.clip(1 - (dx * dx + dy * dy) / _EYEBALL_RADIUS**2, 0, 1)
    white = np.array([0.90, 0.87, 0.84], dtype=np.float32) * (1 - 0.10 * identity.skin.melanin)
    level = (0.42 + 0.58 * np.sqrt(round_off)) * (light.ambient + 0.55 * light.key)
    ball = white * (level * light.exposure * (1 - 0.12 * identity.skin.melanin))[..., None]
    pink = smoothstep(5.5, 10, np.abs(dx) + 0 * dy)
    ball *= 1 - pink[..., None] * np.array([0.05, 0.22, 0.22], dtype=np.float32)
    caruncle = bell(canvas, (on_side(lids.inner[0] - 1.0, lids.side), lids.inner[1]), (1.2, 0.9))
    ball = blend(ball, np.array([0.62, 0.36, 0.33]) * light.exposure, 0.75 * caruncle)
    ball = _iris(ball, dx - state.gaze[0], dy - state.gaze[1] - 0.3, lids, identity)
    shade = np.exp(-np.clip(canvas.rows - lids.upper, 0, None) / np.float32(1.5))
    ball *= (1 - 0.55 * shade)[..., None]
    # the reflection of the light follows the cornea by half of the gaze
    lx, ly, _ = light.direction
    spot = (cx + 0.5 * state.gaze[0] + 1.9 * np.sign(lx), cy + 0.5 * state.gaze[1] - 0.9 + 0.5 * ly)
    glint = bell(canvas, spot, (0.62, 0.62))
    return blend(ball, (0.97, 0.97, 1.0), np.clip(1.4 * glint, 0, 0.95) * min(1.0, light.key + 0.2))


def _iris(ball: Picture, dx: Field, dy: Field, lids: _Lids, identity: FaceIdentity) -> Picture:
    eyes, soft = identity.eyes, 0.22 + 0.5 * lids.canvas.softness
    distance, angle = np.hypot(dx, dy), np.arctan2(dy, dx)
    radius = eyes.iris_radius
    rays = strands(angle * np.float32(14), distance * np.float32(0.25), identity.skin.texture_seed)
    bright = 1 + 0.22 * rays + 0.35 * smoothstep(-radius, radius, dy)
    bright = bright + 0.25 * np.exp(-0.5 * ((distance - eyes.pupil_radius - 0.8) / 0.7) ** 2)
    colour = np.array(eyes.iris, dtype=np.float32) * bright[..., None]
    colour *= (1 - 0.6 * smoothstep(0.72 * radius, radius, distance))[..., None]
    colour *= np.float32(0.45 + 0.45 * identity.light.exposure * identity.light.key)
    ball = blend(ball, colour, smoothstep(radius + soft, radius - soft, distance))
    pupil = smoothstep(eyes.pupil_radius + soft, eyes.pupil_radius - soft, distance)
    return blend(ball, (0.02, 0.02, 0.025), pupil)


def _lid_shading(skin: Picture, lids: _Lids, identity: FaceIdentity, state: EyeState) -> Picture:
    """Return the skin with the crease above the lid, the round of the lid and its rim below."""
    y, eyes = lids.canvas.rows, identity.eyes
    near = smoothstep(-4, 3, lids.x - lids.outer[0]) * smoothstep(-3.5, 3.5, lids.inner[0] - lids.x)
    line = np.exp(-0.5 * ((y - lids.crease) / (0.55 + 0.25 * lids.canvas.softness)) ** 2)
    above = np.exp(-np.clip(lids.crease - y, 0, None) / np.float32(2.2)) * (y < lids.crease)
    strength = min(1.0, eyes.crease / 1.5) * (1 - 0.45 * state.closed)
    picture = skin * (1 - near * strength * (0.42 * line + 0.16 * above))[..., None]
    height = np.maximum(lids.upper - lids.crease, 0.5)
    across = np.clip((y - lids.crease) / height, 0, 1)
    plate = np.sin(np.pi * across) * (0.10 - 0.03 * state.closed)
    low = smoothstep(0.6, 1.0, across) * (y < lids.upper + 0.4) * 0.16
    picture *= (1 + near * (plate - low))[..., None]
    rim = np.exp(-0.5 * ((y - lids.lower - 0.35) / (0.4 + 0.2 * lids.canvas.softness)) ** 2)
    fold = np.exp(-0.5 * ((y - lids.lower - 2.6) / 1.0) ** 2)
    picture = blend(picture, picture * np.array([1.12, 0.98, 0.95]), 0.6 * rim * lids.corner)
    return np.asarray(picture * (1 - 0.12 * fold * near)[..., None])


def _lashes(picture: Picture, lids: _Lids, identity: FaceIdentity, state: EyeState) -> Picture:
    canvas, eyes = lids.canvas, identity.eyes
    thick = 0.42 + 0.45 * eyes.lashes + 0.25 * canvas.softness
    line = np.exp(-0.5 * ((canvas.rows - lids.upper + 0.15) / thick) ** 2) * lids.corner
    picture = blend(picture, (0.07, 0.05, 0.045), np.float32(0.55 + 0.4 * eyes.lashes) * line)
    low = np.exp(-0.5 * ((canvas.rows - lids.lower - 0.1) / (0.4 + 0.2 * canvas.softness)) ** 2)
    outer_half = smoothstep(1.0, -0.6, (lids.x - lids.centre[0]) / 8)
    faint = 0.30 * low * lids.corner * (0.5 + 0.5 * outer_half)
    picture = blend(picture, (0.12, 0.08, 0.07), faint)
    hairs = _lash_lines(lids, identity, state)
    cover = hair_strokes(canvas, hairs, 0.22, 0.75 * eyes.lashes)
    return blend(picture, (0.06, 0.045, 0.04), cover)


def _lash_lines(lids: _Lids, identity: FaceIdentity, state: EyeState) -> NDArray[np.float64]:
    """Return the upper lashes; they turn down with the closing lid."""
    rng = np.random.default_rng(identity.skin.texture_seed + 71)
    n = 34
    t = np.sort(rng.uniform(0.03, 0.9, n))
    x = lids.outer[0] + t * (lids.inner[0] - lids.outer[0])
    row = np.interp(_flipped(x, lids.side), lids.canvas.columns[0], lids.upper[0])
    length = (1.2 + 1.3 * identity.eyes.lashes) * (1.15 - 0.75 * t) * rng.uniform(0.7, 1.1, n)
    lift = 1 - 1.9 * state.closed
    tip_x = x - length * (0.75 - 0.75 * t)
    tip_y = row - length * lift * 0.85
    mid_x, mid_y = x - 0.35 * (x - tip_x), row + 0.35 * (tip_y - row) + 0.25 * length * lift
    lines = np.stack(
        [np.stack([x, row], 1), np.stack([mid_x, mid_y], 1), np.stack([tip_x, tip_y], 1)], axis=1
    )
    lines[..., 0] = _flipped(lines[..., 0], lids.side)
    return lines


def _flipped(x: NDArray[np.float64], side: int) -> NDArray[np.float64]:
    return x if side < 0 else 2 * MIDLINE_X - x
