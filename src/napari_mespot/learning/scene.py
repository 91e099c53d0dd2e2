"""One drawn face in motion before one camera: what a training clip is a glimpse of.

A :class:`Scene` is a function of the frame number, so that a clip of three frames and a
sequence of thousands come from the same code: every movement has a course in time, and the
displacement of a frame is the sum of all fields, each times its strength there. Only what is
new in every frame (registration jitter, flicker, noise) is drawn while rendering.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from napari_mespot.frames.synthetic import TimeCourse
from napari_mespot.model import Annotation, Expression, ExpressionKind, Interval

__all__ = ["Appearance", "Camera", "Movement", "Scene", "ShownExpression", "render"]

Course = Callable[[NDArray[np.int64]], NDArray[np.float32]]
"""Strength at each of the given frames."""


@dataclass(frozen=True, eq=False, slots=True)
class Movement:
    """Skin that moves: a field, times its amplitude, times a course.

    Parameters
    ----------
    field
        Shape (2, S, S): where points go, with a longest vector of length 1.
    course
        Strength over time.
    amplitude_px
        Length of the longest vector at strength 1, in crop pixels.
    shade, shading
        A map, shape (S, S), of the change of brightness that folds and bulges make, and its
        size at strength 1, relative; None for none.
    """

    field: NDArray[np.float32]
    course: Course
    amplitude_px: float = 1.0
    shade: NDArray[np.float32] | None = None
    shading: float = 0.0


@dataclass(frozen=True, eq=False, slots=True)
class Appearance:
    """A face that looks different (lids down, mouth open), not merely moved.

    `pictures` has shape (v, 2S, 2S), uint8, from rest to full strength in equal steps;
    between two of them they are mixed.
    """

    pictures: NDArray[np.uint8]
    course: Course


@dataclass(frozen=True, slots=True)
class Camera:
    """What light, lens, coding and alignment add.

    Parameters
    ----------
    jitter_px
        Standard deviation of the registration error of each frame, in crop pixels.
    flicker
        Standard deviation of the gain of each frame, relative.
    noise
        Standard deviation of the noise, in grey levels of 255.
    noise_grain_px
        Blur of the noise, in crop pixels.
    blur_px
        Blur of the picture, in crop pixels.
    jpeg_quality
        Quality of the coding; 0 for none.
    """

    jitter_px: float = 0.0
    flicker: float = 0.0
    noise: float = 0.0
    noise_grain_px: float = 0.0
    blur_px: float = 0.0
    jpeg_quality: int = 0


@dataclass(frozen=True, slots=True)
class ShownExpression:
    """The truth about one expression of a scene; its amplitude is in crop pixels."""

    kind: ExpressionKind
    course: TimeCourse
    amplitude_px: float = 0.0

    def holds(self, frames: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether each frame lies in it, onset and offset included."""
        return (frames >= self.course.onset) & (frames <= self.course.offset)


@dataclass(frozen=True, eq=False, slots=True)
class Scene:
    """A face, how it moves, what sees it and what is true of it.

    Parameters
    ----------
    face
        The face at rest, shape (2S, 2S), uint8: drawn at twice the size of the crop, so that
        moving it by parts of a pixel does not blur it.
    shape
        The person's own proportions: a fixed displacement, shape (2, S, S).
    movements, appearances, camera
        What changes, and how it is seen.
    lights
        Slow relative changes of light: maps of shape (S, S) with their courses.
    expressions
        The truth, in frames of the scene; they may begin before frame 0.
    """

    face: NDArray[np.uint8]
    shape: NDArray[np.float32]
    movements: tuple[Movement, ...] = ()
    appearances: tuple[Appearance, ...] = ()
    camera: Camera = Camera()
    lights: tuple[tuple[NDArray[np.float32], Course], ...] = ()
    expressions: tuple[ShownExpression, ...] = ()

    def annotation(self, n_frames: int, frame_rate: Fraction, video_id: str) -> Annotation:
        """Return the truth of frames 0 to `n_frames` - 1 as an annotation, all reviewed."""
        cut = [
            (Interval(max(0, s.course.onset), s.course.offset).clipped(n_frames), s.kind)
            for s in self.expressions
            if s.course.offset >= 0
        ]
        return Annotation(
            video_id=video_id,
            n_frames=n_frames,
            frame_rate=frame_rate,
            expressions=tuple(Expression(i, kind) for i, kind in cut if i is not None),
            reviewed=(Interval(0, n_frames - 1),),
        )


