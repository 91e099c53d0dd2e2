"""Folders of images: order, gaps, strangers, depth, errors."""

import pickle
from fractions import Fraction

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from tests.reference.frames import draw, number_of

from napari_mespot.errors import FrameReadError
from napari_mespot.frames import FolderFrames, FrameSource, open_frames
from napari_mespot.frames.numbering import number_files


def write(folder, names, images=None):
    folder.mkdir(exist_ok=True)
    for i, name in enumerate(names):
        image = draw(i) if images is None else images[i]
        assert cv2.imwrite(str(folder / name), image)
    return folder


def numbers(source):
    return [number_of(source.read(i)) for i in range(source.n_frames)]


@pytest.mark.parametrize(
    "pattern",
    [
        "img{}.jpg",
        "{:03d}.png",
        "006_1_{:04d}.bmp",
        "frame_det_00_{:06d}.bmp",
        "reg_img{}.jpg",
        "{}_left.tif",
        "s7 take 2 {}.JPG",
    ],
)
def test_order_is_that_of_the_last_number(tmp_path, pattern):
    # Written in text order, which is not the order of numbers.
    names = [pattern.format(i + 1) for i in range(30)]
    folder = write(tmp_path / "clip", names)
    with open_frames(folder, fps=100) as source:
        assert isinstance(source, FrameSource)
        assert source.video_id == "clip"
        assert source.frame_rate == 100
        assert source.warnings == ()
        assert source.numbers == tuple(range(1, 31))
        assert numbers(source) == list(range(30))
        assert [number_of(image) for image in source.iter_luma(3, 9)] == list(range(3, 9))
        assert source.read(0).shape == (64, 96, 3)
        assert source.read_luma(0).shape == (64, 96)
        assert source.read_many([5, 1]).shape == (2, 64, 96, 3)


def test_missing_numbers_are_told_and_closed_up(tmp_path):
    kept = [1, 2, 3, 5, 6, 10, 11]
    folder = write(tmp_path / "gaps", [f"f{i}.png" for i in kept])
    with open_frames(folder, fps=30) as source:
        assert source.n_frames == 7
        assert source.numbers == tuple(kept)
        assert numbers(source) == list(range(7))
        (text,) = source.warnings
        assert "4 numbers are missing" in text
        assert "4, 7–9" in text


def test_every_second_picture_is_no_gap(tmp_path):
    folder = write(tmp_path / "half", [f"f{i}.png" for i in range(0, 20, 2)])
    with open_frames(folder, fps=30) as source:
        assert source.warnings == ()


def test_strangers_are_passed_over(tmp_path):
    folder = write(tmp_path / "mixed", [f"f{i}.png" for i in range(5)])
    write(folder, ["thumbnail.png", ".f7.png"])
    (folder / "notes.txt").write_text("onset 12")
    (folder / "f9.mp4").write_text("a video beside the images")
    (folder / "f8.png").mkdir()
    with open_frames(folder, fps=30) as source:
        assert source.n_frames == 5
        (text,) = source.warnings
        assert "thumbnail.png" in text


def test_of_two_sequences_the_longer_one_is_taken(tmp_path):
    folder = write(tmp_path / "two", [f"face00_{i}.png" for i in range(6)])
    write(folder, [f"face01_{i}.png" for i in range(4)])
    with open_frames(folder, fps=30) as source:
        assert source.n_frames == 6
        assert all(file.name.startswith("face00") for file in source.files)
        assert "4 images are not part of the sequence" in source.warnings[0]


def test_prefixes_that_share_one_count_are_one_sequence(tmp_path):
    names = ["IMG_1.png", "img_2.png", "IMG_3.jpg"]
    with open_frames(write(tmp_path / "one", names), fps=30) as source:
        assert [file.name for file in source.files] == names


