"""The context network over a stretch of video, as its frames come, in bounded memory."""

import numpy as np
import torch
from numpy.typing import NDArray

from napari_mespot.network.context_input import TimeGrid, context_input
from napari_mespot.network.context_network import ContextNetwork

__all__ = ["ContextScorer"]

_Signals = NDArray[np.float32]
_Times = NDArray[np.float64]

# Steps that are computed at once: a minute of video.
_BLOCK = 1800


class ContextScorer:
    """Logits of the frames of a stretch of video that no cut interrupts.

    A frame has its last word when the convolutions and the running neutral of its step know all
    that they span: some 13 s later, or at the end. Whatever the portions in which frames come,
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
        self._shape = _Signal(len_of_frames=26)
        self._logits = _Signal(len_of_frames=2)
        self._asked = False
        self._done = 0
        self._results: list[_Signals] = []

    def add_shape(self, times: _Times, shape: _Signals) -> None:
        """Take the shape of the face in further frames, (n, 26); NaN: not measured."""
        self._asked = True
        self._shape.add(times, shape)

    def add_logits(self, times: _Times, logits: _Signals) -> None:
        """Take what the two streams say of further frames, (n, 2)."""
        self._logits.add(times, logits)

    def advance(self) -> None:
        """Compute what later frames cannot change."""
        ends = [self._logits.last] + ([self._shape.last] if self._asked else [])
        if None in ends:
            return
        params = self._network.params
        known = self._grid.last_step(min(end for end in ends if end is not None))
        ready = known - params.margin_steps - params.reach_steps
        while ready - self._done >= _BLOCK:
            self._compute(self._done + _BLOCK, known)

    def finish(self) -> None:
        """Compute the rest; no frame may come afterwards."""
        if self._logits.last is None:
            return
        end = self._grid.last_step(self._logits.last) + 1
        while self._done < end:
            self._compute(min(end, self._done + _BLOCK), end)

    @property
    def has_begun(self) -> bool:
        """Whether any frame has its last word."""
        return self._done > 0

    @property
    def final_s(self) -> float:
        """Frames shown up to this second, inclusive, have their last word."""
        return float(self._grid.times_of(range(self._done - 1, self._done))[0])

    def logits(self, times: _Times) -> _Signals:
        """Return the logits of frames, (n, 2); after the last step that of the last step."""
        return self._grid.back(times, np.concatenate(self._results))

    def _compute(self, stop: int, known: int) -> None:
        """Compute the steps up to `stop`; frames are known for the steps before `known`."""
        params = self._network.params
        near = range(max(0, self._done - params.reach_steps), min(known, stop + params.reach_steps))
        low = max(0, near.start - params.margin_steps)
        low -= low % params.neutral_step  # the medians are taken at the same steps everywhere
        steps = range(low, min(known, near.stop + params.margin_steps))
        shape = self._shape.at(self._grid, steps) if self._asked else None
        shown = context_input(shape, self._logits.at(self._grid, steps), params)
        part = shown[:, near.start - low : near.stop - low]
        with torch.inference_mode():
            out = self._network(torch.from_numpy(np.ascontiguousarray(part))[None])[0]
        wanted = slice(self._done - near.start, stop - near.start)
        self._results.append(out[:, wanted].T.numpy().astype(np.float32))
        self._done = stop
        oldest = self._grid.times_of(range(low, low + 1))[0]
        self._shape.forget_before(oldest - params.margin_steps / params.rate_hz)
        self._logits.forget_before(oldest - params.margin_steps / params.rate_hz)


class _Signal:
    """Values of frames in order, of which old ones are forgotten."""

    def __init__(self, len_of_frames: int) -> None:
        self._times: _Times = np.empty(0)
        self._values: _Signals = np.empty((0, len_of_frames), np.float32)

    @property
    def last(self) -> float | None:
        """Time of the last value."""
        return float(self._times[-1]) if len(self._times) else None

    def add(self, times: _Times, values: _Signals) -> None:
        known = np.isfinite(values).all(axis=1)
        self._times = np.concatenate([self._times, times[known]])
        self._values = np.concatenate([self._values, values[known]])

    def at(self, grid: TimeGrid, steps: range) -> _Signals | None:
        return grid.gathered(self._times, self._values, steps) if len(self._times) else None

    def forget_before(self, time_s: float) -> None:
        """Forget what is older, but for the last value before."""
        first = max(0, int(np.searchsorted(self._times, time_s)) - 1)
        self._times, self._values = self._times[first:], self._values[first:]
