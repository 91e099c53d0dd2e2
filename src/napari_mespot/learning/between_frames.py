"""Pictures between two frames of a clip, by optical flow."""

import cv2
import numpy as np
from numpy.typing import NDArray

from napari_mespot.learning.dense_flow import DenseFlow

__all__ = ["BetweenFrames"]

_Picture = NDArray[np.float32]
_PAIRS_KEPT = 12


class BetweenFrames:
    """Blends neighbouring frames; what moves is moved half of the way, not shown twice.

    Both frames are warped to the time in between along the flow between them (Jiang and others
    2018, "Super SloMo", equation 4), and added.

    Parameters
    ----------
    frames
        Shape (n, H, W), uint8.
    """

    def __init__(self, frames: NDArray[np.uint8]) -> None:
        self._frames = frames
        self._flows: dict[int, tuple[_Picture, _Picture]] = {}
        self._flow = DenseFlow()
        height, width = frames.shape[1:]
        x, y = np.meshgrid(np.arange(width), np.arange(height))
        self._grid = np.stack([x, y], axis=-1).astype(np.float32)

    def at(self, row: float) -> _Picture:
        """Return the picture at a place between 0 and n - 1, float32, not rounded."""
        low, share = divmod(row, 1.0)
        first = int(low)
        if not share:
            return np.asarray(self._frames[first], dtype=np.float32)
        forward, backward = self._flows_from(first)
        to_first = np.float32(-(1 - share) * share) * forward + np.float32(share**2) * backward
        to_second = np.float32((1 - share) ** 2) * forward - np.float32(share * (1 - share)) * (
            backward
        )
        one, other = self._warped(first, to_first), self._warped(first + 1, to_second)
        return np.asarray(cv2.addWeighted(one, 1 - share, other, share, 0), dtype=np.float32)

    @staticmethod
    def kept(row: float) -> float:
        """Return the share of the variance of independent noise that blending keeps."""
        share = row % 1.0
        return share**2 + (1 - share) ** 2

    def _warped(self, frame: int, shift: _Picture) -> _Picture:
        place = self._grid + shift
        picture = self._frames[frame].astype(np.float32)
        warped = cv2.remap(
            picture, place[..., 0], place[..., 1], cv2.INTER_CUBIC,
            borderMode=cv2.BORDER_REPLICATE,
        )  # fmt: skip
        return np.asarray(warped, dtype=np.float32)

    def _flows_from(self, first: int) -> tuple[_Picture, _Picture]:
        """Return the flow from a frame to the next, and back; the pairs in use are kept."""
        if first not in self._flows:
            one, other = self._frames[first], self._frames[first + 1]
            while len(self._flows) >= _PAIRS_KEPT:
                del self._flows[next(iter(self._flows))]
            self._flows[first] = self._flow(one, other), self._flow(other, one)
        return self._flows[first]
