"""Scoring a stream of faces in constant memory.

Every frame enters once, contrast-normalised, and waits in a ring for as long as a clip spans, to be
compared with those that enter later.
"""

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from napari_mespot.clips import Reach
from napari_mespot.network.fast_path import FastNetwork

__all__ = ["ClipScorer"]

_STREAMS = 2


class ClipScorer:
    """Logits of every frame of a stream of contrast-normalised faces.

    A frame can be scored as soon as the last of the frames that it is compared with has
    entered: at once with the reference frame in the past, one skip later where a reference
    frame lies in the future. Each stream adds its part to the logits by itself. Ends are
    clamped (decision 0030).

    Parameters
    ----------
    network
        The network, on its device.
    reach
        Which frames each frame is compared with.
    n_frames
        Most frames that can enter.
    places
        Where the images of a clip lie, in skips after the frame that is scored
        (see :func:`~napari_mespot.clips.clip_places`).
    batch
        Most frames that are passed to :meth:`add` at once.
    """

    def __init__(
        self,
        network: FastNetwork,
        reach: Reach,
        n_frames: int,
        places: tuple[int, ...],
        batch: int,
    ) -> None:
        self._network = network
        self._reach = reach
        self._places = places
        self._batch = batch
        self._capacity = reach.span(n_frames, places) + batch
        self._logits = network.output_bias.repeat(n_frames, 1)
        self._entered = 0
        self._scored = [0] * _STREAMS

    @property
    def n_final(self) -> int:
        """Number of frames, from the first on, whose logits no later frame will change."""
        return min(self._scored)

    def logits(self, start: int, stop: int) -> NDArray[np.float32]:
        """Return the logits of the frames from `start` to `stop` (exclusive), (stop - start, 2).

        They are complete for the first :attr:`n_final` frames.
        """
        logits: NDArray[np.float32] = self._logits[start:stop].cpu().numpy()
        return logits

    def add(self, images: Tensor) -> None:
        """Let images enter, shape (n, H, W), float32, on the network's device; n <= batch."""
        if self._entered == 0:
            self._ring = _Ring(self._capacity, images)
            self._clips = images.new_empty((self._batch, *images.shape[1:], len(self._places)))
        first = self._entered
        self._entered += len(images)
        self._ring.write(first, images)
        for stream in range(_STREAMS):
            self._score_until(stream, self._scored[stream] + self._n_ready(stream))

    def finish(self) -> None:
        """Score what still waits for a later frame; no frame may enter afterwards."""
        for stream in range(_STREAMS):
            self._score_until(stream, self._entered)

    def _n_ready(self, stream: int) -> int:
        """Count the frames, from the first unscored one on, whose last image has entered."""
        waiting = range(self._scored[stream], self._entered)
        latest = self._reach.at(stream, max(self._places), waiting)
        if isinstance(latest, range):
            return len(range(latest.start, min(latest.stop, self._entered)))
        return int(np.searchsorted(latest, self._entered))

    def _score_until(self, stream: int, stop: int) -> None:
        for start in range(self._scored[stream], stop, self._batch):
            self._score(stream, range(start, min(start + self._batch, stop)))
        self._scored[stream] = max(stop, self._scored[stream])

    def _score(self, stream: int, frames: range) -> None:
        """Add what a stream says of consecutive frames."""
        clips = self._clips[: len(frames)]
        for place, side in enumerate(self._places):
            wanted = self._reach.at(stream, side, frames)
            if isinstance(wanted, range):
                self._ring.read(wanted.start, clips[..., place])
            else:
                self._ring.take(wanted, clips[..., place])
        self._logits[frames.start : frames.stop] += self._network.stream_logits(clips, stream)


class _Ring:
    """The last `capacity` images of a stream."""

    def __init__(self, capacity: int, like: Tensor) -> None:
        self._capacity = capacity
        self._slots = like.new_empty((capacity, *like.shape[1:]))
        self._last = -1

    def write(self, first: int, images: Tensor) -> None:
        """Keep the images of the frames from `first` on."""
        for slot, start, stop in self._runs(first, len(images)):
            self._slots[slot : slot + stop - start] = images[start:stop]
        self._last = first + len(images) - 1

    def read(self, first: int, out: Tensor) -> None:
        """Copy the images of the frames from `first` on into `out`, shape (n, H, W).

        Frame 0 stands for those before it, the last frame for those behind it.
        """
        early = min(max(0, -first), len(out))
        late = max(early, min(len(out), self._last + 1 - first))
        out[:early] = self._slots[:1]
        for slot, start, stop in self._runs(first + early, late - early):
            out[early + start : early + stop] = self._slots[slot : slot + stop - start]
        out[late:] = self._slots[self._last % self._capacity]

    def take(self, frames: NDArray[np.int64], out: Tensor) -> None:
        """Copy the images of any frames into `out`; what lies outside is taken as by `read`."""
        slots = np.clip(frames, 0, self._last) % self._capacity
        out.copy_(self._slots[torch.from_numpy(slots).to(self._slots.device)])

    def _runs(self, first: int, n: int) -> Iterator[tuple[int, int, int]]:
        """Split n frames from `first` on where the ring ends: (slot, start, stop)."""
        start = 0
        while start < n:
            slot = (first + start) % self._capacity
            stop = min(n, start + self._capacity - slot)
            yield slot, start, stop
            start = stop
