"""Folders of small images, each of one grey value, to watch as videos."""

from pathlib import Path

import cv2
import numpy as np

HEIGHT, WIDTH = 48, 64


def grey_of(frame: int) -> int:
    return 40 + frame % 200


def image_folder(parent: Path, n_frames: int = 60, name: str = "film") -> Path:
    """Write frame `i` as an image of the grey value that :func:`grey_of` says."""
    folder = parent / name
    folder.mkdir()
    for frame in range(n_frames):
        image = np.full((HEIGHT, WIDTH), grey_of(frame), np.uint8)
        cv2.imwrite(str(folder / f"img{frame + 1:04d}.png"), image)
    return folder
