"""Motion of a face that is not an expression: blinks, gaze, speech, swallowing, head turns.

These are the main false positives of a spotter, so that a network must see them as
negatives. Every field has the form of
:func:`napari_mespot.frames.synthetic.action_units.action_unit_field`: shape (2, size, size),
float32, in pixels of the 112×112 crop, with a longest vector of length 1.
"""

import numpy as np
from numpy.typing import NDArray

from napari_mespot.frames.synthetic.action_units import (
    Bump,
    Side,
    action_unit_bumps,
    bump_field,
    jittered,
    mirrored,
    peak_normalised,
)
from napari_mespot.frames.synthetic.geometry import CROP_PX, MIDLINE_X, eye_centre, pixel_grid

__all__ = [
    "blink_field",
    "face_depth",
    "gaze_field",
    "head_turn_field",
    "sniff_field",
    "speech_field",
    "swallow_field",
]

_LIDS = (Bump(33, 24.5, 0, 1, 4), Bump(33, 20, 0, 0.35, 4), Bump(33, 32, 0.1, -0.15, 3.5))
_MOUTH_UNITS = (16, 17, 18, 20, 23, 25, 26)


def blink_field(
    side: Side = "B",
    size: int = CROP_PX,
    rng: np.random.Generator | None = None,
    jitter: float = 1.0,
) -> NDArray[np.float32]:
    """Return the motion of the lids in a blink (or of one lid, in a wink).

    The field moves the skin of the lids; a warp alone cannot cover the eye. To close it,
    draw the face with its lids closed (:class:`~.drawing.FaceState`).
    """
    right = _LIDS if side != "L" else ()
    left = mirrored(_LIDS) if side != "R" else ()
    return _drawn(right + left, size, rng, jitter)


def gaze_field(
    direction: tuple[float, float], size: int = CROP_PX, opening: tuple[float, float] = (8.5, 3.2)
) -> NDArray[np.float32]:
    """Return the motion of both eyeballs between the lids towards `direction` (right, down).

    Parameters
    ----------
    direction
        Any vector except zero; only its direction counts.
    size
        Side of the field in samples.
    opening
        Half width and half height of the opening of the eye, in crop pixels.

    Raises
    ------
    ValueError
        If the direction is zero.
    """
    length = float(np.hypot(*direction))
    if length == 0:
        raise ValueError("Expected a direction of gaze, got (0, 0)")
    x, y = pixel_grid(size)
    inside = np.zeros_like(x)
    for side in (-1, 1):
        cx, cy = eye_centre(side)
        radius = ((x - cx) / opening[0]) ** 2 + ((y - cy) / opening[1]) ** 2
        inside += 1 / (1 + np.exp(np.clip(8 * (radius - 1), -50, 50)))
    right, down = np.float32(direction[0] / length), np.float32(direction[1] / length)
    return peak_normalised(np.stack([inside * right, inside * down]))


def speech_field(rng: np.random.Generator, size: int = CROP_PX) -> NDArray[np.float32]:
    """Return one articulation: a random mixture of mouth and jaw movements."""
    bumps: tuple[Bump, ...] = ()
    for code in rng.choice(_MOUTH_UNITS, size=int(rng.integers(2, 5)), replace=False):
        gain = float(rng.uniform(-0.5, 1.0))
        unit = jittered(action_unit_bumps(int(code)), rng)
        bumps += tuple(Bump(b.x, b.y, b.dx * gain, b.dy * gain, b.sigma) for b in unit)
    return peak_normalised(bump_field(bumps, *pixel_grid(size)))


def swallow_field(
    size: int = CROP_PX, rng: np.random.Generator | None = None, jitter: float = 1.0
) -> NDArray[np.float32]:
    """Return the lift of chin and throat, with lips pressed a little, in a swallow."""
    throat = (Bump(MIDLINE_X, 116, 0, -1, 14), Bump(MIDLINE_X, 102, 0, -0.45, 9))
    lips = (Bump(MIDLINE_X, 84, 0, -0.3, 7), Bump(38, 78, 0.15, 0, 6), Bump(73.6, 78, -0.15, 0, 6))
    return _drawn(throat + lips, size, rng, jitter)


def sniff_field(
    size: int = CROP_PX, rng: np.random.Generator | None = None, jitter: float = 1.0
) -> NDArray[np.float32]:
    """Return the movement of the wings of the nose in a sniff."""
    wing = (Bump(43.5, 59, 0.5, -0.6, 4.5), Bump(46, 66, 0.1, -0.5, 5))
    return _drawn(wing + mirrored(wing), size, rng, jitter)


def face_depth(x: NDArray[np.floating], y: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return how far the face stands out towards the camera, in crop pixels.

    A dome for the head with a nose on it; 0 outside, about 60 at the nose. The dome is a
    paraboloid: a sphere would be infinitely steep at its edge, where a turn would tear it.
    """
    u, v = (x - MIDLINE_X) / 66.0, (y - 38.0) / 102.0
    dome = 46.0 * np.clip(1 - u * u - v * v, 0, None)
    ridge = np.exp(-0.5 * ((x - MIDLINE_X) / 6.0) ** 2)
    along = np.clip((y - 22) / 32, 0, 1) * np.clip((66 - y) / 8, 0, 1)
    return np.asarray(dome + 14.0 * ridge * along, dtype=np.float32)


def head_turn_field(
    yaw: float, pitch: float, size: int = CROP_PX, *, held: bool = True
) -> NDArray[np.float32]:
    """Return the parallax of a small head turn.

    Near parts (nose) move more than far ones (cheeks, jaw). With `held`, the mean motion and
    the best affine part over the face are taken out, as an aligner would.

    Parameters
    ----------
    yaw, pitch
        Direction of the turn, to the right of the picture and down; not both zero.
    size
        Side of the field in samples.
    held
        Whether to leave only what no shift, turn or scaling can follow.

    Raises
    ------
    ValueError
        If yaw and pitch are both zero.
    """
    if yaw == 0 and pitch == 0:
        raise ValueError("Expected a turn, got yaw and pitch of 0")
    x, y = pixel_grid(size)
    depth = face_depth(x, y)
    field = np.stack([depth * np.float32(yaw), depth * np.float32(pitch)])
    if held:
        field = _without_similarity(field, x, y)
    return peak_normalised(field)


def _without_similarity(
    field: NDArray[np.float32], x: NDArray[np.float32], y: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Take the best shift, rotation and scaling out of a field."""
    u, v = (x - x.mean()).ravel(), (y - y.mean()).ravel()
    one, zero = np.ones_like(u), np.zeros_like(u)
    basis = np.stack(
        [np.r_[one, zero], np.r_[zero, one], np.r_[u, v], np.r_[-v, u]], axis=1
    ).astype(np.float64)
    flat = field.reshape(-1).astype(np.float64)
    fit, *_ = np.linalg.lstsq(basis, flat, rcond=None)
    return np.asarray((flat - basis @ fit).reshape(field.shape), dtype=np.float32)


def _drawn(
    bumps: tuple[Bump, ...], size: int, rng: np.random.Generator | None, jitter: float
) -> NDArray[np.float32]:
    if rng is not None and jitter > 0:
        bumps = jittered(bumps, rng, jitter)
    return peak_normalised(bump_field(bumps, *pixel_grid(size)))
