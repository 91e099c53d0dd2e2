"""Long synthetic sequences with exact truth: to train on, to calibrate on and to measure with."""

from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from napari_mespot.clips.params import ClipParams
from napari_mespot.face import FaceChunk
from napari_mespot.face.params import ContrastParams
from napari_mespot.learning.corpus import Corpus, LabelledFaces
from napari_mespot.learning.params import SequenceParams, SyntheticParams
from napari_mespot.learning.repertoire import Repertoire
from napari_mespot.learning.scene import render
from napari_mespot.learning.timeline import Stretch, draw_scene, sequence_expressions
from napari_mespot.model import Annotation, ScoreSignal
from napari_mespot.network import Checkpoint, TwoStream3DCNN
from napari_mespot.progress import ProgressCallback, report
from napari_mespot.spotting import score_faces

__all__ = [
    "SyntheticSequence",
    "draw_corpus",
    "draw_sequence",
    "score_sequence",
    "sequence_logits",
    "sequence_repertoire",
]

_CHUNK = 256


@dataclass(frozen=True, eq=False, slots=True)
class SyntheticSequence:
    """Aligned crops of one drawn video, shape (n, S, S), uint8, and the truth."""

    images: NDArray[np.uint8]
    annotation: Annotation

    @property
    def frame_rate(self) -> Fraction:
        """Frames per second."""
        if self.annotation.frame_rate is None:
            raise ValueError("Expected an annotation with a frame rate")
        return self.annotation.frame_rate


def draw_sequence(
    repertoire: Repertoire,
    synthetic: SyntheticParams,
    params: SequenceParams,
    rng: np.random.Generator,
    frame_rate: int,
) -> SyntheticSequence:
    """Draw one sequence of ``params.duration_s`` at `frame_rate` frames per second."""
    n_frames = max(1, round(params.duration_s * frame_rate))
    neutral = rng.random() < params.neutral_share
    expressions = (
        () if neutral else sequence_expressions(synthetic, rng, frame_rate, n_frames, params.gap_s)
    )
    stretch = Stretch(frame_rate, 0, n_frames - 1)
    scene = draw_scene(repertoire, expressions, synthetic, rng, stretch)
    starts = range(0, n_frames, _CHUNK)
    parts = [render(scene, np.arange(s, min(s + _CHUNK, n_frames)), rng) for s in starts]
    name = f"sequence-{frame_rate}fps"
    truth = scene.annotation(n_frames, Fraction(frame_rate), name)
    return SyntheticSequence(np.concatenate(parts), truth)


def draw_corpus(
    synthetic: SyntheticParams,
    params: SequenceParams,
    *,
    progress: ProgressCallback | None = None,
) -> Corpus:
    """Draw people, movements and sequences of them: something to train on.

    Another ``params.seed`` gives other people. A sequence of 10 s at 30 frames per second takes
    3.8 MB; all are held in memory.
    """
    repertoire = sequence_repertoire(synthetic, params, progress=progress)
    total = params.sequences * len(params.frame_rates)
    videos = []
    for index in range(total):
        rate = params.frame_rates[index // params.sequences]
        rng = np.random.default_rng([params.seed, 2, index])
        drawn = draw_sequence(repertoire, synthetic, params, rng, rate)
        name = f"drawn-{params.seed}-{index}"
        videos.append(LabelledFaces(drawn.images, replace(drawn.annotation, video_id=name)))
        report(progress, "drawing sequences", index + 1, total)
    return Corpus(tuple(videos))


def sequence_repertoire(
    synthetic: SyntheticParams,
    params: SequenceParams,
    *,
    progress: ProgressCallback | None = None,
) -> Repertoire:
    """Draw the people and movements that sequences of these parameters show."""
    sizes = {"faces": params.faces, "fields": params.fields}
    return Repertoire.drawn(synthetic.model_copy(update=sizes), params.seed, progress=progress)


def score_sequence(checkpoint: Checkpoint, drawn: SyntheticSequence) -> ScoreSignal:
    """Score the crops of a sequence as those of a video would be."""
    n_frames = len(drawn.images)
    chunk = FaceChunk(
        first_frame=0,
        images=drawn.images,
        found=np.ones(n_frames, dtype=np.bool_),
        confidence=np.ones(n_frames, dtype=np.float32),
        transforms=np.tile(np.eye(2, 3), (n_frames, 1, 1)),
    )
    return score_faces(
        checkpoint,
        [chunk],
        n_frames=n_frames,
        frame_rate=drawn.frame_rate,
        video_id=drawn.annotation.video_id,
    )


def sequence_logits(
    network: TwoStream3DCNN,
    drawn: SyntheticSequence,
    clips: ClipParams,
    contrast: ContrastParams,
) -> NDArray[np.float32]:
    """Score every frame with the skips used for spotting.

    Returns
    -------
    NDArray
        Shape (n, 2), float32: logits of ME and MaE, before calibration.
    """
    plain = Checkpoint(network=network, name="uncalibrated", clips=clips, contrast=contrast)
    p = np.clip(score_sequence(plain, drawn).values.astype(np.float64), 1e-7, 1 - 1e-7)
    return np.asarray(np.log(p / (1 - p)), dtype=np.float32)
