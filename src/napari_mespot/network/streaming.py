"""Scoring a stream of faces in constant memory.

Every frame enters once. Its first-layer responses are computed once; the one that later pairs
will ask for waits in a ring as long as the longest skip, the other is used at once.
"""

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from napari_mespot.clips.sampling import ReferenceDirection
from napari_mespot.network.fast_path import FastNetwork

__all__ = ["PairScorer"]


class PairScorer:
    """Logits of every frame of a stream of contrast-normalised faces.

    With the reference frame in the past, the frame that enters meets those that entered
    `skip` frames earlier, as their later frame. With the reference frame in the future it
    meets the same ones, as their reference frame. Either way a stream adds its part to the
    logits of the pair's frame. Ends are clamped (decision 0030).

    Parameters
    ----------
    network
        The network, on its device.
    skips
        Skip of each stream, in frames.
    n_frames
        Most frames that can enter.
    reference
        Direction of the reference frame.
    batch
        Most frames that are passed to :meth:`add` at once.
    """

    def __init__(
        self,
        network: FastNetwork,
        skips: tuple[int, int],
        n_frames: int,
        reference: ReferenceDirection,
        batch: int,
    ) -> None:
        self._network = network
        self._skips = skips
        self._is_past = reference == "past"
        self._batch = batch
        self._capacity = min(max(skips), n_frames) + batch
        self._logits = network.output_bias.repeat(n_frames, 1)
        self._ring: _Ring | None = None
        self._entered = 0
        self._finished = False

    @property
    def n_final(self) -> int:
        """Number of frames, from the first on, whose logits no later frame will change."""
        if self._is_past or self._finished:
            return self._entered
        return max(0, self._entered - max(self._skips))

    def logits(self, start: int, stop: int) -> NDArray[np.float32]:
        """Return the logits of the frames from `start` to `stop` (exclusive), (stop - start, 2).

        They are complete for the first :attr:`n_final` frames.
        """
        logits: NDArray[np.float32] = self._logits[start:stop].cpu().numpy()
        return logits

    def add(self, images: Tensor) -> None:
        """Let images enter, shape (n, H, W), float32, on the network's device; n <= batch."""
        as_reference, as_frame = self._network.frame_features(images)
        first = self._entered
        self._entered += len(images)
        waiting, fresh = (as_reference, as_frame) if self._is_past else (as_frame, as_reference)
        if self._ring is None:
            self._ring = _Ring(self._capacity, self._batch, waiting)
        self._ring.write(first, waiting)
        for stream, skip in enumerate(self._skips):
            if self._is_past:
                self._score(stream, first, self._ring.added_to(fresh, first - skip))
            else:
                early = min(max(0, skip - first), len(images))  # no frame lies `skip` before
                position = first + early - skip
                self._score(stream, position, self._ring.added_to(fresh[early:], position))
        self._last = fresh[-1:]

    def finish(self) -> None:
        """Score what still waits for a later frame; no frame may enter afterwards."""
        if self._ring is not None and not self._is_past:
            for stream, skip in enumerate(self._skips):
                for position in range(max(0, self._entered - skip), self._entered, self._batch):
                    n = min(self._batch, self._entered - position)
                    last = self._last.expand(n, -1, -1, -1)
                    self._score(stream, position, self._ring.added_to(last, position))
        self._finished = True

    def _score(self, stream: int, position: int, pair_features: Tensor) -> None:
        """Add what a stream says of the frames from `position` on."""
        n = len(pair_features)
        if n:
            part = self._network.stream_logits(pair_features, stream)
            self._logits[position : position + n] += part


class _Ring:
    """The responses of the last `capacity` frames."""

    def __init__(self, capacity: int, batch: int, like: Tensor) -> None:
        self._capacity = capacity
        self._slots = like.new_empty((capacity, *like.shape[1:]))
        self._sum = like.new_empty((batch, *like.shape[1:]))

    def write(self, first: int, responses: Tensor) -> None:
        """Keep the responses of the frames from `first` on."""
        for slot, start, stop in self._runs(first, len(responses)):
            self._slots[slot : slot + stop - start] = responses[start:stop]

    def added_to(self, responses: Tensor, first: int) -> Tensor:
        """Return responses plus those of the frames from `first` on; frame 0 for negative ones.

        The result is overwritten by the next call.
        """
        n = len(responses)
        early = min(max(0, -first), n)
        out = self._sum[:n]
        torch.add(self._slots[:1], responses[:early], out=out[:early])
        for slot, start, stop in self._runs(first + early, n - early):
            rows = slice(early + start, early + stop)
            torch.add(self._slots[slot : slot + stop - start], responses[rows], out=out[rows])
        return out

    def _runs(self, first: int, n: int) -> Iterator[tuple[int, int, int]]:
        """Split n frames from `first` on where the ring ends: (slot, start, stop)."""
        start = 0
        while start < n:
            slot = (first + start) % self._capacity
            stop = min(n, start + self._capacity - slot)
            yield slot, start, stop
            start = stop
