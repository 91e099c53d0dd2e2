"""The sample videos: what happens in them, and where their files lie."""

from dataclasses import replace
from fractions import Fraction
from importlib import resources
from math import radians
from pathlib import Path

from napari_mespot.errors import FrameReadError
from napari_mespot.frames.synthetic.dynamics import TimeCourse, blink_course
from napari_mespot.frames.synthetic.head_motion import HeadMotion, Turn
from napari_mespot.frames.synthetic.identity import (
    BrowTraits,
    EyeTraits,
    FaceIdentity,
    HairTraits,
    HeadTraits,
    LightTraits,
    MouthTraits,
    NoseTraits,
    SkinTraits,
)
from napari_mespot.frames.synthetic.script import (
    Blink,
    FaceScript,
    GazeShift,
    ScriptedExpression,
    ScriptedUnit,
    Speech,
)
from napari_mespot.frames.synthetic.sequence import Scene, SyntheticSequence
from napari_mespot.model import ExpressionKind, Interval

__all__ = ["SAMPLE_RATES", "sample_path", "sample_sequence"]

SAMPLE_RATES = (30, 200)
"""Frame rates of the two sample videos, in frames per second."""

_ME, _MAE = ExpressionKind.MICRO, ExpressionKind.MACRO
# When (onset, apex, end of hold, end; in seconds), what kind, action units, emotion.
_Event = tuple[tuple[float, float, float, float], ExpressionKind, tuple[ScriptedUnit, ...], str]

_SLOW: tuple[_Event, ...] = (
    ((1.90, 2.07, 2.10, 2.27), _ME, (ScriptedUnit(4, 2.2),), "negative"),
    (
        (4.40, 5.00, 5.50, 6.30),
        _MAE,
        (ScriptedUnit(6, 3.5), ScriptedUnit(12, 6.0), ScriptedUnit(25, 2.0)),
        "positive",
    ),
    ((7.70, 7.87, 7.93, 8.10), _ME, (ScriptedUnit(12, 2.2, "L"),), "positive"),
    ((10.60, 11.00, 11.40, 11.90), _MAE, (ScriptedUnit(1, 5.0), ScriptedUnit(2, 4.5)), "surprise"),
    ((13.40, 13.57, 13.60, 13.80), _ME, (ScriptedUnit(1, 2.0), ScriptedUnit(2, 1.8)), "surprise"),
    (
        (15.60, 16.07, 16.40, 17.00),
        _MAE,
        (ScriptedUnit(4, 4.0), ScriptedUnit(9, 4.0), ScriptedUnit(10, 3.0)),
        "negative",
    ),
    ((18.20, 18.37, 18.40, 18.57), _ME, (ScriptedUnit(15, 2.2),), "negative"),
)
_FAST: tuple[_Event, ...] = (
    ((0.90, 1.035, 1.06, 1.20), _ME, (ScriptedUnit(4, 1.8),), "negative"),
    (
        (2.30, 2.75, 3.10, 3.70),
        _MAE,
        (ScriptedUnit(6, 3.0), ScriptedUnit(12, 5.0)),
        "positive",
    ),
    ((5.00, 5.11, 5.13, 5.26), _ME, (ScriptedUnit(12, 2.0, "R"),), "positive"),
    ((6.60, 6.90, 7.10, 7.50), _MAE, (ScriptedUnit(1, 4.5), ScriptedUnit(2, 4.0)), "surprise"),
    ((8.50, 8.68, 8.72, 8.93), _ME, (ScriptedUnit(15, 1.8), ScriptedUnit(17, 1.6)), "negative"),
)


def _course(times: tuple[float, float, float, float], rate: int) -> TimeCourse:
    onset, apex, held, end = (round(t * rate) for t in times)
    return TimeCourse(onset, apex, held - apex, end - 1)


def _expressions(events: tuple[_Event, ...], rate: int) -> tuple[ScriptedExpression, ...]:
    return tuple(
        ScriptedExpression(kind, _course(times, rate), units, emotion)
        for times, kind, units, emotion in events
    )


def _blinks(times_s: tuple[float, ...], rate: int) -> tuple[Blink, ...]:
    return tuple(Blink(blink_course(round(t * rate), rate, 0.27)) for t in times_s)


