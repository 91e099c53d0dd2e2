"""Extract the faces of a video: as a stream of chunks, or as a whole."""

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from napari_mespot.errors import NoFaceError
from napari_mespot.face.align import AlignedFrame, align_frames
from napari_mespot.face.cache import FaceCache
from napari_mespot.face.choice import FaceChoice
from napari_mespot.face.cuts import CutFinder
from napari_mespot.face.params import AlignParams
from napari_mespot.face.prefetch import prefetch
from napari_mespot.face.sequence import FaceChunk, FaceSequence
from napari_mespot.face.source import LumaSource, TellsDamage
from napari_mespot.face.telling import (
    cut_warnings,
    followed_text,
    missing_choice,
    tracking_warnings,
)
from napari_mespot.face.tracker import FaceTracker, TrackCounts
from napari_mespot.face.watch import Known
from napari_mespot.progress import ProgressCallback, report

__all__ = [
    "FaceStream",
    "FaceSummary",
    "extract_faces",
    "follow_right_face",
    "store_faces",
    "stream_faces",
]

_STAGE = "aligning faces"
_READ_AHEAD = 8
_DEFAULT_PARAMS = AlignParams()


@dataclass(frozen=True, slots=True)
class FaceSummary:
    """How the alignment of a video went.

    Parameters
    ----------
    n_frames, n_found
        Frames seen so far, and those with a face.
    mean_confidence
        Mean over the frames with a face; 0 without any.
    rekeys, restarts, losses
        How often the template was renewed, tracking was restarted from landmarks, and the
        face was lost. All 0 when the faces come from the cache or from OpenFace.
    from_cache
        Whether the faces were read back and not computed.
    """

    n_frames: int = 0
    n_found: int = 0
    mean_confidence: float = 0.0
    rekeys: int = 0
    restarts: int = 0
    losses: int = 0
    from_cache: bool = False


