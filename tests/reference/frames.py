"""Films that tell their frame numbers, and the slow, obvious way to read them.

Each picture carries its number as ten large black or white blocks, which survive any codec.
`sequential_numbers` decodes a file from the start in one thread and asks nothing of an index:
what it yields is what fast random access must equal.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import av
import numpy as np
from av.codec.context import Flags
from numpy.typing import NDArray

HEIGHT, WIDTH = 64, 96
_BITS = 10
_BLOCK = 16

X264_LONG = {"x264-params": "keyint=250:min-keyint=250:bframes=3:scenecut=0"}
X264_SHORT = {"x264-params": "keyint=25:min-keyint=25:bframes=3:scenecut=0"}
OPEN_GOP = "keyint=25:min-keyint=25:bframes=3:open-gop=1:scenecut=0"


@dataclass(frozen=True)
class Recipe:
    """How to encode a test film."""

    file: str
    codec: str
    options: dict[str, str] = field(default_factory=dict)
    pix_fmt: str = "yuv420p"
    n_frames: int = 400
    rate: int = 30
    gop: int | None = None
    b_frames: int | None = None
    rotation: int | None = None
    mirrored: bool = False
    height: int = HEIGHT
    width: int = WIDTH
    stamps: Sequence[int] | None = None
    mux: dict[str, str] = field(default_factory=dict)
    title: str | None = None
    interlaced: bool = False


def draw(number: int, height: int = HEIGHT, width: int = WIDTH) -> NDArray[np.uint8]:
    """A grey picture with `number` in its upper left corner and something moving below."""
    image = np.full((height, width), 90, np.uint8)
    for bit in range(_BITS):
        row, column = divmod(bit, 5)
        value = 215 if number >> bit & 1 else 35
        y, x = row * _BLOCK, column * _BLOCK
        image[y : y + _BLOCK, x : x + _BLOCK] = value
    image[40:] = (np.arange(width) * 2 + 7 * number) % 160 + 50
    return image


def number_of(image: NDArray[np.uint8]) -> int:
    """Read the number back from a picture, grey or RGB."""
    grey = image if image.ndim == 2 else image.mean(axis=2)
    number = 0
    for bit in range(_BITS):
        row, column = divmod(bit, 5)
        y, x = row * _BLOCK + 4, column * _BLOCK + 4
        number |= int(grey[y : y + 8, x : x + 8].mean() > 125) << bit
    return number


def encode(folder: Path, recipe: Recipe) -> Path:
    """Write a film of numbered pictures and return its path."""
    path = folder / recipe.file
    with av.open(str(path), "w", options=recipe.mux) as container:
        if recipe.title is not None:
            container.metadata["title"] = recipe.title
        stream = container.add_stream(recipe.codec, rate=recipe.rate, options=recipe.options)
        stream.width, stream.height, stream.pix_fmt = recipe.width, recipe.height, recipe.pix_fmt
        if recipe.gop is not None:
            stream.codec_context.gop_size = recipe.gop
        if recipe.interlaced:
            stream.codec_context.flags |= Flags.interlaced_dct | Flags.interlaced_me
        if recipe.b_frames is not None:
            stream.codec_context.max_b_frames = recipe.b_frames
        for number in range(recipe.n_frames):
            grey = draw(number, recipe.height, recipe.width)
            frame = av.VideoFrame.from_ndarray(np.dstack([grey] * 3), format="rgb24")
            frame.pts = number if recipe.stamps is None else recipe.stamps[number]
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    if recipe.rotation is not None:
        turn_track(path, recipe.rotation, mirrored=recipe.mirrored)
    return path


def turn_track(path: Path, degrees: int, *, mirrored: bool = False) -> None:
    """Say in the track header of an MP4 that pictures are to be turned anticlockwise.

    The mirror, left to right, comes after the turn. The matrix maps stored (x, y) to
    (a·x + c·y, b·x + d·y), as 16.16 fixed point.
    """
    cos, sin = ((1, 0), (0, 1), (-1, 0), (0, -1))[degrees // 90 % 4]
    side = -1 if mirrored else 1
    matrix = (side * cos, -sin, 0, side * sin, cos, 0)
    data = bytearray(path.read_bytes())
    place = data.index(b"tkhd") + 4 + 40
    data[place : place + 24] = b"".join((v << 16).to_bytes(4, "big", signed=True) for v in matrix)
    path.write_bytes(data)


def copy_packets(source: Path, target: Path, first_key: int, shift: int = 0) -> Path:
    """Copy a film without decoding, from its `first_key`-th key packet on.

    Parameters
    ----------
    source, target
        The film and its copy.
    first_key
        Key packets before this one are left out, with what follows them.
    shift
        Frames by which presentation is moved to before zero; MP4 then hides them behind an
        edit list.
    """
    with av.open(str(source)) as film, av.open(str(target), "w") as copy:
        stream = film.streams.video[0]
        out = copy.add_stream_from_template(stream)
        ticks = round(shift / stream.average_rate / stream.time_base)
        keys, origin = -1, None
        for packet in film.demux(stream):
            if packet.dts is None and packet.pts is None:
                continue
            keys += packet.is_keyframe
            if keys < first_key:
                continue
            origin = packet.pts if origin is None else origin
            packet.pts -= origin + ticks
            if packet.dts is not None:
                packet.dts -= origin + ticks
            packet.stream = out
            copy.mux(packet)
    return target


def sequential_numbers(path: Path) -> list[int]:
    """Numbers of all pictures that decode, by one plain pass in one thread."""
    numbers = []
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.thread_type = "NONE"
        try:
            for packet in container.demux(stream):
                try:
                    pictures = packet.decode()
                except av.FFmpegError:
                    continue
                numbers += [
                    number_of(picture.to_ndarray(format="rgb24"))
                    for picture in pictures
                    if not picture.is_corrupt
                ]
        except av.FFmpegError:
            pass
    return numbers