@given(st.sets(st.integers(0, 10**7), min_size=1, max_size=30), st.randoms())
def test_numbering_sorts_any_numbers(tmp_path_factory, chosen, random):
    folder = tmp_path_factory.getbasetemp()
    files = [folder / f"p3_{number}.png" for number in chosen]
    random.shuffle(files)
    ordered = number_files(files)
    assert list(ordered.numbers) == sorted(chosen)
    assert [int(file.stem[3:]) for file in ordered.files] == sorted(chosen)
    steps = np.diff(sorted(chosen))
    assert bool(ordered.warnings) == bool(len(set(steps.tolist())) > 1)


def test_the_rate_of_images_is_assumed_aloud(tmp_path):
    with open_frames(write(tmp_path / "clip", ["1.png", "2.png"])) as source:
        assert source.frame_rate == 30
        assert "30 fps is assumed" in source.warnings[0]
        twin = pickle.loads(pickle.dumps(source))
        assert twin.n_frames == 2
        assert twin.fingerprint == source.fingerprint
    with open_frames(tmp_path / "clip", fps="30000/1001") as source:
        assert source.frame_rate == Fraction(30000, 1001)


def test_depths_and_channels(tmp_path):
    grey = draw(77)
    colour = np.dstack([grey] * 3)
    alpha = np.dstack([colour, np.full_like(grey, 9)])
    images = [grey, colour, alpha, grey.astype(np.uint16) * 257, colour.astype(np.uint16) * 257]
    folder = write(tmp_path / "kinds", [f"{i}.png" for i in range(5)], images)
    with open_frames(folder, fps=30) as source:
        for i in range(5):
            assert np.abs(source.read(i).astype(int) - colour).max() <= 1
            assert np.abs(source.read_luma(i).astype(int) - grey).max() <= 1


def test_red_is_red(tmp_path):
    image = np.zeros((8, 8, 3), np.uint8)
    image[..., 2] = 250  # OpenCV writes blue, green, red
    with open_frames(write(tmp_path / "red", ["1.png"], [image]), fps=30) as source:
        assert source.read(0)[0, 0].tolist() == [250, 0, 0]


@pytest.mark.parametrize("suffix", [".png", ".tif", ".pgm"])
@pytest.mark.parametrize("first", ["bright", "dark"])
def test_the_depth_is_that_of_the_whole_folder(tmp_path, suffix, first):
    """12 bits in 16, of pictures that grow darker or lighter."""
    shift = np.arange(40) // 10 if first == "bright" else 3 - np.arange(40) // 10
    images = [draw(i).astype(np.uint16) << 4 >> int(shift[i]) for i in range(40)]
    folder = write(tmp_path / "dim", [f"{i}{suffix}" for i in range(40)], images)
    for _ in ("looked at", "known from before"):
        with open_frames(folder, fps=30) as source:
            for i in (0, 39, 17):
                expected = draw(i) / (1 << shift[i])
                assert np.abs(source.read_luma(i) - expected).max() <= 1
                assert np.abs(source.read(i) - expected[..., None]).max() <= 1
            (text,) = source.warnings
            assert "keeps 12 bits in 16-bit samples (the largest is 3440)" in text


def test_one_bright_picture_sets_the_scale_of_all(tmp_path):
    images = [draw(i).astype(np.uint16) << 4 for i in range(40)]
    images[33] = draw(33).astype(np.uint16) << 8
    folder = write(tmp_path / "flash", [f"{i}.png" for i in range(40)], images)
    with open_frames(folder, fps=30) as source:
        assert source.warnings == ()
        assert np.abs(source.read_luma(33).astype(int) - draw(33)).max() <= 1
        assert np.abs(source.read_luma(3) - draw(3) / 16).max() <= 1


def test_pictures_of_8_bits_beside_12_in_16_stay_as_they_are(tmp_path):
    images = [draw(0), draw(1).astype(np.uint16) << 4, np.dstack([draw(2)] * 3)]
    folder = write(tmp_path / "mixed", ["0.png", "1.png", "2.png"], images)
    with open_frames(folder, fps=30) as source:
        for i in range(3):
            assert np.abs(source.read_luma(i).astype(int) - draw(i)).max() <= 1


