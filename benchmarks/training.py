"""Training: samples per second of the batches of training beside a plain loader, in one run.

The plain loader (``tests/reference/training_loader.py``) opens the video for every sample, decodes
its frames, cuts the face out where it is already known to be, changes and normalises it. Both give
the same clips. Timed on the sample video (H.264, 200 fps) with the skips of SAMM-LV and all
augmentations; machines are rarely idle, so each is timed several times in turn and the median
ratio counts. For scale, a training step of the network on the same processor.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from statistics import median

import numpy as np

from napari_mespot.clips import ClipParams
from napari_mespot.clips.params import SkipRange
from napari_mespot.face import AlignParams
from napari_mespot.frames.synthetic import sample_path
from napari_mespot.io import read_table
from napari_mespot.io.datasets import DatasetVideo
from napari_mespot.learning import BatchRecipe, ClipBatches, SamplingParams, TrainingParams, fit
from napari_mespot.learning.dataset_faces import align_video, labelled_file, open_corpus
from napari_mespot.model import Interval
from napari_mespot.network import NetworkParams, TwoStream3DCNN

sys.path.insert(0, str(Path(__file__).parents[1]))  # the slow references live in tests/
from tests.reference.training_loader import PlainVideo, plain_batch

RECIPE = BatchRecipe(
    ClipParams(
        skip_me_s=37 / 200,
        skip_mae_s=217 / 200,
        random_skip_me=SkipRange(low_s=25 / 200, high_s=75 / 200),
        random_skip_mae=SkipRange(low_s=200 / 200, high_s=400 / 200),
    ),
    sampling=SamplingParams(balanced=False),
    batch_size=32,
)
N_BATCHES = 4
REPEATS = 3


def seconds(call: Callable[[], object]) -> float:
    """Time one call."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def main() -> None:
    """Time both loaders and a step of the network."""
    path = sample_path(200)
    (labels,) = read_table(path.with_name(f"{path.stem}.intervals.csv"))
    whole = Interval(0, (labels.n_frames or 1) - 1)
    video = DatasetVideo(path, labels.with_reviewed(whole))
    with tempfile.TemporaryDirectory() as folder:
        file = labelled_file(video, align_video(video, AlignParams(), Path(folder)))
        corpus = open_corpus([file])
        plain = [PlainVideo(path, file.faces.open().transforms, file.annotation)]
        batches = ClipBatches(corpus, RECIPE)

        def fast() -> None:
            for step in range(N_BATCHES):
                batches[step]

        difference = np.abs(batches[0][0].numpy() - plain_batch(plain, RECIPE, 0)[0]).max()
        pairs = [
            (seconds(fast) / N_BATCHES, seconds(lambda: plain_batch(plain, RECIPE, 0)))
            for _ in range(REPEATS)
        ]
        own, slow = (RECIPE.batch_size / median(column) for column in zip(*pairs, strict=True))
        ratio = median(b / a for a, b in pairs)
        params = TrainingParams(steps=N_BATCHES, batch_size=RECIPE.batch_size)
        whole_s = seconds(lambda: fit(TwoStream3DCNN(NetworkParams()), batches, params))
    rate = Fraction(labels.frame_rate or 1)
    print(f"{labels.n_frames} frames at {float(rate):g} fps, batches of {RECIPE.batch_size}")
    print(f"batches of training     {own:8.0f} samples a second")
    print(f"plain loader            {slow:8.1f} samples a second")
    print(f"ratio                   {ratio:8.1f}")
    print(f"largest difference      {difference:8.1e}")
    print(
        f"with the network on it  {N_BATCHES * RECIPE.batch_size / whole_s:8.0f} samples a second"
    )


if __name__ == "__main__":
    main()