def _slow_script() -> FaceScript:
    rate = 30
    glance = _course((3.0, 3.1, 3.7, 3.83), rate)
    look_down = _course((12.3, 12.43, 12.9, 13.03), rate)
    return FaceScript(
        n_frames=20 * rate,
        frame_rate=Fraction(rate),
        expressions=_expressions(_SLOW, rate),
        blinks=_blinks((0.8, 3.72, 6.8, 10.1, 12.86, 17.4, 19.3), rate),
        gazes=(GazeShift(glance, (3.0, 0.3)), GazeShift(look_down, (-2.0, 1.2))),
        speech=(Speech(Interval(432, 456), 2.2, seed=4),),
        motion=HeadMotion(
            seed=11,
            turns=(
                Turn(8.5, 1.5, yaw=radians(-7), roll=radians(1.5)),
                Turn(17.1, 1.0, pitch=radians(4)),
            ),
        ),
    )


def _fast_script() -> FaceScript:
    rate = 200
    glance = _course((1.55, 1.62, 2.0, 2.08), rate)
    return FaceScript(
        n_frames=round(9.5 * rate),
        frame_rate=Fraction(rate),
        expressions=_expressions(_FAST, rate),
        blinks=_blinks((0.4, 4.55, 7.9), rate),
        gazes=(GazeShift(glance, (-2.8, 0.2)),),
        motion=HeadMotion(seed=5, turns=(Turn(5.4, 0.95, yaw=radians(6)),)),
    )


def _sitter() -> FaceIdentity:
    """Return the person of both videos."""
    return FaceIdentity(
        head=HeadTraits(width=0.985, jaw=-0.6, chin=1.2, cheekbones=1.2, asymmetry_seed=8),
        skin=SkinTraits(
            melanin=0.28,
            redness=0.55,
            roughness=0.45,
            freckles=0,
            wrinkles=0.22,
            shine=0.26,
            texture_seed=5,
        ),
        eyes=EyeTraits(
            iris=(0.25, 0.33, 0.27), openness=1.1, width=1.03, tilt=0.3, bags=0.2, lashes=0.8
        ),
        brows=BrowTraits(thickness=4.1, density=0.75, height=-2.0, arch=0.5, darkness=0.85),
        nose=NoseTraits(width=0.96, bridge=1.05),
        mouth=MouthTraits(width=0.99, upper=1.05, lower=1.05, colour=0.55, smile=1.2),
        hair=HairTraits(
            colour=(0.24, 0.14, 0.085),
            hairline=-26.0,
            recession=4.0,
            volume=6.0,
            length=0.55,
            parting=7.0,
            seed=12,
        ),
        light=LightTraits(
            direction=(-0.45, -0.5, 0.8),
            background=(0.53, 0.55, 0.55),
            clothes=(0.13, 0.29, 0.33),
        ),
    )


def sample_sequence(rate: int) -> SyntheticSequence:
    """Return the sequence that a sample video was drawn from.

    Parameters
    ----------
    rate
        One of :data:`SAMPLE_RATES`.

    Raises
    ------
    ValueError
        If there is no sample at this rate.
    """
    _check(rate)
    scene = Scene(seed=rate)
    if rate == 200:  # a fast camera sees less light, but no flicker
        return SyntheticSequence(_sitter(), _fast_script(), replace(scene, noise=1.2, flicker=0.0))
    return SyntheticSequence(_sitter(), _slow_script(), scene)


def sample_path(rate: int = 30) -> Path:
    """Return where a sample video lies: in the installed package, or in a checkout.

    Its labels lie beside it, as ``STEM.intervals.csv``.

    Raises
    ------
    ValueError
        If there is no sample at this rate.
    FrameReadError
        If the package was installed without its sample data.
    """
    _check(rate)
    name = f"synthetic_face_{rate}fps.mp4"
    package = Path(str(resources.files("napari_mespot")))
    installed, checkout = package / "sample_data" / name, package.parents[1] / "sample_data" / name
    for path in (installed, checkout):
        if path.is_file():
            return path
    raise FrameReadError(f"Expected the sample video {installed}, found none: reinstall mespot")


def _check(rate: int) -> None:
    if rate not in SAMPLE_RATES:
        raise ValueError(f"Expected a rate of {SAMPLE_RATES}, got {rate}")
