"""The outline of the head and the dome inside it."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from napari_mespot.frames.synthetic.canvas import Canvas, Field
from napari_mespot.frames.synthetic.geometry import MIDLINE_X
from napari_mespot.frames.synthetic.identity import FaceIdentity, face_points

__all__ = ["CENTRE", "head_radius", "outline_radius"]

CENTRE = (MIDLINE_X, 36.0)
"""Point from which the outline is seen as a radius by angle."""

# The skull above the ears, left half: the jaw's points end at the ear.
_SKULL = ((4.5, 22.0), (4.0, 8.0), (6.5, -10.0), (15.0, -29.0), (31.0, -43.0), (MIDLINE_X, -49.0))


def outline_radius(identity: FaceIdentity) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return angles (radians, rising, a full turn) and the radius of the head at each."""
    jaw = face_points(identity)[:17].copy()
    skull = np.array(_SKULL)
    skull[:, 0] = MIDLINE_X + (skull[:, 0] - MIDLINE_X) * identity.head.width
    other = skull[:-1].copy()
    other[:, 0] = 2 * MIDLINE_X - other[:, 0]
    ring = np.concatenate([jaw, other, skull[::-1]]) - CENTRE
    angle, radius = np.arctan2(ring[:, 1], ring[:, 0]), np.hypot(ring[:, 0], ring[:, 1])
    angles = np.linspace(-np.pi, np.pi, 721)
    radii = np.interp(angles, *_sorted(angle, radius), period=2 * np.pi)
    return angles, _smoothed(radii[:-1])


def _sorted(
    angle: NDArray[np.float64], radius: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    order = np.argsort(angle)
    return angle[order], radius[order]


def _smoothed(ring: NDArray[np.float64], sigma: float = 12.0) -> NDArray[np.float64]:
    """Smooth a closed ring of samples with a Gaussian; repeat the first sample at the end."""
    frequency = np.fft.rfftfreq(len(ring))
    kernel = np.exp(-2 * (np.pi * frequency * sigma) ** 2)
    smooth = np.fft.irfft(np.fft.rfft(ring) * kernel, len(ring))
    return np.append(smooth, smooth[0])


@lru_cache(maxsize=2)
def head_radius(canvas: Canvas, identity: FaceIdentity) -> tuple[Field, Field]:
    """Return, per pixel, its distance from the centre and that of the outline, in crop px.

    Both are shared between the callers and cannot be written to.
    """
    dx, dy = canvas.columns - CENTRE[0], canvas.rows - CENTRE[1]
    angles, radii = outline_radius(identity)
    edge = np.interp(np.arctan2(dy, dx), angles, radii).astype(np.float32)
    distance = np.hypot(dx, dy)
    distance.setflags(write=False)
    edge.setflags(write=False)
    return distance, edge
