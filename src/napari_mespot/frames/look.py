"""What a decoded picture shows of its video: size, fields, used range of its samples."""

from dataclasses import dataclass
from typing import Self
from zlib import crc32

from av.video.reformatter import VideoReformatter

from napari_mespot.frames.picture import Picture
from napari_mespot.frames.pixels import deep_samples, luma, sample_depth

__all__ = ["Look"]

#: Of so many rows and columns one is taken into the checksum.
_STEP = 5


@dataclass(frozen=True, slots=True)
class Look:
    """One picture, looked at.

    Parameters
    ----------
    size
        Height and width as displayed.
    interlaced
        Whether it holds two fields.
    depth
        Bits of its grey or RGB samples if more than 8, else 0.
    highest
        Its largest sample, at the top of 16 bits; 0 if `depth` is 0.
    mark
        Checksum of some of its brightness, by which the same picture is known again.
    """

    size: tuple[int, int]
    interlaced: bool = False
    depth: int = 0
    highest: int = 0
    mark: int = 0

    @classmethod
    def at(cls, picture: Picture, reformatter: VideoReformatter) -> Self:
        """Look at a picture."""
        mark = crc32(luma(picture.frame, reformatter)[::_STEP, ::_STEP].tobytes())
        samples = deep_samples(picture.frame, reformatter)
        depth, highest = 0, 0
        if samples is not None:
            depth, highest = sample_depth(picture.frame.format) or 0, int(samples.max())
        return cls(picture.size, picture.interlaced, depth, highest, mark)
