"""The shape of a face: where brows, lids, cheeks, mouth and chin stand, in a few numbers.

The 468 landmarks of a frame are turned, moved and scaled in space until the points that no
expression moves (bridge and sides of the nose, corners of the eyes, temples, forehead) lie on
those of a mean face. What is then left of motion is that of the face, not of the head.
"""

from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["RIGID_MESH", "SHAPE_SIGNALS", "pose_of_mesh", "reference_mesh", "shape_signals"]

SHAPE_SIGNALS: tuple[str, ...] = (
    "brow_inner_right",
    "brow_inner_left",
    "brow_outer_right",
    "brow_outer_left",
    "brow_gap",
    "lids_open_right",
    "lids_open_left",
    "cheek_right",
    "cheek_left",
    "nose_wing_right",
    "nose_wing_left",
    "mouth_corner_up_right",
    "mouth_corner_up_left",
    "mouth_corner_out_right",
    "mouth_corner_out_left",
    "upper_lip_up",
    "lower_lip_down",
    "lips_apart",
    "upper_lip_height",
    "lower_lip_height",
    "chin_down",
    "mouth_to_left",
    "mouth_forward",
    "pitch_deg",
    "yaw_deg",
    "roll_deg",
)
"""Names of the 26 numbers, in order: 23 of the shape, then the pose of the head.

Right and left are the person's own. Brows, cheeks, wings of the nose and corners of the mouth
rise with the value; the rest says in its name which way it grows.
"""

#: Points that no expression moves, or hardly.
RIGID_MESH: NDArray[np.int64] = np.array([
    168, 6, 197, 195, 5, 4, 1, 2, 98, 327, 33, 133, 362, 263,
    127, 356, 234, 454, 93, 323, 10, 151, 9, 8,
])  # fmt: skip

_X, _Y, _Z = 0, 1, 2
# Each number of the shape is a sum of coordinates: (weight, landmark, axis).
_TERMS: tuple[tuple[tuple[float, int, int], ...], ...] = (
    ((-1, 107, _Y),),
    ((-1, 336, _Y),),
    ((-1, 70, _Y),),
    ((-1, 300, _Y),),
    ((1, 336, _X), (-1, 107, _X)),
    ((1, 145, _Y), (-1, 159, _Y)),
    ((1, 374, _Y), (-1, 386, _Y)),
    ((-1, 117, _Y),),
    ((-1, 346, _Y),),
    ((-1, 98, _Y),),
    ((-1, 327, _Y),),
    ((-1, 61, _Y),),
    ((-1, 291, _Y),),
    ((-1, 61, _X),),
    ((1, 291, _X),),
    ((-1, 0, _Y),),
    ((1, 17, _Y),),
    ((1, 14, _Y), (-1, 13, _Y)),
    ((1, 13, _Y), (-1, 0, _Y)),
    ((1, 17, _Y), (-1, 14, _Y)),
    ((1, 152, _Y),),
    ((0.25, 61, _X), (0.25, 291, _X), (0.25, 0, _X), (0.25, 17, _X)),
    ((-0.5, 0, _Z), (-0.5, 17, _Z)),
)
_POINTS: NDArray[np.int64] = np.array(sorted({point for terms in _TERMS for _, point, _ in terms}))


def shape_signals(meshes: ArrayLike) -> NDArray[np.float32]:
    """Return the shape and pose of faces, in pixels of the 112×112 aligned frame and degrees.

    Parameters
    ----------
    meshes
        (..., 468, 3) landmarks: x, y and relative depth, in one scale. For the shape it does
        not matter where the face lies, how large it is and how it is turned; the pose is that
        against the frame in which the points are given. NaN: not measured.

    Returns
    -------
    (..., 26) float32 in the order of :data:`SHAPE_SIGNALS`. The mean face at rest that looks
    straight ahead is zero. NaN where a point is NaN, or all points are one.

    Raises
    ------
    ValueError
        If the array has another shape.
    """
    given = np.asarray(meshes, dtype=np.float64)
    if given.shape[-2:] != (468, 3):
        raise ValueError(f"Expected meshes of shape (..., 468, 3), got {given.shape}")
    flat = given.reshape(-1, 468, 3)
    out = np.full((len(flat), len(SHAPE_SIGNALS)), np.nan, np.float32)
    rigid, points = flat[:, RIGID_MESH], flat[:, _POINTS]
    usable = np.isfinite(rigid).all((1, 2)) & np.isfinite(points).all((1, 2))
    usable &= np.ptp(rigid, axis=1).max(axis=1, initial=0.0) > 0
    size, turn, shift = pose_of_mesh(rigid[usable])
    placed = size[:, None, None] * points[usable] @ turn.transpose(0, 2, 1) + shift[:, None]
    coordinates = placed.reshape(len(placed), 3 * len(_POINTS))
    out[usable, : len(_TERMS)] = coordinates @ _weights() - _at_rest()
    out[usable, len(_TERMS) :] = np.degrees(_angles(turn))
    return out.reshape(*given.shape[:-2], len(SHAPE_SIGNALS))


def pose_of_mesh(
    rigid: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Fit size, rotation and shift in space that take faces onto the mean face.

    Parameters
    ----------
    rigid
        (n, 24, 3) the points :data:`RIGID_MESH` of each face, not all in one place.

    Returns
    -------
    Sizes (n,), rotations (n, 3, 3) and shifts (n, 3): ``size * rotation @ point + shift``, by
    least squares.
    """
    target = reference_mesh()[RIGID_MESH]
    middle, centre = target.mean(axis=0), rigid.mean(axis=1)
    away = rigid - centre[:, None]
    left, values, right = np.linalg.svd(away.transpose(0, 2, 1) @ (target - middle))
    handed = np.sign(np.linalg.det(left) * np.linalg.det(right))
    values[:, 2] *= handed
    left[:, :, 2] *= handed[:, None]
    turn = (left @ right).transpose(0, 2, 1)
    size = values.sum(axis=1) / (away**2).sum(axis=(1, 2))
    shift = middle - size[:, None] * (turn @ centre[:, :, None])[:, :, 0]
    return size, turn, shift


def _angles(turn: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return pitch, yaw and roll of (n, 3, 3) rotations, (n, 3), in radians."""
    pitch = np.arctan2(turn[:, 2, 1], turn[:, 2, 2])
    yaw = -np.arcsin(np.clip(turn[:, 2, 0], -1, 1))
    roll = np.arctan2(turn[:, 1, 0], turn[:, 0, 0])
    return np.stack([pitch, yaw, roll], axis=1)


@cache
def reference_mesh() -> NDArray[np.float64]:
    """Return the mean face in space, (468, 3), in pixels of the aligned frame; symmetrical."""
    text = resources.files("napari_mespot.face").joinpath("mean_mesh_468.csv").read_text("utf-8")
    rows = [line.split(",") for line in text.splitlines() if line and not line.startswith("#")]
    mesh = np.array(rows, dtype=np.float64)
    mesh.setflags(write=False)
    return mesh


@cache
def _weights() -> NDArray[np.float64]:
    """Return the (3 · points, 23) weights of the coordinates of `_POINTS` in each number."""
    weights = np.zeros((len(_POINTS), 3, len(_TERMS)))
    for column, terms in enumerate(_TERMS):
        for weight, point, axis in terms:
            weights[np.searchsorted(_POINTS, point), axis, column] = weight
    return weights.reshape(-1, len(_TERMS))


@cache
def _at_rest() -> NDArray[np.float64]:
    """Return the 23 numbers of the mean face before they are counted from it."""
    return np.asarray(reference_mesh()[_POINTS].reshape(-1) @ _weights())
