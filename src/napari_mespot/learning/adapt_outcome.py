"""What learning a face brought: figures on movements of a kind it has not learned from."""

from collections.abc import Mapping
from dataclasses import dataclass

from napari_mespot.learning.retrain_outcome import Gain, KindFigures
from napari_mespot.model import ExpressionKind
from napari_mespot.network import Checkpoint

__all__ = ["AdaptOutcome"]


@dataclass(frozen=True, eq=False, slots=True)
class AdaptOutcome:
    """The checkpoint to use from now on, and why.

    Parameters
    ----------
    checkpoint
        The new one, whose card holds all of what follows; the old one if that is kept.
    parent
        Name of the old one.
    is_better
        Whether the new one finds clearly more without more false alarms.
    before, after
        Figures of each kind on movements that neither has learned from; empty if there was
        nothing to judge by.
    gain
        Change of F1 there; None if there was nothing to judge by.
    notes
        Plain sentences for the user; the first one is the verdict.
    """

    checkpoint: Checkpoint
    parent: str
    is_better: bool
    before: Mapping[ExpressionKind, KindFigures]
    after: Mapping[ExpressionKind, KindFigures]
    gain: Gain | None
    notes: tuple[str, ...] = ()
