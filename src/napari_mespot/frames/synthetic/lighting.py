"""Light on a relief: facing, shadow and the darkness of hollows."""

from dataclasses import dataclass

import cv2
import numpy as np

from napari_mespot.frames.synthetic.canvas import Field, smoothstep
from napari_mespot.frames.synthetic.identity import LightTraits

__all__ = ["Normals", "hollows", "lambert", "shadow", "shine", "surface_normals"]


@dataclass(frozen=True)
class Normals:
    """Unit vectors of a surface: right, down, towards the camera, each (height, width)."""

    x: Field
    y: Field
    z: Field


def surface_normals(relief: Field, density: float) -> Normals:
    """Return the direction in which each point of the relief faces."""
    gx = cv2.Scharr(relief, cv2.CV_32F, 1, 0, scale=density / 32)
    gy = cv2.Scharr(relief, cv2.CV_32F, 0, 1, scale=density / 32)
    length = np.sqrt(gx * gx + gy * gy + 1)
    return Normals(-gx / length, -gy / length, 1 / length)


def _unit(direction: tuple[float, float, float]) -> tuple[np.float32, np.float32, np.float32]:
    length = float(np.sqrt(sum(c * c for c in direction)))
    x, y, z = (np.float32(c / length) for c in direction)
    return x, y, z


def lambert(normals: Normals, light: LightTraits, wrap: float = 0.25) -> Field:
    """Return how much of the main light each point catches, 0 to 1.

    `wrap` lets light reach round the edge, as it does under skin.
    """
    x, y, z = _unit(light.direction)
    facing = normals.x * x + normals.y * y + normals.z * z
    return np.asarray(np.clip((facing + np.float32(wrap)) / np.float32(1 + wrap), 0, 1))


def shine(normals: Normals, light: LightTraits, sharpness: float = 18.0) -> Field:
    """Return the highlight of the main light (Blinn's half vector), 0 to 1."""
    x, y, z = _unit(light.direction)
    hx, hy, hz = _unit((float(x), float(y), float(z) + 1.0))
    facing = np.clip(normals.x * hx + normals.y * hy + normals.z * hz, 0, 1)
    return np.asarray(facing**sharpness, dtype=np.float32)


def shadow(relief: Field, density: float, light: LightTraits, reach: float = 16.0) -> Field:
    """Return the shadow the relief casts on itself, 0 none to 1 full, soft-edged.

    Walks from each point towards the light for `reach` crop pixels and looks how far the
    surface rises above the ray.
    """
    x, y, z = _unit(light.direction)
    flat = float(np.hypot(x, y))
    if flat < 1e-3:
        return np.zeros_like(relief)
    blocked = np.zeros_like(relief)
    for step in np.linspace(1.5, reach, 10):
        shift = np.array([[1, 0, x / flat * step * density], [0, 1, y / flat * step * density]])
        ahead = cv2.warpAffine(
            relief,
            shift.astype(np.float32),
            relief.shape[::-1],
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
        above = ahead - relief - np.float32(step * z / flat)
        blocked = np.maximum(blocked, smoothstep(-0.6, 3.0, above))
    return np.asarray(cv2.GaussianBlur(blocked, (0, 0), 1.0 * density), dtype=np.float32)


def hollows(relief: Field, density: float) -> Field:
    """Return how deep each point lies below its surroundings, about 0 to 1 (never negative)."""
    small = cv2.GaussianBlur(relief, (0, 0), 2.2 * density) - relief
    quarter = cv2.resize(relief, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    wide = cv2.GaussianBlur(quarter, (0, 0), 6.0 * density / 4)
    large = cv2.resize(wide, relief.shape[::-1], interpolation=cv2.INTER_LINEAR) - relief
    return np.asarray(np.clip(0.30 * small, 0, 0.8) + np.clip(0.08 * large, 0, 0.5))
