"""From aligned faces to per-frame probabilities, streaming (paper, sections 2.2 and 4.1)."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray

from napari_mespot.clips import clip_places, reach_of
from napari_mespot.face import FaceChunk, FaceSequence, contrast_normalise
from napari_mespot.model import Clock, ScoreSignal
from napari_mespot.network.checkpoint import Checkpoint
from napari_mespot.network.devices import choose_device
from napari_mespot.network.fast_path import FastNetwork
from napari_mespot.network.streaming import ClipScorer
from napari_mespot.progress import ProgressCallback, report
from napari_mespot.spotting.context import ContextScorer
from napari_mespot.spotting.evidence import Evidence

__all__ = [
    "ScoresCallback",
    "evidence_logits",
    "gather_evidence",
    "score_evidence",
    "score_faces",
]

#: Takes the scores of the next stretch of frames.
ScoresCallback = Callable[[ScoreSignal], None]

_STAGE = "spotting"
# Time between two calls of a ScoresCallback: as often as an eye follows a growing curve.
_SCORES_EVERY_S = 0.25
# A batch whose first-layer responses fit into the processor's cache.
_CPU_BATCH = 8
_GPU_BATCH = 128


def score_faces(  # noqa: PLR0913 - a video's clock and name are three of them
    checkpoint: Checkpoint,
    faces: FaceSequence | Iterable[FaceChunk],
    *,
    n_frames: int,
    frame_rate: Fraction,
    clock: Clock | None = None,
    video_id: str = "",
    device: str = "cpu",
    progress: ProgressCallback | None = None,
    on_scores: ScoresCallback | None = None,
) -> ScoreSignal:
    """Score every frame of a video, in memory that does not grow with its images.

    A frame without a face has no score (NaN). As a reference frame it is replaced by the last
    frame before it that has a face. The video is taken to begin at its first face: a reference
    frame before that is the first face, and one past the end is the last frame. The same holds
    on either side of a break (a cut, or another person): no frame is compared across one.

    Parameters
    ----------
    checkpoint
        Network and all parameters.
    faces
        Aligned faces, whole or in consecutive chunks from frame 0 on.
    n_frames
        Length of the video. Frames for which no face chunk comes (a video cut short) count as
        frames without a face.
    frame_rate
        Frames per second; turns the checkpoint's skips into frames.
    clock
        When the frames are shown, where that is more than the frame rate: reference frames are
        then those shown at the right seconds.
    video_id
        Name of the video.
    device
        ``"auto"``, ``"cpu"``, ``"cuda"`` or ``"mps"``.
    progress
        Called from this thread after every chunk; may raise
        :class:`~napari_mespot.progress.Cancelled`.
    on_scores
        Called from this thread after a chunk, at most four times a second and once at the end,
        with the scores of the frames that have become final since the call before. The
        stretches follow each other from frame 0 to the last frame; together they are the
        returned signal. With a reference frame in the future the scores lag behind the faces
        by the longer skip, and with a context network by a minute and more of video. May raise
        :class:`~napari_mespot.progress.Cancelled`.

    Returns
    -------
    Calibrated probabilities of ME and MaE, shape (n_frames, 2).

    Raises
    ------
    CheckpointError
        If the device is not available.
    ValueError
        If chunks are not consecutive or hold more than `n_frames` frames.
    """
    place = choose_device(device)
    # Entered per chunk and not around a generator, which would leak the mode to the caller.
    chunks = faces.chunks() if isinstance(faces, FaceSequence) else faces
    run = _Run(checkpoint, n_frames, clock or Clock(frame_rate), place)
    stretches = None if on_scores is None else _Stretches(run, on_scores, video_id)
    report(progress, _STAGE, 0, n_frames)
    for chunk in chunks:
        with torch.inference_mode(), _one_thread(place):
            run.add(chunk)
            final = run.final() if stretches is not None and stretches.is_due() else 0
        if stretches is not None:
            stretches.hand_out(final)
        report(progress, _STAGE, run.seen, n_frames)
    with torch.inference_mode(), _one_thread(place):
        run.finish()
    if stretches is not None:
        stretches.hand_out(n_frames)
    return run.signal(0, n_frames, video_id)


def gather_evidence(
    checkpoint: Checkpoint,
    faces: FaceSequence,
    *,
    device: str = "cpu",
    progress: ProgressCallback | None = None,
) -> Evidence:
    """Return what a context network is learned from: logits of both streams, shape of the face.

    Parameters
    ----------
    checkpoint
        Its two-stream network gives the logits.
    faces
        Aligned faces of a video.
    device, progress
        As for :func:`score_faces`.
    """
    plain = replace(checkpoint, context=None)
    place = choose_device(device)
    run = _Run(plain, faces.n_frames, faces.clock, place)
    for chunk in faces.chunks():
        with torch.inference_mode(), _one_thread(place):
            run.add(chunk)
        report(progress, _STAGE, run.seen, faces.n_frames)
    with torch.inference_mode(), _one_thread(place):
        run.finish()
    return Evidence(
        video_id=faces.video_id,
        clock=faces.clock,
        logits=run.stream_logits(),
        shape=faces.shape,
        found=np.asarray(faces.found),
        breaks=faces.breaks,
    )


def score_evidence(checkpoint: Checkpoint, evidence: Evidence) -> ScoreSignal:
    """Return the probabilities that :func:`score_faces` gives for the same faces.

    Raises
    ------
    ValueError
        If the checkpoint has no context network.
    """
    if checkpoint.context is None:
        raise ValueError(f"Expected a context network in {checkpoint.name!r}, got none")
    logits = evidence_logits(checkpoint, evidence)
    return ScoreSignal(
        values=_probabilities(logits, checkpoint.temperature).astype(np.float32),
        found=evidence.found.copy(),
        frame_rate=evidence.clock.rate,
        video_id=evidence.video_id,
        breaks=evidence.breaks,
        times=evidence.clock,
    )


def evidence_logits(checkpoint: Checkpoint, evidence: Evidence) -> NDArray[np.float32]:
    """Return what the probabilities of :func:`score_faces` are made of, before the temperature.

    Returns
    -------
    Shape (n, 2), ME and MaE: of the context network, or without one of the two streams. NaN
    where there is no face.
    """
    values = np.full((evidence.n_frames, 2), np.nan, np.float32)
    if checkpoint.context is None:
        values[evidence.found] = evidence.logits[evidence.found]
        return values
    for rows in evidence.stretches():
        times = evidence.times[rows]
        scorer = ContextScorer(checkpoint.context, times[0])
        scorer.add(times, None if evidence.shape is None else evidence.shape[rows])
        with _one_thread(torch.device("cpu")):
            scorer.finish()
        values[rows] = scorer.logits(times, evidence.logits[rows])
    values[~evidence.found] = np.nan
    return values


class _Stretches:
    """Hands out the scores of a run, each frame once, not too often."""

    def __init__(self, run: "_Run", on_scores: ScoresCallback, video_id: str) -> None:
        self._run, self._on_scores, self._video_id = run, on_scores, video_id
        self._handed_out = 0
        self._due_at = -np.inf

    def is_due(self) -> bool:
        """Whether the last call is long enough ago."""
        return time.monotonic() >= self._due_at

    def hand_out(self, stop: int) -> None:
        """Hand out the frames before `stop` that were not yet, if any."""
        if stop > self._handed_out:
            first, self._handed_out = self._handed_out, stop
            self._on_scores(self._run.signal(first, stop, self._video_id))
            self._due_at = time.monotonic() + _SCORES_EVERY_S


class _Run:
    """The state of one call: which faces have come, and the scorer they go to."""

    def __init__(
        self, checkpoint: Checkpoint, n_frames: int, clock: Clock, device: torch.device
    ) -> None:
        self._checkpoint = checkpoint
        self._n_frames = n_frames
        self._clock = clock
        self._device = device
        self._batch = _CPU_BATCH if device.type == "cpu" else _GPU_BATCH
        self.seen = 0
        self._network = FastNetwork(checkpoint.network, device)
        self._places = clip_places(checkpoint.clips.reference, checkpoint.clips.references_per_side)
        self._reach = reach_of(checkpoint.clips, clock)
        self._scorer = self._scorer_from(0)
        self._found = np.zeros(n_frames, dtype=np.bool_)
        self._values = np.full((n_frames, 2), np.nan, dtype=np.float32)
        self._logits = np.full((n_frames, 2), np.nan, dtype=np.float32)
        self._context: ContextScorer | None = None
        self._valued = 0  # frames of the video before this one have their last word
        self._breaks: list[int] = []
        self._scored = 0  # of the frames since the first face after the last break
        self._first_face: int | None = None
        self._last_face: NDArray[np.float32] | None = None

    def add(self, chunk: FaceChunk) -> None:
        """Score the frames of a chunk."""
        if chunk.first_frame != self.seen or self.seen + len(chunk.found) > self._n_frames:
            raise ValueError(
                f"Expected consecutive chunks within {self._n_frames} frames, got frames "
                f"{chunk.first_frame}..{chunk.first_frame + len(chunk.found) - 1} after "
                f"{self.seen} frames"
            )
        inner = (frame - chunk.first_frame for frame in chunk.breaks)
        edges = [0, *(row for row in inner if 0 < row < chunk.n_frames), chunk.n_frames]
        for first, stop in pairwise(edges):
            if chunk.first_frame + first in chunk.breaks:
                self._break()
            for start in range(first, stop, self._batch):
                part = slice(start, min(start + self._batch, stop))
                self._add_batch(chunk.images[part], chunk.found[part])
            self._add_shape(chunk, first, stop)
        if self._context is not None:
            self.final()  # so that the context network forgets what it no longer needs

    def _break(self) -> None:
        """End a stretch: what comes is not compared with what was."""
        if self.seen == 0:
            return
        self.finish()
        self._breaks.append(self.seen)
        self._scorer, self._scored = self._scorer_from(self.seen), 0
        self._first_face = self._last_face = self._context = None

    def _scorer_from(self, frame: int) -> ClipScorer:
        """Return the scorer of a stretch of which `frame` is the first with a face."""
        reach, left = self._reach.starting(frame), self._n_frames - frame
        return ClipScorer(self._network, reach, left, self._places, self._batch)

    def _context_from(self, frame: int) -> ContextScorer | None:
        """Return the context network over a stretch of which `frame` is the first with a face."""
        context = self._checkpoint.context
        if context is None:
            return None
        return ContextScorer(context, float(self._clock.second_of(frame)))

    def final(self) -> int:
        """Bring the scores up to date; return how many frames, from 0 on, have their last word."""
        if self._first_face is None:
            return self.seen
        start, stop = self._scored, self._scorer.n_final
        if stop > start:
            rows = slice(self._first_face + start, self._first_face + stop)
            self._logits[rows] = self._scorer.logits(start, stop)
            self._scored = stop
        spoken = self._first_face + stop
        if self._context is not None:
            self._context.advance()
            first = max(self._valued, self._first_face)
            final = np.searchsorted(self._times(first, spoken), self._context.final_s, side="right")
            spoken = first + int(final)
        return self._value_until(spoken)

    def finish(self) -> None:
        """Score all that still waits for later faces."""
        self._scorer.finish()
        self.final()
        if self._context is not None:
            self._context.finish()
            self._value_until(self.seen)

    def stream_logits(self) -> NDArray[np.float32]:
        """Return what the two streams say of every frame, (n_frames, 2); NaN before any face."""
        return self._logits

    def _value_until(self, stop: int) -> int:
        """Make probabilities of the logits of the frames before `stop`, which are final."""
        first = max(self._valued, self._first_face or 0)
        if stop > first:
            rows, logits = slice(first, stop), self._logits[first:stop]
            if self._context is not None:
                logits = self._context.logits(self._times(first, stop), logits)
            values = _probabilities(logits, self._checkpoint.temperature)
            self._values[rows] = np.where(self._found[rows, np.newaxis], values, np.nan)
        self._valued = max(self._valued, stop)
        return self._valued

    def _times(self, first: int, stop: int) -> NDArray[np.float64]:
        return self._clock.seconds_of(np.arange(first, stop))

    def _add_shape(self, chunk: FaceChunk, first: int, stop: int) -> None:
        """Hand the shape of the face on, from the first face of a stretch on."""
        if self._context is None or self._first_face is None:
            return
        start = max(first, self._first_face - chunk.first_frame)
        times = self._times(chunk.first_frame + start, chunk.first_frame + stop)
        self._context.add(times, None if chunk.shape is None else chunk.shape[start:stop])

    def signal(self, first: int, stop: int, video_id: str) -> ScoreSignal:
        """Return the scores of the frames from `first` to `stop` (exclusive)."""
        rows = slice(first, stop)
        return ScoreSignal(
            values=self._values[rows].copy(),
            found=self._found[rows].copy(),
            frame_rate=self._clock.rate,
            video_id=video_id,
            first_frame=first,
            breaks=tuple(self._breaks),
            times=self._clock,
        )

    def _add_batch(self, images: NDArray[np.uint8], found: NDArray[np.bool_]) -> None:
        first = self.seen
        self.seen += len(found)
        self._found[first : self.seen] = found
        if self._first_face is None:
            if not found.any():
                return
            start = int(found.argmax())
            self._first_face = first + start
            self._scorer = self._scorer_from(self._first_face)
            self._context = self._context_from(self._first_face)
            images, found = images[start:], found[start:]
        normalised = self._with_last_face(images, found)
        self._scorer.add(torch.from_numpy(normalised).to(self._device))

    def _with_last_face(
        self, images: NDArray[np.uint8], found: NDArray[np.bool_]
    ) -> NDArray[np.float32]:
        """Normalise the faces; a frame without one takes the last one before it."""
        size = images.shape[1:]
        faces = contrast_normalise(images[found], self._checkpoint.contrast)
        held = self._last_face if self._last_face is not None else np.zeros(size, np.float32)
        # Row 0 is the face held from the batch before; each face found moves on by one row.
        rows = np.concatenate([held[np.newaxis], faces])
        self._last_face = rows[-1]
        return rows[np.cumsum(found)]


def _probabilities(
    logits: NDArray[np.float32], temperature: tuple[float, float]
) -> NDArray[np.float64]:
    scaled = logits.astype(np.float64) / np.asarray(temperature)
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * scaled)))  # the sigmoid, without overflow


@contextmanager
def _one_thread(device: torch.device) -> Iterator[None]:
    """Use one thread on a CPU: decoding and alignment need the others (decision 0033)."""
    before = torch.get_num_threads()
    if device.type != "cpu" or before == 1:
        yield
        return
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
