"""A video as adapting sees it: faces, what the old checkpoint says, and where the face rests."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from napari_mespot.face import FaceCache, FaceSequence, extract_faces
from napari_mespot.face.choice import LARGEST, FaceChoice
from napari_mespot.face.geometry import apply_transform, invert
from napari_mespot.face.params import AlignParams
from napari_mespot.learning.adapt_params import AdaptParams
from napari_mespot.learning.adapt_stills import still_stretches
from napari_mespot.learning.corpus import LabelledFaces, mapped_images
from napari_mespot.learning.video_part import VideoPart
from napari_mespot.model import Annotation, Expression, Interval
from napari_mespot.network import Checkpoint
from napari_mespot.progress import ProgressCallback, renamed
from napari_mespot.spotting import Evidence, find_in_scores, gather_evidence, score_evidence

if TYPE_CHECKING:
    from napari_mespot.frames import FrameSource

__all__ = ["WatchedPart", "watch"]

_BLOCK_S = 60.0


@dataclass(frozen=True, eq=False, slots=True)
class WatchedPart:
    """Consecutive frames of a video; all frames here count from `first_frame`.

    Parameters
    ----------
    path
        The video.
    name
        Of this part, unlike that of any other.
    first_frame
        Where it begins in the video.
    faces
        Aligned faces.
    evidence
        What the streams say, and the shape of the face.
    found
        What the old checkpoint finds.
    stills
        Where the face is at rest.
    """

    path: Path
    name: str
    first_frame: int
    faces: FaceSequence
    evidence: Evidence
    found: tuple[Expression, ...]
    stills: tuple[Interval, ...]

    @property
    def frame_rate(self) -> Fraction:
        """Frames per second."""
        return self.faces.frame_rate

    @property
    def seconds(self) -> float:
        """Length."""
        return self.faces.n_frames / float(self.frame_rate)

    def face_at(self, frame: int) -> FaceChoice:
        """Return the followed face by its place in a frame of the video, or the next that shows it.

        Others may be larger in a stretch of the video taken by itself.
        """
        after = np.flatnonzero(self.faces.found[max(0, frame - self.first_frame) :])
        if not len(after):
            return LARGEST
        row = max(0, frame - self.first_frame) + int(after[0])
        middle = np.full((1, 2), self.faces.images.shape[-1] / 2)
        x, y = apply_transform(invert(self.faces.transforms[row]), middle)[0].tolist()
        return FaceChoice("place", x=max(0.0, x), y=max(0.0, y))

    def untouched(self, stills: tuple[Interval, ...]) -> LabelledFaces:
        """Return the part itself; all that is known of it is that nothing happens in `stills`."""
        truth = Annotation(self.name, self.faces.n_frames, self.frame_rate, reviewed=stills)
        faces = self.faces
        return LabelledFaces(
            mapped_images(faces), truth, (), faces.found, faces.shape, faces.breaks
        )


def watch(  # noqa: PLR0913 - what, how, and where it is kept
    source: "FrameSource",
    checkpoint: Checkpoint,
    params: AdaptParams,
    *,
    name: str,
    cache: FaceCache | None = None,
    progress: ProgressCallback | None = None,
    face: FaceChoice = LARGEST,
) -> list[WatchedPart]:
    """Align the faces of a video and find where they rest.

    Of a video longer than ``params.searched_s`` whose faces are not in the cache, minutes spread
    evenly over it are watched.

    Parameters
    ----------
    source
        The video.
    checkpoint
        The old one.
    params
        How much is watched, and how still a face must be.
    name
        Of the video, unlike that of any other.
    cache
        Of aligned faces.
    progress
        Called from this thread; may raise :class:`~napari_mespot.progress.Cancelled`.
    face
        Which face to follow.
    """
    out = []
    every = _faces(source, checkpoint.align, params, cache, progress, face)
    for number, (first, faces) in enumerate(every):
        if not faces.found.any() or faces.shape is None:
            continue
        own = f"{name}, part {number}" if number or first else name
        told = renamed(progress, "looking for still stretches")
        evidence = replace(gather_evidence(checkpoint, faces, progress=told), video_id=own)
        found = find_in_scores(score_evidence(checkpoint, evidence), checkpoint.spotting)
        expressions = found.annotation.expressions
        stills = still_stretches(faces, expressions, params)
        out.append(WatchedPart(source.path, own, first, faces, evidence, expressions, stills))
    return out


def _faces(
    source: "FrameSource",
    align: AlignParams,
    params: AdaptParams,
    cache: FaceCache | None,
    progress: ProgressCallback | None,
    face: FaceChoice,
) -> Iterator[tuple[int, FaceSequence]]:
    """Yield where each part begins, and its faces."""
    stored = None if cache is None else cache.load(source, align, face)
    rate = float(source.frame_rate)
    if stored is not None or source.n_frames <= params.searched_s * rate:
        known = extract_faces(source, align, cache=cache, progress=progress, choice=face)
        yield 0, replace(known, times=source.clock)
        return
    block = round(min(_BLOCK_S, params.searched_s) * rate)
    count = max(1, int(params.searched_s * rate // block))
    for number in range(count):
        first = round(number * (source.n_frames - block) / max(1, count - 1))
        part = VideoPart(source, Interval(first, first + block - 1))
        stage = f"aligning faces, minute {number + 1} of {count}"
        yield first, extract_faces(part, align, progress=renamed(progress, stage), choice=face)
