"""Drawing people at random, as different from each other as faces in videos are."""

import numpy as np

from napari_mespot.frames.synthetic.identity import (
    BrowTraits,
    Colour,
    EyeTraits,
    FaceIdentity,
    GlassesTraits,
    HairTraits,
    HeadTraits,
    LightTraits,
    MouthTraits,
    NoseTraits,
    SkinTraits,
)

__all__ = ["random_identity"]

_HAIR: tuple[Colour, ...] = (
    (0.05, 0.04, 0.04),
    (0.10, 0.07, 0.05),
    (0.18, 0.11, 0.07),
    (0.30, 0.18, 0.10),
    (0.48, 0.32, 0.17),
    (0.66, 0.50, 0.30),
    (0.42, 0.16, 0.07),
    (0.48, 0.47, 0.46),
    (0.74, 0.73, 0.71),
)
_IRIS: tuple[Colour, ...] = (
    (0.16, 0.09, 0.05),
    (0.24, 0.14, 0.07),
    (0.36, 0.24, 0.14),
    (0.33, 0.33, 0.18),
    (0.30, 0.42, 0.30),
    (0.28, 0.42, 0.55),
    (0.42, 0.50, 0.55),
)


def random_identity(rng: np.random.Generator) -> FaceIdentity:
    """Draw a person at random: bones, skin, features, hair, glasses and light.

    The same state of `rng` gives the same person.
    """
    melanin = float(rng.beta(1.1, 1.4))
    age = float(rng.beta(1.2, 1.8))
    bearded = bool(rng.random() < 0.5)
    return FaceIdentity(
        head=_head(rng),
        skin=_skin(rng, melanin, age),
        eyes=_eyes(rng, melanin),
        brows=_brows(rng, bearded),
        nose=NoseTraits(
            width=_normal(rng, 1.0 + 0.12 * melanin, 0.09),
            length=_normal(rng, 0.0, 1.2),
            bridge=_normal(rng, 1.05 - 0.2 * melanin, 0.15),
            tip=_normal(rng, 1.0, 0.2),
        ),
        mouth=_mouth(rng, melanin),
        hair=_hair(rng, melanin, age, bearded),
        light=_light(rng),
        glasses=_glasses(rng) if rng.random() < 0.18 else None,
    )


def _normal(rng: np.random.Generator, mean: float, deviation: float) -> float:
    """Draw from a normal distribution cut at two standard deviations."""
    return float(mean + deviation * np.clip(rng.standard_normal(), -2, 2))


def _seed(rng: np.random.Generator) -> int:
    return int(rng.integers(0, 2**31))


def _head(rng: np.random.Generator) -> HeadTraits:
    return HeadTraits(
        width=_normal(rng, 1.0, 0.03),
        jaw=_normal(rng, -0.1, 0.6),
        chin=_normal(rng, 0.0, 1.8),
        cheekbones=_normal(rng, 1.0, 0.3),
        leanness=float(rng.beta(2, 3)),
        depth=_normal(rng, 46.0, 3.0),
        asymmetry_seed=_seed(rng),
    )


def _skin(rng: np.random.Generator, melanin: float, age: float) -> SkinTraits:
    return SkinTraits(
        melanin=melanin,
        redness=float(rng.uniform(0.1, 0.9)),
        roughness=float(rng.uniform(0.1, 0.9)),
        mottling=float(rng.uniform(0.2, 1.0)),
        freckles=int(rng.integers(15, 90)) if rng.random() < 0.3 else int(rng.integers(0, 10)),
        wrinkles=age,
        shine=float(rng.uniform(0.05, 0.55)),
        texture_seed=_seed(rng),
    )


def _eyes(rng: np.random.Generator, melanin: float) -> EyeTraits:
    lightest = len(_IRIS) if melanin < 0.35 else 3
    monolid = rng.random() < 0.15
    return EyeTraits(
        iris=_varied(rng, _IRIS[int(rng.integers(0, lightest))]),
        iris_radius=_normal(rng, 4.1, 0.15),
        pupil_radius=_normal(rng, 1.55, 0.25),
        openness=_normal(rng, 1.05, 0.14),
        width=_normal(rng, 1.0, 0.05),
        tilt=_normal(rng, 0.1, 0.6),
        crease=0.0 if monolid else _normal(rng, 2.4, 0.6),
        bags=float(rng.beta(1.5, 3)),
        lashes=float(rng.uniform(0.2, 1.0)),
    )


