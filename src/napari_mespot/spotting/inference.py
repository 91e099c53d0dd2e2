"""From aligned faces to per-frame probabilities, streaming (paper, sections 2.2 and 4.1)."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from fractions import Fraction

import numpy as np
import torch
from numpy.typing import NDArray

from napari_mespot.clips import frame_skips
from napari_mespot.face import FaceChunk, FaceSequence, contrast_normalise
from napari_mespot.model import ScoreSignal
from napari_mespot.network.checkpoint import Checkpoint
from napari_mespot.network.devices import choose_device
from napari_mespot.network.fast_path import FastNetwork
from napari_mespot.network.streaming import PairScorer
from napari_mespot.progress import ProgressCallback, report

__all__ = ["score_faces"]

_STAGE = "spotting"
# A batch whose first-layer responses fit into the processor's cache.
_CPU_BATCH = 16
_GPU_BATCH = 128


def score_faces(  # noqa: PLR0913 - a video's clock and name are three of them
    checkpoint: Checkpoint,
    faces: FaceSequence | Iterable[FaceChunk],
    *,
    n_frames: int,
    frame_rate: Fraction,
    video_id: str = "",
    device: str = "cpu",
    progress: ProgressCallback | None = None,
) -> ScoreSignal:
    """Score every frame of a video, in memory that does not grow with its images.

    A frame without a face has no score (NaN). As a reference frame it is replaced by the last
    frame before it that has a face. The video is taken to begin at its first face: a reference
    frame before that is the first face, and one past the end is the last frame.

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
    video_id
        Name of the video.
    device
        ``"auto"``, ``"cpu"``, ``"cuda"`` or ``"mps"``.
    progress
        Called from this thread after every chunk; may raise
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
    run = _Run(checkpoint, n_frames, frame_rate, place)
    report(progress, _STAGE, 0, n_frames)
    for chunk in chunks:
        with torch.inference_mode(), _one_thread(place):
            run.add(chunk)
        report(progress, _STAGE, run.seen, n_frames)
    with torch.inference_mode(), _one_thread(place):
        values, found = run.finish()
    return ScoreSignal(values=values, found=found, frame_rate=frame_rate, video_id=video_id)


class _Run:
    """The state of one call: which faces have come, and the scorer they go to."""

    def __init__(
        self, checkpoint: Checkpoint, n_frames: int, frame_rate: Fraction, device: torch.device
    ) -> None:
        self._checkpoint = checkpoint
        self._n_frames = n_frames
        self._device = device
        self._batch = _CPU_BATCH if device.type == "cpu" else _GPU_BATCH
        self._scorer = PairScorer(
            FastNetwork(checkpoint.network, device),
            frame_skips(checkpoint.clips, frame_rate),
            n_frames,
            checkpoint.clips.reference,
            self._batch,
        )
        self._found = np.zeros(n_frames, dtype=np.bool_)
        self._first_face: int | None = None
        self._last_face: NDArray[np.float32] | None = None
        self.seen = 0

    def add(self, chunk: FaceChunk) -> None:
        """Score the frames of a chunk."""
        if chunk.first_frame != self.seen or self.seen + len(chunk.found) > self._n_frames:
            raise ValueError(
                f"Expected consecutive chunks within {self._n_frames} frames, got frames "
                f"{chunk.first_frame}..{chunk.first_frame + len(chunk.found) - 1} after "
                f"{self.seen} frames"
            )
        for start in range(0, len(chunk.found), self._batch):
            part = slice(start, start + self._batch)
            self._add_batch(chunk.images[part], chunk.found[part])

    def finish(self) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Return probabilities, NaN where no face was found, and where one was."""
        values = np.full((self._n_frames, 2), np.nan, dtype=np.float32)
        logits = self._scorer.finish()
        if self._first_face is not None:
            stop = self._first_face + len(logits)
            values[self._first_face : stop] = _probabilities(logits, self._checkpoint.temperature)
        values[~self._found] = np.nan
        return values, self._found

    def _add_batch(self, images: NDArray[np.uint8], found: NDArray[np.bool_]) -> None:
        first = self.seen
        self.seen += len(found)
        self._found[first : self.seen] = found
        if self._first_face is None:
            if not found.any():
                return
            start = int(found.argmax())
            self._first_face = first + start
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
