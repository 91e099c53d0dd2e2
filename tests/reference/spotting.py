"""Obvious versions of what the spotting room computes."""

from fractions import Fraction
from math import ceil, floor

import numpy as np
import torch
from tests.reference.clips import slow_places
from tests.reference.network import plain_forward

from napari_mespot.clips import frame_skips
from napari_mespot.face import contrast_normalise
from napari_mespot.network import Checkpoint
from napari_mespot.spotting import KindDetectionParams


def slow_scores(
    checkpoint: Checkpoint, images: np.ndarray, found: np.ndarray, frame_rate: Fraction
) -> np.ndarray:
    """Score each frame by itself from all images of the video."""
    scores = np.full((len(images), 2), np.nan)
    if not found.any():
        return scores
    first_face = int(np.flatnonzero(found)[0])
    sides = slow_places(checkpoint.clips.reference, checkpoint.clips.references_per_side)
    for frame in np.flatnonzero(found):
        clip = []
        for skip in frame_skips(checkpoint.clips, frame_rate):
            places = []
            for side in sides:
                other = min(max(frame + side * skip, first_face), len(images) - 1)
                while not found[other]:
                    other -= 1
                places.append(other)
            clip.append(contrast_normalise(images[places], checkpoint.contrast))
        with torch.no_grad():
            logits = plain_forward(checkpoint.network, torch.from_numpy(np.stack(clip))).numpy()
        scores[frame] = 1 / (1 + np.exp(-logits / checkpoint.temperature))
    return scores


def slow_runs(
    scores: np.ndarray, frame_rate: float, params: KindDetectionParams
) -> list[tuple[int, int, int]]:
    """Return (onset, apex, offset) of each expression, by walking through the scores."""
    runs = _hysteresis(scores, params)
    gap = floor(params.merge_gap_s * frame_rate + 1e-9)
    joined: list[list[int]] = []
    for run in runs:
        between = scores[joined[-1][1] + 1 : run[0]] if joined else []
        if joined and len(between) <= gap and not np.isnan(between).any():
            joined[-1][1] = run[1]
        else:
            joined.append(list(run))
    shifted: list[list[int]] = []
    for first, last in joined:
        low = high = first
        while low > 0 and not np.isnan(scores[low - 1]):
            low -= 1
        while high < len(scores) - 1 and not np.isnan(scores[high + 1]):
            high += 1
        onset = min(max(first + round(params.onset_shift_s * frame_rate), low), high)
        offset = min(max(last + round(params.offset_shift_s * frame_rate), low), high)
        if onset > offset:
            continue
        if shifted and onset <= shifted[-1][1]:
            shifted[-1][1] = offset
        else:
            shifted.append([onset, offset])
    shortest = ceil(params.min_duration_s * frame_rate - 1e-9)
    longest = floor(params.max_duration_s * frame_rate + 1e-9)
    return [
        (onset, max(range(onset, offset + 1), key=lambda i: scores[i]), offset)
        for onset, offset in shifted
        if shortest <= offset - onset + 1 <= longest
    ]


def _hysteresis(scores: np.ndarray, params: KindDetectionParams) -> list[tuple[int, int]]:
    runs, start = [], None
    for i in range(len(scores) + 1):
        inside = i < len(scores) and scores[i] >= params.low_threshold
        if inside and start is None:
            start = i
        if not inside and start is not None:
            if max(scores[start:i]) >= params.threshold:
                runs.append((start, i - 1))
            start = None
    return runs
