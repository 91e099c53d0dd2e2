"""From aligned faces to per-frame probabilities, streaming (paper, sections 2.2 and 4.1)."""

import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from fractions import Fraction

import numpy as np
import torch
from numpy.typing import NDArray

from napari_mespot.face import FaceChunk, FaceSequence
from napari_mespot.model import Clock, ScoreSignal
from napari_mespot.network.checkpoint import Checkpoint
from napari_mespot.network.devices import choose_device
from napari_mespot.progress import ProgressCallback, report
from napari_mespot.spotting.context import ContextScorer
from napari_mespot.spotting.evidence import Evidence
from napari_mespot.spotting.scoring_run import ScoringRun, one_thread, probabilities

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
        by the longer skip, and with a context network by up to 25 s of video. May raise
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
    run = ScoringRun(checkpoint, n_frames, clock or Clock(frame_rate), place)
    stretches = None if on_scores is None else _Stretches(run, on_scores, video_id)
    report(progress, _STAGE, 0, n_frames)
    for chunk in chunks:
        with torch.inference_mode(), one_thread(place):
            run.add(chunk)
            final = run.final() if stretches is not None and stretches.is_due() else 0
        if stretches is not None:
            stretches.hand_out(final)
        report(progress, _STAGE, run.seen, n_frames)
    with torch.inference_mode(), one_thread(place):
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
    run = ScoringRun(plain, faces.n_frames, faces.clock, place)
    for chunk in faces.chunks():
        with torch.inference_mode(), one_thread(place):
            run.add(chunk)
        report(progress, _STAGE, run.seen, faces.n_frames)
    with torch.inference_mode(), one_thread(place):
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
        values=probabilities(logits, checkpoint.temperature).astype(np.float32),
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
        with one_thread(torch.device("cpu")):
            scorer.finish()
        values[rows] = scorer.logits(times, evidence.logits[rows])
    values[~evidence.found] = np.nan
    return values


class _Stretches:
    """Hands out the scores of a run, each frame once, not too often."""

    def __init__(self, run: ScoringRun, on_scores: ScoresCallback, video_id: str) -> None:
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
