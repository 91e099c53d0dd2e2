"""Draw what happens in a scene: expressions, and all that is not an expression."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from napari_mespot.frames.synthetic import TimeCourse, blink_course, random_course, speech_course
from napari_mespot.learning.motions import MotionBank
from napari_mespot.learning.params import Range, SyntheticParams
from napari_mespot.learning.repertoire import Repertoire
from napari_mespot.learning.scene import (
    Appearance,
    Camera,
    Course,
    Movement,
    Scene,
    ShownExpression,
)
from napari_mespot.model import ExpressionKind

__all__ = ["Stretch", "draw_scene", "sequence_expressions"]

Fields = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Frames from first to last, both included, and how many make a second."""

    frame_rate: float
    first_frame: int
    last_frame: int


def sequence_expressions(
    params: SyntheticParams,
    rng: np.random.Generator,
    frame_rate: float,
    n_frames: int,
    gap_s: Range,
) -> tuple[ShownExpression, ...]:
    """Draw expressions of either kind one after another, with neutral gaps of `gap_s`."""
    shown: list[ShownExpression] = []
    at = round(rng.uniform(gap_s.low, gap_s.high) * frame_rate)
    while True:
        kind = (ExpressionKind.MICRO, ExpressionKind.MACRO)[int(rng.integers(2))]
        length = _length(params, kind, rng, frame_rate)
        if at + length >= n_frames:
            return tuple(shown)
        shown.append(ShownExpression(kind, _course(rng, length, at)))
        at += length + max(1, round(rng.uniform(gap_s.low, gap_s.high) * frame_rate))


def draw_scene(
    repertoire: Repertoire,
    expressions: Sequence[ShownExpression],
    params: SyntheticParams,
    rng: np.random.Generator,
    stretch: Stretch,
) -> Scene:
    """Draw a face, its expressions and everything else between two frames.

    Parameters
    ----------
    repertoire
        What to choose from.
    expressions
        When expressions are shown; how they look is drawn here.
    params
        How much of what.
    rng
        Source of randomness.
    stretch
        The frames in which distractors are wanted.
    """
    faces, motions = repertoire.faces, repertoire.motions
    face = int(rng.integers(len(faces.rest)))
    events = _Events(rng, stretch)
    movements = [_expression(shown, motions, params, rng) for shown in expressions]
    shown = tuple(
        replace(e, amplitude_px=m.amplitude_px) for e, m in zip(expressions, movements, strict=True)
    )
    appearances = _parted_lips(faces.mouths[face], expressions, rng)
    for course, strength in _blinks(params, rng, events):
        movements.append(Movement(_pick(motions.blinks, rng), course, strength * rng.uniform(1, 4)))
        appearances.append(Appearance(faces.lids[face], _scaled(course, strength)))
    for course in _glances(params, rng, events):
        if rng.random() < 0.5:
            appearances.append(Appearance(faces.gazes[face], course))
        else:
            movements.append(Movement(_pick(motions.gazes, rng), course, rng.uniform(0.5, 3.0)))
    movements += _minor_movements(motions, params, rng, events)
    if rng.random() < params.speech_probability:
        talk = events.talk()
        amplitude = _log_uniform(params.speech_px, rng)
        movements += [Movement(_pick(motions.speech, rng), talk, amplitude) for _ in range(2)]
        appearances.append(Appearance(faces.mouths[face], _scaled(talk, rng.uniform(0, 1))))
    return Scene(
        face=faces.rest[face],
        shape=_pick(motions.shapes, rng) * np.float32(rng.uniform(0, 4)),
        movements=tuple(movements),
        appearances=tuple(appearances),
        camera=_camera(params, rng),
        lights=_lights(params, rng, stretch.frame_rate, face_px=motions.shapes.shape[-1]),
        expressions=shown,
    )


