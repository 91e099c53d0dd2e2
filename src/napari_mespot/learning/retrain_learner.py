"""What of a checkpoint retraining teaches: one flow, two sorts of weights."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from napari_mespot.learning.corpus import Corpus
from napari_mespot.learning.labelled_logits import Labelled
from napari_mespot.learning.retrain_params import RetrainParams
from napari_mespot.learning.retrain_scores import Logits
from napari_mespot.network import Checkpoint
from napari_mespot.progress import ProgressCallback

__all__ = ["Drawn", "Learner", "learner_of"]


@dataclass(frozen=True, eq=False, slots=True)
class Drawn:
    """Drawn videos, on which forgetting is measured, and what a checkpoint says of them."""

    videos: Sequence[Labelled]
    logits: Logits


class Learner(Protocol):
    """Teaches one sort of weights, always beginning with those of the checkpoint it is made of."""

    @property
    def teaches(self) -> str:
        """Which weights, in words."""

    def logits(self, checkpoint: Checkpoint, corpus: Corpus) -> Logits:
        """Score every frame of every video as for spotting, before calibration."""

    def drawn(self, checkpoint: Checkpoint) -> Drawn:
        """Score the same drawn videos."""

    def train(self, corpus: Corpus, walked: Corpus) -> Checkpoint:
        """Return the checkpoint with new weights.

        Parameters
        ----------
        corpus
            Corrected videos.
        walked
            Videos made of expressions in them, whose small movements are known exactly.
        """


def learner_of(
    checkpoint: Checkpoint, params: RetrainParams, progress: ProgressCallback | None = None
) -> Learner:
    """Return the learner of a checkpoint: of its context network, or without one of clips."""
    if checkpoint.context is None:
        from napari_mespot.learning.retrain_weights import ClipLearner

        return ClipLearner(checkpoint, params, progress)
    from napari_mespot.learning.retrain_context import ContextLearner

    return ContextLearner(checkpoint, params, progress)
