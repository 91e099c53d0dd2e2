"""Score real clips and drawn people once, for `training/decoders.py`.

    python training/decoder_tracks.py CLIPS --out TRACKS.npz [--checkpoint NAME] [--drawn 60]

Of each video the two smoothed probabilities per frame are kept, as the search for intervals
sees them.
"""

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from napari_mespot.batch.inputs import find_videos, plain_name
from napari_mespot.frames import open_frames
from napari_mespot.learning.context_recipe import ContextRecipe
from napari_mespot.learning.drawn_shape import draw_shape_sequence
from napari_mespot.model import Clock, ScoreSignal
from napari_mespot.network import Checkpoint, load_checkpoint
from napari_mespot.spotting import Evidence, score_evidence, smooth, spot_video

DRAWN_SEED = 20_000
Tracks = dict[str, NDArray[np.generic]]


def real_tracks(clips: Path, checkpoint: Checkpoint) -> dict[str, ScoreSignal]:
    """Score the videos of a folder."""
    out = {}
    for path in find_videos([clips]):
        with open_frames(path) as source:
            out[plain_name(path)] = spot_video(source, checkpoint).signal
    return out


def stored(key: str, signal: ScoreSignal, checkpoint: Checkpoint) -> Tracks:
    """Return what is kept of a signal."""
    track = smooth(signal, checkpoint.spotting.smoothing)
    return {
        f"{key}/scores": np.nan_to_num(track.values).astype(np.float32),
        f"{key}/fps": np.float64(float(signal.frame_rate)),
    }


def drawn_tracks(checkpoint: Checkpoint, count: int) -> Tracks:
    """Score drawn people whom nobody learned from, and keep when they move."""
    recipe = ContextRecipe.model_validate(checkpoint.card["recipe"])
    out: Tracks = {}
    for index in range(count):
        drawn = draw_shape_sequence(recipe.drawn, np.random.default_rng([DRAWN_SEED, index]))
        n = len(drawn.times)
        clock = Clock(drawn.annotation.frame_rate or 30)
        evidence = Evidence("drawn", clock, drawn.logits, drawn.shape, np.ones(n, np.bool_))
        key = f"drawn/{index:03d}"
        out.update(stored(key, score_evidence(checkpoint, evidence), checkpoint))
        ends = [(e.onset, e.offset) for e in drawn.expressions]
        out[f"{key}/events"] = np.array(ends, np.int64).reshape(-1, 2)
    return out


def main() -> None:
    """Write the tracks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clips", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--checkpoint", default=None)
    parser.add_argument("--drawn", type=int, default=60)
    options = parser.parse_args()
    named = options.checkpoint
    checkpoint = load_checkpoint() if named is None else load_checkpoint(named)
    tracks = drawn_tracks(checkpoint, options.drawn)
    for name, signal in real_tracks(options.clips, checkpoint).items():
        tracks.update(stored(f"real/{name}", signal, checkpoint))
    np.savez_compressed(options.out, **tracks)  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
