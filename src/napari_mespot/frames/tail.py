"""Find the last whole picture of a video whose end may be damaged or missing."""

from pathlib import Path

from napari_mespot.frames.decoder import Decoder
from napari_mespot.frames.index import PacketIndex

__all__ = ["last_whole_frame"]

#: Without a sign of damage, an end further than this from its key packet is taken on trust.
_FAR = 1500
#: A cut spoils a handful of pictures; if strict decoding refuses more, the stream is merely odd.
_MOST_SPOILT = 32


def last_whole_frame(path: Path, index: PacketIndex, *, cut_short: bool) -> int:
    """Find the number of the last frame that decodes; −1 if none does.

    Parameters
    ----------
    path, index
        The video and its index so far.
    cut_short
        The file shows signs of a missing end. Its last pictures are then decoded strictly, so
        that one painted over by error concealment does not count.
    """
    end = index.n_frames - 1
    key = index.keys.before(end)
    start = int(index.keys.frame[key]) if key >= 0 else 0
    if end - start > _FAR and not cut_short:
        return end
    plain = _last_decoded(path, index, key, careful=False)
    if not cut_short:
        return plain
    strict = _last_decoded(path, index, key, careful=True)
    return strict if plain - strict <= _MOST_SPOILT else plain


def _last_decoded(path: Path, index: PacketIndex, key: int, *, careful: bool) -> int:
    """Last frame that comes out, going back over key packets until one does."""
    decoder = Decoder(path, index, threads="SLICE", careful=careful)
    try:
        while True:
            last = -1
            for frame, picture in decoder.run(key):
                if not picture.is_corrupt:
                    last = max(last, frame)
            if last >= 0 or key < 0:
                return last
            key -= 1
    finally:
        decoder.close()
