"""Scoring a stream of faces in constant memory.

Every frame enters once, contrast-normalised, and waits in a ring as long as the longest skip,
to be paired with those that enter later.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from napari_mespot.clips.sampling import ReferenceDirection
from napari_mespot.network.fast_path import FastNetwork

__all__ = ["PairScorer"]

_REFERENCE, _FRAME = 0, 1  # places in a pair


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
        first = self._entered
        self._entered += len(images)
        if self._ring is None:
            waits_as = _REFERENCE if self._is_past else _FRAME
            self._ring = _Ring(self._capacity, self._batch, images, waits_as)
        self._ring.write(first, images)
        for stream, skip in enumerate(self._skips):
            if self._is_past:
                self._score(stream, first, self._ring.paired_with(images, first - skip))
            else:
                early = min(max(0, skip - first), len(images))  # no frame lies `skip` before
                position = first + early - skip
                self._score(stream, position, self._ring.paired_with(images[early:], position))
        self._last = images[-1:]

    def finish(self) -> None:
        """Score what still waits for a later frame; no frame may enter afterwards."""
        if self._ring is not None and not self._is_past:
            for stream, skip in enumerate(self._skips):
                for position in range(max(0, self._entered - skip), self._entered, self._batch):
                    n = min(self._batch, self._entered - position)
                    last = self._last.expand(n, -1, -1)
                    self._score(stream, position, self._ring.paired_with(last, position))
        self._finished = True

    def _score(self, stream: int, position: int, pairs: Tensor) -> None:
        """Add what a stream says of the frames from `position` on."""
        n = len(pairs)
        if n:
            part = self._network.stream_logits(pairs, stream)
            self._logits[position : position + n] += part


class _Ring:
    """The last `capacity` images, and the place that they take in a pair."""

    def __init__(self, capacity: int, batch: int, like: Tensor, waits_as: int) -> None:
        self._capacity, self._waits_as = capacity, waits_as
        self._slots = like.new_empty((capacity, *like.shape[1:]))
        self._pairs = like.new_empty((batch, *like.shape[1:], 2))

    def write(self, first: int, images: Tensor) -> None:
        """Keep the images of the frames from `first` on."""
        for slot, start, stop in self._runs(first, len(images)):
            self._slots[slot : slot + stop - start] = images[start:stop]

    def paired_with(self, images: Tensor, first: int) -> Tensor:
        """Pair images with those of the frames from `first` on; frame 0 for negative ones.

        Returns
        -------
        Shape (n, H, W, 2), overwritten by the next call.
        """
        n = len(images)
        early = min(max(0, -first), n)
        out = self._pairs[:n]
        waiting = out[..., self._waits_as]
        out[..., 1 - self._waits_as] = images
        waiting[:early] = self._slots[:1]
        for slot, start, stop in self._runs(first + early, n - early):
            waiting[early + start : early + stop] = self._slots[slot : slot + stop - start]
        return out

    def _runs(self, first: int, n: int) -> Iterator[tuple[int, int, int]]:
        """Split n frames from `first` on where the ring ends: (slot, start, stop)."""
        start = 0
        while start < n:
            slot = (first + start) % self._capacity
            stop = min(n, start + self._capacity - slot)
            yield slot, start, stop
            start = stop
