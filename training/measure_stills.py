"""Measure a checkpoint on real faces that are made to move: pictures with drawn-in expressions.

    python training/measure_stills.py [--checkpoint NAME] [--seconds 30] [PICTURE...]

Without a picture the portrait of scikit-image (public domain) is used. A photograph cannot blink;
everything else is as in the sequences a checkpoint is calibrated on.
"""

import argparse
import tempfile
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from napari_mespot.evaluation import frame_figures
from napari_mespot.face import extract_faces
from napari_mespot.frames import open_frames
from napari_mespot.learning import (
    Repertoire,
    SequenceParams,
    SyntheticParams,
    draw_sequence,
    score_sequence,
    still_faces,
)
from napari_mespot.learning.calibration import count_hits
from napari_mespot.learning.motions import build_motion_bank
from napari_mespot.model import ExpressionKind
from napari_mespot.network import DEFAULT_CHECKPOINT, load_checkpoint


def aligned(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Cut the face out of a BGR picture, at twice the size of the crop."""
    with tempfile.TemporaryDirectory() as folder:
        cv2.imwrite(str(Path(folder) / "0.png"), picture)
        crop = extract_faces(open_frames(folder)).images[0]
    twice = cv2.resize(crop.astype(np.float32), None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    return np.clip(twice, 0, 255).astype(np.uint8)


def main() -> None:
    """Print frame AUC and counts of intervals at 30 and 200 frames per second."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pictures", type=Path, nargs="*")
    parser.add_argument("--checkpoint", default=DEFAULT_CHECKPOINT)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--sequences", type=int, default=4, help="per frame rate")
    options = parser.parse_args()
    torch.set_num_threads(1)
    pictures = [cv2.imread(str(path)) for path in options.pictures]
    if not pictures:
        from skimage.data import astronaut

        pictures = [astronaut()[:, :, ::-1]]
    checkpoint = load_checkpoint(options.checkpoint)
    params = SyntheticParams(fields=100, speech_probability=0.0)
    motions = build_motion_bank(params, np.random.default_rng([2000, 1]))
    repertoire = Repertoire(still_faces(np.stack([aligned(p) for p in pictures])), motions)
    sequence = SequenceParams(duration_s=options.seconds)
    for rate in sequence.frame_rates:
        scored = []
        for index in range(options.sequences):
            rng = np.random.default_rng([2000, 2, rate, index])
            drawn = draw_sequence(repertoire, params, sequence, rng, rate)
            scored.append((drawn.annotation, score_sequence(checkpoint, drawn)))
        for kind in ExpressionKind:
            auc = frame_figures(scored, kind).roc_auc
            counts = count_hits(scored, checkpoint.spotting, kind)
            print(f"{rate} fps {kind}: AUC {auc:.3f}, tp {counts.tp} fp {counts.fp} fn {counts.fn}")


if __name__ == "__main__":
    main()
