"""Who is drawn: a face as a value.

Two equal identities give the same picture to the last bit. Lengths are in pixels of the
aligned crop, angles in radians, colours red, green, blue from 0 to 1.
"""

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from napari_mespot.frames.synthetic.geometry import MEAN_FACE, MIDLINE_X, RIGID_POINTS

__all__ = [
    "BrowTraits",
    "Colour",
    "EyeTraits",
    "FaceIdentity",
    "GlassesTraits",
    "HairTraits",
    "HeadTraits",
    "LightTraits",
    "MouthTraits",
    "NoseTraits",
    "SkinTraits",
    "face_points",
]

Colour = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class HeadTraits:
    """Bones and outline."""

    width: float = 1.0
    """Width of the face against the mean face."""
    jaw: float = 0.0
    """Breadth of the jaw: -1 pointed, 1 square."""
    chin: float = 0.0
    """Length of the chin beyond the mean, in pixels."""
    cheekbones: float = 1.0
    """How far the cheekbones stand out."""
    leanness: float = 0.4
    """How hollow the cheeks are below them."""
    depth: float = 46.0
    """Depth of the head from ears to forehead."""
    asymmetry_seed: int = 0
    """Which small differences there are between the two sides."""


@dataclass(frozen=True, slots=True)
class SkinTraits:
    """Skin: tone, colour, texture, age."""

    melanin: float = 0.25
    """0 very light, 1 very dark."""
    redness: float = 0.5
    """Redness of cheeks, nose and ears."""
    roughness: float = 0.5
    """Depth of pores and fine lines."""
    mottling: float = 0.5
    """Unevenness of colour."""
    freckles: int = 0
    """Number of freckles and moles."""
    wrinkles: float = 0.3
    """Depth of the lines of age."""
    shine: float = 0.3
    """Strength of highlights."""
    texture_seed: int = 0
    """Which pattern of pores and blotches."""


@dataclass(frozen=True, slots=True)
class EyeTraits:
    """Eyes and lids."""

    iris: Colour = (0.36, 0.24, 0.14)
    iris_radius: float = 4.1
    pupil_radius: float = 1.55
    openness: float = 1.0
    width: float = 1.0
    tilt: float = 0.0
    """Outer corner raised, in pixels."""
    crease: float = 2.6
    """Height of the lid crease above the lid; 0 for none."""
    bags: float = 0.3
    """Shadow and fold under the eye."""
    lashes: float = 0.6


@dataclass(frozen=True, slots=True)
class BrowTraits:
    """Eyebrows."""

    thickness: float = 4.2
    density: float = 0.7
    height: float = -2.0
    """Raised against the mean, in pixels."""
    arch: float = 0.0
    """Raised in the middle, in pixels."""
    darkness: float = 0.75


@dataclass(frozen=True, slots=True)
class NoseTraits:
    """Nose."""

    width: float = 1.0
    length: float = 0.0
    """Longer than the mean, in pixels."""
    bridge: float = 1.0
    """How far the bridge stands out."""
    tip: float = 1.0
    """Roundness of the tip."""


@dataclass(frozen=True, slots=True)
class MouthTraits:
    """Lips."""

    width: float = 1.0
    upper: float = 1.0
    """Fullness of the upper lip."""
    lower: float = 1.0
    """Fullness of the lower lip."""
    colour: float = 0.5
    """0 as the skin, 1 strongly red."""
    smile: float = 1.0
    """Corners raised at rest, in pixels."""


@dataclass(frozen=True, slots=True)
class HairTraits:
    """Hair of head and face."""

    colour: Colour = (0.18, 0.11, 0.07)
    hairline: float = -22.0
    """Row of the hairline above the nose; below -60 for a bald head."""
    recession: float = 0.0
    """How far it recedes at the temples, in pixels."""
    volume: float = 5.0
    """How far the hair stands off the skull, in pixels."""
    length: float = 0.0
    """0 ends at the ears, 1 falls on the shoulders."""
    parting: float = 0.0
    """Column from which it falls, to the right of the middle."""
    fringe: float = 0.0
    """How far it falls on the forehead, in pixels."""
    beard: float = 0.0
    """0 shaven, 0.4 stubble, 1 full."""
    moustache: float = 0.0
    seed: int = 0


@dataclass(frozen=True, slots=True)
class GlassesTraits:
    """Glasses."""

    colour: Colour = (0.08, 0.08, 0.09)
    thickness: float = 1.0
    half_width: float = 15.0
    half_height: float = 11.0
    roundness: float = 0.5


