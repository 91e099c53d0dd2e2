"""Learn from corrected labels, and say honestly whether it helped.

What is learned from, what candidates are chosen by and what the figures come from are three
parts of the corrections that share no person (or, where there is one person only, no video or
no stretch). Two candidates are made: new thresholds and temperature alone, and new weights with
them. The better one on the second part is compared with the old checkpoint on the third.
"""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, replace

import numpy as np
import torch

from napari_mespot.errors import CorrectionsError
from napari_mespot.evaluation import frame_figures
from napari_mespot.learning.corpus import Corpus
from napari_mespot.learning.corrections import Corrections, check_enough
from napari_mespot.learning.retrain_card import card_of, limits, missing_kinds, verdict
from napari_mespot.learning.retrain_outcome import (
    RetrainOutcome,
    kind_figures,
    matchings,
    paired_gain,
)
from napari_mespot.learning.retrain_params import RetrainParams
from napari_mespot.learning.retrain_scores import (
    Calibration,
    Logits,
    calibrate,
    own_calibration,
    rescaled,
    scored,
    video_logits,
)
from napari_mespot.learning.retrain_split import (
    Division,
    divide,
    judged,
    split_corrections,
)
from napari_mespot.learning.retrain_weights import drawn_again, train_weights
from napari_mespot.model import ExpressionKind
from napari_mespot.network import Checkpoint
from napari_mespot.progress import ProgressCallback

__all__ = ["retrain"]


@dataclass(frozen=True, eq=False, slots=True)
class _Candidate:
    stage: str
    checkpoint: Checkpoint
    logits: Logits
    calibration: Calibration
    checked_f1: float


@dataclass(frozen=True, eq=False, slots=True)
class _Parts:
    """All that the candidates are made of."""

    learned: Corpus
    check: Corpus
    outer: Division
    replayed: Corpus
    drawn: Corpus
    params: RetrainParams
    progress: ProgressCallback | None


def retrain(
    corrections: Corrections | Corpus,
    checkpoint: Checkpoint,
    params: RetrainParams | None = None,
    progress: ProgressCallback | None = None,
    *,
    name: str | None = None,
) -> RetrainOutcome:
    """Retrain a checkpoint on corrected labels.

    Only reviewed ranges and confirmed expressions are learned from; rejected predictions are
    shown more often, as hard negatives; drawn data of the first training are shown in between.

    Parameters
    ----------
    corrections
        Aligned faces with settled labels. Every video has a name of its own.
    checkpoint
        Where to begin; it is not changed.
    params
        How to learn.
    progress
        Called from this thread; may raise :class:`~napari_mespot.progress.Cancelled`.
    name
        Of the new checkpoint; by default the old one's with ``-retrained``.

    Returns
    -------
    RetrainOutcome
        The new checkpoint is recommended only if the 95 % interval of the gain in F1 lies above
        0 and it has not forgotten more than ``params.largest_forgetting``.

    Raises
    ------
    CorrectionsError
        If there is too little to learn from and to judge by.
    """
    params = params or RetrainParams()
    if isinstance(corrections, Corpus):
        corrections = Corrections(corrections)
    corpus = _usable(corrections.corpus, checkpoint, params)
    learned, check, outer = split_corrections(corpus, params)
    _check_parts(learned, check, outer)
    old_logits = video_logits(checkpoint, corpus, progress)
    replayed, drawn = drawn_again(checkpoint, params, progress)
    parts = _Parts(learned, check, outer, replayed, drawn, params, progress)
    candidates = [_recalibrated(checkpoint, old_logits, parts)]
    notes = list(corrections.notes)
    if _confirmed(corpus) >= params.least_for_weights:
        candidates.append(_with_new_weights(checkpoint, parts))
    else:
        notes.append(
            f"{_confirmed(corpus)} confirmed expressions are too few to train weights "
            f"(at least {params.least_for_weights}): temperature and thresholds alone were chosen"
        )
    best = max(candidates, key=lambda c: c.checked_f1)  # of equals the simpler one
    return _judged_outcome(checkpoint, old_logits, best, parts, (corrections, notes, name))


def _usable(corpus: Corpus, checkpoint: Checkpoint, params: RetrainParams) -> Corpus:
    """Return the videos of which something is known; refuse too few."""
    names = [v.annotation.video_id for v in corpus.videos]
    if len(set(names)) < len(names):
        raise ValueError(f"Expected every video once, got {sorted(names)}")
    for video in corpus.videos:
        if video.images.shape[-1] != checkpoint.align.crop_px:
            raise ValueError(
                f"Expected faces of {checkpoint.align.crop_px} pixels, got {video.images.shape[-1]}"
            )
    used = Corpus(tuple(v for v in corpus.videos if judged(v.annotation).reviewed))
    check_enough([v.annotation for v in used.videos], params)
    return used


def _check_parts(learned: Corpus, check: Corpus, outer: Division) -> None:
    counts = (_confirmed(outer.second), _confirmed(check))
    if min(counts) < 2 or not all(map(_is_known, (learned, check, outer.second))):
        raise CorrectionsError(
            f"Expected expressions in every part of the corrections, got {counts[0]} of "
            f"{counts[0] + _confirmed(outer.first)} to judge by and {counts[1]} to choose by: "
            "review other stretches or videos too"
        )


