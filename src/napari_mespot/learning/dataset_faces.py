"""From the videos of a data set to aligned faces on disk, and from there to a corpus.

Every video is aligned once and kept as uint8 in a file of the face cache, which is mapped into
memory: a training step reads the few crops that it needs and never waits for decoding. A
changed video, or other alignment, is another file.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from napari_mespot.errors import FrameReadError, NoFaceError
from napari_mespot.face import FaceCache, FaceSequence, store_faces
from napari_mespot.face.params import AlignParams
from napari_mespot.frames import open_frames
from napari_mespot.io.datasets import DatasetVideo
from napari_mespot.learning.corpus import Corpus, LabelledFaces, labelled, mapped_images
from napari_mespot.model import Annotation, Interval
from napari_mespot.progress import Progress, ProgressCallback

__all__ = [
    "FaceFile",
    "LabelledFile",
    "align_video",
    "labelled_file",
    "measure_video",
    "open_corpus",
]

# Nothing is ever swept away: a data set is needed whole, and for days.
_MAX_BYTES = 10**15


@dataclass(frozen=True, slots=True)
class FaceFile:
    """The aligned faces of one video, on disk: a value that can travel to a worker.

    Parameters
    ----------
    video_id, subject_id
        Whose.
    n_frames, frame_rate
        Of the video.
    fingerprint
        Digest of the video: other content is another file.
    align
        How it was aligned.
    folder
        The cache that it lies in.
    """

    video_id: str
    subject_id: str
    n_frames: int
    frame_rate: Fraction
    fingerprint: str
    align: AlignParams
    folder: Path

    @property
    def unique_id(self) -> str:
        """Subject and video: data sets use one video name for several subjects."""
        return f"{self.subject_id}/{self.video_id}"

    @property
    def path(self) -> Path:
        """The file."""
        return _cache(self.folder).path(self, self.align)

    def open(self) -> FaceSequence:
        """Return the faces, their images mapped into memory.

        Raises
        ------
        FrameReadError
            If the file is gone or not whole.
        """
        stored = _cache(self.folder).load(self, self.align)
        if stored is None:
            raise FrameReadError(
                f"{self.path}: expected the aligned faces of {self.unique_id}, got no such file; "
                "run again with the same --faces, on a folder that every worker sees"
            )
        return replace(stored, images=mapped_images(stored))


@dataclass(frozen=True, slots=True)
class LabelledFile:
    """The aligned faces of one video, and its labels.

    Parameters
    ----------
    faces
        The faces.
    annotation
        The labels, of the length of the video.
    hard
        Labelled movements that are no expressions.
    """

    faces: FaceFile
    annotation: Annotation
    hard: tuple[Interval, ...] = ()

    def load(self) -> LabelledFaces:
        """Return faces and labels to learn from, under a name that no other video has."""
        faces = self.faces.open()
        named = replace(self.annotation, video_id=self.faces.unique_id)
        return labelled(faces, named, self.hard)


def open_corpus(files: Iterable[LabelledFile]) -> Corpus:
    """Return what lies in files as a corpus, its images mapped into memory."""
    return Corpus(tuple(file.load() for file in files))


def measure_video(path: Path) -> tuple[int, Fraction] | None:
    """Return number of frames and frame rate of a video file; None if it cannot be read."""
    try:
        with open_frames(path) as source:
            return source.n_frames, source.frame_rate
    except FrameReadError:
        return None


def align_video(
    video: DatasetVideo,
    align: AlignParams,
    folder: Path,
    progress: ProgressCallback | None = None,
) -> FaceFile:
    """Align the faces of a video, unless that has been done, and keep them on disk.

    Parameters
    ----------
    video
        The video; of its annotation only name, subject and frame rate are used.
    align
        How to align.
    folder
        Where aligned faces are kept.
    progress
        Told the frames done.

    Raises
    ------
    FrameReadError
        If the video cannot be read or the faces cannot be kept.
    NoFaceError
        If no frame shows a face, or the face models are missing.
    """
    cache = _cache(folder)
    said = video.annotation
    stage = f"aligning {said.subject_id}/{said.video_id}"

    def tell(part: Progress) -> None:
        if progress is not None:
            progress(replace(part, stage=stage))

    with open_frames(video.path, fps=said.frame_rate) as source:
        file = FaceFile(
            said.video_id,
            said.subject_id,
            source.n_frames,
            source.frame_rate,
            source.fingerprint,
            align,
            folder,
        )
        if cache.load(file, align) is None:
            warnings = store_faces(source, align, cache, progress=tell).warnings
            if not file.path.is_file():
                raise FrameReadError("; ".join(warnings) or f"{video.path}: cannot be read whole")
    if not file.open().found.any():
        raise NoFaceError(f"{video.path}: expected a face, found none in {file.n_frames} frames")
    return file


def labelled_file(video: DatasetVideo, faces: FaceFile) -> LabelledFile:
    """Put labels and faces of a video together; labels past its last frame are cut."""
    said = video.annotation
    if (said.n_frames, said.frame_rate) == (faces.n_frames, faces.frame_rate):
        return LabelledFile(faces, said, video.non_expressions)
    inside = [(e, e.interval.clipped(faces.n_frames)) for e in said.expressions]
    expressions = tuple(
        replace(e, interval=i, apex=e.apex if e.apex is not None and e.apex in i else None)
        for e, i in inside
        if i is not None
    )
    clipped = (i.clipped(faces.n_frames) for i in said.reviewed)
    annotation = Annotation(
        said.video_id,
        n_frames=faces.n_frames,
        frame_rate=faces.frame_rate,
        expressions=expressions,
        reviewed=tuple(i for i in clipped if i is not None),
        subject_id=said.subject_id,
    )
    hard = (i.clipped(faces.n_frames) for i in video.non_expressions)
    return LabelledFile(faces, annotation, tuple(i for i in hard if i is not None))


def _cache(folder: Path) -> FaceCache:
    return FaceCache(folder, max_bytes=_MAX_BYTES)