class FaceStream(Iterator[FaceChunk]):
    """An iterator over the face chunks of a video that also tells how it went.

    Closing it early (:meth:`close`, or leaving a ``with`` block) stops reading the video.
    """

    def __init__(
        self,
        source: LumaSource,
        params: AlignParams,
        *,
        chunk_frames: int = 64,
        progress: ProgressCallback | None = None,
        cache: FaceCache | None = None,
        follow: FaceChoice | Known | None = None,
    ) -> None:
        if chunk_frames < 1:
            raise ValueError(f"Expected chunk_frames >= 1, got {chunk_frames}")
        self.video_id = source.video_id
        self.n_frames = source.n_frames
        self.frame_rate = source.frame_rate
        self.clock = source.clock
        self._source, self._params = source, params
        self._chunk_frames, self._progress, self._cache = chunk_frames, progress, cache
        self._known = follow if isinstance(follow, Known) else None
        self._choice = follow.choice if isinstance(follow, Known) else follow or FaceChoice()
        self._another: Known | None = None
        self._followed = ""
        self._counts = TrackCounts()
        self._seen = self._found = 0
        self._confidence = 0.0
        self._from_cache = False
        self._warnings: list[str] = []
        self._chunks = self._run()

    def __next__(self) -> FaceChunk:
        return next(self._chunks)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop reading; what was not finished is not kept in the cache."""
        self._chunks.close()

    @property
    def warnings(self) -> tuple[str, ...]:
        """One-line texts for the user, complete once the stream is exhausted."""
        return tuple(self._warnings)

    @property
    def another(self) -> Known | None:
        """What to begin anew with, as another face should have been followed; else None.

        Known once the stream is exhausted. Its faces are then kept in no cache.
        """
        return self._another

    @property
    def followed(self) -> str:
        """Which face was followed, in words; empty if none was found."""
        return self._followed

    @property
    def summary(self) -> FaceSummary:
        """How it went so far."""
        counts = self._counts
        return FaceSummary(
            n_frames=self._seen,
            n_found=self._found,
            mean_confidence=self._confidence / self._found if self._found else 0.0,
            rekeys=counts.rekeys,
            restarts=counts.restarts,
            losses=counts.losses,
            from_cache=self._from_cache,
        )

    def _run(self) -> Generator[FaceChunk]:
        stored = None
        if self._cache is not None:
            stored = self._cache.load(self._source, self._params, self._choice)
        if stored is not None:
            self._from_cache = True
            self._followed = stored.followed
            self._warnings.extend(stored.warnings)
            chunks = stored.chunks(self._chunk_frames)
        else:
            chunks = self._align()
        report(self._progress, _STAGE, 0, self.n_frames)
        with closing(chunks):
            for chunk in chunks:
                self._count(chunk)
                report(self._progress, _STAGE, self._seen, self.n_frames)
                yield chunk

    def _count(self, chunk: FaceChunk) -> None:
        self._seen += chunk.n_frames
        self._found += int(chunk.found.sum())
        self._confidence += float(chunk.confidence[chunk.found].sum())

    def _align(self) -> Generator[FaceChunk]:
        """Compute the faces, and keep them in the cache as they come."""
        rate = float(self.frame_rate)
        tracker = FaceTracker(self._params, rate, self.n_frames, self._known or self._choice)
        cuts = CutFinder(rate)
        self._counts = tracker.counts
        writer = None
        if self._cache is not None:
            writer = self._cache.writer(self._source, self._params, self._choice)
        frames = prefetch(self._source.iter_luma(), _READ_AHEAD)
        try:
            with closing(frames):
                aligned = align_frames(frames, tracker, self._params, rate, cuts, self.clock)
                for chunk in _in_chunks(aligned, self._chunk_frames):
                    if writer is not None:
                        writer.add(chunk)
                    yield chunk
            self._another = self._better(tracker)
            self._followed = followed_text(tracker)
            self._warnings.extend(tracking_warnings(tracker, self._choice, self._known))
            self._warnings.extend(cut_warnings(cuts.cuts))
            if isinstance(self._source, TellsDamage):
                self._warnings.extend(self._source.damage_texts())
            if writer is not None and self._another is None:
                writer.finish(self.warnings, self.followed)
        finally:
            if writer is not None:
                writer.close()
                self._warnings.extend(writer.warnings)

    def _better(self, tracker: FaceTracker) -> Known | None:
        """Return who should have been followed, if that is another than was."""
        people = tracker.watch.people
        if self._known is not None or not people.followed:
            return None
        wanted = people.wanted(self._choice)
        if wanted is None:
            raise NoFaceError(f"{self.video_id}: {missing_choice(people, self._choice)}")
        return None if people.is_followed(wanted) else Known(people, wanted, self._choice)


def stream_faces(
    source: LumaSource,
    params: AlignParams,
    *,
    chunk_frames: int = 64,
    progress: ProgressCallback | None = None,
    cache: FaceCache | None = None,
    follow: FaceChoice | Known | None = None,
) -> FaceStream:
    """Extract the faces of a video, chunk by chunk, in constant memory.

    Parameters
    ----------
    source
        The video.
    params
        How to align.
    chunk_frames
        Frames to a chunk (the last may be shorter).
    progress
        Called after every chunk.
    cache
        Read from, if the faces are there, and written to, if not.
    follow
        Which face to follow; by default the largest and most central one. Or
        :attr:`FaceStream.another` of a stream before: another face of the video turned out to
        be the one to follow.

    Returns
    -------
    An iterator over :class:`FaceChunk` with ``warnings`` and a ``summary``. A video without a
    face is no error here: ``found`` is then False everywhere.

    Raises
    ------
    NoFaceError
        While iterating, if the face models are missing, or no face is what `follow` asks for.
    """
    return FaceStream(
        source,
        params,
        chunk_frames=chunk_frames,
        progress=progress,
        cache=cache,
        follow=follow,
    )


def extract_faces(
    source: LumaSource,
    params: AlignParams = _DEFAULT_PARAMS,
    *,
    progress: ProgressCallback | None = None,
    cache: FaceCache | None = None,
    choice: FaceChoice | None = None,
) -> FaceSequence:
    """Extract the faces of a whole video.

    With a cache the crops stay in its file and are read as they are sliced; without one they
    are kept in memory (12.5 kB a frame).

    Parameters, errors: see :func:`stream_faces`.
    """
    if cache is not None:
        stream = store_faces(source, params, cache, progress=progress, choice=choice)
        stored = cache.load(source, params, choice)
        if stored is not None:
            return replace(stored, warnings=stream.warnings, times=stream.clock)
    # No cache, or one that could not be written.
    kept: list[FaceSequence] = []

    def collect(known: Known | None) -> FaceStream:
        with stream_faces(source, params, progress=progress, follow=known or choice) as stream:
            kept.append(gather(stream, params.crop_px))
        return stream

    follow_right_face(collect)
    return kept[-1]


def store_faces(
    source: LumaSource,
    params: AlignParams,
    cache: FaceCache,
    *,
    progress: ProgressCallback | None = None,
    choice: FaceChoice | None = None,
) -> FaceStream:
    """Extract the faces of a whole video into a cache; return the stream, exhausted.

    Parameters, errors: see :func:`stream_faces`.
    """

    def exhaust(known: Known | None) -> FaceStream:
        follow = known or choice
        with stream_faces(source, params, progress=progress, cache=cache, follow=follow) as stream:
            for _ in stream:
                pass
        return stream

    return follow_right_face(exhaust)


def follow_right_face(run: Callable[[Known | None], FaceStream]) -> FaceStream:
    """Run a stream of faces, and once more if another face should have been followed.

    Parameters
    ----------
    run
        Makes the stream, given what is known of the faces (None at first), and exhausts it.

    Returns
    -------
    The stream whose faces count.
    """
    stream = run(None)
    return stream if stream.another is None else run(stream.another)


def gather(stream: FaceStream, crop_px: int) -> FaceSequence:
    """Collect a stream in memory."""
    chunks = list(stream)
    breaks = tuple(frame for chunk in chunks for frame in chunk.breaks)
    return FaceSequence(
        video_id=stream.video_id,
        frame_rate=stream.frame_rate,
        times=stream.clock,
        images=np.concatenate(
            [np.zeros((0, crop_px, crop_px), np.uint8), *(chunk.images for chunk in chunks)]
        ),
        found=np.concatenate([np.zeros(0, bool), *(chunk.found for chunk in chunks)]),
        confidence=np.concatenate(
            [np.zeros(0, np.float32), *(chunk.confidence for chunk in chunks)]
        ),
        transforms=np.concatenate([np.zeros((0, 2, 3)), *(chunk.transforms for chunk in chunks)]),
        warnings=stream.warnings,
        breaks=breaks,
        followed=stream.followed,
        shape=_joined_shape(chunks),
    )


def _joined_shape(chunks: Sequence[FaceChunk]) -> NDArray[np.float32] | None:
    """Return the shape of all chunks; None if it was not measured."""
    known = [chunk.shape for chunk in chunks if chunk.shape is not None]
    return np.concatenate(known) if known and len(known) == len(chunks) else None


def _in_chunks(frames: Iterator[AlignedFrame], size: int) -> Iterator[FaceChunk]:
    first, held = 0, []
    for frame in frames:
        held.append(frame)
        if len(held) == size:
            yield _chunk(first, held)
            first, held = first + size, []
    if held:
        yield _chunk(first, held)


def _chunk(first: int, frames: list[AlignedFrame]) -> FaceChunk:
    shapes = [frame.shape for frame in frames if frame.shape is not None]
    return FaceChunk(
        first,
        np.stack([frame.image for frame in frames]),
        np.array([frame.found for frame in frames], dtype=np.bool_),
        np.array([frame.confidence for frame in frames], dtype=np.float32),
        np.stack([frame.transform for frame in frames]),
        tuple(first + row for row, frame in enumerate(frames) if frame.begins),
        np.stack(shapes) if len(shapes) == len(frames) else None,
    )