def _brows(rng: np.random.Generator, bearded: bool) -> BrowTraits:
    return BrowTraits(
        thickness=_normal(rng, 4.6 if bearded else 3.7, 0.7),
        density=_normal(rng, 0.75 if bearded else 0.6, 0.15),
        height=_normal(rng, -2.2, 1.2),
        arch=_normal(rng, 0.3, 0.7),
        darkness=float(rng.uniform(0.55, 1.0)),
    )


def _mouth(rng: np.random.Generator, melanin: float) -> MouthTraits:
    return MouthTraits(
        width=_normal(rng, 1.0, 0.06),
        upper=_normal(rng, 1.0 + 0.15 * melanin, 0.14),
        lower=_normal(rng, 1.0 + 0.12 * melanin, 0.12),
        colour=float(rng.uniform(0.2, 0.9)),
        smile=_normal(rng, 1.1, 0.7),
    )


def _hair(rng: np.random.Generator, melanin: float, age: float, bearded: bool) -> HairTraits:
    darkest = 3 if melanin > 0.5 else 7
    colour = _HAIR[int(rng.integers(0, darkest))]
    if age > 0.55 and rng.random() < 0.6:
        colour = _HAIR[int(rng.integers(7, 9))]
    bald = bearded and rng.random() < 0.15
    facial = rng.random() if bearded else 1.0
    return HairTraits(
        colour=_varied(rng, colour),
        hairline=-80.0 if bald else _normal(rng, -24.0 + 3 * (not bearded), 4.0),
        recession=float(rng.uniform(0, 12)) if bearded else float(rng.uniform(0, 3)),
        volume=float(rng.uniform(2.0, 6.0)) if bearded else float(rng.uniform(4.0, 10.0)),
        length=0.0 if bearded and rng.random() < 0.9 else float(rng.uniform(0.2, 1.0)),
        parting=_normal(rng, 0.0, 10.0),
        fringe=float(rng.uniform(4, 20)) if rng.random() < 0.25 else 0.0,
        beard=float(rng.uniform(0.15, 1.0)) if facial < 0.5 else 0.0,
        moustache=float(rng.uniform(0.2, 1.0)) if facial < 0.4 else 0.0,
        seed=_seed(rng),
    )


def _light(rng: np.random.Generator) -> LightTraits:
    side = _normal(rng, 0.0, 0.45)
    background = rng.uniform(0.08, 0.85) + rng.normal(0, 0.05, 3)
    clothes = rng.uniform(0.05, 0.8, 3)
    return LightTraits(
        direction=(side, _normal(rng, -0.45, 0.2), float(rng.uniform(0.6, 1.0))),
        key=float(rng.uniform(0.45, 0.9)),
        ambient=float(rng.uniform(0.3, 0.6)),
        warmth=float(rng.uniform(-0.3, 0.9)),
        exposure=_normal(rng, 0.98, 0.08),
        background=_colour(background),
        clothes=_colour(clothes),
    )


def _glasses(rng: np.random.Generator) -> GlassesTraits:
    return GlassesTraits(
        colour=_colour(rng.uniform(0.02, 0.4) + rng.normal(0, 0.04, 3)),
        thickness=float(rng.uniform(0.6, 1.8)),
        half_width=float(rng.uniform(13.0, 17.5)),
        half_height=float(rng.uniform(9.0, 13.0)),
        roundness=float(rng.uniform(0.2, 1.0)),
    )


def _varied(rng: np.random.Generator, colour: Colour) -> Colour:
    lighter = np.exp(rng.normal(0, 0.15) + rng.normal(0, 0.03, 3))
    return _colour(np.array(colour) * lighter)


def _colour(values: np.ndarray) -> Colour:
    r, g, b = (float(v) for v in np.clip(values, 0.01, 0.98))
    return r, g, b
