"""Teach a two-stream network by clips of corrected videos, with drawn data in between."""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import replace
from functools import cached_property

import torch
from pydantic import ValidationError
from torch import Tensor, nn
from torch.utils.data import Dataset

from napari_mespot.learning.batches import BatchRecipe, ClipBatches
from napari_mespot.learning.corpus import Corpus
from napari_mespot.learning.fitting import Batch, fit
from napari_mespot.learning.params import Range, TrainingParams
from napari_mespot.learning.recipe import SyntheticRecipe
from napari_mespot.learning.retrain_learner import Drawn
from napari_mespot.learning.retrain_params import RetrainParams
from napari_mespot.learning.retrain_scores import Logits, video_logits
from napari_mespot.learning.sequences import draw_corpus
from napari_mespot.network import Checkpoint
from napari_mespot.progress import ProgressCallback

__all__ = ["ClipLearner"]

_CHECK_SEED = 7919
_MOST_FACES = 40


class ClipLearner:
    """Teaches all weights of a two-stream network, by clips of faces.

    Parameters
    ----------
    checkpoint
        Without a context network.
    params
        How.
    progress
        Told what is done; may raise :class:`~napari_mespot.progress.Cancelled`.
    """

    teaches = "all weights of the network"

    def __init__(
        self,
        checkpoint: Checkpoint,
        params: RetrainParams,
        progress: ProgressCallback | None = None,
    ) -> None:
        self._checkpoint, self._params, self._progress = checkpoint, params, progress

    def logits(self, checkpoint: Checkpoint, corpus: Corpus) -> Logits:
        """Score every frame of every video; see :class:`.retrain_learner.Learner`."""
        return video_logits(checkpoint, corpus, self._progress)

    def drawn(self, checkpoint: Checkpoint) -> Drawn:
        """Score other drawn people than those replayed."""
        checked = self._drawn[1]
        if checkpoint is self._checkpoint:
            return Drawn(checked.videos, self._said_before)
        return Drawn(checked.videos, self.logits(checkpoint, checked))

    def train(self, corpus: Corpus, walked: Corpus) -> Checkpoint:
        """Train on clips; the statistics of the norms stay."""
        params, size = self._params, self._params.batch_size
        n_replayed = round(params.replay_share * size)
        n_walked = round(params.walk_share * (size - n_replayed)) if walked.videos else 0
        parts = [self._batches(corpus, size - n_replayed - n_walked)]
        parts += [self._batches(self._drawn[0], n_replayed)] if n_replayed else []
        parts += [self._batches(walked, n_walked)] if n_walked else []
        network = deepcopy(self._checkpoint.network)
        training = TrainingParams(
            steps=params.steps,
            batch_size=size,
            learning_rate=params.learning_rate,
            weight_decay=params.weight_decay,
            ema_decay=0.98,
            seed=params.seed,
        )
        mixed = _Mixed(parts)
        fit(_SteadyNorms(network), mixed, training, loss=params.loss, progress=self._progress)
        return replace(self._checkpoint, network=network.eval())

    @cached_property
    def _said_before(self) -> Logits:
        return self.logits(self._checkpoint, self._drawn[1])

    @cached_property
    def _drawn(self) -> tuple[Corpus, Corpus]:
        return _drawn_again(self._checkpoint, self._params, self._progress)

    def _batches(self, corpus: Corpus, size: int) -> ClipBatches:
        return ClipBatches(
            corpus,
            BatchRecipe(
                clips=self._checkpoint.clips,
                contrast=self._checkpoint.contrast,
                augmentation=self._params.augmentation,
                sampling=self._params.sampling,
                batch_size=size,
                seed=self._params.seed,
            ),
        )


def _drawn_again(
    checkpoint: Checkpoint, params: RetrainParams, progress: ProgressCallback | None
) -> tuple[Corpus, Corpus]:
    """Draw some of what a checkpoint was trained on, and other people to measure forgetting on.

    What was drawn stands in the card's recipe. For a card without one that can be read, the
    drawn data of the defaults take its place.
    """
    try:
        recipe = SyntheticRecipe.model_validate(checkpoint.card.get("recipe") or {"name": "drawn"})
    except ValidationError:
        recipe = SyntheticRecipe(name="drawn")
    part = {
        "faces": min(_MOST_FACES, params.replay_videos),
        "fields": 2 * min(_MOST_FACES, params.replay_videos),
        "frame_rates": (30,),
        "sequences": params.replay_videos,
        "duration_s": 10.0,
    }
    replayed = draw_corpus(
        recipe.synthetic, recipe.drawn.model_copy(update=part), progress=progress
    )
    other = {
        **part,
        "faces": min(_MOST_FACES, params.checked_drawn_videos),
        "sequences": params.checked_drawn_videos,
        "seed": recipe.drawn.seed + _CHECK_SEED,
        "gap_s": Range(low=1.0, high=4.0),
    }
    shown = recipe.shown.model_copy(update={"texture_share": 0.0})
    checked = draw_corpus(shown, recipe.drawn.model_copy(update=other), progress=progress)
    return _named(replayed), _named(checked)


class _Mixed(Dataset[Batch]):
    """Batches put together of those of several corpora."""

    def __init__(self, parts: Sequence[ClipBatches]) -> None:
        self._parts = parts

    def __getitem__(self, step: int) -> Batch:
        batches = [part[step] for part in self._parts]
        clips, targets, known = (torch.cat(tensors) for tensors in zip(*batches, strict=True))
        return clips, targets, known


class _SteadyNorms(nn.Module):
    """A network whose batch normalisation keeps its statistics while it is trained.

    A few minutes of one person are no sample to take them from.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, clips: Tensor) -> Tensor:
        """Return what the network returns."""
        logits: Tensor = self.network(clips)
        return logits

    def train(self, mode: bool = True) -> "_SteadyNorms":
        """Train everything but the statistics."""
        super().train(mode)
        for module in self.modules():
            if isinstance(module, nn.modules.batchnorm._BatchNorm):  # noqa: SLF001 - their base
                module.eval()
        return self


def _named(corpus: Corpus) -> Corpus:
    """Give each drawn video its own name, whoever is seen."""
    return Corpus(
        tuple(
            replace(v, annotation=replace(v.annotation, subject_id=v.annotation.video_id))
            for v in corpus.videos
        )
    )
