"""Labels and the frame files they speak of."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fixtures.datasets import (
    build_cas_me2,
    build_cas_me3,
    build_samm_lv,
    build_smic_e_long,
    samm_row,
    write_frames,
    write_samm_sheet,
)

from napari_mespot.errors import FrameReadError
from napari_mespot.frames import open_frames
from napari_mespot.frames.numbering import number_files
from napari_mespot.io.datasets import DatasetKind, kth_frame, read_dataset, summary_of
from napari_mespot.io.datasets.frame_numbers import numbers_of
from napari_mespot.model import Expression, ExpressionKind, Interval

ME, MAE = ExpressionKind.MICRO, ExpressionKind.MACRO
IMAGES = np.zeros((20, 16, 16), np.uint8)
VIDEOS = [
    (15, 1, IMAGES, [("ME", 3, 5, 6), ("MaE", 2, 8, 16)]),
    (15, 2, IMAGES, []),
    (16, 1, IMAGES, [("MaE", 0, 4, 19)]),
]
LETTERED = [(s, "ab"[i - 1], images, labels) for s, i, images, labels in VIDEOS]


@pytest.mark.parametrize(
    ("build", "videos", "kind", "rate", "names"),
    [
        (build_samm_lv, VIDEOS, "samm_lv", 200, ["015_1", "015_2", "016_1"]),
        (build_cas_me2, VIDEOS, "cas_me2", 30, ["15_0101", "15_0102", "16_0101"]),
        (build_cas_me3, LETTERED, "cas_me3", 30, ["spNO.15_a", "spNO.15_b", "spNO.16_a"]),
        (build_smic_e_long, VIDEOS, "smic_e_long", 100, ["s15_ne_01", "s15_ne_02", "s16_ne_01"]),
    ],
)
def test_each_layout_is_recognised_and_read(tmp_path, build, videos, kind, rate, names):
    found = read_dataset(build(tmp_path, videos))
    assert found.kind == kind
    assert found.problems == ()
    assert found.frame_rate == rate
    assert [v.annotation.video_id for v in found.videos] == names
    assert len(found.subjects) == 2
    assert all(v.annotation.reviewed == (Interval(0, 19),) for v in found.videos)
    intervals = [[e.interval for e in v.annotation.expressions] for v in found.videos]
    assert intervals == [[Interval(2, 16), Interval(3, 6)], [], [Interval(0, 19)]]
    assert all(open_frames(v.path, fps=rate).n_frames == 20 for v in found.videos)
    only = found.of_subjects([found.subjects[1]])
    assert [v.annotation.video_id for v in only.videos] == names[2:]


def test_missing_frames_shift_labels_with_their_files(tmp_path):
    build_samm_lv(tmp_path, [(6, 1, IMAGES, [("MaE", 4, 8, 12), ("ME", 14, 15, 25)])])
    for number in (2, 3, 13):
        (tmp_path / "006_1" / f"006_1_{number:04}.jpg").unlink()
    found = read_dataset(tmp_path)
    (video,) = found.videos
    macro, micro = video.annotation.expressions
    numbers = open_frames(video.path, fps=200).numbers
    assert (numbers[macro.onset], numbers[macro.apex], numbers[macro.offset]) == (5, 9, 12)
    assert (numbers[micro.onset], numbers[micro.offset]) == (15, 20)
    assert {p.rule for p in found.problems} == {
        "no frame is missing",
        "onset and offset have a file",
        "offset is a frame of the video",
    }
    assert any("3 missing: 2–3, 13" in p.raw for p in found.problems)


def test_a_label_without_any_of_its_frames_is_left_out_and_named(tmp_path):
    build_samm_lv(tmp_path, [(6, 1, IMAGES, [("ME", 30, 32, 35), ("ME", 1, 2, 3)])])
    found = read_dataset(tmp_path)
    assert found.count(ME) == 1
    assert [p.rule for p in found.problems] == ["labelled frames exist"]
    assert found.problems[0].row == 11


def test_files_counted_from_zero_by_somebody_else(tmp_path):
    build_samm_lv(tmp_path, [(6, 1, None, [("ME", 4, 5, 6)])])
    write_frames(tmp_path / "006_1", IMAGES, "006_1_{:04}.jpg", first=0)
    found = read_dataset(tmp_path)
    assert found.videos[0].annotation.expressions[0].interval == Interval(4, 6)
    assert [p.rule for p in found.problems] == ["files are numbered like labels"]


def test_long_and_short_numbers_are_sorted_as_numbers(tmp_path):
    build_samm_lv(tmp_path, [(20, 6, None, [("ME", 9998, 9999, 10001)])])
    images = np.zeros((10_010 - 9_990, 8, 8), np.uint8)
    write_frames(tmp_path / "020_6", images, "020_6_{:04}.jpg", first=9_990)
    found = read_dataset(tmp_path)
    video = found.videos[0]
    numbers = open_frames(video.path, fps=200).numbers
    (expression,) = video.annotation.expressions
    assert (numbers[expression.onset], numbers[expression.offset]) == (9999, 10002)


def test_whole_frames_are_preferred_to_cropped_ones(tmp_path):
    build_samm_lv(tmp_path / "SAMM", [(6, 1, IMAGES, [("ME", 4, 5, 6)])])
    cropped = tmp_path / "SAMM" / "SAMM_longvideos_crop" / "006_1"
    write_frames(cropped, IMAGES, "006_1_{:04}.jpg", first=1)
    found = read_dataset(tmp_path)
    assert found.videos[0].path == tmp_path / "SAMM" / "006_1"
    assert [p.rule for p in found.problems] == ["a video lies in one place"]
    only = read_dataset(tmp_path / "SAMM", frames=cropped.parent)
    assert only.videos[0].path == cropped
    assert only.problems == ()


def test_blinks_of_cas_me3_are_no_expressions(tmp_path):
    images = np.zeros((12, 16, 16), np.uint8)
    build_cas_me3(
        tmp_path, [(1, "a", images, [("ME", 2, None, 4)])], blinks=[(1, "a", 8, 10), (1, "A", 5, 6)]
    )
    write_frames(tmp_path / "spNO.1" / "a" / "depth", images, "{}.png", first=0)
    (video,) = read_dataset(tmp_path).videos
    assert video.non_expressions == (Interval(5, 6), Interval(8, 10))
    assert video.path.name == "color"
    assert video.annotation.expressions[0].apex is None


def test_equal_file_names_of_two_subjects_stay_apart(tmp_path):
    videos = [(15, 1, IMAGES, [("ME", 1, 2, 3)]), (16, 1, IMAGES, [("ME", 4, 5, 6)])]
    found = read_dataset(build_cas_me2(tmp_path, videos))
    assert [v.annotation.expressions[0].onset for v in found.videos] == [1, 4]


def test_challenge_folders_have_no_labels(tmp_path):
    for name in ("001_2", "sub01"):
        write_frames(tmp_path / "set" / name, IMAGES, "img{:04}.jpg", first=1)
    found = read_dataset(tmp_path)
    assert found.kind is DatasetKind.SAMM_CHALLENGE
    assert not found.labelled
    assert [v.annotation.video_id for v in found.videos] == ["001_2", "sub01"]
    assert [v.annotation.frame_rate for v in found.videos] == [Fraction(200), Fraction(30)]
    assert found.frame_rate is None
    assert found.problems == ()


def test_kth_frame_is_half_the_mean_length():
    def expression(onset, offset):
        return Expression(Interval(onset, offset), ME)

    assert kth_frame([expression(0, 9)]) == 5
    assert kth_frame([expression(0, 9), expression(5, 20)]) == int((12 + 1) / 2)
    with pytest.raises(ValueError, match="at least one"):
        kth_frame([])


def test_summary_counts_frames_once(tmp_path):
    videos = [(6, 1, IMAGES, [("MaE", 2, 4, 9), ("MaE", 5, 6, 11), ("ME", 3, 4, 5)])]
    found = read_dataset(build_samm_lv(tmp_path, videos))
    macro, micro = summary_of(found, MAE), summary_of(found, ME)
    assert (macro.n_labels, macro.n_positive, macro.n_reviewed) == (2, 10, 20)
    assert (macro.share, micro.share) == (0.5, 0.15)
    assert macro.longest_s == pytest.approx(8 / 200)


def test_labels_of_blinks_alone_can_be_taken_for_no_expressions(tmp_path):
    folder = build_samm_lv(tmp_path, [(6, 1, IMAGES, [])])
    rows = [
        (*samm_row(6, "006_1_1", "ME", (2, 3, 5))[:8], "45", None),
        (*samm_row(6, "006_1_2", "ME", (8, 9, 11))[:8], "4B+45", None),
        (*samm_row(6, "006_1_3", "MaE", (13, 14, 15))[:8], "", None),
    ]
    write_samm_sheet(folder / "SAMM_LongVideos_V3_Release.xlsx", rows)
    found = read_dataset(folder)
    (video,) = found.without_labels_of((43, 45)).videos
    assert [e.onset for e in video.annotation.expressions] == [8, 13]
    assert video.non_expressions == (Interval(2, 5),)
    assert found.without_labels_of(()) == found


NAMES = st.lists(
    st.builds(
        "{}{}{}{}".format,
        st.sampled_from(["img", "006_1_", "", "frame-"]),
        st.integers(0, 12_000).map(str) | st.integers(0, 12).map("{:04}".format) | st.just(""),
        st.sampled_from(["", "_a"]),
        st.sampled_from([".jpg", ".PNG", ".bmp"]),
    ).filter(lambda name: name[0] != "."),
    min_size=1,
    max_size=30,
    unique=True,
)


@given(NAMES)
def test_numbers_are_those_of_the_frames_room(names):
    from pathlib import Path

    try:
        ordered = number_files([Path(name) for name in names])
    except FrameReadError:
        with pytest.raises(FrameReadError):
            numbers_of(names)
    else:
        assert numbers_of(names).numbers == ordered.numbers
