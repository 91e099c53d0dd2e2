"""Decoded frames kept for a while, so that a step back does not decode again."""

from collections import OrderedDict

from napari_mespot.frames.picture import Picture

__all__ = ["GopCache"]


class GopCache:
    """Frames by number, the least recently used dropped first.

    Parameters
    ----------
    max_bytes
        Budget for the pictures kept. One picture is always kept, whatever its size.
    max_frames
        Upper bound on their number, so that small pictures do not pile up either.
    """

    def __init__(self, max_bytes: int, max_frames: int) -> None:
        self._max_bytes = max_bytes
        self._max_frames = max_frames
        self._frames: OrderedDict[int, Picture] = OrderedDict()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._frames)

    @property
    def n_bytes(self) -> int:
        """Memory held by the pictures, in bytes."""
        return self._bytes

    def room(self, picture: Picture) -> int:
        """How many pictures like this one fit; at least 1."""
        return max(1, min(self._max_frames, self._max_bytes // max(1, picture.n_bytes)))

    def get(self, number: int) -> Picture | None:
        """Frame `number`, now the most recently used; None if it is not kept."""
        picture = self._frames.get(number)
        if picture is not None:
            self._frames.move_to_end(number)
        return picture

    def put(self, number: int, picture: Picture) -> Picture:
        """Keep a copy of `picture` as frame `number` and return the copy."""
        self._drop(number)
        copy = picture.kept()
        self._frames[number] = copy
        self._bytes += copy.n_bytes
        while len(self._frames) > 1 and (
            self._bytes > self._max_bytes or len(self._frames) > self._max_frames
        ):
            self._drop(next(iter(self._frames)))
        return copy

    def clear(self) -> None:
        """Forget everything."""
        self._frames.clear()
        self._bytes = 0

    def _drop(self, number: int) -> None:
        picture = self._frames.pop(number, None)
        if picture is not None:
            self._bytes -= picture.n_bytes
