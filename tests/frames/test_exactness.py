"""Every frame is the one asked for, whatever the codec and container."""

from itertools import accumulate, cycle, islice

import numpy as np
import pytest
from tests.reference.frames import (
    OPEN_GOP,
    X264_LONG,
    X264_SHORT,
    Recipe,
    encode,
    number_of,
    sequential_numbers,
)

from napari_mespot.frames import VideoFrames, open_frames

N_READS = {"common": 2000, "rare": 300}
COMMON = [
    Recipe("b_frames_gop_250.mp4", "libx264", X264_LONG),
    Recipe("open_gop.mkv", "libx264", {"x264-params": OPEN_GOP}),
    Recipe("hevc_open_gop.mp4", "libx265", {"x265-params": f"{OPEN_GOP}:log-level=none"}),
    Recipe("vp9.webm", "libvpx-vp9", {"deadline": "realtime", "cpu-used": "8", "g": "40"}),
    Recipe("mjpeg.avi", "mjpeg", pix_fmt="yuvj420p"),
    Recipe("mpeg4_b_frames.avi", "mpeg4", gop=24, b_frames=2),
    Recipe("transport.ts", "libx264", X264_SHORT),
    Recipe(
        "variable_rate.mp4",
        "libx264",
        X264_SHORT,
        rate=1000,
        stamps=list(islice(accumulate(cycle([33, 17, 66, 8])), 400)),
    ),
]
RARE = [
    Recipe("turned.mp4", "libx264", X264_SHORT, rotation=90),
    Recipe("vp8.webm", "libvpx", {"deadline": "realtime", "auto-alt-ref": "1", "g": "40"}),
    Recipe("h264_b_frames.avi", "libx264", X264_SHORT),
    Recipe("program.mpg", "mpeg2video", gop=12, b_frames=2),
    Recipe("no_stamps.h264", "libx264", X264_SHORT),
    Recipe("lossless.mkv", "ffv1", pix_fmt="gray", n_frames=200),
    Recipe("uncompressed.avi", "rawvideo", pix_fmt="bgr24", n_frames=200),
    Recipe("picture.gif", "gif", pix_fmt="rgb8", rate=10, n_frames=100),
    Recipe(
        "gradual_refresh.mp4",
        "libx264",
        {"x264-params": "keyint=60:intra-refresh=1:bframes=0"},
        n_frames=300,
    ),
    Recipe(
        "ten_bit.mp4",
        "libx265",
        {"x265-params": f"{OPEN_GOP}:log-level=none"},
        "yuv420p10le",
        n_frames=200,
    ),
]


@pytest.fixture(scope="module", params=COMMON + RARE, ids=lambda recipe: recipe.file)
def film(request, films):
    return encode(films, request.param), request.param


def stored(image, recipe):
    """Undo the display rotation of the one turned film."""
    return np.rot90(image, -1) if recipe.rotation else image


def test_random_reads_are_never_wrong(film):
    path, recipe = film
    rng = np.random.default_rng(5)
    # Room for a few pictures only, or the cache would answer instead of the decoder.
    small = 12 * recipe.height * recipe.width * 3 // 2
    with VideoFrames(path, cache_bytes=small) as source:
        assert source.n_frames == recipe.n_frames
        n_reads = N_READS["common" if recipe in COMMON else "rare"]
        wanted = rng.integers(0, source.n_frames, n_reads)
        wrong = [i for i in wanted if number_of(stored(source.read_luma(i), recipe)) != i]
    assert wrong == []


def test_orderly_reads_equal_a_plain_decode(film):
    path, recipe = film
    truth = sequential_numbers(path)
    assert truth == list(range(recipe.n_frames))
    with open_frames(path) as source:
        forth = [number_of(stored(image, recipe)) for image in source.iter_luma()]
        back = [number_of(stored(source.read(i), recipe)) for i in range(source.n_frames)[::-1]]
    assert forth == truth
    assert back == truth[::-1]


def test_parts_can_be_iterated_while_reading(film):
    path, recipe = film
    with open_frames(path) as source:
        seen = []
        for image in source.iter_luma(31, 77):
            seen.append(number_of(stored(image, recipe)))
            source.read(90 - len(seen))
    assert seen == list(range(31, 77))


def test_luma_and_rgb_show_the_same_picture(film):
    path, recipe = film
    with open_frames(path) as source:
        grey, colour = source.read_luma(9), source.read(9)
    assert grey.shape == (source.height, source.width)
    assert colour.shape == (source.height, source.width, 3)
    brightness = colour @ np.array([0.299, 0.587, 0.114])
    if recipe.pix_fmt in {"yuv420p", "yuv420p10le"}:  # limited range, 16 to 235
        brightness = 16 + brightness * 219 / 255
    assert np.abs(brightness - grey).mean() < 4
