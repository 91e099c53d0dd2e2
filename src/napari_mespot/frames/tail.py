"""Find the pictures that a damaged or missing end has spoilt."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from napari_mespot.frames.decoder import Decoder
from napari_mespot.frames.index import PacketIndex

__all__ = ["spoilt_frames"]

#: Without a sign of damage, an end further than this from its key packet is taken on trust.
_FAR = 1500
#: A cut spoils a handful of pictures; if strict decoding refuses more, the stream is merely odd.
_MOST_SPOILT = 32


def spoilt_frames(path: Path, index: PacketIndex, *, cut_short: bool) -> NDArray[np.int64]:
    """Decode the end of a video and list the frames there that do not come out.

    Parameters
    ----------
    path, index
        The video and its index so far.
    cut_short
        The file shows signs of a missing end. Its last pictures are then decoded strictly, so
        that one painted over by error concealment counts as spoilt, and so does a picture
        missing before the last good one.

    Returns
    -------
    ndarray
        Frame numbers to leave out, rising. In a file that is whole, only trailing ones.
    """
    end = index.n_pictures
    # One key further back: leading pictures of the last group are shown before its key.
    key = max(index.keys.before(end - 1) - 1, -1)
    start = index.promised(key)
    if end - start > _FAR and not cut_short:
        return np.zeros(0, np.int64)
    start, plain = _decoded(path, index, key, careful=False)
    if not cut_short:
        return np.arange(max(plain, default=-1) + 1, end)
    _, strict = _decoded(path, index, key, careful=True)
    good = strict if len(plain) - len(strict) <= _MOST_SPOILT else plain
    return np.setdiff1d(np.arange(start, end), np.fromiter(good, np.int64, len(good)))


def _decoded(path: Path, index: PacketIndex, key: int, *, careful: bool) -> tuple[int, set[int]]:
    """Frames that come out from key packet `key` on, or from the last one that gives any.

    Returned with the first frame that should have come.
    """
    decoder = Decoder(path, index, threads="SLICE", careful=careful)
    try:
        while True:
            came = {frame for frame, picture in decoder.run(key) if not picture.is_corrupt}
            if came or key < 0:
                return index.promised(key), came
            key -= 1
    finally:
        decoder.close()
