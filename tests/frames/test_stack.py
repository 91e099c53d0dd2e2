"""TIFF stacks: every page is a frame, in order, or the file is refused."""

import pickle
import struct
from fractions import Fraction

import numpy as np
import pytest
import tifffile
from PIL import Image
from tests.reference.frames import draw, number_of

from napari_mespot.errors import FrameReadError
from napari_mespot.frames import FrameSource, open_frames

N = 40
GREY = np.stack([draw(i) for i in range(N)])
DEEP = GREY.astype(np.uint16) * 257
COLOUR = np.repeat(GREY[..., None], 3, axis=3)


def by_pillow(path, images, **options):
    pages = [Image.fromarray(image) for image in images]
    pages[0].save(path, save_all=True, append_images=pages[1:], **options)


def by_tifffile(path, images, **options):
    tifffile.imwrite(path, images, **options)


def page_by_page(path, images, **options):
    with tifffile.TiffWriter(path) as writer:
        for image in images:
            writer.write(image, **options)


STACKS = {
    "pillow": (by_pillow, GREY, {}),
    "pillow_lzw": (by_pillow, GREY, {"compression": "tiff_lzw"}),
    "pillow_packbits": (by_pillow, GREY, {"compression": "packbits"}),
    "pillow_jpeg": (by_pillow, COLOUR, {"compression": "jpeg", "quality": 95}),
    "pillow_deep": (by_pillow, DEEP, {}),
    "pillow_colour": (by_pillow, COLOUR, {"compression": "tiff_adobe_deflate"}),
    "plain": (by_tifffile, GREY, {"photometric": "minisblack"}),
    "big": (by_tifffile, GREY, {"bigtiff": True, "photometric": "minisblack"}),
    "big_endian": (by_tifffile, DEEP, {"byteorder": ">", "photometric": "minisblack"}),
    "big_both": (
        by_tifffile,
        DEEP,
        {"byteorder": ">", "bigtiff": True, "photometric": "minisblack"},
    ),
    "deflated": (by_tifffile, DEEP, {"compression": "zlib", "photometric": "minisblack"}),
    "predicted": (
        page_by_page,
        DEEP,
        {"compression": "zlib", "predictor": True, "photometric": "minisblack"},
    ),
    "strips": (page_by_page, GREY, {"rowsperstrip": 7, "photometric": "minisblack"}),
    "tiles": (page_by_page, DEEP, {"tile": (32, 32), "photometric": "minisblack"}),
    "colour_16": (page_by_page, COLOUR.astype(np.uint16) * 257, {"photometric": "rgb"}),
    "imagej": (by_tifffile, DEEP, {"imagej": True, "metadata": {"axes": "TYX"}}),
    "imagej_colour": (by_tifffile, COLOUR, {"imagej": True, "metadata": {"axes": "TYXS"}}),
    # All but the first directory left out, as in ImageJ's stacks beyond 4 GB.
    "one_directory": (by_tifffile, DEEP, {"imagej": True, "truncate": True}),
    "shaped": (by_tifffile, GREY, {"truncate": True, "photometric": "minisblack"}),
    "ome": (by_tifffile, GREY, {"ome": True, "metadata": {"axes": "TYX"}}),
    "white_is_0": (page_by_page, 255 - GREY, {"photometric": "miniswhite"}),
    "white_is_0_deep": (page_by_page, 65535 - DEEP, {"photometric": "miniswhite"}),
}


@pytest.mark.parametrize("kind", STACKS)
def test_every_page_is_a_frame(tmp_path, kind):
    write, images, options = STACKS[kind]
    path = tmp_path / f"{kind}.tif"
    write(path, images, **options)
    with open_frames(path, fps=200) as source:
        assert isinstance(source, FrameSource)
        assert (source.n_frames, source.height, source.width) == (N, 64, 96)
        assert source.video_id == kind
        assert source.frame_rate == 200
        assert source.warnings == ()
        for i in (N - 1, 0, 17, *range(N)):
            exact = 6 if "jpeg" in kind else 1
            assert np.abs(source.read(i).astype(int) - COLOUR[i]).max() <= exact
            assert np.abs(source.read_luma(i).astype(int) - GREY[i]).max() <= exact
        assert [number_of(image) for image in source.iter_luma(3, 9)] == list(range(3, 9))
        assert pickle.loads(pickle.dumps(source)).fingerprint == source.fingerprint


