"""A long signal on few pixels: the lowest and highest value of every column. Free of Qt."""

from math import ceil, floor

import numpy as np
from numpy.typing import NDArray

from napari_mespot.gui.timeline.view import TimeView

__all__ = ["bars", "columns", "points", "runs"]


def points(
    values: NDArray[np.floating], view: TimeView, *, first_frame: int = 0
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return one point to a frame, and one more on either side so that lines reach the edges.

    Parameters
    ----------
    values
        Shape (n,); NaN where there is none.
    view
        What is shown.
    first_frame
        Frame of the first value.

    Returns
    -------
    x, value
        Pixels and values, shape (n_points,).
    """
    start = min(max(0, floor(view.start) - 1 - first_frame), len(values))
    stop = min(max(start, ceil(view.end) + 2 - first_frame), len(values))
    frames = np.arange(first_frame + start, first_frame + stop)
    return view.xs(frames), np.asarray(values[start:stop], np.float64)


def columns(
    values: NDArray[np.floating],
    view: TimeView,
    *,
    n_columns: int | None = None,
    first_frame: int = 0,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return the lowest and highest value of every column of pixels; no peak is lost.

    Parameters
    ----------
    values
        Shape (n,); NaN where there is none.
    view
        What is shown.
    n_columns
        Number of columns that share the width of the view; by default one to a pixel.
    first_frame
        Frame of the first value.

    Returns
    -------
    x, low, high
        Middle of each column in pixels, and what it holds (NaN if nothing); shape (n_columns,).
    """
    n_columns = n_columns or max(1, int(view.width))
    borders = np.linspace(view.start, view.end, n_columns + 1)
    edges = np.ceil(borders).astype(np.int64)
    edges[-1] = floor(view.end) + 1
    edges = np.clip(edges - first_frame, 0, len(values))
    # reduceat wants an element even for empty columns at the end.
    part = np.append(np.asarray(values[edges[0] : edges[-1]], np.float64), np.nan)
    starts = edges[:-1] - edges[0]
    low, high = np.fmin.reduceat(part, starts), np.fmax.reduceat(part, starts)
    is_empty = edges[1:] == edges[:-1]
    low[is_empty] = high[is_empty] = np.nan
    return view.xs((borders[1:] + borders[:-1]) / 2), low, high


def bars(
    lefts: NDArray[np.float64], rights: NDArray[np.float64]
) -> tuple[tuple[float, float], ...]:
    """Join stretches that share pixels, so that thousands of them are drawn at once.

    Parameters
    ----------
    lefts, rights
        Ends in pixels, shape (n,), in order of the left ends.

    Returns
    -------
    (left, width) of every bar, in whole pixels, at least one wide.
    """
    if not len(lefts):
        return ()
    a = np.floor(lefts)
    b = np.maximum.accumulate(np.maximum(np.ceil(rights), a + 1))
    cut = np.flatnonzero(a[1:] > b[:-1])
    starts, ends = a[np.concatenate([[0], cut + 1])], b[np.concatenate([cut, [len(b) - 1]])]
    return tuple(zip(starts.tolist(), (ends - starts).tolist(), strict=True))


def runs(mask: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return first and last index of every run of True, shape (n, 2)."""
    edges = np.flatnonzero(np.diff(mask, prepend=False, append=False))
    return np.stack([edges[::2], edges[1::2] - 1], axis=1)
