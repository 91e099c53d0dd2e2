"""Obvious versions of what the LBP baseline computes: one pixel, one block, one frame at a time."""

import math

import numpy as np

from napari_mespot.spotting.baselines import LbpParams


def uniform_codes() -> list[int]:
    """The codes with at most two changes around the circle, in order."""
    codes = []
    for code in range(256):
        bits = [code >> i & 1 for i in range(8)]
        if sum(bits[i] != bits[(i + 1) % 8] for i in range(8)) <= 2:
            codes.append(code)
    return codes


def slow_code(image: np.ndarray, row: int, column: int, radius: int) -> int:
    """Which of the 8 points around a pixel are at least as bright, point 0 to the right."""
    code = 0
    for bit in range(8):
        angle = 2 * math.pi * bit / 8
        # Places are multiples of 1/256 of a pixel, so that equal grey values stay equal.
        y = row + round(-radius * math.sin(angle) * 256) / 256
        x = column + round(radius * math.cos(angle) * 256) / 256
        top, left = math.floor(y), math.floor(x)
        value = 0.0
        for r in (top, top + 1):
            for c in (left, left + 1):
                weight = (1 - abs(y - r)) * (1 - abs(x - c))
                if weight > 0:
                    value += weight * float(image[r, c])
        code |= (value >= float(image[row, column])) << bit
    return code


def slow_block_histograms(image: np.ndarray, params: LbpParams) -> np.ndarray:
    """Histograms of one image, shape (blocks², 59)."""
    uniform = uniform_codes()
    radius = params.radius_px
    height, width = (side - 2 * radius for side in image.shape)
    out = np.zeros((params.blocks**2, 59))
    for row in range(height):
        for column in range(width):
            code = slow_code(image, row + radius, column + radius, radius)
            label = uniform.index(code) if code in uniform else 58
            block = (row * params.blocks // height) * params.blocks
            block += column * params.blocks // width
            out[block, label] += 1
    return out / out.sum(axis=1, keepdims=True)


def slow_difference(features: np.ndarray, k: int, largest: int) -> np.ndarray:
    """Difference of each frame from the mean of those k before and after; 0 without them."""
    out = np.zeros(len(features))
    for i in range(k, len(features) - k):
        distances = []
        for block in range(features.shape[1]):
            total = 0.0
            for a, b, c in zip(
                features[i, block], features[i - k, block], features[i + k, block], strict=True
            ):
                mean = (float(b) + float(c)) / 2
                if float(a) + mean > 0:
                    total += (float(a) - mean) ** 2 / (float(a) + mean)
            distances.append(total)
        out[i] = sum(sorted(distances)[-largest:]) / largest
    return out
