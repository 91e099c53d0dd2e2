"""Teach a context network by stretches of corrected videos, with drawn signals in between.

What the two streams say of a video, and the shape of its face, are gathered once; its faces are
then needed no more. A frame takes 112 bytes.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from napari_mespot.clips import frame_targets
from napari_mespot.errors import CorrectionsError
from napari_mespot.learning.context_fitting import ContextPool, fit_context
from napari_mespot.learning.context_params import ContextTrainingParams
from napari_mespot.learning.context_recipe import ContextRecipe
from napari_mespot.learning.context_stretches import ContextStretch, stretches_of
from napari_mespot.learning.context_training import drawn_stretches
from napari_mespot.learning.corpus import Corpus, LabelledFaces
from napari_mespot.learning.drawn_shape import DrawnShape, draw_shape_sequence
from napari_mespot.learning.labelled_logits import video_evidence
from napari_mespot.learning.retrain_learner import Drawn
from napari_mespot.learning.retrain_params import RetrainParams
from napari_mespot.learning.retrain_scores import Logits
from napari_mespot.model import Annotation, Clock, Expression, ReviewStatus
from napari_mespot.network import Checkpoint, ContextNetwork
from napari_mespot.progress import ProgressCallback, renamed
from napari_mespot.spotting import Evidence, evidence_logits

__all__ = ["ContextLearner", "LabelledEvidence", "parts_around"]

_CHECK_SEED = 7919


@dataclass(frozen=True, eq=False, slots=True)
class LabelledEvidence:
    """Evidence of a video, and what is known of it."""

    evidence: Evidence
    annotation: Annotation

    @property
    def frame_rate(self) -> Fraction:
        """Frames per second."""
        return self.evidence.clock.rate

    def targets(self) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Return targets and where they are known, each (n, 2)."""
        targets, known = frame_targets(self.annotation)
        return targets, known & self.evidence.found[:, np.newaxis]


