"""A drawn face that plays a script: frames, their labels and their true landmarks."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from napari_mespot.frames.synthetic.action_units import Side, action_unit_bumps, bump_field
from napari_mespot.frames.synthetic.canvas import Canvas, Field, Picture
from napari_mespot.frames.synthetic.creases import CREASED_UNITS, crease_shading
from napari_mespot.frames.synthetic.distractors import face_depth
from napari_mespot.frames.synthetic.drawing import FaceState, Portrait, draw_portrait
from napari_mespot.frames.synthetic.geometry import MIDLINE_X
from napari_mespot.frames.synthetic.head_motion import HeadPose
from napari_mespot.frames.synthetic.identity import FaceIdentity, face_points
from napari_mespot.frames.synthetic.script import FaceScript
from napari_mespot.frames.synthetic.warping import inverse_displacement
from napari_mespot.model import Annotation

__all__ = ["Scene", "SyntheticSequence"]

_PIVOT = (MIDLINE_X, 96.0)  # the head sways about the top of the neck
_DETAIL = 1.3  # samples of the drawing per pixel of the video
_GRID = 2.0  # samples of a motion field per crop pixel
_FULL_CREASE_PX = 8.0  # motion at which a fold has its full depth
# Opening the mouth is drawn, so that only the jaw's share of these units is a warp.
_DRAWN_UNITS = {25}


@dataclass(frozen=True, slots=True)
class Scene:
    """The camera and what it adds.

    Parameters
    ----------
    height, width
        Of the video, in pixels.
    scale
        Pixels of the video per crop pixel: the size of the face.
    centre
        Point of the face, in crop coordinates, in the middle of the picture.
    noise
        Standard deviation of the sensor's noise, of 255 levels.
    flicker
        Relative size of the flicker of the light.
    flicker_hz
        Its rate as it is seen in the video.
    seed
        Which noise.
    """

    height: int = 480
    width: int = 640
    scale: float = 2.2
    centre: tuple[float, float] = (MIDLINE_X, 36.0)
    noise: float = 1.5
    flicker: float = 0.006
    flicker_hz: float = 1.7
    seed: int = 0

    @property
    def canvas(self) -> Canvas:
        """The picture of the video as a canvas."""
        left = self.centre[0] - self.width / 2 / self.scale
        top = self.centre[1] - self.height / 2 / self.scale
        return Canvas(left, top, self.height, self.width, self.scale)


@dataclass(frozen=True)
class SyntheticSequence:
    """A video of one drawn face.

    Every frame is a function of its index alone: it can be drawn in any order, and the same
    values give the same bytes.

    Parameters
    ----------
    identity
        Who.
    script
        What happens.
    scene
        How it is filmed.
    """

    identity: FaceIdentity
    script: FaceScript
    scene: Scene = Scene()

    @property
    def n_frames(self) -> int:
        """Length of the video."""
        return self.script.n_frames

    def annotation(self, video_id: str) -> Annotation:
        """Return the exact truth of the video."""
        return self.script.annotation(video_id)

    def __iter__(self) -> Iterator[NDArray[np.uint8]]:
        return (self.frame(index) for index in range(self.n_frames))

    def frame(self, index: int) -> NDArray[np.uint8]:
        """Draw one frame.

        Returns
        -------
        NDArray
            Shape (height, width, 3), uint8, RGB.

        Raises
        ------
        IndexError
            If there is no such frame.
        """
        if not 0 <= index < self.n_frames:
            raise IndexError(f"Expected a frame from 0 to {self.n_frames - 1}, got {index}")
        picture = self._composed(index)
        return self._filmed(picture, index)

    def points(self, index: int) -> NDArray[np.float64]:
        """Return the true place of the 68 points in a frame, shape (68, 2), in its pixels.

        Points of lids and lips that are drawn open or shut are where they are at rest.
        """
        points = face_points(self.identity)
        moved = points + self._displacement_at(index, points[:, 0], points[:, 1]).T
        pose = self.script.motion.pose(self.script.time_s(index))
        depth = face_depth(moved[:, 0], moved[:, 1]).astype(np.float64)
        moved = moved + depth[:, None] * np.sin([pose.yaw, pose.pitch])
        matrix = pose.matrix(_PIVOT)
        return self.scene.canvas.pixels(moved @ matrix[:, :2].T + matrix[:, 2])

    @cached_property
    def _portrait(self) -> Portrait:
        view = self.scene.canvas
        margin = 12.0
        density = self.scene.scale * _DETAIL
        height = int((self.scene.height / self.scene.scale + 2 * margin) * density)
        width = int((self.scene.width / self.scene.scale + 2 * margin) * density)
        canvas = Canvas(view.left - margin, view.top - margin, height, width, density)
        return draw_portrait(canvas, self.identity)

    @cached_property
    def _grid(self) -> Canvas:
        """The grid of the motion fields: the face with a margin."""
        return Canvas(-45.0, -70.0, int(230 * _GRID), int(200 * _GRID), _GRID)

    @cached_property
    def _fields(self) -> dict[tuple[int, Side], NDArray[np.float32]]:
        used = {(unit.code, unit.side) for e in self.script.expressions for unit in e.units}
        return {
            key: _unit_motion(key, self._grid.x, self._grid.y)
            for key in sorted(used)
            if key[0] not in _DRAWN_UNITS
        }

    @cached_property
    def _creases(self) -> dict[tuple[int, Side], tuple[tuple[slice, slice], Field]]:
        used = {(unit.code, unit.side) for e in self.script.expressions for unit in e.units}
        canvas = self._portrait.canvas
        return {
            key: crease_shading(canvas, self.identity, *key)
            for key in sorted(used)
            if key[0] in CREASED_UNITS
        }

    def _displacement_at(
        self, index: int, x: NDArray[np.float64], y: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        total = np.zeros((2, *x.shape))
        for key, pixels in self.script.unit_pixels(index).items():
            if key[0] not in _DRAWN_UNITS:
                total += pixels * _unit_motion(key, x, y)
        return total

    def _back(self, index: int) -> NDArray[np.float32] | None:
        """Return where the moved skin comes from, in crop pixels over the grid; None at rest."""
        moving = {
            key: pixels
            for key, pixels in self.script.unit_pixels(index).items()
            if key in self._fields
        }
        if not moving:
            return None
        forward = sum(np.float32(p * _GRID) * self._fields[key] for key, p in moving.items())
        return inverse_displacement(np.asarray(forward, dtype=np.float32), 10) / np.float32(_GRID)

    def _head(self, index: int) -> Picture:
        """Return the head of a frame before it is moved: eyes, mouth and folds drawn."""
        state: FaceState = self.script.state(index)
        picture = self._portrait.with_state(state)
        for key, pixels in self.script.unit_pixels(index).items():
            if key in self._creases:
                place, change = self._creases[key]
                strength = min(1.0, pixels / _FULL_CREASE_PX)
                picture[place] *= (1 + np.float32(strength) * change)[..., None]
        return picture

    def _composed(self, index: int) -> Picture:
        """Return the frame as an ideal camera would see it."""
        portrait, view = self._portrait, self.scene.canvas
        time_s = self.script.time_s(index)
        pose = self.script.motion.pose(time_s)
        x, y = _face_coordinates(view, pose)
        warped = self._unwarped(index, x, y)
        lift = 0.5 * self.script.motion.breath(time_s)
        behind = _looked_up(portrait.behind, portrait.canvas, view.x, view.y + np.float32(lift))
        layer = np.dstack([self._head(index), portrait.cover])
        head = _looked_up(layer, portrait.canvas, *warped)
        cover = np.clip(head[..., 3:], 0, 1)
        picture = behind + (head[..., :3] - behind) * cover
        if self.identity.glasses is None:
            return np.asarray(picture)
        worn = _looked_up(np.dstack(portrait.front), portrait.canvas, x, y)
        return np.asarray(picture + (worn[..., :3] - picture) * np.clip(worn[..., 3:], 0, 1))

    def _unwarped(self, index: int, x: Field, y: Field) -> tuple[Field, Field]:
        back = self._back(index)
        if back is None:
            return x, y
        shift = _looked_up(back.transpose(1, 2, 0), self._grid, x, y, cv2.BORDER_CONSTANT)
        return x + shift[..., 0], y + shift[..., 1]

    def _filmed(self, picture: Picture, index: int) -> NDArray[np.uint8]:
        """Return the frame as the scene's camera records it: flicker, noise, 8 bits."""
        scene = self.scene
        rng = np.random.default_rng((scene.seed, index))
        turn = 2 * np.pi * scene.flicker_hz * self.script.time_s(index)
        gain = np.float32(255 * (1 + scene.flicker * np.sin(turn)))
        grey = rng.standard_normal((scene.height, scene.width, 1), dtype=np.float32)
        colour = rng.standard_normal((scene.height, scene.width, 3), dtype=np.float32)
        noise = np.float32(scene.noise) * (np.float32(0.9) * grey + np.float32(0.44) * colour)
        levels = np.clip(np.rint(picture * gain + noise), 0, 255)
        return np.asarray(levels, dtype=np.uint8)


