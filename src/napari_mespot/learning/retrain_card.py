"""What is said of a retrained checkpoint: lines for the user, and its card."""

from collections.abc import Sequence
from typing import Any

from napari_mespot.learning.corpus import Corpus
from napari_mespot.learning.corrections import Corrections, count_corrections
from napari_mespot.learning.retrain_outcome import Gain, RetrainOutcome
from napari_mespot.learning.retrain_params import RetrainParams
from napari_mespot.learning.retrain_split import (
    Division,
    SplitUnit,
    judged,
    unknown_subjects,
    unknown_text,
)
from napari_mespot.model import Annotation, ExpressionKind
from napari_mespot.network import Checkpoint
from napari_mespot.network.lineage import LINEAGE_KEY, checkpoint_digest

__all__ = ["card_of", "changes", "limits", "made_of", "missing_kinds", "verdict"]

_NO_GAIN = 1e-9


def verdict(gain: Gain, fell: float, split: SplitUnit, params: RetrainParams) -> tuple[bool, str]:
    """Return whether to use the new checkpoint, and say why in one line."""
    is_sound = fell <= params.largest_forgetting
    is_better, is_enough = gain.low > _NO_GAIN, gain.n_units >= params.least_units
    interval = f"F1 {gain.difference:+.2f}, 95 % interval {gain.low:+.2f} to {gain.high:+.2f}"
    if is_better and is_enough and is_sound:
        return True, f"use the new checkpoint: {interval} on {split.plural} it has not seen"
    if is_better and is_enough:
        return False, (
            f"keep the old checkpoint: the new one is better here ({interval}), but its frame AUC "
            f"on drawn videos fell by {fell:.3f}"
        )
    if is_better:
        return False, (
            f"keep the old checkpoint: the new one is better here ({interval}), but "
            f"held out were {gain.unit.counted(gain.n_units)}, too few to judge by (at least "
            f"{params.least_units})"
        )
    return False, f"keep the old checkpoint: no clear gain ({interval})"


def changes(stage: str, teaches: str, fell: float, params: RetrainParams) -> str:
    """Say what the new checkpoint has that the old one has not, and what that cost."""
    if stage == "thresholds":
        return "changed: thresholds and temperature; all weights are the old ones"
    return (
        f"changed: {teaches}, thresholds and temperature; frame AUC on drawn people {-fell:+.3f} "
        f"(it may fall by {params.largest_forgetting:g})"
    )


def _reviewed_seconds(corpus: Corpus) -> float:
    """Return how much of a corpus a person has settled."""
    return sum(
        reviewed.n_frames / float(video.frame_rate)
        for video in corpus.videos
        for reviewed in judged(video.annotation).reviewed
    )


def made_of(learned: Corpus, corpus: Corpus) -> str:
    """Say that what was measured has learned less than what is written."""
    part, whole = _reviewed_seconds(learned), _reviewed_seconds(corpus)
    return (
        f"these figures are of what {part:.0f} of {whole:.0f} reviewed seconds teach; the file "
        "has learned in the same way from all of them"
    )


def limits(split: SplitUnit, gain: Gain, annotations: Sequence[Annotation] = ()) -> list[str]:
    """Say what makes figures look better, or intervals narrower, than they are."""
    out = []
    unknown = unknown_subjects(annotations)
    if split is SplitUnit.VIDEO and unknown:
        out.append(
            f"{unknown_text(unknown)}; judged on other videos, perhaps of the same people; the "
            "figures are optimistic for others"
        )
    elif split is SplitUnit.VIDEO:
        out.append(
            "one person: judged on other videos of the same person; the figures are "
            "optimistic for others"
        )
    elif split is SplitUnit.STRETCH:
        out.append(
            "one video: judged on a later part of it; the figures are optimistic for other videos"
        )
    if gain.unit is SplitUnit.STRETCH:
        out.append(
            f"few held-out videos: the interval is over {gain.unit.counted(gain.n_units)}, "
            "which depend on each other: it may be too narrow"
        )
    return out


def missing_kinds(outer: Division) -> list[str]:
    """Say which kinds the corrections do not hold."""
    return [
        f"no {kind.value} in the corrections: nothing was learned of it and its figures say nothing"
        for kind in ExpressionKind
        if outer.first.count(kind) + outer.second.count(kind) == 0
    ]


def card_of(
    old: Checkpoint, outcome: RetrainOutcome, corrections: Corrections, params: RetrainParams
) -> dict[str, Any]:
    """Return the parent's card, less its figures, with what was done here."""
    digests = dict(corrections.digests)
    data = [
        {
            "video": v.annotation.video_id,
            "labels_sha256": digests.get(v.annotation.video_id, ""),
            "reviewed_s": round(
                sum(r.n_frames for r in v.annotation.reviewed) / float(v.frame_rate), 2
            ),
            **count_corrections(v.annotation),
        }
        for v in corrections.corpus.videos
    ]
    gain = outcome.gain
    lineage = {
        "parent": {"name": old.name, "digest": checkpoint_digest(old)},
        "data": data,
        "stage": outcome.stage,
        "before": {kind.value: f.as_dict() for kind, f in outcome.before.items()},
        "after": {kind.value: f.as_dict() for kind, f in outcome.after.items()},
        "f1_gain": [round(x, 4) for x in (gain.difference, gain.low, gain.high)],
        "interval_over": gain.unit.counted(gain.n_units),
        "held_out_by": outcome.split.value,
        "forgetting": round(outcome.forgetting, 4),
        "recommended": outcome.recommended,
        "notes": list(outcome.notes),
        "seed": params.seed,
        "params": params.model_dump(mode="json"),
    }
    kept = {k: v for k, v in old.card.items() if k != "held_out_drawn_people"}
    return {**kept, LINEAGE_KEY: lineage}
