"""Of several picture streams the video is read, and the others are named."""

from dataclasses import dataclass
from fractions import Fraction

import av
import numpy as np
import pytest
from av.stream import Disposition
from tests.reference.frames import draw, number_of

from napari_mespot.errors import FrameReadError
from napari_mespot.frames import open_frames

PLAIN, DEFAULT, COVER = Disposition(0), Disposition.default, Disposition.attached_pic


@dataclass(frozen=True)
class Track:
    height: int = 64
    width: int = 96
    mark: Disposition = PLAIN
    codec: str = "libx264"
    every: int = 1
    add: int = 0


def write(path, *tracks, n=20):
    """A film of several tracks; the numbers drawn into a track are `add` higher."""
    with av.open(str(path), "w") as container:
        streams = []
        for track in tracks:
            stream = container.add_stream(track.codec, rate=25)
            stream.height, stream.width = track.height, track.width
            stream.pix_fmt = "yuvj420p" if track.codec == "mjpeg" else "yuv420p"
            stream.disposition = track.mark.value
            streams.append(stream)
        for i in range(n):
            for track, stream in zip(tracks, streams, strict=True):
                if i % track.every == 0:
                    grey = draw(i + track.add, track.height, track.width)
                    picture = av.VideoFrame.from_ndarray(np.dstack([grey] * 3), format="rgb24")
                    picture.pts, picture.time_base = i, Fraction(1, 25)
                    container.mux(stream.encode(picture))
        for stream in streams:
            container.mux(stream.encode())
    return path


SMALL, LARGE = Track(64, 96), Track(128, 192, add=100)


@pytest.mark.parametrize(
    ("name", "tracks", "says"),
    [
        # The preview first, as cameras write it; the recording marked, or nothing, or all.
        ("marked.mp4", [SMALL, Track(128, 192, DEFAULT, add=100)], "1 (192×128, marked"),
        ("unmarked.ts", [SMALL, LARGE], "not 0 (96×64)"),
        ("all.mkv", [Track(64, 96, DEFAULT), Track(128, 192, DEFAULT, add=100)], "1 (192×128"),
        # A mark counts more than size ...
        ("smaller.mkv", [LARGE, Track(72, 96, DEFAULT, add=100)], "1 (96×72"),
        # ... but a writer's mark on a mere preview does not.
        ("preview.mkv", [Track(64, 96, DEFAULT), Track(256, 384, add=100)], "1 (384×256"),
        # Of equals the first.
        ("twins.ts", [Track(add=100), Track()], "0 (96×64)"),
        ("three.mkv", [SMALL, LARGE, Track(100, 96)], "not 0 (96×64), 2 (96×100)"),
        # Large thumbnails now and then are not the video.
        ("thumbs.mp4", [Track(256, 384, codec="mjpeg", every=10), Track(add=100)], "1 (96×64"),
    ],
)
def test_the_video_is_read_and_the_others_are_told(tmp_path, name, tracks, says):
    path = write(tmp_path / name, *tracks)
    with open_frames(path) as source:
        assert source.n_frames == 20
        assert [number_of(source.read(i)) for i in (0, 19, 7)] == [100, 119, 107]
        assert [number_of(image) for image in source.iter_luma()] == list(range(100, 120))
        told = [text for text in source.warnings if "picture streams" in text]
    assert len(told) == 1
    assert says in told[0]
    assert f"{len(tracks)} picture streams" in told[0]
    assert "ffmpeg -i FILE -map" in told[0]
    with open_frames(path) as again:  # from the stored index
        assert told[0] in again.warnings


@pytest.mark.parametrize("name", ["cover.mkv", "cover.mp4"])
def test_a_cover_is_never_the_video(tmp_path, name):
    cover = Track(256, 384, COVER, codec="mjpeg", every=100)
    with open_frames(write(tmp_path / name, cover, Track(add=100))) as source:
        assert [number_of(source.read(i)) for i in range(20)] == list(range(100, 120))
        told = [text for text in source.warnings if "picture streams" in text]
    # Matroska keeps no mark of a cover that is a track: there it is a stream not read.
    assert len(told) == (name == "cover.mkv")


def test_a_cover_alone_is_no_video(tmp_path):
    path = write(tmp_path / "cover.mp4", Track(mark=COVER, codec="mjpeg"), n=1)
    with pytest.raises(FrameReadError, match="no moving pictures"):
        open_frames(path)


def test_a_stream_of_an_unknown_codec_gives_way(tmp_path):
    path = write(tmp_path / "new.mkv", Track(128, 192, DEFAULT, "mjpeg"), Track(add=100))
    path.write_bytes(path.read_bytes().replace(b"V_MJPEG", b"V_MJXYZ"))
    with open_frames(path) as source:
        assert [number_of(source.read(i)) for i in (0, 19)] == [100, 119]
        assert "0 (of an unknown codec)" in source.warnings[0]