class _Events:
    """Times at which something happens by chance."""

    def __init__(self, rng: np.random.Generator, stretch: Stretch) -> None:
        self.rng = rng
        self.frame_rate = stretch.frame_rate
        self.first = stretch.first_frame
        self.last = stretch.last_frame

    def onsets(self, per_s: float) -> list[int]:
        """Draw onsets at a mean rate; some lie shortly before the stretch."""
        first = self.first - round(0.3 * self.frame_rate)
        expected = per_s * (self.last - first + 1) / self.frame_rate
        return [int(f) for f in self.rng.integers(first, self.last + 1, self.rng.poisson(expected))]

    def course(self, onset: int, shortest_s: float, longest_s: float) -> TimeCourse:
        """Draw an onset-apex-offset course of a length within two bounds."""
        seconds = float(np.exp(self.rng.uniform(np.log(shortest_s), np.log(longest_s))))
        return random_course(self.rng, max(2, round(seconds * self.frame_rate)), onset)

    def talk(self) -> Course:
        """Draw a stretch of speech."""
        rate, seed = self.frame_rate, int(self.rng.integers(2**31))
        start = int(self.rng.integers(self.first, self.last + 1)) - round(1.0 * rate)
        window = TimeCourse(
            start, start + round(0.2 * rate), round(3.0 * rate), start + round(3.6 * rate)
        )
        syllables_hz = float(self.rng.uniform(2.5, 5.5))

        def course(frames: NDArray[np.int64]) -> NDArray[np.float32]:
            voice = speech_course(frames, rate, np.random.default_rng(seed), syllables_hz)
            return voice * window.strength(frames)

        return course


def _expression(
    shown: ShownExpression, motions: MotionBank, params: SyntheticParams, rng: np.random.Generator
) -> Movement:
    micro = shown.kind is ExpressionKind.MICRO
    amplitude = _log_uniform(params.micro_amplitude_px if micro else params.macro_amplitude_px, rng)
    which = int(rng.integers(len(motions.expressions)))
    return Movement(
        motions.expressions[which],
        shown.course.strength,
        amplitude,
        motions.shades[which],
        amplitude * float(rng.uniform(-0.1, 0.35)),
    )


def _course(rng: np.random.Generator, n_frames: int, onset: int) -> TimeCourse:
    """Draw a course that passes its apex at once, or (half of them) holds it for long."""
    if rng.random() < 0.5:
        return random_course(rng, n_frames, onset)
    last = n_frames - 1
    rise, fall = (round(rng.uniform(0.1, 0.35) * last) for _ in range(2))
    return TimeCourse(onset, onset + rise, last - rise - fall, onset + last)


def _blinks(
    params: SyntheticParams, rng: np.random.Generator, events: _Events
) -> list[tuple[Course, float]]:
    """Draw blinks with how far the lids close; a third of them not wholly."""
    return [
        (
            blink_course(onset, events.frame_rate, float(rng.uniform(0.12, 0.4))).strength,
            float(rng.uniform(0.3, 0.9)) if rng.random() < 0.3 else 1.0,
        )
        for onset in events.onsets(params.blink_per_s)
    ]


def _glances(params: SyntheticParams, rng: np.random.Generator, events: _Events) -> list[Course]:
    """Draw looks away: a quick turn of the eyes, held for a while, and back."""
    out: list[Course] = []
    for onset in events.onsets(params.gaze_per_s):
        hold = round(rng.uniform(0.2, 2.5) * events.frame_rate)
        quick = max(1, round(0.05 * events.frame_rate))
        course = TimeCourse(onset, onset + quick, hold, onset + hold + 2 * quick)
        out.append(course.strength)
    return out


