"""Spotting by the feature difference of local binary patterns.

Moilanen, Zhao, Pietikäinen: Spotting rapid facial movements from videos using appearance-based
feature difference analysis, ICPR 2014. The face is cut into blocks; each has a histogram of
uniform patterns; a frame is compared with the mean of the frames k before and k after it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import numpy as np
from numpy.typing import NDArray

from napari_mespot.face import FaceCache, FaceChunk
from napari_mespot.frames.synthetic.geometry import CROP_PX, MEAN_FACE
from napari_mespot.model import ExpressionKind, Interval, ScoreSignal
from napari_mespot.progress import ProgressCallback, report
from napari_mespot.spotting.baselines.crop_spotter import CropSpotter
from napari_mespot.spotting.baselines.params import LbpParams, PeakParams
from napari_mespot.spotting.baselines.peaks import (
    find_peaks,
    frames_of,
    result_of,
    threshold_of,
    width_of,
)
from napari_mespot.spotting.spotter import SpottingResult

__all__ = ["N_PATTERNS", "LbpSpotter", "block_histograms", "contrast", "feature_difference"]

N_PATTERNS = 59
"""Uniform patterns of 8 points (58), and one for all others."""

_DEFAULTS = LbpParams()
_STAGE = "spotting by LBP"
_POINTS = 8
_FINE = 256  # interpolation in whole numbers: equal grey values stay equal


@dataclass(frozen=True, eq=False, slots=True)
class LbpSpotter(CropSpotter):
    """Spots by feature differences; nothing is learnt.

    Parameters
    ----------
    params
        Blocks, patterns and thresholds.
    cache
        Where aligned faces are kept between calls.
    """

    params: LbpParams = _DEFAULTS
    cache: FaceCache | None = None

    @property
    def name(self) -> str:
        """How tables call it."""
        return "LBP difference"

    def spot_faces(
        self,
        faces: Iterable[FaceChunk],
        *,
        n_frames: int,
        frame_rate: Fraction,
        video_id: str = "",
        progress: ProgressCallback | None = None,
    ) -> SpottingResult:
        """Spot the expressions of aligned faces, in consecutive chunks from frame 0 on."""
        kinds = {ExpressionKind.MICRO: self.params.me, ExpressionKind.MACRO: self.params.mae}
        lags = [frames_of(peaks.k_s, frame_rate) for peaks in kinds.values()]
        found = np.zeros(n_frames, dtype=np.bool_)
        features = _features(faces, self.params, found, progress)
        differences = _differences(features, lags, self.params.largest_blocks, n_frames)
        values = np.full((n_frames, 2), np.nan, dtype=np.float32)
        places = {}
        for column, (kind, peaks) in enumerate(kinds.items()):
            evidence = contrast(differences[column], lags[column])
            values[found, column] = evidence[found]
            shortest = peaks.min_width_s * float(frame_rate)
            places[kind] = [
                (interval, row)
                for interval, row in _places(evidence * found, found, peaks, lags[column])
                if width_of(evidence, row) >= shortest
            ]
        signal = ScoreSignal(values, found, frame_rate, video_id)
        return result_of((signal, signal), places, self.name)


def block_histograms(images: NDArray[np.uint8], params: LbpParams) -> NDArray[np.float32]:
    """Return the histogram of uniform patterns of every block, each with sum 1.

    Parameters
    ----------
    images
        Shape (n, side, side), uint8.
    params
        Blocks and radius.

    Returns
    -------
    NDArray
        Shape (n, blocks², N_PATTERNS), float32. Pixels whose circle leaves the picture have
        no pattern.
    """
    labels = _uniform_labels()[_codes(images, params.radius_px)]
    n, height, width = labels.shape
    block = _block_of(height, params.blocks)[:, None] * params.blocks
    block = block + _block_of(width, params.blocks)
    n_bins = params.blocks**2 * N_PATTERNS
    places = labels + block * N_PATTERNS + (np.arange(n) * n_bins)[:, None, None]
    counts = np.bincount(places.ravel(), minlength=n * n_bins)
    counts = counts.reshape(n, params.blocks**2, N_PATTERNS).astype(np.float32)
    return np.asarray(counts / counts.sum(axis=2, keepdims=True), dtype=np.float32)


def feature_difference(
    middle: NDArray[np.float32],
    before: NDArray[np.float32],
    after: NDArray[np.float32],
    largest: int,
) -> NDArray[np.float64]:
    """Return the χ² distance of frames from the mean of two others.

    It is the mean over the blocks that differ most.

    Parameters
    ----------
    middle, before, after
        Shape (n, n_blocks, n_bins): features of the frames and of those k before and after.
    largest
        Number of blocks whose mean is taken.

    Returns
    -------
    NDArray
        Shape (n,), float64.
    """
    mean = (before + after) / 2
    total = middle + mean
    square = (middle - mean) ** 2
    shares = np.divide(square, total, out=np.zeros_like(square), where=total > 0)
    distance = shares.sum(axis=2, dtype=np.float64)
    largest = min(largest, distance.shape[1])
    return np.asarray(np.partition(distance, -largest, axis=1)[:, -largest:].mean(axis=1))


def contrast(difference: NDArray[np.float64], k: int) -> NDArray[np.float64]:
    """Return by how much each difference exceeds the mean of those k before and after; 0 if not.

    The first and last k frames have no difference: they get 0, and where they
    are neighbours, the first and last difference there is stands in for theirs.
    """
    out = np.zeros_like(difference)
    if len(difference) > 2 * k:
        known = difference[k:-k]
        padded = np.pad(known, k, mode="edge")
        out[k:-k] = np.maximum(known - (padded[: -2 * k] + padded[2 * k :]) / 2, 0)
    return out


def _features(
    faces: Iterable[FaceChunk],
    params: LbpParams,
    found: NDArray[np.bool_],
    progress: ProgressCallback | None,
) -> Iterator[NDArray[np.float32]]:
    """Yield the features of consecutive frames, and note which of them have a face."""
    kept = np.arange(params.blocks**2)
    if params.without_eyes:
        kept = np.setdiff1d(kept, _eye_blocks(params.blocks))
    for chunk in faces:
        stop = chunk.first_frame + chunk.n_frames
        found[chunk.first_frame : stop] = chunk.found
        yield block_histograms(chunk.images, params)[:, kept]
        report(progress, _STAGE, stop, len(found))


def _differences(
    features: Iterable[NDArray[np.float32]], lags: list[int], largest: int, n_frames: int
) -> NDArray[np.float64]:
    """Compare every frame with those k before and after, for each k; no more than 2k are kept.

    Returns
    -------
    NDArray
        Shape (n_lags, n_frames), float64; 0 where a neighbour is missing.
    """
    out = np.zeros((len(lags), n_frames))
    longest = 2 * max(lags)
    held = None
    first = 0  # frame of the first row of `held`
    for new in features:
        seen = 0 if held is None else first + len(held)
        held = new if held is None else np.concatenate([held, new])
        for row, k in enumerate(lags):
            # The frames whose later neighbour has just come.
            last = first + len(held)
            start, stop = max(k, seen - k), last - k
            if start < stop:
                at = slice(start - first, stop - first)
                before = slice(at.start - k, at.stop - k)
                after = slice(at.start + k, at.stop + k)
                out[row, start:stop] = feature_difference(
                    held[at], held[before], held[after], largest
                )
        drop = max(0, len(held) - longest)
        held, first = held[drop:], first + drop
    return out


def _places(
    evidence: NDArray[np.float64], found: NDArray[np.bool_], params: PeakParams, k: int
) -> list[tuple[Interval, int]]:
    """Return intervals of k frames to both sides of each peak."""
    threshold = threshold_of(evidence[found], params)
    last = len(evidence) - 1
    return [
        (Interval(max(0, row - k), min(last, row + k)), row)
        for row in find_peaks(evidence, threshold, k)
    ]


def _codes(images: NDArray[np.uint8], radius: int) -> NDArray[np.uint8]:
    """Return which of the 8 points of each circle are at least as bright as its middle."""
    grey = images.astype(np.int32)
    height, width = grey.shape[1:]
    inner = (slice(None), slice(radius, height - radius), slice(radius, width - radius))
    middle = grey[inner] * _FINE**2
    codes = np.zeros(middle.shape, dtype=np.uint8)
    for bit in range(_POINTS):
        angle = 2 * np.pi * bit / _POINTS
        row, down = divmod(round(-radius * np.sin(angle) * _FINE), _FINE)
        column, across = divmod(round(radius * np.cos(angle) * _FINE), _FINE)

        def shifted(dr: int, dc: int, row: int = row, column: int = column) -> NDArray[np.int32]:
            r, c = radius + row + dr, radius + column + dc
            return grey[:, r : r + height - 2 * radius, c : c + width - 2 * radius]

        value = shifted(0, 0) * ((_FINE - down) * (_FINE - across))
        if across:
            value = value + shifted(0, 1) * ((_FINE - down) * across)
        if down:
            value = value + shifted(1, 0) * (down * (_FINE - across))
        if down and across:
            value = value + shifted(1, 1) * (down * across)
        codes |= (value >= middle).astype(np.uint8) << np.uint8(bit)
    return codes


@cache
def _uniform_labels() -> NDArray[np.int64]:
    """Return the label of each of the 256 patterns: 0 to 57 if uniform, else 58.

    Uniform: at most two changes between 0 and 1 around the circle.
    """
    labels = np.full(256, N_PATTERNS - 1, dtype=np.int64)
    uniform = [
        code
        for code in range(256)
        if ((code ^ (code >> 1 | (code & 1) << 7)) & 0xFF).bit_count() <= 2
    ]
    labels[uniform] = np.arange(len(uniform))
    labels.setflags(write=False)
    return labels


def _block_of(length: int, blocks: int) -> NDArray[np.int64]:
    """Return the block of each of `length` rows, blocks as even as can be."""
    return np.arange(length) * blocks // length


def _eye_blocks(blocks: int) -> NDArray[np.int64]:
    """Return the blocks that hold the opening of an eye."""
    eyes = MEAN_FACE[36:48]
    column, row = (eyes * blocks / CROP_PX).astype(np.int64).T
    return np.unique(row * blocks + column)
