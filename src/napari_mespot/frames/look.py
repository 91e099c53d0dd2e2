"""What a decoded picture shows of its video: size, fields, used range of its samples."""

from dataclasses import dataclass
from typing import Self

from av.video.reformatter import VideoReformatter

from napari_mespot.frames.picture import Picture
from napari_mespot.frames.pixels import deep_samples, sample_depth

__all__ = ["Look"]


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
    """

    size: tuple[int, int]
    interlaced: bool = False
    depth: int = 0
    highest: int = 0

    @classmethod
    def at(cls, picture: Picture, reformatter: VideoReformatter) -> Self:
        """Look at a picture."""
        samples = deep_samples(picture.frame, reformatter)
        if samples is None:
            return cls(picture.size, picture.interlaced)
        depth = sample_depth(picture.frame.format) or 0
        return cls(picture.size, picture.interlaced, depth, int(samples.max()))
