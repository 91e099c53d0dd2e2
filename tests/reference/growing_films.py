"""Films whose pictures change within one stream, each size from an encoder of its own."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from tests.reference.frames import draw

Size = tuple[int, int]
RATE = 25


def write_growing(
    path: Path, sizes: Sequence[Size], per: int, codec: str = "libx264", **options: str
) -> Path:
    """Write `per` numbered pictures of each ``(height, width)``, all in one track.

    What the later encoders tell of themselves goes with their pictures, as calls record it.
    """
    pix_fmt = {"mjpeg": "yuvj420p", "png": "rgb24"}.get(codec, "yuv420p")
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=RATE, options=options)
        stream.height, stream.width, stream.pix_fmt = *sizes[0], pix_fmt
        stream.codec_context.open()
        container.start_encoding()
        for part, size in enumerate(sizes):
            encoder = av.CodecContext.create(codec, "w")
            encoder.height, encoder.width, encoder.pix_fmt = *size, pix_fmt
            encoder.time_base, encoder.framerate = Fraction(1, RATE), Fraction(RATE)
            encoder.options = options
            packets = []
            for number in range(part * per, (part + 1) * per):
                image = np.dstack([draw(number, *size)] * 3)
                picture = av.VideoFrame.from_ndarray(image, format="rgb24")
                picture = picture.reformat(format=pix_fmt)
                picture.pts, picture.time_base = number, Fraction(1, RATE)
                packets += encoder.encode(picture)
            for packet in [*packets, *encoder.encode(None)]:
                packet.stream, packet.time_base = stream, Fraction(1, RATE)
                container.mux(packet)
    return path