class ContextLearner:
    """Teaches the context network of a checkpoint; its two streams stay.

    Parameters
    ----------
    checkpoint
        With a context network.
    params
        How.
    progress
        Told what is done; may raise :class:`~napari_mespot.progress.Cancelled`.
    gathered
        Evidence of videos by name, where it is known already.

    Raises
    ------
    ValueError
        If there is no context network.
    CorrectionsError
        When it is to train, if no shape of a face is known in the corrections.
    """

    teaches = "the weights of the context network"

    def __init__(
        self,
        checkpoint: Checkpoint,
        params: RetrainParams,
        progress: ProgressCallback | None = None,
        *,
        gathered: Mapping[str, Evidence] | None = None,
    ) -> None:
        if checkpoint.context is None:
            raise ValueError(f"Expected a context network in {checkpoint.name!r}, got none")
        self._checkpoint, self._params, self._progress = checkpoint, params, progress
        self._context: ContextNetwork = checkpoint.context
        self._gathered: dict[str, Evidence] = dict(gathered or {})

    def logits(self, checkpoint: Checkpoint, corpus: Corpus) -> Logits:
        """Score every frame of every video; see :class:`.retrain_learner.Learner`."""
        evidence = self._evidence_of(corpus)
        return {name: evidence_logits(checkpoint, own) for name, own in evidence.items()}

    def drawn(self, checkpoint: Checkpoint) -> Drawn:
        """Score other drawn people than those replayed."""
        videos = self._checked
        said = {v.annotation.video_id: evidence_logits(checkpoint, v.evidence) for v in videos}
        return Drawn(videos, said)

    def train(self, corpus: Corpus, walked: Corpus) -> Checkpoint:
        """Train on windows around what is known; the statistics of the norms stay."""
        params = self._params
        walks = list(self._stretches(walked.videos, self._evidence_of(walked)))
        walk_share = params.walk_share if walks else 0.0
        share = 1 - params.replay_share
        evidence = self._evidence_of(corpus)
        hard = list(self._hard_stretches(corpus, evidence))
        hard_share = params.sampling.share_hard if hard else 0.0
        reviewed = list(self._stretches(corpus.videos, evidence))
        if not reviewed:
            raise CorrectionsError(
                "Expected the shape of the face in reviewed ranges to learn from, got none: no "
                "face could be measured there; thresholds alone are chosen with --set "
                "least_for_weights=100000"
            )
        pools = [
            ContextPool(reviewed, share=share * (1 - walk_share) * (1 - hard_share)),
            ContextPool(hard, share=share * (1 - walk_share) * hard_share),
            ContextPool(walks, share=share * walk_share),
        ]
        if params.replay_share:
            pools.append(ContextPool(self._replayed, share=params.replay_share))
        context = deepcopy(self._context)
        fit_context(context, pools, self._training, progress=self._progress)
        return replace(self._checkpoint, context=context)

    @property
    def _training(self) -> ContextTrainingParams:
        own = self._params.context.model_dump()
        once = {"ema_decay": 0.98, "steady_norms": True, "seed": self._params.seed}
        return self._recipe.training.model_copy(update={**own, **once})

    @property
    def _recipe(self) -> ContextRecipe:
        """What the network learned from first; without it in the card, the defaults."""
        try:
            return ContextRecipe.model_validate(self._checkpoint.card.get("recipe"))
        except ValidationError:
            return ContextRecipe(name="drawn", streams="drawn")

    def _evidence_of(self, corpus: Corpus) -> dict[str, Evidence]:
        """Return the evidence of each video by name, gathered when it is first asked for."""
        n = len(corpus.videos)
        for i, video in enumerate(corpus.videos, 1):
            name = video.annotation.video_id
            if name not in self._gathered:
                told = renamed(self._progress, f"scoring, video {i} of {n}")
                self._gathered[name] = video_evidence(self._checkpoint, video, progress=told)
        return {
            name: self._gathered[name] for name in (v.annotation.video_id for v in corpus.videos)
        }

    def _stretches(
        self, videos: Iterable[LabelledFaces], evidence: dict[str, Evidence]
    ) -> Iterator[ContextStretch]:
        """Yield what lies around the frames of which something is known."""
        for video in videos:
            own = evidence[video.annotation.video_id]
            for stretch in stretches_of(own, video.annotation, self._context.params):
                yield from parts_around(stretch, _any(stretch.known), self._margin)

    def _hard_stretches(
        self, corpus: Corpus, evidence: dict[str, Evidence]
    ) -> Iterator[ContextStretch]:
        """Yield what lies around rejected predictions."""
        params = self._context.params
        for video in corpus.videos:
            rejected = _rejected(video.annotation)
            if not rejected.expressions:
                continue
            own = evidence[video.annotation.video_id]
            stretches = stretches_of(own, video.annotation, params)
            places = stretches_of(own, rejected, params)
            for stretch, place in zip(stretches, places, strict=True):
                is_hard = _any(place.targets > 0) & _any(stretch.known)
                yield from parts_around(stretch, is_hard, self._margin)

    @property
    def _margin(self) -> int:
        """Steps on either side of a known one that a score depends on."""
        return self._context.params.reach_steps

    @cached_property
    def _replayed(self) -> list[ContextStretch]:
        return drawn_stretches(
            self._params.replay_videos,
            self._recipe.drawn,
            self._context.params,
            seed=self._params.seed,
            notch_s=self._recipe.notch_s,
            progress=self._progress,
        )

    @cached_property
    def _checked(self) -> Sequence[LabelledEvidence]:
        seed, n = self._params.seed + _CHECK_SEED, self._params.checked_drawn_videos
        drawn = self._recipe.drawn
        return [
            _as_video(draw_shape_sequence(drawn, np.random.default_rng([seed, index])), index)
            for index in range(n)
        ]


def _as_video(drawn: DrawnShape, index: int) -> LabelledEvidence:
    labels = replace(drawn.annotation, video_id=f"drawn-{index}")
    clock = Clock(labels.frame_rate or Fraction(1))
    everywhere = np.ones(len(drawn.shape), np.bool_)
    evidence = Evidence(labels.video_id, clock, drawn.logits, drawn.shape, everywhere)
    return LabelledEvidence(evidence, labels)


def parts_around(
    stretch: ContextStretch, wanted: NDArray[np.bool_], margin: int
) -> Iterator[ContextStretch]:
    """Yield the parts of a stretch within `margin` steps of a wanted one.

    Windows are drawn from all of a stretch alike; without this, those of a long video of which
    minutes are known would show hardly anything that can be learned from.
    """
    steps = np.flatnonzero(wanted)
    if not len(steps):
        return
    apart = np.flatnonzero(np.diff(steps) > 2 * margin)
    firsts = steps[np.concatenate([[0], apart + 1])]
    lasts = steps[np.concatenate([apart, [-1]])]
    for first, last in zip(firsts, lasts, strict=True):
        part = slice(max(0, int(first) - margin), int(last) + margin + 1)
        yield ContextStretch(
            stretch.shown[:, part], stretch.targets[:, part], stretch.known[:, part]
        )


def _any(masks: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether each step is True for any kind."""
    return np.asarray(masks.any(axis=0))


def _rejected(annotation: Annotation) -> Annotation:
    """Return labels that say where predictions were rejected."""

    def marked(expression: Expression) -> Expression:
        return replace(expression, status=ReviewStatus.ACCEPTED)

    rejected = tuple(marked(e) for e in annotation.expressions if e.status is ReviewStatus.REJECTED)
    return replace(annotation, expressions=rejected)
