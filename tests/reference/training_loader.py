"""A training loader as one would write it first: nothing kept, nothing shared, one by one.

For every sample the video is opened, its frames are decoded, cut out, changed and normalised.
"""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from napari_mespot.clips import clip_frames, draw_skips
from napari_mespot.face import contrast_normalise
from napari_mespot.face.warp import Cropper
from napari_mespot.frames import open_frames
from napari_mespot.learning import BatchRecipe
from napari_mespot.learning.augmentation import augment, draw_augmentation
from napari_mespot.model import Annotation, ExpressionKind, FrameState

KINDS = (ExpressionKind.MICRO, ExpressionKind.MACRO)


@dataclass
class PlainVideo:
    """A video file or folder, where its face is in each frame, and its labels, all reviewed."""

    path: Path
    transforms: np.ndarray
    annotation: Annotation

    @property
    def frame_rate(self) -> Fraction:
        assert self.annotation.frame_rate is not None
        return self.annotation.frame_rate

    def target(self, frame: int) -> list[float]:
        states = [self.annotation.state_at(frame, kind) for kind in KINDS]
        return [float(state is FrameState.PRESENT) for state in states]


def plain_batch(
    videos: list[PlainVideo], recipe: BatchRecipe, step: int
) -> tuple[np.ndarray, np.ndarray]:
    """Clips (batch, 2, t, S, S) and targets (batch, 2) of one step, frames drawn as they come."""
    assert not recipe.sampling.balanced
    pools = _pools(videos)
    sizes = np.array([len(pool) for pool in pools])
    rng = np.random.default_rng([recipe.seed, step])
    clips, targets = [], []
    for pool in rng.choice(len(pools), recipe.batch_size, p=sizes / sizes.sum()):
        which, frame = pools[pool][rng.integers(len(pools[pool]))]
        clips.append(_clip(videos[which], frame, recipe, rng))
        targets.append(videos[which].target(frame))
    return np.stack(clips), np.array(targets, dtype=np.float32)


def _clip(video: PlainVideo, frame: int, recipe: BatchRecipe, rng: np.random.Generator):
    skips = draw_skips(recipe.clips, video.frame_rate, 1, rng)
    n_frames = len(video.transforms)
    places = clip_frames([frame], skips, n_frames, recipe.clips.reference)[0]
    crops = _crops(video, places.ravel().tolist())
    changed = augment(crops.astype(np.float32), draw_augmentation(recipe.augmentation, rng))
    whole = np.rint(changed).astype(np.uint8)
    images = [contrast_normalise(image[np.newaxis], recipe.contrast)[0] for image in whole]
    return np.stack(images).reshape(*places.shape, *whole.shape[1:])


def _crops(video: PlainVideo, frames: list[int]) -> np.ndarray:
    cropper = Cropper(112, supersample=True)
    cropper.settle(video.transforms[0])
    with open_frames(video.path, fps=video.frame_rate) as source:
        return np.stack([cropper.cut(source.read_luma(f), video.transforms[f]) for f in frames])


def _pools(videos: list[PlainVideo]) -> list[list[tuple[int, int]]]:
    """Frames, as (video, frame), with an ME, with a MaE, hard negatives (none), and the others."""
    pools: list[list[tuple[int, int]]] = [[], [], [], []]
    for which, video in enumerate(videos):
        for frame in range(len(video.transforms)):
            me, mae = video.target(frame)
            if me:
                pools[0].append((which, frame))
            if mae:
                pools[1].append((which, frame))
            if not me and not mae:
                pools[3].append((which, frame))
    return pools