def _is_known(corpus: Corpus) -> bool:
    """Whether something is known of every video."""
    return all(judged(v.annotation).reviewed for v in corpus.videos)


def _recalibrated(checkpoint: Checkpoint, logits: Logits, parts: _Parts) -> _Candidate:
    """Make the candidate whose weights are the old ones."""

    def calibration(corpus: Corpus) -> Calibration:
        return calibrate(corpus, logits, parts.params, own_calibration(checkpoint))

    first, second = _halves(parts)
    f1 = _cross_checked((first, second), logits, lambda half: calibration(parts.learned + half))
    whole = calibration(parts.outer.first)
    return _Candidate("thresholds", checkpoint, logits, whole, f1)


def _with_new_weights(checkpoint: Checkpoint, parts: _Parts) -> _Candidate:
    """Make the candidate with new weights.

    It is calibrated on what it has learned from too: on the few minutes beside it thresholds are
    mere chance, and low rates and replay leave little room for learning by heart.
    """
    params = parts.params
    with torch.random.fork_rng(devices=[]):
        trained = train_weights(checkpoint, parts.learned, parts.replayed, params, parts.progress)
    logits = video_logits(trained, parts.outer.first + parts.outer.second, parts.progress)
    drawn_logits = video_logits(trained, parts.drawn, parts.progress)
    start = rescaled(parts.drawn, drawn_logits, own_calibration(checkpoint))

    def calibration(corpus: Corpus) -> Calibration:
        return calibrate(corpus, logits, params, start)

    halves = _halves(parts)
    f1 = _cross_checked(halves, logits, lambda half: calibration(parts.learned + half))
    return _Candidate("weights", trained, logits, calibration(parts.outer.first), f1)


def _halves(parts: _Parts) -> tuple[Corpus, Corpus]:
    halves = divide(parts.check, 0.5, parts.params.gap_s, parts.params.seed + 2)
    if not (_is_known(halves.first) and _is_known(halves.second)):
        raise CorrectionsError(
            "Expected reviewed ranges that can be divided in time, got one that is too short: "
            "review a longer stretch, or another video"
        )
    return halves.first, halves.second


def _cross_checked(
    halves: tuple[Corpus, Corpus], logits: Logits, calibration: Callable[[Corpus], Calibration]
) -> float:
    """Return the F1 over both halves, each with what was chosen without it."""
    tp = wrong = 0
    for own, other in (halves, halves[::-1]):
        chosen = calibration(other)
        for figures in kind_figures(scored(own, logits, chosen), chosen.spotting).values():
            tp += figures.tp
            wrong += figures.fp + figures.fn
    return 2 * tp / (2 * tp + wrong) if tp else 0.0


def _judged_outcome(
    old: Checkpoint,
    old_logits: Logits,
    best: _Candidate,
    parts: _Parts,
    said: tuple[Corrections, list[str], str | None],
) -> RetrainOutcome:
    """Compare the chosen candidate with the old checkpoint on what neither has seen."""
    corrections, notes, name = said
    params, held = parts.params, parts.outer.second
    before = scored(held, old_logits, own_calibration(old))
    after = scored(held, best.logits, best.calibration)
    gain = paired_gain(
        [truth for truth, _ in before],
        matchings(before, old.spotting),
        matchings(after, best.calibration.spotting),
        stretch_s=params.stretch_s,
        resamples=params.resamples,
        seed=params.seed,
    )
    fell = _forgetting(old, best, parts)
    is_recommended, why = verdict(gain, fell, params)
    outcome = RetrainOutcome(
        checkpoint=_finished(best, name or f"{old.name}-retrained"),
        parent=old.name,
        stage=best.stage,
        before=kind_figures(before, old.spotting),
        after=kind_figures(after, best.calibration.spotting),
        gain=gain,
        split=parts.outer.unit,
        forgetting=fell,
        recommended=is_recommended,
        notes=(
            why,
            *limits(parts.outer.unit, gain),
            *missing_kinds(parts.outer),
            *notes,
        ),
    )
    card = card_of(old, outcome, corrections, params)
    return replace(outcome, checkpoint=replace(outcome.checkpoint, card=card))


def _finished(best: _Candidate, name: str) -> Checkpoint:
    """Return the checkpoint with its calibration; its networks are its own."""
    me, mae = best.calibration.platts
    finished = replace(
        best.checkpoint,
        network=deepcopy(best.checkpoint.network),
        context=deepcopy(best.checkpoint.context),
        name=name,
        spotting=best.calibration.spotting,
        temperature=(me.temperature, mae.temperature),
    )
    finished.add_bias(me.bias, mae.bias)
    return finished


def _forgetting(old: Checkpoint, best: _Candidate, parts: _Parts) -> float:
    """Return by how much the frame AUC on drawn videos fell, mean of both kinds."""
    if best.checkpoint is old:
        return 0.0  # new thresholds leave the order of the scores alone
    aucs = []
    for checkpoint in (old, best.checkpoint):
        logits = video_logits(checkpoint, parts.drawn, parts.progress)
        videos = scored(parts.drawn, logits, own_calibration(checkpoint))
        aucs.append(np.nanmean([frame_figures(videos, k).roc_auc for k in ExpressionKind]))
    return float(aucs[0] - aucs[1])


def _confirmed(corpus: Corpus) -> int:
    return sum(corpus.count(kind) for kind in ExpressionKind)
