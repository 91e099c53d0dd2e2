"""Slow and obvious versions of what the learning room computes."""

from math import exp, log

import numpy as np


def weighted_loss(
    logits: list[tuple[float, float]],
    targets: list[tuple[float, float]],
    known: list[tuple[bool, bool]],
    weights: tuple[float, float],
    positive_weight: float,
) -> float:
    """Eq. 2 of the paper, with the sign of its second term put right, one number at a time."""
    total = 0.0
    for row, truth, seen in zip(logits, targets, known, strict=True):
        for kind in range(2):
            if not seen[kind]:
                continue
            s = 1 / (1 + exp(-row[kind]))
            t = truth[kind]
            total -= weights[kind] * (positive_weight * t * log(s) + (1 - t) * log(1 - s))
    return total / len(logits)


def held_frames(onset: int, offset: int, frames: list[int]) -> list[bool]:
    """Whether each frame lies from onset to offset, both included."""
    return [any(frame == f for f in range(onset, offset + 1)) for frame in frames]


def displaced(picture: np.ndarray, dx: float, dy: float) -> np.ndarray:
    """Move a smooth picture by whole pixels, borders repeated."""
    height, width = picture.shape
    out = np.empty_like(picture)
    for row in range(height):
        for column in range(width):
            source_row = min(max(row - round(dy), 0), height - 1)
            source_column = min(max(column - round(dx), 0), width - 1)
            out[row, column] = picture[source_row, source_column]
    return out
