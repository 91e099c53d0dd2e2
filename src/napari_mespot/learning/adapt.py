"""Learn a face without a label: its own skin is moved at known times, and that is learned.

What is learned from and what judges are apart in time, and are moved by different injectors. If
the new weights are not clearly better there, new thresholds alone are tried; if those are not
either, the old checkpoint is kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from napari_mespot.errors import CheckpointError, NoFaceError, NoStillFaceError
from napari_mespot.evaluation import frame_figures
from napari_mespot.learning.adapt_candidates import Taught, with_new_weights, with_thresholds
from napari_mespot.learning.adapt_card import card_of, material_text
from napari_mespot.learning.adapt_material import Material, make_material
from napari_mespot.learning.adapt_outcome import AdaptOutcome
from napari_mespot.learning.adapt_params import AdaptParams
from napari_mespot.learning.adapt_sides import Side, divided
from napari_mespot.learning.adapt_verdict import Findings, Verdict, compared
from napari_mespot.learning.adapt_watch import WatchedPart
from napari_mespot.learning.corpus import Corpus
from napari_mespot.learning.retrain_context import ContextLearner
from napari_mespot.learning.retrain_params import RetrainParams
from napari_mespot.learning.retrain_scores import own_calibration, scored
from napari_mespot.model import ExpressionKind
from napari_mespot.network import Checkpoint
from napari_mespot.progress import ProgressCallback
from napari_mespot.spotting import find_in_scores, score_evidence

__all__ = ["Trial", "Tried", "adapt", "check_adaptable", "try_out"]


@dataclass(frozen=True, eq=False, slots=True)
class Tried:
    """A checkpoint that adapting may end with.

    Parameters
    ----------
    changed
        ``"weights"`` or ``"thresholds"``.
    checkpoint
        With its own rules.
    verdict
        What became of it.
    """

    changed: str
    checkpoint: Checkpoint
    verdict: Verdict

    @property
    def is_better(self) -> bool:
        """Whether to use it."""
        return self.verdict.is_better


@dataclass(frozen=True, eq=False, slots=True)
class Trial:
    """What was learned from, and all that was tried: the first one that is better comes last."""

    sides: tuple[Side, Side]
    material: Material
    tried: tuple[Tried, ...]

    @property
    def best(self) -> Tried:
        """The one that is better; if none is, the first one."""
        return self.tried[-1] if self.tried[-1].is_better else self.tried[0]


def check_adaptable(checkpoint: Checkpoint) -> None:
    """Refuse a checkpoint that cannot learn a face.

    Raises
    ------
    CheckpointError
        If it has no context network.
    """
    if checkpoint.context is None:
        raise CheckpointError(
            f"Expected a checkpoint with a context network, {checkpoint.name!r} has none: begin "
            "with synthetic-v4 or one made from it"
        )


def adapt(
    parts: Sequence[WatchedPart],
    checkpoint: Checkpoint,
    params: AdaptParams | None = None,
    progress: ProgressCallback | None = None,
    *,
    name: str | None = None,
) -> AdaptOutcome:
    """Adapt a checkpoint to the face of the person in watched videos.

    Parameters
    ----------
    parts
        Of :func:`~napari_mespot.learning.adapt_watch.watch`, with the same checkpoint.
    checkpoint
        Where to begin; it is not changed.
    params
        How to learn.
    progress
        Called from this thread; may raise :class:`~napari_mespot.progress.Cancelled`.
    name
        Of the new checkpoint; by default the old one's with ``-adapted``.

    Raises
    ------
    CheckpointError
        If the checkpoint has no context network.
    NoFaceError
        If no part shows a face.
    NoStillFaceError
        If the face is nowhere at rest for long enough to learn and to judge.
    FrameReadError
        If a video cannot be read any more.
    """
    params = params or AdaptParams()
    trial = try_out(parts, checkpoint, params, progress, name=name)
    best = trial.best
    notes = (
        best.verdict.why,
        *material_text(parts, trial.sides, trial.material, best.changed, is_better=best.is_better),
    )
    outcome = AdaptOutcome(
        checkpoint=best.checkpoint if best.is_better else checkpoint,
        parent=checkpoint.name,
        is_better=best.is_better,
        before=best.verdict.before,
        after=best.verdict.after,
        gain=best.verdict.gain,
        notes=notes,
    )
    if not outcome.is_better:
        return outcome
    card = card_of(checkpoint, outcome, parts, trial.sides, best.changed, params)
    return replace(outcome, checkpoint=replace(best.checkpoint, card=card))


def try_out(
    parts: Sequence[WatchedPart],
    checkpoint: Checkpoint,
    params: AdaptParams,
    progress: ProgressCallback | None = None,
    *,
    name: str | None = None,
) -> Trial:
    """Make candidates and judge them; parameters and errors are those of :func:`adapt`."""
    check_adaptable(checkpoint)
    sides = _sides(parts, params)
    material = make_material(parts, sides, checkpoint.align, params, progress)
    _check_material(material, parts, params)
    gathered = {part.name: part.evidence for part in parts}
    learner = ContextLearner(checkpoint, _retraining(params), progress, gathered=gathered)
    untouched = (p.untouched(sides[0].stills_of(i)) for i, p in enumerate(parts))
    taught = Taught(
        material.drawn,
        material.walked,
        Corpus(tuple(v for v in untouched if v.annotation.reviewed)),
    )
    judge = _Judge(checkpoint, learner, material.judged, parts, sides[1], params)
    tried: list[Tried] = []
    for changed, make in (("weights", with_new_weights), ("thresholds", with_thresholds)):
        candidate = make(checkpoint, learner, taught, params, name or f"{checkpoint.name}-adapted")
        tried.append(Tried(changed, candidate, judge(candidate)))
        if tried[-1].is_better:
            break
    return Trial(sides, material, tuple(tried))


class _Judge:
    """Compares checkpoints with the old one."""

    def __init__(
        self,
        old: Checkpoint,
        learner: ContextLearner,
        judged: Corpus,
        parts: Sequence[WatchedPart],
        kept: Side,
        params: AdaptParams,
    ) -> None:
        self._old, self._learner, self._judged = old, learner, judged
        self._parts, self._params = parts, params
        self._stills = [kept.stills_of(i) for i in range(len(parts))]
        self._found = self._found_by(old)
        self._auc = self._drawn_auc(old)

    def __call__(self, new: Checkpoint) -> Verdict:
        minutes = sum(
            still.n_frames / float(part.frame_rate) / 60
            for part, stills in zip(self._parts, self._stills, strict=True)
            for still in stills
        )
        return compared(
            self._found,
            self._found_by(new),
            self._stills,
            minutes,
            self._auc - self._drawn_auc(new),
            self._params,
        )

    def _found_by(self, checkpoint: Checkpoint) -> Findings:
        logits = self._learner.logits(checkpoint, self._judged)
        rules = checkpoint.spotting
        own = [
            find_in_scores(score_evidence(checkpoint, part.evidence), rules).annotation.expressions
            for part in self._parts
        ]
        judged = scored(self._judged.videos, logits, own_calibration(checkpoint))
        return Findings(judged, rules, own)

    def _drawn_auc(self, checkpoint: Checkpoint) -> float:
        drawn = self._learner.drawn(checkpoint)
        videos = scored(drawn.videos, drawn.logits, own_calibration(checkpoint))
        return float(np.nanmean([frame_figures(videos, k).roc_auc for k in ExpressionKind]))


def _sides(parts: Sequence[WatchedPart], params: AdaptParams) -> tuple[Side, Side]:
    if not parts:
        raise NoFaceError(
            "expected a face in the videos to learn, found none: name videos of one person's face"
        )
    sides = divided(parts, params)
    if not all(side.ranges for side in sides):
        raise NoStillFaceError(_nothing(parts))
    return sides


def _check_material(material: Material, parts: Sequence[WatchedPart], params: AdaptParams) -> None:
    """Refuse material that there is not enough of to learn from or to judge by."""
    made = (len(material.drawn.videos) + len(material.walked.videos), len(material.judged.videos))
    if min(made) < params.least_renditions:
        raise NoStillFaceError(_nothing(parts))


def _nothing(parts: Sequence[WatchedPart]) -> str:
    rest = sum(s.n_frames / float(p.frame_rate) for p in parts for s in p.stills)
    seconds = sum(p.seconds for p in parts)
    return (
        f"too little of the face at rest to learn it from and to judge by: {rest:.1f} s in "
        f"{seconds:.0f} s of video, nor enough expressions that begin from rest; add a video in "
        "which the person sits still for some seconds"
    )


def _retraining(params: AdaptParams) -> RetrainParams:
    return RetrainParams(
        context=params.context,
        replay_share=params.replay_share,
        walk_share=params.walk_share,
        replay_videos=params.replay_videos,
        checked_drawn_videos=params.checked_drawn_videos,
        seed=params.seed,
    )
