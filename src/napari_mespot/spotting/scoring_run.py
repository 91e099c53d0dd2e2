"""One run of scoring: faces go in as they come, scores come out when they are final."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray

from napari_mespot.clips import clip_places, reach_of
from napari_mespot.face import FaceChunk, contrast_normalise
from napari_mespot.model import Clock, ScoreSignal
from napari_mespot.network.checkpoint import Checkpoint
from napari_mespot.network.fast_path import FastNetwork
from napari_mespot.network.streaming import ClipScorer
from napari_mespot.spotting.context import ContextScorer

__all__ = ["ScoringRun", "one_thread", "probabilities"]

# A batch whose first-layer responses fit into the processor's cache.
_CPU_BATCH = 8
_GPU_BATCH = 128


class ScoringRun:
    """Which faces of a video have come, and the scorers they go to.

    Parameters
    ----------
    checkpoint
        Network and all parameters.
    n_frames
        Length of the video.
    clock
        When its frames are shown.
    device
        Where the two streams run.
    """

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
            values = probabilities(logits, self._checkpoint.temperature)
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


def probabilities(
    logits: NDArray[np.float32], temperature: tuple[float, float]
) -> NDArray[np.float64]:
    """Return the probabilities of logits, both of shape (n, 2): ME and MaE."""
    scaled = logits.astype(np.float64) / np.asarray(temperature)
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * scaled)))  # the sigmoid, without overflow


@contextmanager
def one_thread(device: torch.device) -> Iterator[None]:
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
