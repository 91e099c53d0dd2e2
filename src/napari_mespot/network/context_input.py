"""What the context network is shown: signals on a steady time grid, beside a running neutral.

Free of torch. The *running neutral* is the median of each signal of the face over some seconds
before and after: what this person looks like when nothing happens. A signal beside it tells an
expression from a face that merely looks so, and an expression held for seconds from rest.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter, minimum_filter

from napari_mespot.face.shape import SHAPE_SIGNALS
from napari_mespot.network.context_params import ContextParams

__all__ = ["N_CHANNELS", "TimeGrid", "context_input", "pose_range"]

_Signals = NDArray[np.float32]
_Times = NDArray[np.float64]

_N_ANGLES = 3
_N_FORM = len(SHAPE_SIGNALS) - _N_ANGLES
_BROWS, _MOUTH = slice(0, 5), slice(11, 21)
N_CHANNELS = 3 * _N_FORM + 2 * _N_ANGLES + 2
"""Channels of the input: form beside its neutral, form itself, its speed; angles beside their
neutral, their speed; noise of brows and of mouth."""

_QUIET_PX = 0.02
_ROUNDING = 1e-6


@dataclass(frozen=True, slots=True)
class TimeGrid:
    """Steady steps over a stretch of video.

    Parameters
    ----------
    origin_s
        Time of step 0, in seconds: that of the first frame of the stretch.
    rate_hz
        Steps to a second.
    """

    origin_s: float
    rate_hz: float

    def last_step(self, time_s: float) -> int:
        """Return the last step at or before a time."""
        return int(np.floor((time_s - self.origin_s) * self.rate_hz + _ROUNDING))

    def times_of(self, steps: range) -> _Times:
        """Return the times of steps, in seconds."""
        return np.asarray(self.origin_s + np.arange(steps.start, steps.stop) / self.rate_hz)

    def gathered(self, times: _Times, values: _Signals, steps: range) -> _Signals:
        """Return values of frames at steps.

        A step with two frames or more around it has their mean; any other lies on the line
        between the frames before and after it. Outside of the frames the nearest one counts.

        Parameters
        ----------
        times, values
            Shape (n,) and (n, c), n >= 1: of frames in order.
        steps
            Which steps.

        Returns
        -------
        Shape (len(steps), c), float32.
        """
        at = self.times_of(steps)
        exact = values.astype(np.float64)
        out = np.stack([np.interp(at, times, column) for column in exact.T], axis=1)
        nearest = np.floor((times - self.origin_s) * self.rate_hz + 0.5).astype(np.int64)
        numbers = np.arange(steps.start, steps.stop + 1)
        ends = np.searchsorted(nearest, numbers)
        first, last = ends[:-1], ends[1:]
        crowded = np.flatnonzero(last - first > 1)
        for step in crowded:
            out[step] = exact[first[step] : last[step]].mean(axis=0)
        return np.asarray(out, dtype=np.float32)

    def back(self, times: _Times, values: _Signals, first_step: int = 0) -> _Signals:
        """Return values at steps from `first_step` on, (t, c), at the times of frames, (n, c)."""
        at = self.times_of(range(first_step, first_step + len(values)))
        columns = [np.interp(times, at, column) for column in values.T]
        return np.stack(columns, axis=1).astype(np.float32)


def context_input(shape: _Signals, params: ContextParams) -> _Signals:
    """Return what the network is shown of a stretch of video.

    Parameters
    ----------
    shape
        Shape (t, 26), on the grid: see :data:`napari_mespot.face.shape.SHAPE_SIGNALS`.
    params
        Of the running neutral.

    Returns
    -------
    Shape (N_CHANNELS, t), float32.
    """
    rate = np.float32(params.rate_hz)
    neutral, noise = _running(shape, params)
    beside, speed = shape - neutral, _slope(shape)
    form, angles = slice(0, _N_FORM), slice(_N_FORM, None)
    parts = [
        np.arcsinh(beside[:, form]),
        np.arcsinh(shape[:, form] / 2),
        np.arcsinh(5 * speed[:, form]),
        beside[:, angles] / 10,
        np.arcsinh(speed[:, angles] * rate / 10),
        np.log(noise + np.float32(_QUIET_PX)) + 2,
    ]
    return np.ascontiguousarray(np.concatenate(parts, axis=1, dtype=np.float32).T)


def pose_range(shape: _Signals, params: ContextParams) -> NDArray[np.float32]:
    """Return how far the head turns around each step: the largest range of an angle, (t,), degrees.

    Parameters
    ----------
    shape
        Shape (t, 26), on the grid.
    params
        Of the time around a step, ``still_s`` on either side.
    """
    angles = shape[:, _N_FORM:]
    size = (2 * params.still_steps + 1, 1)
    span = maximum_filter(angles, size, mode="nearest") - minimum_filter(
        angles, size, mode="nearest"
    )
    return np.asarray(span.max(axis=1), dtype=np.float32)


def _slope(values: _Signals) -> _Signals:
    """Return the change from step to step, (t, c): central, one-sided at the ends."""
    if len(values) < 2:
        return np.zeros_like(values)
    return np.asarray(np.gradient(values, axis=0), dtype=np.float32)


def _running(shape: _Signals, params: ContextParams) -> tuple[_Signals, _Signals]:
    """Return the running neutral, (t, 26), and the noise of brows and of mouth, (t, 2)."""
    n, step = len(shape), params.neutral_step
    at, half = np.arange(0, n, step), params.neutral_steps
    form = shape[:, :_N_FORM]
    jumps = np.abs(np.diff(form, axis=0, prepend=form[:1]))
    both = np.concatenate([shape, jumps], axis=1)[at]
    middle = [np.median(both[max(0, i - half) : i + half + 1], axis=0) for i in range(len(at))]
    steps = np.arange(n)
    columns = [np.interp(steps, at, column) for column in np.stack(middle).T]
    spread = np.stack(columns, axis=1).astype(np.float32)
    neutral, jump = spread[:, : shape.shape[1]], spread[:, shape.shape[1] :]
    noise = [jump[:, part].mean(axis=1) for part in (_BROWS, _MOUTH)]
    return neutral, np.float32(1.4826) * np.stack(noise, axis=1)
