"""The batches of training are those of a loader that keeps nothing."""

from pathlib import Path

import numpy as np
import pytest
from tests.fixtures.drawn_dataset import build_drawn
from tests.reference.training_loader import PlainVideo, plain_batch

from napari_mespot.clips import ClipParams
from napari_mespot.face import AlignParams
from napari_mespot.io.datasets import read_dataset
from napari_mespot.learning import AugmentationParams, BatchRecipe, ClipBatches, SamplingParams
from napari_mespot.learning.dataset_faces import align_video, labelled_file, open_corpus

UNTOUCHED = AugmentationParams(photometric_probability=0, flip_probability=0, rotation_deg=0)


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory):
    """The same two videos for either loader."""
    root = tmp_path_factory.mktemp("loader")
    dataset = read_dataset(build_drawn(root / "data", "cas_me2", people=2))
    files = [
        labelled_file(video, align_video(video, AlignParams(), root / "faces"))
        for video in dataset.videos
    ]
    plain = [
        PlainVideo(Path(video.path), file.faces.open().transforms, file.annotation)
        for video, file in zip(dataset.videos, files, strict=True)
    ]
    return open_corpus(files), plain


@pytest.mark.parametrize("augmentation", [UNTOUCHED, AugmentationParams()])
def test_both_loaders_give_the_same_clips(both, augmentation):
    corpus, plain = both
    recipe = BatchRecipe(
        ClipParams(),
        augmentation=augmentation,
        sampling=SamplingParams(balanced=False),
        batch_size=12,
        seed=4,
    )
    for step in (0, 3):
        clips, targets, known = ClipBatches(corpus, recipe)[step]
        wanted, wanted_targets = plain_batch(plain, recipe, step)
        assert np.array_equal(targets.numpy(), wanted_targets)
        assert known.all()
        assert np.abs(clips.numpy() - wanted).max() < 1e-5


def test_faces_are_mapped_and_not_read(both):
    corpus, _ = both
    images = corpus.videos[0].images
    base = images
    while isinstance(base, np.ndarray) and not isinstance(base, np.memmap):
        base = base.base
    assert isinstance(base, np.memmap)
    assert images.dtype == np.uint8