def test_a_tiff_by_any_name_is_read_page_by_page(tmp_path):
    path = tmp_path / "recording.stack"
    by_pillow(path, GREY[:7], format="TIFF")
    with open_frames(path) as source:
        assert source.n_frames == 7
        assert any("30 fps is assumed" in text for text in source.warnings)


def test_imagej_notes_the_frame_rate(tmp_path):
    path = tmp_path / "rate.tif"
    tifffile.imwrite(path, GREY, imagej=True, metadata={"axes": "TYX", "finterval": 0.005})
    with open_frames(path) as source:
        assert source.frame_rate == 200
        assert source.warnings == ()
    with open_frames(path, fps="30000/1001") as source:
        assert source.frame_rate == Fraction(30000, 1001)


def test_thumbnails_of_pages_are_no_frames(tmp_path):
    path = tmp_path / "microscope.tif"
    with tifffile.TiffWriter(path) as writer:
        for image in GREY[:9]:
            writer.write(image, subfiletype=0, photometric="minisblack")
            writer.write(image[::4, ::4], subfiletype=1, photometric="minisblack")
    with open_frames(path) as source:
        assert source.n_frames == 9
        assert [number_of(source.read(i)) for i in range(9)] == list(range(9))


def page_of_another_size(path):
    page_by_page(path, [*GREY[:5], GREY[5][:60], *GREY[6:]], photometric="minisblack")


def channels(path):
    images = GREY.reshape(20, 2, 64, 96)
    tifffile.imwrite(path, images, imagej=True, metadata={"axes": "TCYX"})


def slices_of_moments(path):
    images = GREY.reshape(20, 2, 64, 96)
    tifffile.imwrite(path, images, imagej=True, metadata={"axes": "TZYX"})


def ome_channels(path):
    tifffile.imwrite(path, GREY.reshape(20, 2, 64, 96), ome=True, metadata={"axes": "TCYX"})


def floats(path):
    tifffile.imwrite(path, GREY.astype(np.float32), photometric="minisblack")


def signed(path):
    tifffile.imwrite(path, GREY.astype(np.int16), photometric="minisblack")


def one_of_many_files(path):
    tifffile.imwrite(path, GREY[:1], description="ImageJ=1.54f\nimages=40\n", metadata=None)


def in_a_circle(path):
    by_pillow(path, GREY[:5])
    data = bytearray(path.read_bytes())
    with tifffile.TiffFile(path) as tiff:
        first, last = tiff.pages[0].offset, tiff.pages[-1].offset
    end = last + 2 + 12 * struct.unpack_from("<H", data, last)[0]
    struct.pack_into("<I", data, end, first)
    path.write_bytes(data)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (page_of_another_size, "but page 5 of .* has 96×60"),
        (channels, "2 channels, 1 slices and 20 moments"),
        (ome_channels, "2 channels, 1 slices and 20 moments"),
        (slices_of_moments, "1 channels, 2 slices and 20 moments"),
        (floats, "page 0 of .* has 32-bit floating-point"),
        (signed, "signed"),
        (one_of_many_files, "stack of 40 pages, .* holds one"),
        (in_a_circle, "circle"),
        (lambda path: path.write_bytes(b"II*\0\x08\0\0\0"), "holds no page"),
        (lambda path: path.write_bytes(b"II*\0"), "is none"),
    ],
)
def test_what_is_no_stack_of_frames_is_refused(tmp_path, make, says):
    path = tmp_path / "odd.tif"
    make(path)
    with pytest.raises(FrameReadError, match=says) as caught:
        open_frames(path)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("Expected")


@pytest.mark.parametrize("kind", ["strips", "one_directory"])
def test_a_stack_cut_short_gives_its_whole_pages(tmp_path, kind):
    write, images, options = STACKS[kind]
    path = tmp_path / "cut.tif"
    write(path, images, **options)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])
    with open_frames(path, fps=50) as source:
        assert 15 <= source.n_frames < N
        assert [number_of(source.read(i)) for i in range(source.n_frames - 1)] == list(
            range(source.n_frames - 1)
        )
        (text,) = source.warnings
        assert "cut short" in text or "holds" in text


