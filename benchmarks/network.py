"""Network: streaming inference beside the plain per-sample implementation, in one run.

The plain implementation (``tests/reference/network.py``) normalises the four images of every
frame and passes one clip at a time through the network. It is timed twice: with Eq. 1 of the
paper written out, and with the same OpenCV normalisation as the product, so that only what is
gained by sharing and batching is left. All start from the same aligned crops, at 200 fps with
the skips of SAMM-LV. Machines are rarely idle, so each is timed several times, in turn, and the
best time counts.
"""

import sys
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import torch

from napari_mespot.clips import ClipParams
from napari_mespot.face import ContrastParams, FaceChunk, contrast_normalise
from napari_mespot.network import describe
from napari_mespot.spotting import score_faces

sys.path.insert(0, str(Path(__file__).parents[1]))  # the slow references live in tests/
from tests.reference.network import lively_checkpoint, plain_scores

RATE = Fraction(200)
CLIPS = ClipParams(skip_me_s=37 / 200, skip_mae_s=217 / 200)
N_FRAMES = 960
N_PLAIN = 48
CHUNK = 32
REPEATS = 5
WANTED_RATIO = 4.0
WANTED_DIFFERENCE = 1e-4


def smooth_faces(n: int) -> np.ndarray:
    """Return (n, 112, 112) uint8: a texture that drifts, as noisy as a recording."""
    rng = np.random.default_rng(0)
    rows, columns = np.mgrid[:112, :112]
    waves = rng.uniform(0.05, 0.6, (12, 2))
    phases = rng.uniform(0, 6.28, 12)
    images = np.empty((n, 112, 112), np.uint8)
    for i in range(n):
        grey = sum(
            np.sin(a * (rows + 0.02 * i) + b * columns + p)
            for (a, b), p in zip(waves, phases, strict=True)
        )
        images[i] = np.clip(120 + 15 * grey + rng.normal(0, 2, grey.shape), 0, 255)
    return images


def chunks(images: np.ndarray) -> list[FaceChunk]:
    """Cut crops into chunks as the aligner gives them."""
    out = []
    for first in range(0, len(images), CHUNK):
        part = images[first : first + CHUNK]
        n = len(part)
        out.append(
            FaceChunk(first, part, np.ones(n, bool), np.ones(n, np.float32), np.zeros((n, 2, 3)))
        )
    return out


def one_normalised(image: np.ndarray, params: ContrastParams) -> torch.Tensor:
    """Normalise one image as the product does."""
    return torch.from_numpy(contrast_normalise(image[np.newaxis], params)[0])


def seconds(call: Callable[[], object]) -> float:
    """Time one call."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def main() -> None:
    """Time both and compare their scores."""
    checkpoint = lively_checkpoint(0, CLIPS)
    images = smooth_faces(N_FRAMES)
    parts = chunks(images)
    positions = range(N_FRAMES - N_PLAIN, N_FRAMES)  # beyond the clamped start

    def fast() -> np.ndarray:
        return score_faces(checkpoint, parts, n_frames=N_FRAMES, frame_rate=RATE).values

    def plain() -> np.ndarray:
        return plain_scores(checkpoint, images, RATE, positions)

    def same_contrast() -> np.ndarray:
        return plain_scores(checkpoint, images, RATE, positions, one_normalised)

    size = describe(checkpoint.network)
    print(
        f"{size.parameters} parameters, {size.macs_per_frame / 1e6:.2f} M multiply-accumulates "
        f"a frame ({size.macs_per_clip / 1e6:.2f} M a clip by itself)"
    )
    difference = float(np.abs(fast()[positions.start :] - plain()).max())
    all_threads = torch.get_num_threads()
    for threads in sorted({1, all_threads}):
        torch.set_num_threads(threads)
        times = [[seconds(call) for call in (fast, plain, same_contrast)] for _ in range(REPEATS)]
        best = np.min(times, axis=0) * 1e3
        fast_ms, plain_ms, same_ms = best / (N_FRAMES, N_PLAIN, N_PLAIN)
        print(f"{threads} thread(s): streaming {fast_ms:.2f} ms a frame ({1e3 / fast_ms:.0f} fps)")
        print(
            f"    plain {plain_ms:.2f} ms, ratio {plain_ms / fast_ms:.1f} "
            f"(wanted >= {WANTED_RATIO:g})"
        )
        print(f"    same normalisation {same_ms:.2f} ms, ratio {same_ms / fast_ms:.1f}")
    torch.set_num_threads(all_threads)
    normalise = min(
        seconds(lambda: [contrast_normalise(p.images, checkpoint.contrast) for p in parts])
        for _ in range(REPEATS)
    )
    print(f"of which contrast normalisation {normalise / N_FRAMES * 1e3:.2f} ms a frame")
    print(f"largest difference {difference:.1e} (wanted <= {WANTED_DIFFERENCE:g})")


if __name__ == "__main__":
    main()
