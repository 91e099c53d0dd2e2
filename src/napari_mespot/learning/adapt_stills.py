"""Where a face is at rest: the network finds nothing there, and that is measured, not believed.

Three things must hold: the checkpoint finds no expression nearby, the head hardly turns, and no
two frames compared differ by more than a small displacement of the skin, eyes left out.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d, minimum_filter1d

from napari_mespot.face import FaceSequence
from napari_mespot.learning.adapt_params import AdaptParams
from napari_mespot.learning.dense_flow import DenseFlow
from napari_mespot.learning.skin_displacement import displacement_px
from napari_mespot.model import Expression, Interval, merged

__all__ = ["fewest_frames", "still_stretches"]

_GUARD_S = 0.25
_COMPARED_HZ = 10
_ANCHOR_EVERY = 5
_MOST_ANCHORS = 6
_LEAST_FRAMES = 8
_ANGLES = slice(-3, None)
_TURN_S = 0.5


def still_stretches(
    faces: FaceSequence, found: Sequence[Expression], params: AdaptParams
) -> tuple[Interval, ...]:
    """Return the stretches in which the face is at rest, in order.

    Parameters
    ----------
    faces
        Aligned faces with their shape.
    found
        What a checkpoint finds in them.
    params
        How still, and how long.
    """
    quiet = _quiet(faces, found, params)
    edges = [b for b in faces.breaks if 0 < b < faces.n_frames]
    runs = merged(Interval(int(i), int(i)) for i in np.flatnonzero(quiet))
    rate = float(faces.frame_rate)
    out = [
        still for run in runs for part in _cut(run, edges) for still in _still(faces, part, params)
    ]
    return tuple(still for still in out if still.n_frames >= fewest_frames(rate, params))


def _quiet(
    faces: FaceSequence, found: Sequence[Expression], params: AdaptParams
) -> NDArray[np.bool_]:
    """Mark the frames that show a face, a still head and nothing found nearby."""
    rate = float(faces.frame_rate)
    guard = round(_GUARD_S * rate)
    quiet = np.array(faces.found, dtype=np.bool_)
    for expression in found:
        quiet[max(0, expression.onset - guard) : expression.offset + guard + 1] = False
    if faces.shape is None:
        return np.zeros_like(quiet)
    return quiet & (_turned(faces.shape, rate) <= params.still_deg)


def _turned(shape: NDArray[np.float32], rate: float) -> NDArray[np.float64]:
    """Return the largest range of an angle of the head around each frame, (n,), degrees."""
    angles = shape[:, _ANGLES].astype(np.float64)
    measured = np.flatnonzero(np.isfinite(angles).all(axis=1))
    if not len(measured):
        return np.full(len(shape), np.inf)
    rows = np.arange(len(shape))
    full = np.stack([np.interp(rows, measured, a[measured]) for a in angles.T], axis=1)
    size = 2 * max(1, round(_TURN_S * rate)) + 1
    span = maximum_filter1d(full, size, axis=0) - minimum_filter1d(full, size, axis=0)
    return np.asarray(span.max(axis=1))


def _cut(run: Interval, edges: Sequence[int]) -> Iterator[Interval]:
    """Yield the parts of a run between edges."""
    inside = [e for e in edges if run.onset < e <= run.offset]
    for first, stop in zip([run.onset, *inside], [*inside, run.offset + 1], strict=True):
        yield Interval(first, stop - 1)


def _still(faces: FaceSequence, run: Interval, params: AdaptParams) -> Iterator[Interval]:
    """Yield the parts of a run in which the skin stays where it is, none of them too long."""
    rate = float(faces.frame_rate)
    stride = max(1, round(rate / _COMPARED_HZ))
    longest = round(params.longest_still_s * rate)
    images = np.asarray(faces.images[run.onset : run.offset + 1 : stride])
    flow = DenseFlow(fine=True)
    start, anchors = 0, [0]
    for row in range(1, len(images)):
        moved = any(
            displacement_px(images[a], images[row], flow) > params.still_px for a in anchors
        )
        if moved or (row - start) * stride >= longest:
            yield Interval(run.onset + start * stride, run.onset + (row - 1) * stride)
            start, anchors = row, [row]
        elif (row - start) % _ANCHOR_EVERY == 0 and len(anchors) < _MOST_ANCHORS:
            anchors.append(row)
    yield Interval(run.onset + start * stride, run.offset)


def fewest_frames(rate: float, params: AdaptParams) -> int:
    """Return how many frames a still stretch must have."""
    return max(_LEAST_FRAMES, round(params.still_s * rate))
