"""Brightness is right whatever the pixel format, the line size or the parity of the picture."""

import av
import numpy as np
import pytest
from av.video.reformatter import VideoReformatter
from hypothesis import given
from hypothesis import strategies as st
from tests.reference.frames import Recipe, draw, encode, number_of

from napari_mespot.frames import open_frames
from napari_mespot.frames.orientation import Orientation, turned
from napari_mespot.frames.pixels import (
    compact_copy,
    frame_bytes,
    luma,
    rgb,
)

FORMATS = [
    *("yuv420p", "yuvj420p", "yuv422p", "yuv444p", "yuva420p", "yuv411p", "nv12", "nv21"),
    *("yuv420p10le", "yuv422p10le", "yuv420p12le", "yuv444p16le", "yuv420p10be", "p010le"),
    *("gray", "gray10le", "gray12le", "gray16le", "gray16be", "ya8"),
    *("rgb24", "bgr24", "rgba", "bgr0", "gbrp", "rgb48le", "gbrp10le", "yuyv422", "uyvy422"),
]
LIMITED = ("yuv4", "yuva", "nv", "p010", "yuyv", "uyvy")


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("size", [(64, 96), (63, 97)])
def test_luma_of_every_format(name, size):
    grey = draw(0b1010011011, *size)
    source = av.VideoFrame.from_ndarray(np.dstack([grey] * 3), format="rgb24")
    # One thread: swscale's slice threads now and then spoil pixels of odd, deep pictures.
    frame = source.reformat(format=name, threads=1)
    got = luma(frame, VideoReformatter())
    limited = name.startswith(LIMITED)
    expected = 16 + grey * (219 / 255) if limited else grey
    assert got.shape == size
    assert got.dtype == np.uint8
    assert np.abs(got - expected).max() <= 2
    assert np.abs(rgb(frame, VideoReformatter()).astype(int) - grey[..., None]).max() <= 3


@pytest.mark.parametrize("name", FORMATS)
def test_a_compact_copy_is_the_same_picture_for_less(name):
    frame = av.VideoFrame.from_ndarray(np.dstack([draw(5, 63, 97)] * 3), format="rgb24")
    frame = frame.reformat(format=name, threads=1)
    copy = compact_copy(frame)
    assert frame_bytes(copy) <= frame_bytes(frame)
    reformatter = VideoReformatter()
    assert np.array_equal(rgb(copy, reformatter), rgb(frame, reformatter))
    assert np.array_equal(luma(copy, reformatter), luma(frame, reformatter))


@pytest.mark.parametrize(
    ("file", "codec", "pix_fmt", "size"),
    [
        ("odd.mkv", "ffv1", "yuv420p", (67, 101)),
        ("odd.avi", "rawvideo", "bgr24", (67, 101)),
        ("odd.webm", "libvpx-vp9", "yuv420p", (67, 101)),
        ("deep.mkv", "ffv1", "yuv420p10le", (67, 101)),
        ("deep_grey.mkv", "ffv1", "gray16le", (67, 101)),
        ("rgb.mkv", "libx264rgb", "rgb24", (68, 102)),
        ("planar_rgb.mkv", "libx265", "gbrp", (68, 102)),
    ],
)
def test_unusual_videos(films, file, codec, pix_fmt, size):
    options = {"x265-params": "log-level=none"} if codec == "libx265" else {}
    recipe = Recipe(file, codec, options, pix_fmt, 12, height=size[0], width=size[1])
    with open_frames(encode(films, recipe)) as source:
        assert (source.height, source.width) == size
        for i, image in enumerate(source.iter_luma()):
            assert image.shape == size
            assert number_of(image) == i
            assert number_of(source.read(i)) == i
            assert np.array_equal(image, source.read_luma(i))


@given(st.booleans(), st.booleans(), st.booleans(), st.integers(1, 5), st.integers(1, 5))
def test_an_orientation_moves_pixels_and_loses_none(transpose, rows, columns, height, width):
    turn = Orientation(transpose, rows, columns)
    image = np.arange(height * width, dtype=np.uint8).reshape(height, width)
    shown = turn.apply(image)
    assert shown.shape == turn.size(height, width)
    assert sorted(shown.ravel()) == sorted(image.ravel())
    corner = image[:: -1 if (columns if transpose else rows) else 1]
    corner = corner[:, :: -1 if (rows if transpose else columns) else 1]
    assert shown[0, 0] == corner[0, 0]


@pytest.mark.parametrize("degrees", [-180, -90, 0, 90, 180, 89, -91])
def test_a_turn_in_degrees_is_counterclockwise(degrees):
    image = np.arange(6, dtype=np.uint8).reshape(2, 3)
    expected = np.rot90(image, round(degrees / 90))
    assert np.array_equal(turned(degrees).apply(image), expected)
