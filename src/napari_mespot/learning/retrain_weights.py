"""Train the weights of a checkpoint on corrections, with drawn data in between."""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import replace

import torch
from pydantic import ValidationError
from torch import Tensor, nn
from torch.utils.data import Dataset

from napari_mespot.learning.batches import BatchRecipe, ClipBatches
from napari_mespot.learning.corpus import Corpus
from napari_mespot.learning.fitting import Batch, fit
from napari_mespot.learning.params import Range, TrainingParams
from napari_mespot.learning.recipe import SyntheticRecipe
from napari_mespot.learning.retrain_params import RetrainParams
from napari_mespot.learning.sequences import draw_corpus
from napari_mespot.network import Checkpoint
from napari_mespot.progress import ProgressCallback

__all__ = ["drawn_again", "train_weights"]

_CHECK_SEED = 7919
_MOST_FACES = 40


def drawn_again(
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


def train_weights(
    checkpoint: Checkpoint,
    corrected: Corpus,
    replayed: Corpus,
    params: RetrainParams,
    progress: ProgressCallback | None = None,
) -> Checkpoint:
    """Return the checkpoint with all weights trained on; the statistics of its norms stay."""
    n_replayed = round(params.replay_share * params.batch_size)
    parts = [_batches(checkpoint, corrected, params, params.batch_size - n_replayed)]
    if n_replayed:
        parts.append(_batches(checkpoint, replayed, params, n_replayed))
    network = deepcopy(checkpoint.network)
    training = TrainingParams(
        steps=params.steps,
        batch_size=params.batch_size,
        learning_rate=params.learning_rate,
        weight_decay=params.weight_decay,
        ema_decay=0.98,
        seed=params.seed,
    )
    fit(_SteadyNorms(network), _Mixed(parts), training, loss=params.loss, progress=progress)
    return replace(checkpoint, network=network.eval())


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


def _batches(
    checkpoint: Checkpoint, corpus: Corpus, params: RetrainParams, size: int
) -> ClipBatches:
    return ClipBatches(
        corpus,
        BatchRecipe(
            clips=checkpoint.clips,
            contrast=checkpoint.contrast,
            augmentation=params.augmentation,
            sampling=params.sampling,
            batch_size=size,
            seed=params.seed,
        ),
    )


def _named(corpus: Corpus) -> Corpus:
    """Give each drawn video its own name, whoever is seen."""
    return Corpus(
        tuple(
            replace(v, annotation=replace(v.annotation, subject_id=v.annotation.video_id))
            for v in corpus.videos
        )
    )
