"""Faces drawn once, with what a warp cannot show: closing lids, open mouth, turned eyes."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from napari_mespot.frames.synthetic import FaceState, random_identity
from napari_mespot.frames.synthetic.canvas import Canvas
from napari_mespot.frames.synthetic.drawing import draw_portrait
from napari_mespot.frames.synthetic.geometry import CROP_PX
from napari_mespot.learning.params import SyntheticParams
from napari_mespot.progress import ProgressCallback, report

__all__ = ["FaceBank", "build_face_bank", "still_faces"]

_LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)
_SIDE_PX = 2 * CROP_PX
_LIDS = (0.0, 0.33, 0.67, 1.0)
_LIPS_PX = (0.0, 3.0, 7.0)


@dataclass(frozen=True, eq=False, slots=True)
class FaceBank:
    """Faces at twice the size of the crop, uint8; the index of a face is the same in all.

    Parameters
    ----------
    rest
        Shape (n, 2S, 2S).
    lids, mouths, gazes
        Shape (n, v, 2S, 2S): the lids going down, the mouth going open and the eyes turning
        away, each in equal steps that begin at rest.
    """

    rest: NDArray[np.uint8]
    lids: NDArray[np.uint8]
    mouths: NDArray[np.uint8]
    gazes: NDArray[np.uint8]


def build_face_bank(
    params: SyntheticParams, seed: int, *, progress: ProgressCallback | None = None
) -> FaceBank:
    """Draw the faces of one bank; another seed gives other people.

    A share of ``params.texture_share`` is random texture instead: a network that has to find
    motion there as well cannot lean on how these faces are drawn.
    """
    drawn = []
    for index in range(params.faces):
        rng = np.random.default_rng([seed, index])
        texture = rng.random() < params.texture_share
        drawn.append(_texture(rng) if texture else _person(rng))
        report(progress, "drawing faces", index + 1, params.faces)
    rest, lids, mouths, gazes = (np.stack(part) for part in zip(*drawn, strict=True))
    return FaceBank(rest[:, 0], lids, mouths, gazes)


def still_faces(pictures: NDArray[np.uint8]) -> FaceBank:
    """Make a bank of pictures that cannot blink, such as photographs.

    Parameters
    ----------
    pictures
        Shape (n, 2S, 2S), uint8: aligned crops at twice the size.
    """
    pair = np.stack([pictures, pictures], axis=1)
    return FaceBank(pictures, pair, pair, pair)


_Drawn = tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8]]


def _person(rng: np.random.Generator) -> _Drawn:
    portrait = draw_portrait(Canvas.of_crop(_SIDE_PX), random_identity(rng))
    angle, far = rng.uniform(0, 2 * np.pi), rng.uniform(1.0, 2.6)
    gaze = (float(far * np.cos(angle)), float(0.4 * far * np.sin(angle)))

    def grey(*states: FaceState) -> NDArray[np.uint8]:
        pictures = [portrait.flattened(state) @ _LUMA for state in states]
        return np.rint(255 * np.clip(np.stack(pictures), 0, 1)).astype(np.uint8)

    return (
        grey(FaceState()),
        grey(*[FaceState(lids=(closed, closed)) for closed in _LIDS]),
        grey(*[FaceState(lips_apart=gap) for gap in _LIPS_PX]),
        grey(FaceState(), FaceState(gaze=gaze)),
    )


def _texture(rng: np.random.Generator) -> _Drawn:
    """Draw noise of several scales, with a contrast between that of skin and of hair."""
    total = np.zeros((_SIDE_PX, _SIDE_PX), dtype=np.float32)
    for cells in (4, 8, 16, 32, 64):
        coarse = rng.standard_normal((cells, cells)).astype(np.float32)
        layer = cv2.resize(coarse, (_SIDE_PX, _SIDE_PX), interpolation=cv2.INTER_CUBIC)
        total += np.float32(rng.random() * (8 / cells) ** 0.5) * layer
    spread = rng.uniform(12, 60) / max(float(total.std()), 1e-6)
    picture = np.clip(np.rint(rng.uniform(90, 150) + spread * total), 0, 255).astype(np.uint8)
    one = picture[np.newaxis]
    two = np.stack([picture, picture])
    return one, np.repeat(one, len(_LIDS), 0), np.repeat(one, len(_LIPS_PX), 0), two