def render(scene: Scene, frames: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Draw the aligned crops of `frames`.

    Parameters
    ----------
    scene
        What is seen.
    frames
        Shape (n,): frame numbers, in any order, also negative.
    rng
        Draws what is new in every frame.

    Returns
    -------
    NDArray
        Shape (n, S, S), uint8.
    """
    size = scene.shape.shape[-1]
    moving = [(m, m.course(frames)) for m in scene.movements]
    moving = [(m, strength) for m, strength in moving if strength.any()]
    offsets = _displacements(scene, frames, moving, rng)
    light = _light(scene, frames, moving, rng)
    strengths = [a.course(frames) for a in scene.appearances]
    out = np.empty((len(frames), size, size), dtype=np.uint8)
    for i in range(len(frames)):
        picture = _looks(scene, [float(s[i]) for s in strengths])
        crop = cv2.remap(
            picture, offsets[i, 0], offsets[i, 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        out[i] = _seen(np.asarray(crop * light[i], dtype=np.float32), scene.camera, rng)
    return out


def _displacements(
    scene: Scene,
    frames: NDArray[np.int64],
    moving: Sequence[tuple[Movement, NDArray[np.float32]]],
    rng: np.random.Generator,
) -> NDArray[np.float32]:
    """Return where each crop pixel is looked up in the picture, shape (n, 2, S, S)."""
    size = scene.shape.shape[-1]
    x, y = _grid(size)
    n = len(frames)
    jitter = rng.normal(0, scene.camera.jitter_px, (n, 4)).astype(np.float32)
    fields = np.stack([*_similarity_fields(size), *[m.field for m, _ in moving]])
    weights = np.stack([*jitter.T, *[-m.amplitude_px * strength for m, strength in moving]], axis=1)
    moved = weights.astype(np.float32) @ fields.reshape(len(fields), -1)
    at = moved.reshape(n, 2, size, size) + (np.stack([x, y]) + scene.shape)
    return np.asarray(2 * at + np.float32(0.5), dtype=np.float32)


def _light(
    scene: Scene,
    frames: NDArray[np.int64],
    moving: Sequence[tuple[Movement, NDArray[np.float32]]],
    rng: np.random.Generator,
) -> NDArray[np.float32]:
    """Return the relative brightness of each frame, shape (n, S, S)."""
    size = scene.shape.shape[-1]
    maps = [m for m, _ in scene.lights]
    courses = [course(frames) for _, course in scene.lights]
    for movement, strength in moving:
        if movement.shade is not None:
            maps.append(movement.shade)
            courses.append(np.float32(movement.shading) * strength)
    flicker = 1 + rng.normal(0, scene.camera.flicker, (len(frames), 1, 1))
    if not maps:
        return np.broadcast_to(flicker, (len(frames), size, size)).astype(np.float32)
    weights = np.stack(courses, axis=1).astype(np.float32)
    light = weights @ np.stack(maps).reshape(len(maps), -1)
    light = np.clip(1 + light.reshape(-1, size, size), 0.3, 2.0)
    return np.asarray(light * flicker, dtype=np.float32)


def _looks(scene: Scene, strengths: Sequence[float]) -> NDArray[np.float32]:
    """Return the picture with each appearance mixed in by its strength."""
    picture = scene.face.astype(np.float32)
    rest = picture
    for appearance, strength in zip(scene.appearances, strengths, strict=True):
        if strength <= 0:
            continue
        steps = appearance.pictures
        place = min(max(strength, 0.0), 1.0) * (len(steps) - 1)
        below = min(int(place), len(steps) - 2)
        share = place - below
        mixed = cv2.addWeighted(
            steps[below], 1 - share, steps[below + 1], share, 0.0, dtype=cv2.CV_32F
        )
        picture = picture + (np.asarray(mixed, dtype=np.float32) - rest)
    return picture


def _seen(crop: NDArray[np.float32], camera: Camera, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Blur, noise, coding and rounding to whole grey levels."""
    if camera.blur_px > 0:
        crop = np.asarray(cv2.GaussianBlur(crop, (0, 0), camera.blur_px), dtype=np.float32)
    if camera.noise > 0:
        noise = rng.standard_normal(crop.shape, dtype=np.float32) * np.float32(camera.noise)
        if camera.noise_grain_px > 0:
            noise = np.asarray(cv2.GaussianBlur(noise, (0, 0), camera.noise_grain_px))
        crop = crop + noise
    whole = np.clip(np.rint(crop), 0, 255).astype(np.uint8)
    if camera.jpeg_quality:
        done, code = cv2.imencode(".jpg", whole, [cv2.IMWRITE_JPEG_QUALITY, camera.jpeg_quality])
        if done:
            whole = np.asarray(cv2.imdecode(code, cv2.IMREAD_GRAYSCALE), dtype=np.uint8)
    return whole


@cache
def _grid(size: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    axis = np.arange(size, dtype=np.float32)
    x, y = np.meshgrid(axis, axis)
    return x, y


@cache
def _similarity_fields(size: int) -> NDArray[np.float32]:
    """Return shift to the right, shift down, growth and turn, shape (4, 2, size, size).

    Growth and turn move the edge of the crop by one pixel.
    """
    x, y = _grid(size)
    one, none = np.ones_like(x), np.zeros_like(x)
    u, v = ((a - np.float32((size - 1) / 2)) / np.float32(size / 2) for a in (x, y))
    return np.stack([np.stack(f) for f in ((one, none), (none, one), (u, v), (-v, u))])
