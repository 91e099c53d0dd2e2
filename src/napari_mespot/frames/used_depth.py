"""How many of their bits the samples of a deep video use.

Cameras keep 10, 12 or 14 bits in samples of 16, most often at the low end; read as 16 bits such
pictures are nearly black. The scale must be one for the whole video, since a scale of each
picture's own would flicker: where some pictures leave bits unused, all are looked at, once.
"""

from pathlib import Path

from av.video.reformatter import VideoReformatter

from napari_mespot.frames.decoder import Decoder
from napari_mespot.frames.index import PacketIndex
from napari_mespot.frames.look import Look
from napari_mespot.frames.pixels import deep_samples

__all__ = ["depth_text", "spare_bits_of", "used_depth"]

#: With one bit unused pictures are at half brightness at least, and need no scale of their own.
_FEWEST_SPARE_BITS = 2
_RESULT_BITS = 8


def used_depth(path: Path, index: PacketIndex, looks: list[Look]) -> tuple[int, str | None]:
    """Settle how many of the highest bits are unused in a whole video.

    Parameters
    ----------
    path, index
        The video.
    looks
        At some of its pictures.

    Returns
    -------
    spare_bits
        Bits to leave out; 0 where all are used, and for formats of 8 bits and YUV.
    text
        What to tell the user, if anything.
    """
    depth = max((look.depth for look in looks), default=0)
    highest = max((look.highest for look in looks), default=0)
    if not spare_bits_of(highest, depth):
        return 0, None
    highest = max(highest, _highest_of_all(path, index, depth))
    spare = spare_bits_of(highest, depth)
    return spare, depth_text(path.name, spare, depth, highest >> (16 - depth)) if spare else None


def spare_bits_of(highest: int, depth: int) -> int:
    """Bits that samples of `depth` bits leave unused, at least 2 or none.

    Parameters
    ----------
    highest
        The largest sample, at the top of 16 bits.
    depth
        Bits of a sample as the format has it.
    """
    if depth == 0 or highest == 0:
        return 0
    spare = min(16 - highest.bit_length(), depth - _RESULT_BITS)
    return spare if spare >= _FEWEST_SPARE_BITS else 0


def depth_text(name: str, spare_bits: int, depth: int, highest: int) -> str:
    """Say how samples of fewer bits than they could have are scaled."""
    return (
        f"{name} keeps {depth - spare_bits} bits in {depth}-bit samples (the largest is "
        f"{highest}): all its pictures are scaled from {depth - spare_bits} bits."
    )


def _highest_of_all(path: Path, index: PacketIndex, depth: int) -> int:
    """Largest sample of the video, or the first one found that leaves no bits unused."""
    decoder, reformatter, highest = Decoder(path, index), VideoReformatter(), 0
    try:
        for _, decoded in decoder.run(-1):
            samples = deep_samples(decoded, reformatter)
            if samples is not None:
                highest = max(highest, int(samples.max()))
            if highest and not spare_bits_of(highest, depth):
                break
    finally:
        decoder.close()
    return highest
