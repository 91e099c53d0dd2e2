"""A walk along a clip's own time: a real face that moves a little, at times that are known.

From the still face just before a labelled onset one goes a few frames into the expression and
back, briefly or slowly; the rest of the time its still frames are played to and fro. Skin,
shading and noise are those of the person before this camera; only the times are drawn.
"""

import hashlib
from collections.abc import Iterator
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from napari_mespot.errors import AnnotationFormatError
from napari_mespot.frames.base import FramesBase
from napari_mespot.learning.between_frames import BetweenFrames
from napari_mespot.learning.clip_noise import ClipNoise
from napari_mespot.learning.injection_clip import NeutralClip
from napari_mespot.learning.own_motions import OwnMotion, own_motions
from napari_mespot.learning.walk_params import WalkParams
from napari_mespot.learning.walk_path import draw_walks, walk_rows
from napari_mespot.model import Annotation, Interval

__all__ = ["WalkedVideo", "walk", "walk_motion"]


class WalkedVideo(FramesBase):
    """A rendition of a clip along its own time, as a source of frames.

    Every frame is a function of its index alone. It is grey: `read` gives three equal channels.
    Frames of a still face are the video's own, bit for bit, at its own frame rate; all others lie
    between two of its frames, and get back the noise that blending takes away.

    Parameters
    ----------
    motion
        A still face and the beginning of an expression.
    params
        How many walks, how long and how far.
    n_frames, frame_rate
        Length and frames per second of the rendition.
    seed
        Another seed gives other walks and another way to and fro.
    """

    def __init__(
        self,
        motion: OwnMotion,
        params: WalkParams,
        n_frames: int,
        frame_rate: Fraction,
        seed: int,
    ) -> None:
        clip = motion.clip
        self.path, self.warnings = clip.path, ()
        self.n_frames, self.frame_rate = n_frames, frame_rate
        self.height, self.width = clip.frames.shape[1:]
        self.video_id = f"{clip.video_id}-{float(frame_rate):g}fps-{seed}"
        self._clip, self._seed = clip, seed
        rng = np.random.default_rng([seed, 0])
        self.walks = draw_walks(motion, params, rng, n_frames, frame_rate)
        self.rows = walk_rows(motion, self.walks, rng, n_frames, frame_rate)
        self._between = BetweenFrames(clip.frames)
        self._noise = ClipNoise(motion.neutral, params.smoothing_frames, interpolated=True)
        self.fingerprint = self._digest()

    @property
    def truth(self) -> Annotation:
        """The labels: frames in which the face is away from rest."""
        return Annotation(
            self.video_id,
            self.n_frames,
            self.frame_rate,
            tuple(walk.expression for walk in self.walks),
            reviewed=(Interval(0, self.n_frames - 1),),
        )

    def read_luma(self, index: int) -> NDArray[np.uint8]:
        """Brightness of frame `index`, ``(H, W)``."""
        index = self._check(index)
        row = float(self.rows[index])
        if row == int(row):
            return np.array(self._clip.frames[int(row)])
        picture = self._between.at(row)
        gain = float(np.sqrt(1 - self._between.kept(row)))
        rng = np.random.default_rng([self._seed, 2, index])
        picture = picture + self._noise.drawn_beside(rng, round(row), gain)
        return np.asarray(np.clip(np.rint(picture), 0, 255), dtype=np.uint8)

    def read(self, index: int) -> NDArray[np.uint8]:
        """Frame `index` as ``(H, W, 3)``, three equal channels."""
        return np.repeat(self.read_luma(index)[..., None], 3, axis=2)

    def iter_luma(
        self, start: int = 0, stop: int | None = None
    ) -> Iterator[NDArray[np.uint8] | None]:
        """Sequential ``(H, W)`` brightness."""
        return (self.read_luma(index) for index in self._range(start, stop))

    def close(self) -> None:
        """Nothing is open."""

    def _digest(self) -> str:
        parts = (self._clip.fingerprint, str(self._clip.stretch), str(self.frame_rate))
        digest = hashlib.sha256("\n".join((*parts, str(self._seed))).encode())
        digest.update(self.rows.tobytes())
        return digest.hexdigest()


def walk_motion(
    motion: OwnMotion,
    params: WalkParams,
    *,
    seconds: float,
    frame_rate: Fraction | None = None,
    seed: int = 0,
) -> WalkedVideo:
    """Walk along one labelled onset.

    Parameters
    ----------
    motion
        A still face and the beginning of an expression, of :func:`own_motions` or
        :func:`~napari_mespot.learning.own_motions.load_own_motions`.
    params
        How many walks, how long and how far.
    seconds
        Length of the rendition.
    frame_rate
        Of the rendition; None: the clip's.
    seed
        Another seed gives other walks.
    """
    rate = motion.frame_rate if frame_rate is None else frame_rate
    return WalkedVideo(motion, params, max(1, round(seconds * float(rate))), rate, seed)


def walk(
    clip: NeutralClip,
    labels: Annotation,
    params: WalkParams,
    *,
    seconds: float,
    frame_rate: Fraction | None = None,
    seed: int = 0,
) -> WalkedVideo:
    """Walk along one of the labelled onsets in a clip; seeds take turns.

    Parameters
    ----------
    clip
        Consecutive frames of a video, with labelled onsets and what was before them.
    labels
        The labels of the video, in its frames.
    params, seconds, frame_rate, seed
        As in :func:`walk_motion`.

    Raises
    ------
    AnnotationFormatError
        If no labelled onset in the clip begins from a still face.
    """
    motions = own_motions(clip, labels, params)
    if not motions:
        raise AnnotationFormatError(
            f"{clip.path}: expected a labelled onset in frames {clip.stretch.onset} to "
            f"{clip.stretch.offset} after {params.still_s:g} s of a still face, got none; label an "
            "expression that begins from rest"
        )
    motion = motions[seed % len(motions)]
    return walk_motion(motion, params, seconds=seconds, frame_rate=frame_rate, seed=seed)
