"""What is learned from: aligned faces of whole videos, with what people have said of them.

Faces are kept as uint8, so that an hour of video at 30 frames per second takes 1.3 GB and can stay
in memory or on disk (a memory-mapped array); contrast normalisation and skips come later, clip
by clip.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from napari_mespot.clips import frame_targets
from napari_mespot.errors import FrameReadError
from napari_mespot.face import FaceSequence
from napari_mespot.face.cropfile import CropFile
from napari_mespot.model import Annotation, ExpressionKind, Interval, ReviewStatus

__all__ = ["Corpus", "LabelledFaces", "labelled", "mapped_images"]


@dataclass(frozen=True, eq=False, slots=True)
class LabelledFaces:
    """The aligned faces of one video and its labels.

    Parameters
    ----------
    images
        Shape (n, S, S), uint8; a frame without a face holds the last face before it.
    annotation
        With length and frame rate; only its reviewed ranges and confirmed expressions are
        learned from.
    hard
        Stretches that look like an expression and are none: blinks, speech, rejected
        predictions. They say nothing beyond the reviewed ranges.
    found
        Shape (n,), bool: frames that show a face; None: all.
    shape
        (n, 26), the shape of the face, as in :class:`~napari_mespot.face.FaceSequence`; None if
        it was not measured.
    breaks
        Frames from which nothing should be compared with what was before.

    Raises
    ------
    ValueError
        If annotation and images do not have the same length, or the frame rate is missing.
    """

    images: NDArray[np.uint8]
    annotation: Annotation
    hard: tuple[Interval, ...] = ()
    found: NDArray[np.bool_] | None = None
    shape: NDArray[np.float32] | None = None
    breaks: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if self.annotation.n_frames != len(self.images):
            raise ValueError(
                f"Expected {len(self.images)} frames in the annotation of "
                f"{self.annotation.video_id!r}, got {self.annotation.n_frames}"
            )
        if self.annotation.frame_rate is None:
            raise ValueError(f"Expected a frame rate for {self.annotation.video_id!r}, got None")

    @property
    def subject_id(self) -> str:
        """The person seen; the video's own name if nobody has said."""
        return self.annotation.subject_id or self.annotation.video_id

    @property
    def frame_rate(self) -> Fraction:
        """Frames per second."""
        return self.annotation.frame_rate or Fraction(1)

    @property
    def faces(self) -> FaceSequence:
        """The faces as spotting takes them; how they were aligned is not known."""
        n = len(self.images)
        found = np.ones(n, np.bool_) if self.found is None else self.found
        return FaceSequence(
            video_id=self.annotation.video_id,
            frame_rate=self.frame_rate,
            images=self.images,
            found=found,
            confidence=found.astype(np.float32),
            transforms=np.broadcast_to(np.eye(2, 3), (n, 2, 3)),
            breaks=self.breaks,
            times=self.annotation.times,
            shape=self.shape,
        )

    def targets(self) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Return targets and where they are known, each (n, 2); see ``frame_targets``."""
        targets, known = frame_targets(self.annotation)
        if self.found is not None:
            known = known & self.found[:, np.newaxis]
        return targets, known

    def hard_frames(self) -> NDArray[np.bool_]:
        """Mark the frames of hard negatives, shape (n,): those named, and rejected predictions."""
        out = np.zeros(len(self.images), dtype=np.bool_)
        rejected = [
            e.interval for e in self.annotation.expressions if e.status is ReviewStatus.REJECTED
        ]
        for interval in (*self.hard, *rejected):
            out[interval.onset : interval.offset + 1] = True
        return out


@dataclass(frozen=True, eq=False, slots=True)
class Corpus:
    """Videos to learn from, of any number of people."""

    videos: tuple[LabelledFaces, ...]

    @property
    def annotations(self) -> tuple[Annotation, ...]:
        """What is known of each video."""
        return tuple(video.annotation for video in self.videos)

    @property
    def subjects(self) -> tuple[str, ...]:
        """The people, sorted."""
        return tuple(sorted({v.subject_id for v in self.videos}))

    def of_subjects(self, subjects: Iterable[str]) -> "Corpus":
        """Return the videos of some people."""
        wanted = set(subjects)
        return replace(self, videos=tuple(v for v in self.videos if v.subject_id in wanted))

    def without_subjects(self, subjects: Iterable[str]) -> "Corpus":
        """Return the videos of everybody else."""
        return self.of_subjects(set(self.subjects) - set(subjects))

    def count(self, kind: ExpressionKind) -> int:
        """Return how many confirmed expressions of a kind there are."""
        return sum(e.status.is_present for v in self.videos for e in v.annotation.of_kind(kind))

    def __add__(self, other: "Corpus") -> "Corpus":
        return Corpus(self.videos + other.videos)

    @staticmethod
    def joined(parts: Sequence["Corpus"]) -> "Corpus":
        """Return all videos of several corpora."""
        return Corpus(tuple(v for part in parts for v in part.videos))


def labelled(
    faces: FaceSequence, annotation: Annotation, hard: tuple[Interval, ...] = ()
) -> LabelledFaces:
    """Put the faces of a video and its labels together; faces in a file stay there."""
    return LabelledFaces(
        mapped_images(faces), annotation, hard, faces.found, faces.shape, faces.breaks
    )


def mapped_images(faces: FaceSequence) -> NDArray[np.uint8]:
    """Return the images of faces; those in a file are mapped into memory, not read.

    Raises
    ------
    FrameReadError
        If the file is gone.
    """
    images = faces.images
    if not isinstance(images, CropFile):
        return np.asarray(images[:])
    try:
        return np.memmap(images.path, np.uint8, "r", images.offset, images.shape)
    except OSError as error:
        raise FrameReadError(
            f"Expected the cached faces in {images.path}, got: {error.strerror}; run again"
        ) from error
