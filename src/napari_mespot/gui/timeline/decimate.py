"""A long signal on few pixels: the lowest and highest value of every column. Free of Qt."""

from math import ceil, floor

import numpy as np
from numpy.typing import NDArray

from napari_mespot.gui.timeline.view import TimeView

__all__ = ["columns", "runs"]


def columns(
    values: NDArray[np.floating], view: TimeView
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return what to draw of a signal in a view.

    Parameters
    ----------
    values
        Shape (n_frames,); NaN where there is none.
    view
        What is shown.

    Returns
    -------
    x, low, high
        Pixels, and the lowest and highest value at each (NaN if there is none); one entry to a
        frame where frames are wider than pixels, else one to a pixel. No peak is lost.
    """
    # One frame more on either side, so that lines reach the edges.
    first = max(0, floor(view.start) - 1)
    stop = min(len(values), ceil(view.end) + 2)
    part = np.asarray(values[first:stop], np.float64)
    n_columns = max(1, int(view.width))
    if len(part) <= 2 * n_columns:
        return view.xs(np.arange(first, stop)), part, part
    edges = np.arange(n_columns + 1, dtype=np.int64) * len(part) // n_columns
    missing = np.isnan(part)
    low = np.minimum.reduceat(np.where(missing, np.inf, part), edges[:-1])
    high = np.maximum.reduceat(np.where(missing, -np.inf, part), edges[:-1])
    empty = low > high
    low[empty] = high[empty] = np.nan
    middles = first + (edges[:-1] + edges[1:] - 1) / 2
    return view.xs(middles), low, high


def runs(mask: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return first and last index of every run of True, shape (n, 2)."""
    edges = np.flatnonzero(np.diff(mask, prepend=False, append=False))
    return np.stack([edges[::2], edges[1::2] - 1], axis=1)