def test_pages_keep_their_own_turn(tmp_path):
    path = tmp_path / "turned.tif"
    with tifffile.TiffWriter(path) as writer:
        for i, image in enumerate(DEEP[:8]):
            turned = np.ascontiguousarray(np.rot90(image) if i % 2 else image)
            code = 6 if i % 2 else 1
            writer.write(turned, photometric="minisblack", extratags=[(274, "H", 1, code, True)])
    with open_frames(path) as source:
        assert (source.height, source.width) == (64, 96)
        assert [number_of(source.read_luma(i)) for i in range(8)] == list(range(8))


def test_twelve_bits_in_a_stack_are_not_dark(tmp_path):
    images = GREY.astype(np.uint16) << 4
    images[:12] >>= 2  # dim at first
    path = tmp_path / "camera.tif"
    page_by_page(path, images, photometric="minisblack")
    for _ in ("looked at", "known from before"):
        with open_frames(path, fps=100) as source:
            assert np.abs(source.read_luma(30).astype(int) - GREY[30]).max() <= 1
            assert np.abs(source.read_luma(3).astype(int) - GREY[3] / 4).max() <= 1
            (text,) = source.warnings
            assert "keeps 12 bits in 16-bit samples" in text


def test_one_page_is_told_to_be_a_single_picture(tmp_path):
    path = tmp_path / "one.tif"
    by_pillow(path, GREY[:1])
    with open_frames(path, fps=30) as source:
        assert source.n_frames == 1
        assert "single picture" in source.warnings[0]


def test_a_folder_of_stacks_is_one_recording(tmp_path):
    folder = tmp_path / "recording"
    folder.mkdir()
    for part in range(4):
        by_pillow(folder / f"rec_{part + 8}.tif", GREY[part * 10 : part * 10 + 10])
    with open_frames(folder, fps=50) as source:
        assert source.n_frames == N
        assert [number_of(image) for image in source.iter_luma()] == list(range(N))
        assert source.numbers == tuple(range(N))
        (text,) = source.warnings
        assert "40 pages of 4 files are read one after the other" in text


def test_a_folder_of_one_stack_is_that_stack(tmp_path):
    folder = tmp_path / "recording"
    folder.mkdir()
    by_pillow(folder / "rec.tif", GREY)
    (folder / "notes.txt").write_text("200 fps")
    with open_frames(folder, fps=200) as source:
        assert source.n_frames == N
        assert number_of(source.read(33)) == 33


@pytest.mark.parametrize("other", ["calibration.tif", "frame_0001.png", "rec (copy).tif"])
def test_a_stack_without_a_place_among_others_is_refused(tmp_path, other):
    folder = tmp_path / "mixed"
    folder.mkdir()
    by_pillow(folder / "rec.tif", GREY)
    Image.fromarray(GREY[0]).save(folder / other)
    with pytest.raises(FrameReadError, match=r"rec\.tif holds several pages"):
        open_frames(folder)


def test_an_animation_among_images_is_refused(tmp_path):
    folder = tmp_path / "animated"
    folder.mkdir()
    pages = [Image.fromarray(image) for image in GREY[:5]]
    pages[0].save(folder / "1.png", save_all=True, append_images=pages[1:])
    with pytest.raises(FrameReadError, match="animation of 5"):
        open_frames(folder)


@pytest.mark.parametrize("suffix", [".gif", ".png", ".apng"])
def test_an_animation_given_as_a_file_is_read_whole(tmp_path, suffix):
    path = tmp_path / f"face{suffix}"
    pages = [Image.fromarray(image) for image in COLOUR[:12]]
    kind = "GIF" if suffix == ".gif" else "PNG"
    pages[0].save(path, kind, save_all=True, append_images=pages[1:], duration=40)
    with open_frames(path) as source:
        assert [number_of(source.read(i)) for i in (11, 0, 5)] == [11, 0, 5]
        assert [number_of(image) for image in source.iter_luma()] == list(range(12))
