"""What happens in a drawn video, and when: the truth, written down before it is drawn."""

from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from napari_mespot.frames.synthetic.action_units import Side, action_unit_bumps
from napari_mespot.frames.synthetic.drawing import FaceState
from napari_mespot.frames.synthetic.dynamics import TimeCourse, profile, speech_course
from napari_mespot.frames.synthetic.head_motion import HeadMotion
from napari_mespot.model import Annotation, Expression, ExpressionKind, Interval

__all__ = ["Blink", "FaceScript", "GazeShift", "ScriptedExpression", "ScriptedUnit", "Speech"]

# How far the lips part per pixel of motion of an action unit that opens the mouth.
_OPENING = {25: 1.2, 26: 0.7, 27: 1.0}


@dataclass(frozen=True, slots=True)
class ScriptedUnit:
    """One action unit: FACS number, largest motion in crop pixels, side.

    Raises
    ------
    ValueError
        If the action unit cannot be drawn or the motion is not positive.
    """

    code: int
    pixels: float
    side: Side = "B"

    def __post_init__(self) -> None:
        action_unit_bumps(self.code, self.side)
        if self.pixels <= 0:
            raise ValueError(f"Expected a motion of more than 0 pixels, got {self.pixels}")

    @property
    def facs(self) -> str:
        """The unit in FACS notation, with its side if it is one-sided."""
        return f"{'' if self.side == 'B' else self.side}{self.code}"


@dataclass(frozen=True, slots=True)
class ScriptedExpression:
    """An expression: its kind, its course and the action units in it."""

    kind: ExpressionKind
    course: TimeCourse
    units: tuple[ScriptedUnit, ...]
    emotion: str = ""

    @property
    def expression(self) -> Expression:
        """The expression as a label."""
        return Expression(
            interval=self.course.interval,
            kind=self.kind,
            apex=self.course.apex,
            source="synthetic",
            action_units="+".join(unit.facs for unit in self.units),
            emotion=self.emotion,
        )


@dataclass(frozen=True, slots=True)
class Blink:
    """A blink, or a half blink: how far the lids close, 0 to 1."""

    course: TimeCourse
    closed: float = 1.0


@dataclass(frozen=True, slots=True)
class GazeShift:
    """A glance aside and back: where the irises go (right, down, in crop pixels)."""

    course: TimeCourse
    to: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Speech:
    """A stretch of talk without sound: frames, opening of the mouth in crop pixels, seed."""

    interval: Interval
    pixels: float = 2.5
    seed: int = 0


@dataclass(frozen=True, slots=True)
class FaceScript:
    """Everything that a face does in a video.

    Parameters
    ----------
    n_frames
        Length of the video.
    frame_rate
        Frames per second.
    expressions
        The expressions: what a spotter should find.
    blinks, gazes, speech
        What it should not take for one.
    motion
        How the head moves.

    Raises
    ------
    ValueError
        If an expression reaches past the last frame.
    """

    n_frames: int
    frame_rate: Fraction
    expressions: tuple[ScriptedExpression, ...] = ()
    blinks: tuple[Blink, ...] = ()
    gazes: tuple[GazeShift, ...] = ()
    speech: tuple[Speech, ...] = ()
    motion: HeadMotion = field(default_factory=HeadMotion)

    def __post_init__(self) -> None:
        self.annotation("")

    def annotation(self, video_id: str, subject_id: str = "synthetic") -> Annotation:
        """Return the truth: every expression, and the whole video reviewed."""
        return Annotation(
            video_id=video_id,
            n_frames=self.n_frames,
            frame_rate=self.frame_rate,
            expressions=tuple(scripted.expression for scripted in self.expressions),
            reviewed=(Interval(0, self.n_frames - 1),),
            subject_id=subject_id,
        )

    def time_s(self, frame: int) -> float:
        """Return the time of a frame."""
        return float(frame / self.frame_rate)

    def unit_pixels(self, frame: int) -> dict[tuple[int, Side], float]:
        """Return how far each action unit and side moves the face at a frame, in crop pixels."""
        out: dict[tuple[int, Side], float] = {}
        for scripted in self.expressions:
            strength = float(scripted.course.strength(frame))
            for unit in scripted.units if strength > 0 else ():
                key = (unit.code, unit.side)
                out[key] = out.get(key, 0.0) + strength * unit.pixels
        return out

    def state(self, frame: int) -> FaceState:
        """Return lids, gaze and opening of the mouth at a frame."""
        lids = max((float(b.course.strength(frame)) * b.closed for b in self.blinks), default=0.0)
        gaze = np.zeros(2)
        for glance in self.gazes:
            gaze += float(glance.course.strength(frame)) * np.array(glance.to)
        apart = sum(
            _OPENING[code] * pixels
            for (code, _), pixels in self.unit_pixels(frame).items()
            if code in _OPENING
        )
        return FaceState((lids, lids), (float(gaze[0]), float(gaze[1])), apart + self.talk(frame))

    def talk(self, frame: int) -> float:
        """Return how far talking opens the mouth at a frame, in crop pixels."""
        total = 0.0
        for talk in self.speech:
            if frame in talk.interval:
                rng = np.random.default_rng(talk.seed)
                wave = speech_course(frame, float(self.frame_rate), rng)
                total += talk.pixels * float(_faded(frame, talk.interval) * (0.5 + 0.5 * wave))
        return total


def _faded(frame: int, interval: Interval) -> NDArray[np.float32]:
    ease = min(interval.n_frames // 4, interval.n_frames - 1)
    top, hold = interval.onset + ease, interval.n_frames - 1 - 2 * ease
    return profile(frame, interval.onset, top, max(hold, 0), interval.offset)
