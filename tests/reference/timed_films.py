"""Films whose pictures are shown at times of our choosing, beside sound or without it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.packet import Packet
from numpy.typing import NDArray
from tests.reference.frames import draw

_SOUND_RATE = 48_000


@dataclass(frozen=True)
class TimedFilm:
    """How to make a film.

    `stamps` are the times of its pictures in units of `unit`; `sound_s` says from when to when
    there is sound; None: a film without. `picture` draws the RGB picture of a number.
    """

    file: str
    stamps: Sequence[int]
    unit: Fraction = Fraction(1, 1000)
    sound_s: tuple[float, float] | None = None
    codec: str = "libx264"
    options: dict[str, str] = field(default_factory=lambda: {"bf": "2", "g": "10"})
    sound_codec: str = "aac"
    mux: dict[str, str] = field(default_factory=dict)
    picture: Callable[[int], NDArray[np.uint8]] = lambda number: np.dstack([draw(number)] * 3)


def make(folder: Path, film: TimedFilm) -> Path:
    """Write the film and return its path."""
    path = folder / film.file
    with av.open(str(path), "w", options=film.mux) as container:
        pictures = container.add_stream(film.codec, rate=25, options=film.options)
        pictures.height, pictures.width = film.picture(0).shape[:2]
        pictures.pix_fmt = "yuv420p"
        pictures.codec_context.time_base = film.unit
        packets: list[Packet] = []
        if film.sound_s is not None:
            packets += _sound(container, film)
        for number, stamp in enumerate(film.stamps):
            frame = av.VideoFrame.from_ndarray(film.picture(number), format="rgb24")
            frame.pts, frame.time_base = int(stamp), film.unit
            packets += pictures.encode(frame)
        packets += pictures.encode()
        whole = [packet for packet in packets if packet.dts is not None]
        for packet in sorted(whole, key=lambda packet: packet.dts * packet.time_base):
            container.mux(packet)
    return path


def _sound(container: av.container.OutputContainer, film: TimedFilm) -> list[Packet]:
    start, stop = film.sound_s or (0.0, 0.0)
    stream = container.add_stream(film.sound_codec, rate=_SOUND_RATE)
    stream.layout = "mono"
    is_opus = film.sound_codec == "libopus"
    block, kind = (960, "s16") if is_opus else (1024, "fltp")
    packets: list[Packet] = []
    for first in range(round(start * _SOUND_RATE), round(stop * _SOUND_RATE), block):
        silence = np.zeros((1, block), np.int16 if is_opus else np.float32)
        frame = av.AudioFrame.from_ndarray(silence, format=kind, layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = _SOUND_RATE, first, Fraction(1, _SOUND_RATE)
        packets += stream.encode(frame)
    return packets + stream.encode()
