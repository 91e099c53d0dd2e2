"""Batches of clips out of whole videos, each a pure function of the seed and the step.

A clip is a frame with its reference frames at random skips (paper, Table 1), augmented with one
draw for all of its images (section 4.1). The faces wait in memory as uint8, so a training step
never waits for decoding.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import Dataset

from napari_mespot.clips import clip_frames, draw_skips, frame_skips
from napari_mespot.clips.params import ClipParams
from napari_mespot.face.contrast import contrast_normalise
from napari_mespot.face.params import ContrastParams
from napari_mespot.learning.augmentation import augment, draw_augmentation
from napari_mespot.learning.corpus import Corpus, LabelledFaces
from napari_mespot.learning.fitting import Batch
from napari_mespot.learning.params import AugmentationParams, SamplingParams

if TYPE_CHECKING:
    from napari_mespot.learning.recipe import DatasetRecipe, SyntheticRecipe

__all__ = ["BatchRecipe", "ClipBatches"]

_ME, _MAE, _HARD, _PLAIN = range(4)


@dataclass(frozen=True, slots=True)
class BatchRecipe:
    """All that a batch depends on, besides the corpus and the step."""

    clips: ClipParams
    contrast: ContrastParams = field(default_factory=ContrastParams)
    augmentation: AugmentationParams = field(default_factory=AugmentationParams)
    sampling: SamplingParams = field(default_factory=SamplingParams)
    batch_size: int = 64
    seed: int = 0

    @staticmethod
    def of(recipe: "SyntheticRecipe | DatasetRecipe") -> "BatchRecipe":
        """Return what the recipe of a training says of its batches."""
        return BatchRecipe(
            clips=recipe.clips,
            contrast=recipe.contrast,
            augmentation=recipe.augmentation,
            sampling=recipe.sampling,
            batch_size=recipe.training.batch_size,
            seed=recipe.training.seed,
        )


class ClipBatches(Dataset[Batch]):
    """``batches[step]`` is always the same batch, in whatever process it is made.

    Parameters
    ----------
    corpus
        Where the clips come from; only frames of which something is known are drawn.
    recipe
        How they are drawn.

    Raises
    ------
    ValueError
        If nothing is known of any frame.
    """

    def __init__(self, corpus: Corpus, recipe: BatchRecipe) -> None:
        self.corpus = corpus
        self.recipe = recipe
        labels = [video.targets() for video in corpus.videos]
        self._targets = [targets for targets, _ in labels]
        self._known = [known for _, known in labels]
        self._pools = _pools(corpus.videos, labels)
        self._shares = _shares(self._pools, recipe.sampling)

    def __getitem__(self, step: int) -> Batch:
        recipe = self.recipe
        rng = np.random.default_rng([recipe.seed, step])
        images, targets, known = [], [], []
        for pool in rng.choice(len(self._pools), recipe.batch_size, p=self._shares):
            which, frame = self._pools[pool][rng.integers(len(self._pools[pool]))]
            images.append(self._clip(self.corpus.videos[which], int(frame), rng))
            targets.append(self._targets[which][frame])
            known.append(self._known[which][frame])
        normal = self.normalised(np.concatenate(images))
        side = normal.shape[-1]
        clips = normal.reshape(recipe.batch_size, 2, -1, side, side)
        return (
            torch.from_numpy(clips),
            torch.from_numpy(np.stack(targets)),
            torch.from_numpy(np.stack(known)),
        )

    def normalised(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return what the network is shown of images (n, S, S): their local contrast."""
        return contrast_normalise(images, self.recipe.contrast)

    def _clip(
        self, video: LabelledFaces, frame: int, rng: np.random.Generator
    ) -> NDArray[np.uint8]:
        """Return the images of one clip, both streams one after the other."""
        recipe = self.recipe
        if recipe.sampling.random_skips:
            skips = draw_skips(recipe.clips, video.frame_rate, 1, rng)
        else:
            skips = np.array([frame_skips(recipe.clips, video.frame_rate)])
        frames = clip_frames(
            [frame],
            skips,
            len(video.images),
            recipe.clips.reference,
            recipe.clips.references_per_side,
        )
        own = np.asarray(video.images[frames.ravel()])
        changed = augment(own.astype(np.float32), draw_augmentation(recipe.augmentation, rng))
        return np.rint(changed).astype(np.uint8)


def _pools(
    videos: tuple[LabelledFaces, ...],
    labels: list[tuple[NDArray[np.float32], NDArray[np.bool_]]],
) -> list[NDArray[np.int64]]:
    """Sort the known frames, as (video, frame): with ME, with MaE, hard negative, other."""
    pools: list[list[NDArray[np.int64]]] = [[], [], [], []]
    for which, (video, (targets, known)) in enumerate(zip(videos, labels, strict=True)):
        present = (targets > 0) & known
        nothing = known.all(axis=1) & ~present.any(axis=1)
        hard = video.hard_frames()
        partly = known.any(axis=1) & ~known.all(axis=1) & ~present.any(axis=1)
        members = (present[:, 0], present[:, 1], nothing & hard, (nothing & ~hard) | partly)
        for pool, member in zip(pools, members, strict=True):
            frames = np.flatnonzero(member)
            pool.append(np.stack([np.full_like(frames, which), frames], axis=1))
    return [np.concatenate(pool) if pool else np.empty((0, 2), np.int64) for pool in pools]


def _shares(pools: list[NDArray[np.int64]], sampling: SamplingParams) -> NDArray[np.float64]:
    """Return how often each pool is drawn from; what an empty one would have goes to the rest."""
    sizes = np.array([len(pool) for pool in pools], dtype=np.float64)
    if not sizes.any():
        raise ValueError("Expected frames of which something is known, got none")
    if not sampling.balanced:
        return np.asarray(sizes / sizes.sum())
    rest = 1 - sampling.share_me - sampling.share_mae - sampling.share_hard
    wanted = np.array([sampling.share_me, sampling.share_mae, sampling.share_hard, rest])
    wanted = np.where(sizes > 0, wanted, 0.0)
    if not wanted.any():
        wanted = (sizes > 0).astype(np.float64)
    return np.asarray(wanted / wanted.sum())
