"""Draw the sample videos and write their labels beside them.

Run from anywhere, with the package installed::

    python sample_data/make.py

The pixels that are drawn are the same on every run; the bytes of the files depend on the
version of the encoder as well.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from napari_mespot.frames.synthetic.sample import SAMPLE_RATES, sample_sequence
from napari_mespot.frames.synthetic.sequence import SyntheticSequence
from napari_mespot.frames.synthetic.video_file import write_video
from napari_mespot.io import write_table

CRF = {30: 17, 200: 17}


def told(sequence: SyntheticSequence, name: str) -> Iterator[NDArray[np.uint8]]:
    """Yield the frames and say how far it has gone."""
    for index, frame in enumerate(sequence):
        if index % 100 == 0:
            print(f"{name}: frame {index} of {sequence.n_frames}", flush=True)
        yield frame


def make(rate: int, folder: Path) -> None:
    """Write the sample of one frame rate: video and labels."""
    sequence = sample_sequence(rate)
    stem = f"synthetic_face_{rate}fps"
    video = folder / f"{stem}.mp4"
    write_video(video, told(sequence, stem), sequence.script.frame_rate, crf=CRF[rate])
    write_table(folder / f"{stem}.intervals.csv", [sequence.annotation(stem)])
    print(f"{video.name}: {video.stat().st_size / 1e6:.2f} MB")


def main() -> None:
    """Make the samples that are asked for, or all."""
    parser = argparse.ArgumentParser(description="Draw the sample videos and their labels.")
    parser.add_argument("--rate", type=int, choices=SAMPLE_RATES, action="append")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent)
    arguments = parser.parse_args()
    for rate in arguments.rate or SAMPLE_RATES:
        make(rate, arguments.out)


if __name__ == "__main__":
    main()
