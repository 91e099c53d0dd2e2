"""From expressions to targets on a steady grid of time steps."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from napari_mespot.model import Expression, ExpressionKind

__all__ = ["grid_targets"]

_Times = NDArray[np.float64]

_ROUNDING_S = 1e-6
_LARGEST_NOTCH = 1 / 3


def grid_targets(
    expressions: Sequence[Expression],
    times: _Times,
    steps: _Times,
    *,
    notch_s: float = 0.06,
    close_s: float = 0.12,
) -> NDArray[np.float32]:
    """Return the target of every step: 1 where ME, MaE is present.

    Between two expressions that follow each other at once the target has a notch, so that a
    track learned from it dips there and can be cut in two. Where an expression lies within
    another, there is none.

    Parameters
    ----------
    expressions
        In any order. Only those that a person has confirmed count.
    times
        Shape (n,), of all frames, in seconds, rising.
    steps
        Shape (t,), times of the steps, in seconds, rising.
    notch_s
        By how much an expression is cut short beside one that is close, in seconds; no more than
        a third of its length.
    close_s
        Which ones are close: the largest distance from offset to onset, in seconds.

    Returns
    -------
    Shape (t, 2), float32: ME and MaE. An expression between two steps counts at the nearest.

    Raises
    ------
    IndexError
        If an expression lies outside of the frames.
    """
    present = [e for e in expressions if e.status.is_present]
    present.sort(key=lambda e: e.sort_key)
    spans = np.array([[times[e.onset], times[e.offset]] for e in present]).reshape(-1, 2)
    targets = np.zeros((len(steps), 2), dtype=np.float32)
    if not len(steps):
        return targets
    for expression, (onset, offset) in zip(present, _notched(spans, notch_s, close_s), strict=True):
        first = int(np.searchsorted(steps, onset - _ROUNDING_S))
        stop = int(np.searchsorted(steps, offset + _ROUNDING_S, side="right"))
        if first >= stop:
            first = int(np.abs(steps - (onset + offset) / 2).argmin())
            stop = first + 1
        targets[first:stop, int(expression.kind is ExpressionKind.MACRO)] = 1
    return targets


def _notched(spans: _Times, notch_s: float, close_s: float) -> _Times:
    """Return spans, (m, 2) in order of onset, cut short where the next one is close."""
    out = spans.copy()
    latest = np.maximum.accumulate(np.concatenate([[-np.inf], spans[:, 1]]))[:-1]
    side_by_side = np.flatnonzero(spans[:, 1] > latest)
    notch = np.minimum(notch_s, (spans[:, 1] - spans[:, 0]) * _LARGEST_NOTCH)
    for before, after in pairwise(side_by_side):
        offset, onset = spans[before, 1], spans[after, 0]
        if onset - offset < close_s:
            middle = (onset + offset) / 2
            out[before, 1] = min(offset, middle) - notch[before]
            out[after, 0] = max(onset, middle) + notch[after]
    return out