def _unit_motion(
    key: tuple[int, Side], x: NDArray[np.floating], y: NDArray[np.floating]
) -> NDArray[np.float32]:
    """Return the motion of an action unit whose strongest bump moves by one pixel."""
    bumps = action_unit_bumps(*key)
    peak = max(float(np.hypot(b.dx, b.dy)) for b in bumps)
    return bump_field(bumps, x, y) / np.float32(peak)


def _face_coordinates(view: Canvas, pose: HeadPose) -> tuple[Field, Field]:
    """Return which point of the face at rest each pixel of a frame shows."""
    matrix = pose.matrix(_PIVOT)
    back = np.linalg.inv(np.vstack([matrix, [0, 0, 1]]))
    (a, b, c), (d, e, f) = back[:2].tolist()
    x, y = a * view.columns + b * view.rows + c, d * view.columns + e * view.rows + f
    u, v = x, y
    for _ in range(3):
        depth = face_depth(u, v)
        u, v = x - depth * np.float32(np.sin(pose.yaw)), y - depth * np.float32(np.sin(pose.pitch))
    return u, v


def _looked_up(
    picture: NDArray[Any], canvas: Canvas, x: Field, y: Field, border: int = cv2.BORDER_REPLICATE
) -> NDArray[Any]:
    """Return a picture drawn on a canvas at other points of the face plane."""
    columns = (x - np.float32(canvas.left)) * np.float32(canvas.density) - np.float32(0.5)
    rows = (y - np.float32(canvas.top)) * np.float32(canvas.density) - np.float32(0.5)
    source = np.ascontiguousarray(picture, dtype=np.float32)
    return np.asarray(cv2.remap(source, columns, rows, cv2.INTER_CUBIC, borderMode=border))
