"""All that a context network knows of a video: one small value, gathered once."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from napari_mespot.model import Clock

__all__ = ["Evidence"]


@dataclass(frozen=True, eq=False)
class Evidence:
    """What the two streams say of the frames of a video, and the shape of the face there.

    A minute at 30 frames per second takes 0.2 MB, where its faces take 23 MB.

    Parameters
    ----------
    video_id
        Name of the video.
    clock
        When its frames are shown.
    logits
        Shape (n, 2), float32: ME and MaE; NaN where no face has been seen yet.
    shape
        Shape (n, 26), float32, NaN where not measured; None: nowhere measured.
    found
        Shape (n,), bool: frames that show a face.
    breaks
        Frames that are not compared with those before.
    """

    video_id: str
    clock: Clock
    logits: NDArray[np.float32]
    shape: NDArray[np.float32] | None
    found: NDArray[np.bool_]
    breaks: tuple[int, ...] = ()

    @property
    def n_frames(self) -> int:
        """Number of frames."""
        return len(self.found)

    @cached_property
    def times(self) -> NDArray[np.float64]:
        """When each frame is shown, in seconds, shape (n,)."""
        return self.clock.seconds_of(np.arange(self.n_frames))

    def stretches(self) -> Iterator[slice]:
        """Go through the stretches between breaks, each from its first face on."""
        edges = sorted({0, *(b for b in self.breaks if 0 < b < self.n_frames), self.n_frames})
        for first, stop in pairwise(edges):
            faces = np.flatnonzero(self.found[first:stop])
            if len(faces):
                yield slice(first + int(faces[0]), stop)
