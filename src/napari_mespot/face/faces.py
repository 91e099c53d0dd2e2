"""Extract the faces of a video: as a stream of chunks, or as a whole."""

from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from napari_mespot.face.align import AlignedFrame, align_frames
from napari_mespot.face.cache import FaceCache
from napari_mespot.face.params import AlignParams
from napari_mespot.face.prefetch import prefetch
from napari_mespot.face.sequence import FaceChunk, FaceSequence
from napari_mespot.face.source import LumaSource, TellsDamage
from napari_mespot.face.tracker import FaceTracker, TrackCounts
from napari_mespot.progress import ProgressCallback, report

__all__ = ["FaceStream", "FaceSummary", "extract_faces", "stream_faces"]

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
    ) -> None:
        if chunk_frames < 1:
            raise ValueError(f"Expected chunk_frames >= 1, got {chunk_frames}")
        self.video_id = source.video_id
        self.n_frames = source.n_frames
        self.frame_rate = source.frame_rate
        self.clock = source.clock
        self._source, self._params = source, params
        self._chunk_frames, self._progress, self._cache = chunk_frames, progress, cache
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
            stored = self._cache.load(self._source, self._params)
        if stored is not None:
            self._from_cache = True
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
        tracker = FaceTracker(self._params, rate)
        self._counts = tracker.counts
        writer = self._cache.writer(self._source, self._params) if self._cache else None
        frames = prefetch(self._source.iter_luma(), _READ_AHEAD)
        try:
            with closing(frames):
                aligned = align_frames(frames, tracker, self._params, rate)
                for chunk in _in_chunks(aligned, self._chunk_frames):
                    if writer is not None:
                        writer.add(chunk)
                    yield chunk
            self._warnings.extend(_tracking_warnings(tracker.counts))
            if isinstance(self._source, TellsDamage):
                self._warnings.extend(self._source.damage_texts())
            if writer is not None:
                writer.finish(self.warnings)
        finally:
            if writer is not None:
                writer.close()
                self._warnings.extend(writer.warnings)


def stream_faces(
    source: LumaSource,
    params: AlignParams,
    *,
    chunk_frames: int = 64,
    progress: ProgressCallback | None = None,
    cache: FaceCache | None = None,
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

    Returns
    -------
    An iterator over :class:`FaceChunk` with ``warnings`` and a ``summary``. A video without a
    face is no error here: ``found`` is then False everywhere.

    Raises
    ------
    NoFaceError
        While iterating, if the face models are missing.
    """
    return FaceStream(source, params, chunk_frames=chunk_frames, progress=progress, cache=cache)


def extract_faces(
    source: LumaSource,
    params: AlignParams = _DEFAULT_PARAMS,
    *,
    progress: ProgressCallback | None = None,
    cache: FaceCache | None = None,
) -> FaceSequence:
    """Extract the faces of a whole video.

    With a cache the crops stay in its file and are read as they are sliced; without one they
    are kept in memory (12.5 kB a frame).

    Parameters, errors: see :func:`stream_faces`.
    """
    if cache is not None:
        with stream_faces(source, params, progress=progress, cache=cache) as stream:
            for _ in stream:
                pass
        stored = cache.load(source, params)
        if stored is not None:
            return replace(stored, warnings=stream.warnings, times=stream.clock)
    # No cache, or one that could not be written.
    with stream_faces(source, params, progress=progress) as stream:
        return gather(stream, params.crop_px)


def gather(stream: FaceStream, crop_px: int) -> FaceSequence:
    """Collect a stream in memory."""
    chunks = list(stream)
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
    )


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
    return FaceChunk(
        first,
        np.stack([frame.image for frame in frames]),
        np.array([frame.found for frame in frames], dtype=np.bool_),
        np.array([frame.confidence for frame in frames], dtype=np.float32),
        np.stack([frame.transform for frame in frames]),
    )


def _tracking_warnings(counts: TrackCounts) -> list[str]:
    texts = []
    if counts.faces_at_start > 1 and counts.start_box is not None:
        left, top, right, bottom = (round(float(value)) for value in counts.start_box)
        texts.append(
            f"{counts.faces_at_start} faces in frame {counts.start_frame}: kept the largest and "
            f"most central one, at x {left}-{right}, y {top}-{bottom}"
        )
    if counts.losses:
        texts.append(f"the face was lost {counts.losses} time(s) and looked for again")
    return texts
