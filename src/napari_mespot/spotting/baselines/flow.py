"""Spotting by optical flow, in the manner of the published training-free spotters.

Farnebäck's dense flow (Two-frame motion estimation based on polynomial expansion, SCIA 2003)
between a frame and the one k before it gives how brows, mouth corners, nose and chin have
moved, after the motion of the bridge of the nose is taken off as that of the head. The
evidence of a frame is how far it lies from the mean of the frames k before and k after.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

import cv2
import numpy as np
from numpy.typing import NDArray

from napari_mespot.face import FaceCache, FaceChunk
from napari_mespot.model import ExpressionKind, Interval, ScoreSignal
from napari_mespot.progress import ProgressCallback, report
from napari_mespot.spotting.baselines.crop_spotter import CropSpotter
from napari_mespot.spotting.baselines.params import FlowParams, PeakParams
from napari_mespot.spotting.baselines.peaks import (
    find_peaks,
    frames_of,
    result_of,
    threshold_of,
    width_of,
)
from napari_mespot.spotting.baselines.regions import MOVING, mean_motion
from napari_mespot.spotting.spotter import SpottingResult

__all__ = ["FlowSpotter"]

_DEFAULTS = FlowParams()
_STAGE = "spotting by optical flow"

_Motion = NDArray[np.float64]  # (n_samples, n_regions, 2)


@dataclass(frozen=True, eq=False, slots=True)
class FlowSpotter(CropSpotter):
    """Spots by the motion of a few regions; nothing is learnt.

    Parameters
    ----------
    params
        Lags, smoothing and thresholds.
    cache
        Where aligned faces are kept between calls.
    """

    params: FlowParams = _DEFAULTS
    cache: FaceCache | None = None

    @property
    def name(self) -> str:
        """How tables call it."""
        return "optical flow"

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
        step = max(1, int(float(frame_rate) // self.params.samples_hz))
        kinds = {ExpressionKind.MICRO: self.params.me, ExpressionKind.MACRO: self.params.mae}
        lags = [frames_of(peaks.k_s, frame_rate / step) for peaks in kinds.values()]
        found = np.zeros(n_frames, dtype=np.bool_)
        motions = _motions(faces, lags, step, self.params, found, progress)
        raw, smooth = (np.full((n_frames, 2), np.nan, dtype=np.float32) for _ in range(2))
        places = {}
        frames, samples = np.arange(n_frames), np.arange(len(motions[0])) * step
        with_face = found[samples]
        for column, (kind, peaks) in enumerate(kinds.items()):
            k = lags[column]
            offset = _offset_from_neighbours(motions[column], k)
            smoothed = _smoothed(offset, self.params.smoothing_share * k)
            for values, source in ((raw, offset), (smooth, smoothed)):
                evidence = np.interp(frames, samples, _largest(source))
                values[found, column] = evidence[found]
            shortest = peaks.min_width_s * float(frame_rate) / step
            evidence = _largest(smoothed)
            places[kind] = [
                (Interval(a * step, min(b * step + step - 1, n_frames - 1)), apex * step)
                for a, b, apex in _intervals(smoothed, with_face, peaks, k, self.params.reach)
                if width_of(evidence, apex) >= shortest
            ]
        signals = tuple(ScoreSignal(v, found, frame_rate, video_id) for v in (raw, smooth))
        return result_of((signals[0], signals[1]), places, self.name)


def _motions(
    faces: Iterable[FaceChunk],
    lags: list[int],
    step: int,
    params: FlowParams,
    found: NDArray[np.bool_],
    progress: ProgressCallback | None,
) -> list[_Motion]:
    """Return, for each lag, the motion of the regions since the sample that long before.

    Samples are taken every `step` frames. The first ones have no motion. `found` is filled.
    """
    held: deque[NDArray[np.uint8]] = deque(maxlen=max(lags) + 1)
    motions: list[list[NDArray[np.float64]]] = [[] for _ in lags]
    for chunk in faces:
        stop = chunk.first_frame + chunk.n_frames
        found[chunk.first_frame : stop] = chunk.found
        for frame, image in enumerate(chunk.images, start=chunk.first_frame):
            if frame % step:
                continue
            held.append(image)
            for own, lag in zip(motions, lags, strict=True):
                own.append(_motion_since(held, lag, params.window_px))
        report(progress, _STAGE, stop, len(found))
    return [np.array(own).reshape(-1, len(MOVING), 2) for own in motions]


def _motion_since(held: deque[NDArray[np.uint8]], lag: int, window_px: int) -> NDArray[np.float64]:
    if len(held) <= lag:
        return np.zeros((len(MOVING), 2))
    flow = cv2.calcOpticalFlowFarneback(
        held[-1 - lag], held[-1], None, 0.5, 2, window_px, 2, 5, 1.1, 0  # type: ignore[call-overload]
    )  # fmt: skip
    return mean_motion(np.asarray(flow, dtype=np.float32))


def _offset_from_neighbours(motion: _Motion, k: int) -> _Motion:
    """Return how far each sample lies from the mean of those k before and k after.

    With m(i) the motion from i - k to i, that is half of m(i) - m(i + k).
    """
    out = np.zeros_like(motion)
    if len(motion) > 2 * k:
        out[k:-k] = (motion[k:-k] - motion[2 * k :]) / 2
    return out


def _smoothed(motion: _Motion, width: float) -> _Motion:
    """Smooth in time by a Gaussian of standard deviation `width` samples."""
    from scipy.ndimage import gaussian_filter1d

    if width <= 0:
        return motion
    return np.asarray(gaussian_filter1d(motion, width, axis=0, mode="nearest"))


def _largest(motion: _Motion) -> NDArray[np.float64]:
    """Return the length of the motion of the region that moves most, shape (n_samples,)."""
    return np.asarray(np.sqrt((motion**2).sum(axis=2)).max(axis=1, initial=0.0))


def _intervals(
    motion: _Motion, found: NDArray[np.bool_], params: PeakParams, k: int, reach: float
) -> list[tuple[int, int, int]]:
    """Return first sample, last sample and apex of every peak.

    Along the direction in which a region has moved at the apex, the samples k before and after
    lie on the other side of their neighbours' mean: onset and offset are where that is most so.
    """
    evidence = _largest(motion) * found
    threshold = threshold_of(evidence[found], params)
    width = round(reach * k)
    out = []
    for apex in find_peaks(evidence, threshold, k):
        region = int((motion[apex] ** 2).sum(axis=1).argmax())
        along = motion[:, region] @ motion[apex, region]
        if along[apex] <= 0:
            continue
        start, stop = max(0, apex - width), min(len(along), apex + width + 1)
        onset = start + int(along[start : apex + 1].argmin())
        offset = apex + int(along[apex:stop].argmin())
        out.append((onset, offset, apex))
    return out
