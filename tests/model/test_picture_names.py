"""The number that counts is found wherever it stands in the names of images."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_mespot.errors import FrameReadError
from napari_mespot.model import picture_order


def shuffled(names):
    return sorted(names, key=lambda name: name[::-1])


@pytest.mark.parametrize(
    "pattern",
    [
        "frame{:04d}_640x480.png",
        "{:05d}_cam1.png",
        "img_{}_of_40.png",
        "s07_2_{}_v3.tif",
        "{}.jpg",
        "subject 12 - {} (2).bmp",
        "2024-01-05_{:03d}_take2.png",
        "IMG_20240105_102233_{:03d}.jpg",
        "cam3-{}-ffa1c2.png",
    ],
)
def test_the_number_that_varies_counts(pattern):
    names = [pattern.format(i) for i in range(40)]
    order = picture_order(shuffled(names))
    assert list(order.names) == names
    assert order.left_out == ()


def test_numbers_need_no_leading_zeros_and_no_beginning_at_zero():
    names = [f"take2_{i}_1280x720.png" for i in range(95, 130)]
    order = picture_order(shuffled(names))
    assert list(order.names) == names
    assert order.numbers == tuple(range(95, 130))


def test_a_count_beside_a_time_counts():
    names = [f"frame_{i:04d}_t{i * 33}ms.png" for i in range(40)]
    assert picture_order(shuffled(names)).numbers == tuple(range(40))
    # However odd the other number is.
    names = [f"{i:04d}_{(i * 7919) % 997}.png" for i in range(40)]
    assert list(picture_order(shuffled(names)).names) == names


def test_letters_and_digits_without_order_beside_the_count():
    marks = ["a8f3b2", "c0ffee", "09d41b", "77e5a1", "b2b2b2", "f00d12", "3e8a90", "d4d4d4"]
    names = [f"frame_{i:03d}_{mark}.png" for i, mark in enumerate(marks)]
    assert list(picture_order(shuffled(names)).names) == names


@pytest.mark.parametrize(
    "pattern",
    [
        "{:%Y-%m-%d_%H-%M-%S}-{:03d}.png",
        "Image_{:%Y%m%d_%H%M%S}_{:03d}.tif",
        "{:%Y%m%d%H%M%S}{:03d}.jpg",
        "cam1 {:%Y-%m-%dT%H.%M.%S}.{:03d}.png",
        "{:%H-%M-%S}-{:03d}.png",
    ],
)
def test_dates_and_times_are_read_from_left_to_right(pattern):
    from datetime import datetime, timedelta

    start = datetime(2024, 12, 31, 22, 59, 58, 900_000)
    moments = [start + timedelta(milliseconds=33 * i) for i in range(90)]
    names = [pattern.format(m, m.microsecond // 1000) for m in moments]
    order = picture_order(shuffled(names))
    assert list(order.names) == names


def test_time_stamps_of_a_camera():
    stamps = [1_700_000_000_123_456_789 + i * 33_333_333 + (i * 7919) % 1000 for i in range(30)]
    names = [f"left_{stamp}.png" for stamp in stamps]
    assert list(picture_order(shuffled(names)).names) == names


def test_parts_that_go_on_counting_are_one_sequence():
    names = [f"part{1 + i // 20}_{i:03d}.png" for i in range(60)]
    assert list(picture_order(shuffled(names)).names) == names


@pytest.mark.parametrize(
    "names",
    [
        [f"cam{c}_{i:03d}.png" for c in (0, 1) for i in range(20)],
        [f"{i:03d}_{side}.png" for side in ("left", "right") for i in range(20)],
        [f"{i}.{ending}" for ending in ("png", "jpg") for i in range(20)],
        [f"take{t}_cam{c}_{i}.png" for t in (1, 2) for c in (1, 2) for i in range(5)],
    ],
)
def test_sequences_of_one_length_are_not_chosen_among(names):
    with pytest.raises(FrameReadError, match="give each a folder of its own"):
        picture_order(names)


def test_numbers_that_disagree_are_refused():
    # Counting up and counting down, and parts whose numbers start again elsewhere.
    for names in (
        [f"{i}_{39 - i}.png" for i in range(40)],
        [f"s{1 + i // 20}_{(i * 20) % 400 + i // 20}.png" for i in range(40)],
    ):
        with pytest.raises(FrameReadError, match="rename the images") as caught:
            picture_order(names)
        assert "\n" not in str(caught.value)


def test_the_longer_sequence_is_taken_and_the_rest_named():
    cam0 = [f"cam0_{i:03d}.png" for i in range(30)]
    order = picture_order(cam0 + [f"cam1_{i:03d}.png" for i in range(9)] + ["map.png"])
    assert list(order.names) == cam0
    assert len(order.left_out) == 10


def test_a_stranger_with_a_number_is_no_frame():
    frames = [f"frame_{i:03d}.png" for i in range(40)]
    for stranger in ("cover_2024.png", "thumb_7.png", "frame 40 (copy).png", "background_40.png"):
        order = picture_order([stranger, *frames])
        assert list(order.names) == frames, stranger
        assert order.left_out == (stranger,)


def test_writers_change_case_and_ending():
    names = ["IMG_1.png", "img_2.png", "IMG_3.jpg", "img_4.JPG"]
    assert list(picture_order(shuffled(names)).names) == names


def test_one_name():
    assert picture_order(["7_9.png"]).numbers == (9,)
    assert picture_order(["face.png"]).numbers == (0,)


@given(
    st.lists(st.integers(0, 2**70), min_size=1, max_size=25, unique=True),
    st.text("abz_- .", max_size=6),
    st.text("xyz_-", min_size=1, max_size=6),
    st.integers(0, 999),
    st.booleans(),
)
def test_no_image_is_lost(numbers, before, after, fixed, first):
    """One number varies, another stays: all names come back, in order, with the right number."""
    parts = (f"{before}{{}}{after}{fixed}") if first else (f"{before}{fixed}{after}{{}}")
    names = [parts.format(number) + ".png" for number in numbers]
    order = picture_order(names)
    assert sorted(order.names) == sorted(names)
    assert order.left_out == ()
    if len(numbers) > 1:
        assert order.numbers == tuple(sorted(numbers))