@dataclass(frozen=True, slots=True)
class LightTraits:
    """Light and surroundings."""

    direction: tuple[float, float, float] = (-0.45, -0.5, 0.75)
    """Towards the main light: right, down, towards the camera."""
    key: float = 0.75
    ambient: float = 0.42
    warmth: float = 0.3
    """0 neutral, 1 warm."""
    exposure: float = 1.0
    background: Colour = (0.52, 0.55, 0.56)
    clothes: Colour = (0.2, 0.27, 0.36)


@dataclass(frozen=True, slots=True)
class FaceIdentity:
    """One drawn person in one light."""

    head: HeadTraits = field(default_factory=HeadTraits)
    skin: SkinTraits = field(default_factory=SkinTraits)
    eyes: EyeTraits = field(default_factory=EyeTraits)
    brows: BrowTraits = field(default_factory=BrowTraits)
    nose: NoseTraits = field(default_factory=NoseTraits)
    mouth: MouthTraits = field(default_factory=MouthTraits)
    hair: HairTraits = field(default_factory=HairTraits)
    light: LightTraits = field(default_factory=LightTraits)
    glasses: GlassesTraits | None = None


@lru_cache(maxsize=64)
def face_points(identity: FaceIdentity) -> NDArray[np.float64]:
    """Return the 68 points of a drawn face at rest in the aligned crop, shape (68, 2).

    The parts of the drawing are built on these points, so that they are true by
    construction. They are fitted to the mean face by the 24 rigid points, as an aligner
    would do.
    """
    points = MEAN_FACE.copy()
    _shape_jaw(points, identity.head)
    _shape_eyes(points, identity)
    _shape_nose(points, identity.nose)
    _shape_mouth(points, identity.mouth)
    rng = np.random.default_rng(identity.head.asymmetry_seed)
    for part in (slice(17, 22), slice(22, 27), slice(36, 42), slice(42, 48), slice(48, 68)):
        points[part] += rng.normal(0, 0.35, 2)
    points[:17] += rng.normal(0, 0.3, (17, 2))
    points = _aligned(points)
    points.setflags(write=False)
    return points


def _shape_jaw(points: NDArray[np.float64], head: HeadTraits) -> None:
    jaw = points[:17]
    jaw[:, 0] = MIDLINE_X + (jaw[:, 0] - MIDLINE_X) * head.width
    low = np.clip((jaw[:, 1] - 60) / 50, 0, 1)
    corner = low * np.clip(np.abs(jaw[:, 0] - MIDLINE_X) / 40, 0, 1)
    jaw[:, 0] += np.sign(jaw[:, 0] - MIDLINE_X) * 3.5 * head.jaw * corner
    jaw[:, 1] += head.chin * low


def _shape_eyes(points: NDArray[np.float64], identity: FaceIdentity) -> None:
    eyes, brows = identity.eyes, identity.brows
    for eye, outer in ((slice(36, 42), -1), (slice(42, 48), 1)):
        centre = points[eye].mean(axis=0)
        away = points[eye] - centre
        away *= (eyes.width, eyes.openness)
        away[:, 1] -= eyes.tilt * outer * away[:, 0] / 10
        points[eye] = centre + away
    points[17:27, 1] -= brows.height
    points[[21, 22], 1] += 0.9
    points[[17, 26], 1] -= 1.6
    arch = np.array([0, 0.7, 1, 0.6, 0, 0, 0.6, 1, 0.7, 0])
    points[17:27, 1] -= brows.arch * arch


def _shape_nose(points: NDArray[np.float64], nose: NoseTraits) -> None:
    base = points[31:36]
    base[:, 0] = MIDLINE_X + (base[:, 0] - MIDLINE_X) * nose.width
    base[:, 1] += nose.length
    points[28:31, 1] += nose.length * np.array([0.3, 0.6, 0.9])


def _shape_mouth(points: NDArray[np.float64], mouth: MouthTraits) -> None:
    lips = points[48:68]
    side = (lips[:, 0] - MIDLINE_X) / 18.5
    lips[:, 0] = MIDLINE_X + (lips[:, 0] - MIDLINE_X) * mouth.width
    line = 78.0
    fullness = np.where(lips[:, 1] < line, mouth.upper, mouth.lower)
    lips[:, 1] = line + (lips[:, 1] - line) * fullness
    lips[:, 1] -= mouth.smile * side**2


def _aligned(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Fit the rigid points to the mean face: shift, rotation, ratio of RMS sizes."""
    index = list(RIGID_POINTS)
    source, target = points[index], MEAN_FACE[index]
    centre, aim = source.mean(axis=0), target.mean(axis=0)
    a, b = source - centre, target - aim
    scale = np.sqrt((b**2).sum() / (a**2).sum())
    turn = np.arctan2((a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]).sum(), (a * b).sum())
    cos, sin = np.cos(turn), np.sin(turn)
    rotation = scale * np.array([[cos, -sin], [sin, cos]])
    return np.asarray((points - centre) @ rotation.T + aim)
