"""All faces and movements that clips are made of, drawn once and combined at random."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from napari_mespot.learning.faces import FaceBank, build_face_bank
from napari_mespot.learning.motions import MotionBank, build_motion_bank
from napari_mespot.learning.params import SyntheticParams
from napari_mespot.progress import ProgressCallback

__all__ = ["Repertoire"]


@dataclass(frozen=True, eq=False, slots=True)
class Repertoire:
    """Who can be shown, and how they can move.

    Drawing is the slow part of making synthetic clips; a few hundred faces and movements,
    combined anew for every sample, give millions of different clips.
    """

    faces: FaceBank
    motions: MotionBank

    @classmethod
    def drawn(
        cls, params: SyntheticParams, seed: int, *, progress: ProgressCallback | None = None
    ) -> Self:
        """Draw a repertoire; another seed gives other people and other movements."""
        motions = build_motion_bank(params, np.random.default_rng([seed, 1]))
        return cls(build_face_bank(params, seed, progress=progress), motions)
