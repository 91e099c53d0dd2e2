"""The checkpoints that adapting may end with: new thresholds alone, and new weights with them.

Thresholds are chosen on what is learned from, moved no further than that carries, and never
below what the person's own face at rest reaches.
"""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray

from napari_mespot.learning.adapt_params import AdaptParams
from napari_mespot.learning.calibration import ScoredSequence
from napari_mespot.learning.corpus import Corpus, LabelledFaces
from napari_mespot.learning.corpus_calibration import settled_scores
from napari_mespot.learning.retrain_context import ContextLearner
from napari_mespot.learning.retrain_scores import (
    Calibration,
    Logits,
    ThresholdPrior,
    best_threshold,
    own_calibration,
    rescaled,
)
from napari_mespot.model import ExpressionKind
from napari_mespot.network import Checkpoint
from napari_mespot.spotting import SpottingParams, smooth

__all__ = ["Taught", "null_scores", "with_new_weights", "with_thresholds"]


@dataclass(frozen=True, eq=False, slots=True)
class Taught:
    """What is learned from.

    Parameters
    ----------
    moved
        Drawn action units on the person's still face.
    walked
        Own expressions made brief and small.
    untouched
        The videos as they are; known is that nothing happens in their still stretches.
    """

    moved: Corpus
    walked: Corpus
    untouched: Corpus

    @property
    def everything(self) -> Corpus:
        """All of it."""
        return self.moved + self.walked + self.untouched


def with_thresholds(
    old: Checkpoint, learner: ContextLearner, taught: Taught, params: AdaptParams, name: str
) -> Checkpoint:
    """Return the old weights with thresholds for this face."""
    return _finished(old, own_calibration(old), learner, taught, params, name)


def with_new_weights(
    old: Checkpoint, learner: ContextLearner, taught: Taught, params: AdaptParams, name: str
) -> Checkpoint:
    """Return the context network taught this face, with thresholds for it."""
    shown, walked = taught.moved + taught.untouched, taught.walked
    if not shown.videos:  # the face never rests for long
        shown, walked = walked, Corpus(())
    with torch.random.fork_rng(devices=[]):
        learned = learner.train(shown, walked)
    trained = _between(old, learned, params.way)
    now, before = learner.drawn(trained), learner.drawn(old)
    start = rescaled(now.videos, now.logits, before.logits, own_calibration(old))
    return _finished(trained, start, learner, taught, params, name)


def null_scores(
    scored: Sequence[ScoredSequence], rules: SpottingParams, kind: ExpressionKind
) -> NDArray[np.float64]:
    """Return the smoothed scores of a kind in frames where nothing happens, (n,)."""
    column = list(ExpressionKind).index(kind)
    parts: list[NDArray[np.floating]] = [np.zeros(0)]
    for _, signal in scored:
        values = smooth(signal, rules.smoothing).values[:, column]
        parts.append(values[np.isfinite(values)])
    return np.concatenate(parts)


def _between(old: Checkpoint, new: Checkpoint, way: float) -> Checkpoint:
    """Return the context network part of the way from the old one to the new one.

    Weights in between lose little of what was learned, and keep more of what was known (Wortsman
    and others 2022, Robust fine-tuning of zero-shot models).
    """
    if old.context is None or new.context is None:
        raise ValueError("Expected a context network in both checkpoints")
    context, learned = deepcopy(old.context), new.context.state_dict()
    with torch.no_grad():
        for name, value in context.state_dict().items():
            if value.dtype.is_floating_point:
                value.lerp_(learned[name], way)
    return replace(new, context=context.eval())


def _finished(
    checkpoint: Checkpoint,
    start: Calibration,
    learner: ContextLearner,
    taught: Taught,
    params: AdaptParams,
    name: str,
) -> Checkpoint:
    logits = learner.logits(checkpoint, taught.everything)
    me, mae = start.platts
    finished = replace(
        checkpoint,
        context=deepcopy(checkpoint.context),
        name=name,
        spotting=_chosen(taught, logits, start, params),
        temperature=(me.temperature, mae.temperature),
    )
    finished.add_bias(me.bias, mae.bias)
    return finished


def _chosen(
    taught: Taught, logits: Logits, start: Calibration, params: AdaptParams
) -> SpottingParams:
    """Return the rules with the thresholds that find most, none below the face at rest."""
    null = [_scored(v, logits, start) for v in taught.untouched.videos]
    shown = [_scored(v, logits, start) for v in (taught.moved + taught.walked).videos]
    smoothing = start.spotting.smoothing
    smoothed = [(truth, smooth(signal, smoothing)) for truth, signal in (*shown, *null)]
    rules = start.spotting
    for column, kind in enumerate(ExpressionKind):
        floor = _floor(null_scores(null, rules, kind), params)
        tried = [t for t in params.thresholds if t >= floor]
        prior = ThresholdPrior.of(start, start, column, params.prior_expressions)
        rules = best_threshold(smoothed, kind, rules, (tried, prior))
    return rules


def _floor(null: NDArray[np.float64], params: AdaptParams) -> float:
    return float(np.quantile(null, params.null_quantile)) if len(null) else 0.0


def _scored(video: LabelledFaces, logits: Logits, start: Calibration) -> ScoredSequence:
    return settled_scores((video, logits[video.annotation.video_id]), start.platts)