def _minor_movements(
    motions: MotionBank, params: SyntheticParams, rng: np.random.Generator, events: _Events
) -> list[Movement]:
    """Swallowing and sniffing, head turns, and the slow sway that never stops."""
    out = []
    for onset in events.onsets(params.swallow_per_s):
        course = events.course(onset, 0.25, 1.2)
        amplitude = _log_uniform(params.swallow_px, rng)
        out.append(Movement(_pick(motions.swallows, rng), course.strength, amplitude))
    for onset in events.onsets(params.turn_per_s):
        course = events.course(onset, params.turn_s.low, params.turn_s.high)
        amplitude = _log_uniform(params.turn_px, rng)
        out.append(Movement(_pick(motions.turns, rng), course.strength, amplitude))
    if rng.random() < params.surroundings_probability:
        passing = _wave(rng, events.frame_rate, 0.05, 1.5)
        amplitude = _log_uniform(params.surroundings_px, rng)
        out.append(Movement(_pick(motions.surroundings, rng), passing, amplitude))
    for _ in range(2):
        sway = _wave(rng, events.frame_rate, 0.05, 1.0)
        out.append(Movement(_pick(motions.turns, rng), sway, _log_uniform(params.sway_px, rng)))
    return out


def _parted_lips(
    mouth: NDArray[np.uint8], expressions: Sequence[ShownExpression], rng: np.random.Generator
) -> list[Appearance]:
    """Open the mouth in some of the macro-expressions."""
    return [
        Appearance(mouth, _scaled(shown.course.strength, rng.uniform(0.3, 1.0)))
        for shown in expressions
        if shown.kind is ExpressionKind.MACRO and rng.random() < 0.3
    ]


def _camera(params: SyntheticParams, rng: np.random.Generator) -> Camera:
    coded = rng.random() < params.jpeg_probability
    quality = int(rng.integers(int(params.jpeg_quality.low), int(params.jpeg_quality.high) + 1))
    return Camera(
        jitter_px=_log_uniform(params.jitter_px, rng),
        flicker=float(rng.uniform(0, params.flicker)),
        noise=_log_uniform(params.noise, rng),
        noise_grain_px=float(rng.choice([0.0, 0.6])),
        blur_px=max(0.0, float(rng.uniform(-0.3, params.blur_px))),
        jpeg_quality=quality if coded else 0,
    )


def _lights(
    params: SyntheticParams, rng: np.random.Generator, frame_rate: float, face_px: int
) -> tuple[tuple[NDArray[np.float32], Course], ...]:
    """Draw one slow change of a light from a random side."""
    axis = np.linspace(-1, 1, face_px, dtype=np.float32)
    angle = rng.uniform(0, 2 * np.pi)
    ramp = axis * np.float32(np.cos(angle)) + axis[:, np.newaxis] * np.float32(np.sin(angle))
    strength = np.float32(rng.uniform(0, params.light_change))
    return (
        (strength * (ramp + np.float32(rng.uniform(-0.5, 0.5))), _wave(rng, frame_rate, 0.1, 3.0)),
    )


def _wave(rng: np.random.Generator, frame_rate: float, low_hz: float, high_hz: float) -> Course:
    """Draw a sum of three sines, about -1 to 1."""
    hz = np.exp(rng.uniform(np.log(low_hz), np.log(high_hz), 3))
    phase, share = rng.uniform(0, 2 * np.pi, 3), rng.dirichlet([1.0, 1.0, 1.0])

    def course(frames: NDArray[np.int64]) -> NDArray[np.float32]:
        t = np.asarray(frames, dtype=np.float64)[:, np.newaxis] / frame_rate
        return np.asarray((np.sin(2 * np.pi * hz * t + phase) * share).sum(1), dtype=np.float32)

    return course


def _scaled(course: Course, factor: float) -> Course:
    return lambda frames: course(frames) * np.float32(factor)


def _length(
    params: SyntheticParams, kind: ExpressionKind, rng: np.random.Generator, frame_rate: float
) -> int:
    """Draw a duration in frames that is on the right side of 0.5 s."""
    micro = kind is ExpressionKind.MICRO
    seconds = _log_uniform(params.micro_duration_s if micro else params.macro_duration_s, rng)
    return max(2, round(seconds * frame_rate))


def _log_uniform(span: Range, rng: np.random.Generator) -> float:
    return float(np.exp(rng.uniform(np.log(span.low), np.log(span.high))))


def _pick(fields: Fields, rng: np.random.Generator) -> Fields:
    field: Fields = fields[int(rng.integers(len(fields)))]
    return field
