"""A whole face, from its layers: surroundings, head, eyes, hair, glasses."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from napari_mespot.frames.synthetic.brows import draw_brows
from napari_mespot.frames.synthetic.canvas import Canvas, Field, Picture, blend, smoothstep
from napari_mespot.frames.synthetic.eyes import EyeState, draw_eyes
from napari_mespot.frames.synthetic.geometry import CROP_PX
from napari_mespot.frames.synthetic.hair import draw_beard, front_hair, long_hair
from napari_mespot.frames.synthetic.identity import FaceIdentity
from napari_mespot.frames.synthetic.mouth import open_mouth
from napari_mespot.frames.synthetic.outline import head_radius
from napari_mespot.frames.synthetic.skin import skin_picture
from napari_mespot.frames.synthetic.surroundings import background, draw_bust, ears, glasses

__all__ = ["FaceState", "Portrait", "draw_aligned_face", "draw_face", "draw_portrait"]


@dataclass(frozen=True, slots=True)
class FaceState:
    """What a warp of the skin cannot show: lids, gaze and the inside of the mouth.

    Parameters
    ----------
    lids
        How far the lids on the left and on the right of the picture are closed, 0 to 1.
    gaze
        Shift of both irises in crop pixels (right, down).
    lips_apart
        Opening of the mouth in crop pixels.
    """

    lids: tuple[float, float] = (0.0, 0.0)
    gaze: tuple[float, float] = (0.0, 0.0)
    lips_apart: float = 0.0

    @property
    def eyes(self) -> tuple[EyeState, EyeState]:
        """The state of each eye, the left of the picture first."""
        left, right = self.lids
        return EyeState(left, self.gaze), EyeState(right, self.gaze)


@dataclass(frozen=True)
class Portrait:
    """A face in layers, so that the head can move before what is behind it.

    Parameters
    ----------
    canvas
        Where all layers are drawn.
    identity
        Who it is.
    behind
        Background, long hair and bust, shape (height, width, 3).
    head
        The head at rest with closed lips and without eyes, same shape.
    cover
        How much of each pixel the head covers, shape (height, width).
    hair
        The hair in front of the forehead, and its cover.
    front
        The glasses, and their cover.
    """

    canvas: Canvas
    identity: FaceIdentity
    behind: Picture
    head: Picture
    cover: Field
    hair: tuple[Picture, Field]
    front: tuple[Picture, Field]

    def with_state(self, state: FaceState) -> Picture:
        """Return the head with eyes, mouth and hair, but without glasses."""
        picture = open_mouth(self.head, self.canvas, self.identity, state.lips_apart)
        picture = draw_eyes(picture, self.canvas, self.identity, state.eyes)
        return blend(picture, *self.hair)

    def flattened(self, state: FaceState) -> Picture:
        """Return all layers on top of each other."""
        picture = blend(self.behind, self.with_state(state), self.cover)
        return np.clip(blend(picture, *self.front), 0, 1)


def draw_portrait(canvas: Canvas, identity: FaceIdentity) -> Portrait:
    """Draw a face in layers on a canvas of any place and resolution."""
    behind = background(canvas, identity)
    behind = blend(behind, *long_hair(canvas, identity))
    behind = draw_bust(behind, canvas, identity)
    distance, edge = head_radius(canvas, identity)
    soft = 0.3 + 0.5 * canvas.softness
    oval = smoothstep(0.3, 0.3 - 2 * soft, distance - edge)
    skin = draw_beard(skin_picture(canvas, identity), canvas, identity)
    skin = draw_brows(skin, canvas, identity)
    ear, ear_cover = ears(canvas, identity)
    locks, hair_cover = front_hair(canvas, identity)
    head = blend(ear, skin, oval)
    cover = np.maximum(np.maximum(oval, ear_cover), hair_cover)
    return Portrait(
        canvas=canvas,
        identity=identity,
        behind=behind,
        head=head,
        cover=cover,
        hair=(locks, hair_cover),
        front=glasses(canvas, identity),
    )


def draw_face(
    identity: FaceIdentity, size: int = CROP_PX, state: FaceState | None = None
) -> NDArray[np.float32]:
    """Draw a face in colour in the geometry of the aligned crop.

    Parameters
    ----------
    identity
        Who.
    size
        Side of the square picture; the part of the face it shows is that of the 112×112
        crop at any size.
    state
        Lids, gaze and opening of the mouth; at rest by default.

    Returns
    -------
    NDArray
        Shape (size, size, 3), float32, red, green, blue from 0 to 1.

    Raises
    ------
    ValueError
        If the size is below 16.
    """
    if size < 16:
        raise ValueError(f"Expected size >= 16, got {size}")
    drawn = round(1.5 * size) if size < 3 * CROP_PX else size
    canvas = Canvas.of_crop(drawn)
    picture = draw_portrait(canvas, identity).flattened(state or FaceState())
    if drawn > size:
        picture = np.asarray(cv2.resize(picture, (size, size), interpolation=cv2.INTER_AREA))
    return np.asarray(picture, dtype=np.float32)


def draw_aligned_face(
    identity: FaceIdentity, state: FaceState | None = None, size: int = CROP_PX
) -> NDArray[np.float32]:
    """Draw the grey crop that an aligner would cut out of a picture of this face.

    Returns
    -------
    NDArray
        Shape (size, size), float32, from 0 to 1 (luma, ITU-R BT.601).
    """
    weights = np.array([0.299, 0.587, 0.114], dtype=np.float32)
    return np.asarray(draw_face(identity, size, state) @ weights, dtype=np.float32)
