"""The two candidates of a retraining: new thresholds alone, and new weights with them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import torch

from napari_mespot.errors import CorrectionsError
from napari_mespot.evaluation import frame_figures
from napari_mespot.learning.corpus import Corpus
from napari_mespot.learning.corrections import Walk, walks_in
from napari_mespot.learning.retrain_learner import Learner
from napari_mespot.learning.retrain_outcome import KindFigures, kind_figures
from napari_mespot.learning.retrain_params import RetrainParams
from napari_mespot.learning.retrain_scores import (
    Calibration,
    Logits,
    calibrate,
    own_calibration,
    rescaled,
    scored,
)
from napari_mespot.learning.retrain_split import Division, divide, judged
from napari_mespot.model import ExpressionKind
from napari_mespot.network import Checkpoint

__all__ = ["Candidate", "Parts", "best_candidate", "forgetting", "is_known", "refitted"]


@dataclass(frozen=True, eq=False, slots=True)
class Candidate:
    """A checkpoint that retraining may end with.

    Parameters
    ----------
    stage
        ``"thresholds"`` or ``"weights"``: what was changed.
    checkpoint
        Before calibration.
    logits
        Of all videos.
    calibration
        What makes expressions of them.
    checked_f1
        On the part that candidates are chosen by.
    """

    stage: str
    checkpoint: Checkpoint
    logits: Logits
    calibration: Calibration
    checked_f1: float


@dataclass(frozen=True, eq=False, slots=True)
class Parts:
    """All that the candidates are made of.

    Parameters
    ----------
    learned, check
        What weights are learned from, and what candidates are chosen by.
    outer
        Both together, and what is kept aside.
    walks
        Made of expressions anywhere in the corrections.
    params
        How.
    """

    learned: Corpus
    check: Corpus
    outer: Division
    walks: tuple[Walk, ...]
    params: RetrainParams

    @property
    def everything(self) -> Corpus:
        """All parts, each as it is."""
        return self.outer.first + self.outer.second


def best_candidate(
    old: Checkpoint, old_logits: Logits, learner: Learner, parts: Parts, *, with_weights: bool
) -> Candidate:
    """Return the candidate that finds most in the part to choose by; of equals the simpler one.

    What is kept aside reaches neither.
    """
    candidates = [_recalibrated(old, old_logits, parts)]
    if with_weights:
        candidates.append(_with_new_weights(old, learner, parts))
    return max(candidates, key=lambda c: c.checked_f1)


def refitted(
    best: Candidate, old: Checkpoint, learner: Learner, corpus: Corpus, parts: Parts
) -> Candidate:
    """Return the chosen candidate once more, learned and calibrated from all of `corpus`."""
    if best.stage == "thresholds":
        calibration = calibrate(corpus, best.logits, parts.params, own_calibration(old))
        return Candidate(best.stage, old, best.logits, calibration, best.checked_f1)
    trained = _trained(learner, corpus, parts)
    logits = learner.logits(trained, corpus)
    start = _start(trained, old, learner)
    calibration = calibrate(corpus, logits, parts.params, start)
    return Candidate(best.stage, trained, logits, calibration, best.checked_f1)


def forgetting(old: Checkpoint, new: Candidate, learner: Learner) -> float:
    """Return by how much the frame AUC on drawn videos fell, mean of both kinds."""
    if new.checkpoint is old:
        return 0.0  # new thresholds leave the order of the scores alone
    aucs = []
    for checkpoint in (old, new.checkpoint):
        drawn = learner.drawn(checkpoint)
        videos = scored(drawn.videos, drawn.logits, own_calibration(checkpoint))
        aucs.append(np.nanmean([frame_figures(videos, k).roc_auc for k in ExpressionKind]))
    return float(aucs[0] - aucs[1])


def is_known(corpus: Corpus) -> bool:
    """Whether something is known of every video."""
    return all(judged(v.annotation).reviewed for v in corpus.videos)


def _recalibrated(old: Checkpoint, logits: Logits, parts: Parts) -> Candidate:
    """Make the candidate whose weights are the old ones."""

    def calibration(corpus: Corpus) -> Calibration:
        return calibrate(corpus, logits, parts.params, own_calibration(old))

    f1 = _cross_checked(_halves(parts), logits, lambda half: calibration(parts.learned + half))
    return Candidate("thresholds", old, logits, calibration(parts.outer.first), f1)


def _with_new_weights(old: Checkpoint, learner: Learner, parts: Parts) -> Candidate:
    """Make the candidate with new weights.

    It is calibrated on what it has learned from too: on the few minutes beside it thresholds are
    mere chance, and low rates and replay leave little room for learning by heart.
    """
    trained = _trained(learner, parts.learned, parts)
    logits = learner.logits(trained, parts.everything)
    start = _start(trained, old, learner)

    def calibration(corpus: Corpus) -> Calibration:
        return calibrate(corpus, logits, parts.params, start)

    f1 = _cross_checked(_halves(parts), logits, lambda half: calibration(parts.learned + half))
    return Candidate("weights", trained, logits, calibration(parts.outer.first), f1)


def _trained(learner: Learner, corpus: Corpus, parts: Parts) -> Checkpoint:
    with torch.random.fork_rng(devices=[]):
        return learner.train(corpus, walks_in(parts.walks, corpus))


def _start(trained: Checkpoint, old: Checkpoint, learner: Learner) -> Calibration:
    """Return the old rules, with temperature and bias carried over by drawn videos."""
    now, before = learner.drawn(trained), learner.drawn(old)
    return rescaled(now.videos, now.logits, before.logits, own_calibration(old))


def _halves(parts: Parts) -> tuple[Corpus, Corpus]:
    halves = divide(parts.check, 0.5, parts.params.gap_s, parts.params.seed + 2)
    if not (is_known(halves.first) and is_known(halves.second)):
        raise CorrectionsError(
            "Expected reviewed ranges that can be divided in time, got one that is too short: "
            "review a longer stretch, or another video"
        )
    return halves.first, halves.second


def _cross_checked(
    halves: tuple[Corpus, Corpus], logits: Logits, calibration: Callable[[Corpus], Calibration]
) -> float:
    """Return the F1 over both halves, each with what was chosen without it."""
    found: list[Mapping[ExpressionKind, KindFigures]] = []
    for own, other in (halves, halves[::-1]):
        chosen = calibration(other)
        found.append(kind_figures(scored(own.videos, logits, chosen), chosen.spotting))
    tp = sum(f.tp for both in found for f in both.values())
    wrong = sum(f.fp + f.fn for both in found for f in both.values())
    return 2 * tp / (2 * tp + wrong) if tp else 0.0
