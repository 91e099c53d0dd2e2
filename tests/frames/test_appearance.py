"""What is not as in the first picture: size and turn that change, fields, depth."""

from fractions import Fraction

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.reference.frames import X264_SHORT, Recipe, draw, encode, number_of
from tests.reference.growing_films import write_growing

from napari_mespot.frames import open_frames
from napari_mespot.frames.canvas import canvas_for, fitted
from napari_mespot.frames.vp9_sizes import Vp9Sizes

LATE = {"bf": "0", "tune": "zerolatency"}
VPX = {"deadline": "realtime", "cpu-used": "8"}


def part_of(image, size):
    """Cut out of a frame the picture of another size that was fitted into it."""
    height, width = image.shape[:2]
    scale = min(height / size[0], width / size[1])
    h, w = round(size[0] * scale), round(size[1] * scale)
    top, left = (height - h) // 2, (width - w) // 2
    shown = image[top : top + h, left : left + w]
    return shown[:: max(1, round(scale)), :: max(1, round(scale))]


@pytest.mark.parametrize(
    ("name", "codec", "options"),
    [
        ("call.mkv", "libx264", LATE),
        ("call.ts", "libx264", LATE),
        ("call.h264", "libx264", LATE),
        ("call.mp4", "libx265", {"x265-params": "log-level=none:repeat-headers=1:bframes=0"}),
        ("call.webm", "libvpx-vp9", VPX),
        ("call8.webm", "libvpx", VPX),
        ("camera.avi", "mjpeg", {}),
        ("screen.mov", "png", {}),
        ("phone.mkv", "mpeg4", {}),
        # No header of this one is known here: found by looking.
        ("film.mkv", "jpeg2000", {}),
    ],
)
def test_a_picture_that_grows_is_read_in_full(tmp_path, name, codec, options):
    path = write_growing(tmp_path / name, [(64, 96), (128, 192)], 150, codec, **options)
    with open_frames(path) as source:
        assert (source.height, source.width) == (128, 192)
        assert source.n_frames == 300
        shown = list(source.iter_luma())
        assert [number_of(part_of(image, (64, 96))) for image in shown[:150]] == list(range(150))
        assert [number_of(image) for image in shown[150:]] == list(range(150, 300))
        for i in (299, 3, 150, 149):
            image = source.read(i)
            assert image.shape == (128, 192, 3)
            assert number_of(part_of(image, (64, 96)) if i < 150 else image) == i
        told = [text for text in source.warnings if "picture size" in text]
    assert len(told) == 1
    assert "at frame 150 (96×64, then 192×128)" in told[0]
    assert "all frames are read at 192×128" in told[0]


@pytest.mark.parametrize("name", ["camera.avi", "camera.mov", "camera.mkv"])
def test_a_motion_jpeg_that_shrinks(tmp_path, name):
    """FFmpeg takes a small first picture for half of an interlaced one."""
    path = write_growing(tmp_path / name, [(128, 192), (64, 96)], 150, "mjpeg")
    with open_frames(path) as source:
        assert source.n_frames == 300
        for i in (299, 150, 149, 3):
            image = source.read_luma(i)
            assert number_of(image if i < 150 else part_of(image, (64, 96))) == i
        assert [text for text in source.warnings if "interlaced" in text] == []


def test_a_picture_lost_at_the_change_shifts_no_other(tmp_path):
    # FFmpeg's decoder of MPEG-2 gives up the picture it holds back when the size changes.
    path = write_growing(tmp_path / "tape.mpg", [(64, 96), (128, 192)], 30, "mpeg2video")
    with open_frames(path) as source:
        got = [number_of(part_of(image, (64, 96))) for image in source.iter_luma()][:29]
        assert got == list(range(29))
        later = [number_of(source.read(i)) for i in range(source.n_frames - 30, source.n_frames)]
    assert later == list(range(30, 60))


