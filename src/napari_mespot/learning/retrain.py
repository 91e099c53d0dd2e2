"""Learn from corrected labels, and say honestly whether it helped.

What is learned from, what candidates are chosen by and what the figures come from are three
parts of the corrections that share no person (or, where there is one person only, no video or
no stretch). Two candidates are made: new thresholds and temperature alone, and new weights with
them. The better one on the second part is compared with the old checkpoint on the third. What
is then written is made in the same way of all three.
"""

from copy import deepcopy
from dataclasses import replace

from napari_mespot.errors import CorrectionsError
from napari_mespot.learning.corpus import Corpus
from napari_mespot.learning.corrections import Corrections, check_enough, trains_weights
from napari_mespot.learning.retrain_candidates import (
    Candidate,
    Parts,
    best_candidate,
    forgetting,
    is_known,
    refitted,
)
from napari_mespot.learning.retrain_card import (
    card_of,
    changes,
    limits,
    made_of,
    missing_kinds,
    verdict,
)
from napari_mespot.learning.retrain_learner import learner_of
from napari_mespot.learning.retrain_outcome import (
    RetrainOutcome,
    kind_figures,
    matchings,
    paired_gain,
)
from napari_mespot.learning.retrain_params import RetrainParams
from napari_mespot.learning.retrain_scores import Logits, own_calibration, scored
from napari_mespot.learning.retrain_split import Division, judged, split_corrections
from napari_mespot.model import ExpressionKind
from napari_mespot.network import Checkpoint
from napari_mespot.progress import ProgressCallback

__all__ = ["retrain"]


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
    parts = Parts(learned, check, outer, corrections.walks, params)
    learner = learner_of(checkpoint, params, progress)
    old_logits = learner.logits(checkpoint, corpus)
    with_weights = trains_weights(corpus.annotations, params)
    best = best_candidate(checkpoint, old_logits, learner, parts, with_weights=with_weights)
    written = refitted(best, checkpoint, learner, corpus, parts)
    fell = forgetting(checkpoint, written, learner)
    outcome = _judged(checkpoint, old_logits, best, parts, fell)
    notes = (
        *outcome.notes,
        changes(best.stage, learner.teaches, fell, params),
        made_of(outer.first if best.stage == "thresholds" else learned, corpus),
        *limits(outer.unit, outcome.gain, corpus.annotations),
        *missing_kinds(outer),
        *corrections.notes,
        *(() if with_weights else (_too_few(corpus, params),)),
    )
    finished = _finished(written, name or f"{checkpoint.name}-retrained")
    outcome = replace(outcome, checkpoint=finished, notes=notes)
    card = card_of(checkpoint, outcome, corrections, params)
    return replace(outcome, checkpoint=replace(finished, card=card))


def _too_few(corpus: Corpus, params: RetrainParams) -> str:
    return (
        f"{_confirmed(corpus)} confirmed expressions are too few to train weights (at least "
        f"{params.least_for_weights}): temperature and thresholds alone were chosen"
    )


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
    if min(counts) < 2 or not all(map(is_known, (learned, check, outer.second))):
        raise CorrectionsError(
            f"Expected expressions in every part of the corrections, got {counts[0]} of "
            f"{counts[0] + _confirmed(outer.first)} to judge by and {counts[1]} to choose by: "
            "review other stretches or videos too"
        )


def _judged(
    old: Checkpoint, old_logits: Logits, best: Candidate, parts: Parts, fell: float
) -> RetrainOutcome:
    """Compare the chosen candidate with the old checkpoint on what neither has seen."""
    params, held = parts.params, parts.outer.second
    before = scored(held.videos, old_logits, own_calibration(old))
    after = scored(held.videos, best.logits, best.calibration)
    gain = paired_gain(
        [truth for truth, _ in before],
        matchings(before, old.spotting),
        matchings(after, best.calibration.spotting),
        stretch_s=params.stretch_s,
        resamples=params.resamples,
        seed=params.seed,
    )
    is_recommended, why = verdict(gain, fell, parts.outer.unit, params)
    return RetrainOutcome(
        checkpoint=best.checkpoint,
        parent=old.name,
        stage=best.stage,
        before=kind_figures(before, old.spotting),
        after=kind_figures(after, best.calibration.spotting),
        gain=gain,
        split=parts.outer.unit,
        forgetting=fell,
        recommended=is_recommended,
        notes=(why,),
    )


def _finished(best: Candidate, name: str) -> Checkpoint:
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


def _confirmed(corpus: Corpus) -> int:
    return sum(corpus.count(kind) for kind in ExpressionKind)
