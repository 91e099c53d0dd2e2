"""What is said of a checkpoint that has learned a face: sentences for the user, and its card."""

from collections.abc import Sequence
from typing import Any

from napari_mespot.learning.adapt_material import Material
from napari_mespot.learning.adapt_outcome import AdaptOutcome
from napari_mespot.learning.adapt_params import AdaptParams
from napari_mespot.learning.adapt_sides import Side
from napari_mespot.learning.adapt_watch import WatchedPart
from napari_mespot.network import Checkpoint
from napari_mespot.network.lineage import ADAPTED_KEY, checkpoint_digest

__all__ = ["card_of", "material_text"]

_CHANGED = {
    "weights": "changed: the weights of the context network and the thresholds",
    "thresholds": "changed: the thresholds; all weights are the old ones",
}
_LIMITS = (
    "no person has labelled anything: these figures are of movements drawn on this face, not of "
    "expressions that it has shown",
    "meant for this person before this camera; for others use the old checkpoint",
)


def material_text(
    parts: Sequence[WatchedPart],
    sides: tuple[Side, Side],
    material: Material,
    changed: str,
    *,
    is_better: bool,
) -> tuple[str, ...]:
    """Say what was learned from and judged by, and what limits it."""
    learned, kept = (_seconds(parts, side) for side in sides)
    walked = len(material.walked.videos)
    own = f" and {walked} of the person's own expressions" * bool(walked)
    made = (
        f"learned from {learned:.0f} s of the face at rest, moved by drawn action units{own}; "
        f"judged by {kept:.0f} s later ones, moved by another injector"
    )
    return (made, _CHANGED[changed], *_LIMITS) if is_better else (made,)


def card_of(
    old: Checkpoint,
    outcome: AdaptOutcome,
    parts: Sequence[WatchedPart],
    sides: tuple[Side, Side],
    changed: str,
    params: AdaptParams,
) -> dict[str, Any]:
    """Return the parent's card, less its figures, with what was done here."""
    gain = outcome.gain
    made = {
        "parent": {"name": old.name, "digest": checkpoint_digest(old)},
        "videos": list(dict.fromkeys(part.path.name for part in parts)),
        "watched_s": round(sum(part.seconds for part in parts), 1),
        "learned_still_s": round(_seconds(parts, sides[0]), 2),
        "kept_still_s": round(_seconds(parts, sides[1]), 2),
        "changed": changed,
        "before": {kind.value: f.as_dict() for kind, f in outcome.before.items()},
        "after": {kind.value: f.as_dict() for kind, f in outcome.after.items()},
        "f1_gain": gain and [round(x, 4) for x in (gain.difference, gain.low, gain.high)],
        "interval_over": gain and gain.unit.counted(gain.n_units),
        "better": outcome.is_better,
        "notes": list(outcome.notes),
        "seed": params.seed,
        "params": params.model_dump(mode="json"),
    }
    kept = {k: v for k, v in old.card.items() if k != "held_out_drawn_people"}
    return {**kept, ADAPTED_KEY: made}


def _seconds(parts: Sequence[WatchedPart], side: Side) -> float:
    return sum(still.n_frames / float(parts[i].frame_rate) for i, still in side.stills)
