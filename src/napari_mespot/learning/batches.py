"""Batches of synthetic clips, each a pure function of the seed and the step."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import Dataset

from napari_mespot.clips import draw_skips
from napari_mespot.clips.params import ClipParams
from napari_mespot.face.contrast import contrast_normalise
from napari_mespot.face.params import ContrastParams
from napari_mespot.learning.augmentation import augment, draw_augmentation
from napari_mespot.learning.fitting import Batch
from napari_mespot.learning.params import AugmentationParams, SyntheticParams
from napari_mespot.learning.repertoire import Repertoire
from napari_mespot.learning.scene import render
from napari_mespot.learning.timeline import Stretch, clip_expressions, draw_scene

__all__ = ["BatchRecipe", "SyntheticBatches", "draw_clip"]


def draw_clip(
    repertoire: Repertoire,
    params: SyntheticParams,
    clip_params: ClipParams,
    rng: np.random.Generator,
) -> tuple[NDArray[np.uint8], NDArray[np.float32], NDArray[np.bool_]]:
    """Draw the three images of one clip and its targets.

    Returns
    -------
    images
        Shape (3, S, S), uint8: the frame, its reference frame of stream 1 (ME) and that of
        stream 2 (MaE).
    targets
        Shape (2,): whether an ME, a MaE is shown in the frame.
    known
        Shape (2,): False where one is shown that these images cannot tell from nothing.
    """
    rate = int(rng.choice(params.frame_rates))
    skips = draw_skips(clip_params, Fraction(rate), 1, rng)[0]
    towards = -1 if clip_params.reference == "past" else 1
    frames = np.array([0, towards * skips[0], towards * skips[1]], dtype=np.int64)
    expressions = clip_expressions(params, rng, rate)
    stretch = Stretch(rate, int(frames.min()), int(frames.max()))
    scene = draw_scene(repertoire, expressions, params, rng, stretch)
    targets = scene.targets(frames[:1])[0]
    clear = scene.change_px(0, frames[1:]) >= params.min_change_px
    return render(scene, frames, rng), targets, clear | (targets == 0)


@dataclass(frozen=True, slots=True)
class BatchRecipe:
    """All that a batch depends on, besides the repertoire and the step."""

    synthetic: SyntheticParams
    augmentation: AugmentationParams
    contrast: ContrastParams
    clips: ClipParams
    batch_size: int
    seed: int


class SyntheticBatches(Dataset[Batch]):
    """``batches[step]`` is always the same batch, in whatever process it is made."""

    def __init__(self, repertoire: Repertoire, recipe: BatchRecipe) -> None:
        self.repertoire = repertoire
        self.recipe = recipe

    def __getitem__(self, step: int) -> Batch:
        recipe = self.recipe
        rng = np.random.default_rng([recipe.seed, step])
        images, targets, known = [], [], []
        for _ in range(recipe.batch_size):
            drawn, target, is_known = draw_clip(
                self.repertoire, recipe.synthetic, recipe.clips, rng
            )
            changed = augment(drawn.astype(np.float32), draw_augmentation(recipe.augmentation, rng))
            images.append(np.rint(changed).astype(np.uint8))
            targets.append(target)
            known.append(is_known)
        size = images[0].shape[-1]
        normal = contrast_normalise(np.concatenate(images), recipe.contrast)
        frame, near, far = normal.reshape(-1, 3, size, size).swapaxes(0, 1)
        streams = [np.stack([reference, frame], axis=1) for reference in (near, far)]
        clips = torch.from_numpy(np.stack(streams, axis=1))
        return clips, torch.from_numpy(np.stack(targets)), torch.from_numpy(np.stack(known))
