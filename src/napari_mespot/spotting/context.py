"""The context network over a stretch of video, as its frames come, in bounded memory."""

import numpy as np
import torch
from numpy.typing import NDArray

from napari_mespot.face.shape import SHAPE_SIGNALS
from napari_mespot.network.context_input import TimeGrid, context_input, pose_range
from napari_mespot.network.context_network import ContextNetwork

__all__ = ["ContextScorer"]

_Signals = NDArray[np.float32]
_Times = NDArray[np.float64]

# Steps that are computed at once: ten seconds of video.
_BLOCK = 300


class ContextScorer:
    """Logits of the frames of a stretch of video that no cut interrupts.

    Beside the context network there are the two streams, which see what is too small for the
    landmarks. For ME the odds of both add up, since either may see little of a small movement;
    for MaE the larger logit counts. The streams take a head that turns for an MaE, so their
    logit of MaE falls with every degree beyond what passes for still.

    A frame has its last word when the convolutions and the running neutral of its step know all
    that they span: up to 25 s later, or at the end. Whatever the portions in which frames come,
    the result is the same.

    Parameters
    ----------
    network
        In evaluation mode, on the CPU.
    origin_s
        When the first frame of the stretch is shown.
    """

    def __init__(self, network: ContextNetwork, origin_s: float) -> None:
        self._network = network
        self._grid = TimeGrid(origin_s, network.params.rate_hz)
        self._shape = _Signal()
        self._end: float | None = None
        self._done = 0
        self._results: list[_Signals] = []

    def add(self, times: _Times, shape: _Signals | None) -> None:
        """Take further frames and the shape of the face there, (n, 26); NaN: not measured."""
        if len(times):
            self._end = float(times[-1])
        if shape is not None:
            self._shape.add(times, shape)

    def advance(self) -> None:
        """Compute what later frames cannot change."""
        if self._shape.last is None:
            return
        params = self._network.params
        known = self._grid.last_step(self._shape.last)
        ready = known - params.margin_steps - params.reach_steps
        while ready - self._done >= _BLOCK:
            self._compute(self._done + _BLOCK, known)

    def finish(self) -> None:
        """Compute the rest; no frame may come afterwards."""
        if self._end is None or self._shape.last is None:
            return
        end = self._grid.last_step(self._end) + 1
        while self._done < end:
            self._compute(min(end, self._done + _BLOCK), end)

    @property
    def final_s(self) -> float:
        """Frames shown up to this second, inclusive, have their last word; before any: -inf."""
        if self._done == 0:
            return -np.inf
        return float(self._grid.times_of(range(self._done - 1, self._done))[0])

    def logits(self, times: _Times, streams: _Signals) -> _Signals:
        """Return the logits of frames that have their last word.

        Parameters
        ----------
        times
            Shape (n,), of the frames; after the last step its values count.
        streams
            Shape (n, 2): logits of the two streams there.

        Returns
        -------
        Shape (n, 2). Where no shape was measured in the whole stretch, those of the streams.
        """
        params = self._network.params
        said = streams / np.array(params.streams_temperature) + np.array(params.streams_bias)
        if not self._results:
            return np.asarray(said, np.float32)
        at = self._grid.back(times, np.concatenate(self._results))
        said[:, 1] -= params.fall_per_deg * np.maximum(at[:, 2] - params.still_deg, 0)
        either = np.logaddexp(at[:, 0], said[:, 0]), np.maximum(at[:, 1], said[:, 1])
        return np.column_stack(either).astype(np.float32)

    def _compute(self, stop: int, known: int) -> None:
        """Compute the steps up to `stop`; frames are known for the steps before `known`."""
        params = self._network.params
        near = range(max(0, self._done - params.reach_steps), min(known, stop + params.reach_steps))
        low = max(0, near.start - params.margin_steps)
        low -= low % params.neutral_step  # the medians are taken at the same steps everywhere
        shape = self._shape.at(self._grid, range(low, min(known, near.stop + params.margin_steps)))
        shown = context_input(shape, params)[:, near.start - low : near.stop - low]
        with torch.inference_mode():
            out = self._network(torch.from_numpy(np.ascontiguousarray(shown))[None])[0].numpy()
        wanted = slice(self._done - near.start, stop - near.start)
        turned = pose_range(shape, params)[self._done - low : stop - low]
        self._results.append(np.column_stack([out[:, wanted].T, turned]).astype(np.float32))
        self._done = stop
        oldest = float(self._grid.times_of(range(low, low + 1))[0])
        self._shape.forget_before(oldest - params.margin_steps / params.rate_hz)


class _Signal:
    """Values of frames in order, of which old ones are forgotten."""

    def __init__(self) -> None:
        self._times: _Times = np.empty(0)
        self._values: _Signals = np.empty((0, len(SHAPE_SIGNALS)), np.float32)

    @property
    def last(self) -> float | None:
        """Time of the last value."""
        return float(self._times[-1]) if len(self._times) else None

    def add(self, times: _Times, values: _Signals) -> None:
        known = np.isfinite(values).all(axis=1)
        self._times = np.concatenate([self._times, times[known]])
        self._values = np.concatenate([self._values, values[known]])

    def at(self, grid: TimeGrid, steps: range) -> _Signals:
        return grid.gathered(self._times, self._values, steps)

    def forget_before(self, time_s: float) -> None:
        """Forget what is older, but for the last value before."""
        first = max(0, int(np.searchsorted(self._times, time_s)) - 1)
        self._times, self._values = self._times[first:], self._values[first:]