def save_turned(path, stored, number, deep=False):
    """Write a picture with EXIF's number of an orientation, as cameras and phones do."""
    image = Image.fromarray(stored.astype(np.uint16) * 257 if deep else stored)
    exif = Image.Exif()
    exif[0x0112] = number
    if path.suffix in {".tif", ".tiff"}:
        image.save(path, tiffinfo={274: number})
    else:
        lossless = {"lossless": True} if path.suffix == ".webp" else {}
        image.save(path, exif=exif, **lossless)


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".tif"])
@pytest.mark.parametrize("kind", ["grey", "colour", "deep"])
def test_every_picture_has_its_own_turn(tmp_path, suffix, kind):
    if kind == "deep" and suffix in {".jpg", ".webp"}:
        kind = "grey"
    undo = {
        1: lambda im: im,
        2: lambda im: im[:, ::-1],
        3: lambda im: im[::-1, ::-1],
        4: lambda im: im[::-1],
        5: lambda im: im.swapaxes(0, 1),
        6: lambda im: np.rot90(im),
        7: lambda im: np.rot90(im, 2).swapaxes(0, 1),
        8: lambda im: np.rot90(im, -1),
    }
    for number, stored in undo.items():
        image = draw(number * 3)
        if kind == "colour":
            image = np.dstack([image, image, image])
        path = tmp_path / f"{number}{suffix}"
        save_turned(path, np.ascontiguousarray(stored(image)), number, deep=kind == "deep")
    with open_frames(tmp_path, fps=30) as source:
        assert (source.n_frames, source.height, source.width) == (8, 64, 96)
        for i in range(8):
            expected = draw((i + 1) * 3).astype(int)
            close = 40 if suffix == ".jpg" else 1
            assert np.abs(source.read_luma(i) - expected).max() <= close
            assert np.abs(source.read(i) - expected[..., None]).max() <= close
            assert number_of(source.read(i)) == (i + 1) * 3


def test_a_turn_noted_behind_the_pixels_of_a_png(tmp_path):
    """Programs that add the note later put it at the end of the file."""
    for i in range(3):
        path = tmp_path / f"{i}.png"
        save_turned(path, np.ascontiguousarray(np.rot90(draw(i))), 6)
        data = path.read_bytes()
        start = data.index(b"eXIf") - 4
        end = start + 12 + int.from_bytes(data[start : start + 4], "big")
        assert data[-12:-4] == b"\0\0\0\0IEND"
        path.write_bytes(data[:start] + data[end:-12] + data[start:end] + data[-12:])
    with open_frames(tmp_path, fps=30) as source:
        assert [number_of(source.read(i)) for i in range(3)] == [0, 1, 2]


def test_pictures_of_another_size_are_refused_by_name(tmp_path):
    folder = write(tmp_path / "sizes", [f"f{i}.png" for i in range(9)])
    write(folder, ["f5.png"], [draw(5, 64, 98)])
    with pytest.raises(FrameReadError, match=r"f5\.png has 98×64"):
        open_frames(folder)


def test_an_unreadable_image_is_named(tmp_path):
    folder = write(tmp_path / "bad", [f"f{i}.png" for i in range(4)])
    whole = (folder / "f2.png").read_bytes()
    (folder / "f2.png").write_text("not a picture")
    with pytest.raises(FrameReadError, match=r"f2\.png"):
        open_frames(folder)
    # Sound in its header only: found when it is read.
    (folder / "f2.png").write_bytes(whole[: len(whole) // 2])
    with open_frames(folder, fps=30) as source:
        with pytest.raises(FrameReadError, match=r"f2\.png"):
            source.read(2)
        assert [image is None for image in source.iter_luma()] == [False, False, True, False]


@pytest.mark.parametrize("inside", [[], ["notes.txt"], ["clip.mp4", "clip.csv"]])
def test_a_folder_without_images_is_refused(tmp_path, inside):
    for name in inside:
        (tmp_path / name).touch()
    with pytest.raises(FrameReadError, match="holds no images") as caught:
        FolderFrames(tmp_path)
    assert ("clip.mp4" in str(caught.value)) == ("clip.mp4" in inside)