def test_a_phone_that_is_turned_is_not_squashed(tmp_path):
    sizes = [(96, 128), (128, 96), (96, 128)]
    path = write_growing(tmp_path / "turned.mkv", sizes, 20, **LATE)
    with open_frames(path) as source:
        assert (source.height, source.width) == (128, 128)
        for i, image in enumerate(source.iter_luma()):
            size = sizes[i // 20]
            assert number_of(part_of(image, size)) == i
            # Black bars beside it, on two sides only.
            bars = image[:, :16] if size == (128, 96) else image[:16]
            assert bars.max() == 0
        (told,) = [text for text in source.warnings if "picture size" in text]
    assert "changes 2 times, first at frame 20 (128×96, then 96×128)" in told


def test_pictures_of_one_size_are_not_talked_of(tmp_path):
    # A new encoder, and so a new header, but nothing changes.
    path = write_growing(tmp_path / "same.ts", [(64, 96), (64, 96)], 30, **LATE)
    with open_frames(path) as source:
        assert not any("size" in text for text in source.warnings)
        assert (source.height, source.width) == (64, 96)


@given(st.lists(st.tuples(st.integers(1, 400), st.integers(1, 400)), min_size=1, max_size=5))
def test_no_picture_is_reduced_or_squashed(sizes):
    height, width = canvas_for(sizes)
    for h, w in sizes:
        placed = fitted(np.full((h, w), 200, np.uint8), height, width)
        assert placed.shape == (height, width)
        rows, columns = np.flatnonzero(placed.any(axis=1)), np.flatnonzero(placed.any(axis=0))
        assert len(rows) >= h
        assert len(columns) >= w
        assert len(rows) / h == pytest.approx(len(columns) / w, abs=1 / min(h, w) + 1e-9)
        assert (placed[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] == 200).all()


@pytest.mark.parametrize("alt_ref", ["0", "1"])
def test_the_sizes_in_a_vp9_stream_are_read_from_its_headers(films, alt_ref):
    options = {"deadline": "good", "cpu-used": "8", "lag-in-frames": "16", "auto-alt-ref": alt_ref}
    path = encode(films, Recipe(f"alt{alt_ref}.webm", "libvpx-vp9", options, n_frames=60))
    sizes = Vp9Sizes()
    with av.open(str(path)) as container:
        told = [sizes.shown_by(memoryview(p)) for p in container.demux(video=0) if p.size]
    assert set(told) - {None} == {(64, 96)}
    assert len([size for size in told if size]) == 60


INTERLACED = {
    "mpeg2.mpg": ("mpeg2video", {"flags": "+ildct+ilme"}, "yuv420p", (64, 96)),
    "avchd.mts": ("libx264", {"x264-params": "tff=1"}, "yuv420p", (64, 96)),
    "tape.avi": ("dvvideo", {}, "yuv420p", (576, 720)),
}


@pytest.mark.parametrize("name", INTERLACED)
def test_interlaced_pictures_are_told_of_once(films, name):
    codec, options, pix_fmt, (height, width) = INTERLACED[name]
    path = encode(
        films,
        Recipe(name, codec, options, pix_fmt, 20, 25, height=height, width=width, interlaced=True),
    )
    with open_frames(path) as source:
        assert number_of(source.read(7)[:64, :96]) == 7 or height > 64
        (told,) = [text for text in source.warnings if "interlaced" in text]
    assert "bwdif" in told
    assert "\n" not in told


def test_progressive_pictures_are_not_called_interlaced(films):
    path = encode(films, Recipe("progressive.mts", "libx264", X264_SHORT, n_frames=40))
    with open_frames(path) as source:
        assert not any("interlaced" in text for text in source.warnings)


def write_deep(path, codec, pix_fmt, values):
    """A film of deep samples as they are given, ``(n, H, W)``; equal in all channels."""
    word = ">u2" if pix_fmt.endswith("be") else "<u2"
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=100)
        stream.height, stream.width = values.shape[1:]
        stream.pix_fmt = pix_fmt
        for number, image in enumerate(values):
            picture = av.VideoFrame(image.shape[1], image.shape[0], pix_fmt)
            for plane in picture.planes:
                per_pixel = 3 if pix_fmt.startswith("rgb48") else 1
                rows = np.zeros((plane.height, plane.line_size // 2), word)
                rows[:, : image.shape[1] * per_pixel] = np.repeat(image, per_pixel, axis=1)
                plane.update(rows.tobytes())
            picture.pts, picture.time_base = number, Fraction(1, 100)
            container.mux(stream.encode(picture))
        container.mux(stream.encode())
    return path


DEEP = [
    ("grey.avi", "ffv1", "gray16le", 16),
    ("grey.mkv", "ffv1", "gray16le", 16),
    ("ten.mkv", "ffv1", "gray10le", 10),
    ("twelve.mkv", "ffv1", "gray12le", 12),
    ("planar.mkv", "ffv1", "gbrp12le", 12),
    ("colour.mov", "png", "rgb48be", 16),
    ("grey.mov", "png", "gray16be", 16),
]


@pytest.mark.parametrize(("name", "codec", "pix_fmt", "depth"), DEEP)
@pytest.mark.parametrize("used", [8, 10, 12, 14, 16])
def test_bits_that_are_not_used_do_not_darken_a_video(tmp_path, name, codec, pix_fmt, depth, used):
    if used > depth:
        used = depth
    grey = np.stack([draw(i) for i in range(20)])
    # Dim at first, so that the first pictures alone would be scaled too much.
    dim = np.where(np.arange(20) < 12, 2, 1)[:, None, None]
    eight = grey // dim
    values = eight.astype(np.uint16) << (used - 8)
    path = write_deep(tmp_path / name, codec, pix_fmt, values)
    with open_frames(path) as source:
        for i in (0, 19, 11, 12):
            assert np.abs(source.read_luma(i).astype(int) - eight[i]).max() <= 1
            assert np.abs(source.read(i).astype(int) - eight[i][..., None]).max() <= 1
        for image, expected in zip(source.iter_luma(), eight, strict=True):
            assert np.abs(image.astype(int) - expected).max() <= 1
        told = [text for text in source.warnings if "bits" in text]
    assert len(told) == (used < depth)
    if told:
        assert f"keeps {used} bits in {depth}-bit samples" in told[0]


def test_one_bright_moment_sets_the_scale_of_all(tmp_path):
    """A flash late in the video, between the pictures that are looked at."""
    values = np.stack([draw(i % 32).astype(np.uint16) << 2 for i in range(400)])
    values[333] = draw(333).astype(np.uint16) << 5
    path = write_deep(tmp_path / "flash.mkv", "ffv1", "gray16le", values)
    with open_frames(path) as source:
        assert np.abs(source.read_luma(333).astype(int) - draw(333)).max() <= 1
        assert np.abs(source.read_luma(5).astype(int) - draw(5) / 8).max() <= 1
        assert any("keeps 13 bits" in text for text in source.warnings)


def test_a_dark_video_of_deep_yuv_stays_as_dark_as_it_is(films):
    recipe = Recipe("dark.mkv", "ffv1", {}, "yuv420p10le", n_frames=12)
    with open_frames(encode(films, recipe)) as source:
        assert not any("bits" in text for text in source.warnings)


def test_a_black_video_is_not_scaled(tmp_path):
    path = write_deep(tmp_path / "black.mkv", "ffv1", "gray16le", np.zeros((5, 64, 96), np.uint16))
    with open_frames(path) as source:
        assert not any("bits" in text for text in source.warnings)
        assert source.read(2).max() == 0
