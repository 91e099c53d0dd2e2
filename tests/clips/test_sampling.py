"""Skips and reference frames."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.reference.clips import slow_clip

from napari_mespot.clips import ClipParams, clip_frames, draw_skips, frame_skips

SAMM = ClipParams(skip_me_s=37 / 200, skip_mae_s=217 / 200)


def test_default_skips_are_the_kth_frames_of_the_paper():
    assert frame_skips(ClipParams(), Fraction(30)) == (6, 19)
    assert frame_skips(SAMM, Fraction(200)) == (37, 217)


def test_skips_follow_the_frame_rate():
    assert frame_skips(ClipParams(), Fraction(200)) == (40, 127)
    assert frame_skips(ClipParams(), Fraction(30000, 1001)) == (6, 19)


@given(st.fractions(Fraction(1, 100), Fraction(1000)))
def test_skips_are_at_least_one_and_differ_at_any_frame_rate(rate):
    first, second = frame_skips(ClipParams(), rate)
    assert 1 <= first < second


def test_a_frame_rate_of_zero_is_refused():
    with pytest.raises(ValueError, match="frame_rate > 0"):
        frame_skips(ClipParams(), Fraction(0))


@given(
    st.data(), st.integers(1, 50), st.sampled_from(["past", "future", "both"]), st.integers(1, 4)
)
def test_clips_equal_the_slow_ones(data, n_frames, direction, per_side):
    positions = data.draw(st.lists(st.integers(0, n_frames - 1), max_size=20))
    skips = data.draw(st.tuples(st.integers(0, 100), st.integers(0, 100)))
    expected = [
        [slow_clip(p, skip, n_frames, direction, per_side) for skip in skips] for p in positions
    ]
    assert clip_frames(positions, skips, n_frames, direction, per_side).tolist() == expected


def test_a_position_outside_the_video_is_refused():
    with pytest.raises(ValueError, match=r"0\.\.9"):
        clip_frames([10], (1, 2), 10, "past")


def test_an_unknown_direction_is_refused():
    with pytest.raises(ValueError, match="past, future, both"):
        clip_frames([0], (1, 2), 10, "sideways")


def test_a_clip_is_two_pairs_of_reference_frame_and_frame():
    assert clip_frames([30], (6, 19), 100, "past").tolist() == [[[24, 30], [11, 30]]]
    assert clip_frames([30], (6, 19), 100, "future").tolist() == [[[36, 30], [49, 30]]]


def test_a_clip_can_have_a_reference_frame_on_either_side():
    assert clip_frames([30], (6, 19), 100, "both").tolist() == [[[24, 30, 36], [11, 30, 49]]]


def test_a_clip_can_have_several_reference_frames_on_a_side():
    frames = clip_frames([40], (6, 19), 100, "both", 2)
    assert frames.tolist() == [[[28, 34, 40, 46, 52], [2, 21, 40, 59, 78]]]
    assert ClipParams(reference="both", references_per_side=2).images_per_stream == 5
    assert ClipParams(reference="past", references_per_side=2).images_per_stream == 3


def test_a_clip_without_reference_frames_is_refused():
    with pytest.raises(ValueError, match="per_side >= 1"):
        clip_frames([0], (1, 2), 10, "past", 0)


def test_clips_are_clamped_to_the_video():
    frames = clip_frames(np.arange(5), (2, 40), 5, "past")
    assert frames.shape == (5, 2, 2)
    assert frames[:, 0, 0].tolist() == [0, 0, 0, 1, 2]
    assert frames[:, 1, 0].tolist() == [0] * 5


def test_each_clip_can_have_skips_of_its_own():
    frames = clip_frames([50, 60], [(3, 10), (5, 20)], 100, "past")
    assert frames[:, :, 0].tolist() == [[47, 40], [55, 40]]


def test_random_skips_cover_the_range_of_the_paper():
    skips = draw_skips(ClipParams(), Fraction(30), 5000, np.random.default_rng(0))
    assert skips.shape == (5000, 2)
    assert (skips[:, 0].min(), skips[:, 0].max()) == (3, 9)
    assert (skips[:, 1].min(), skips[:, 1].max()) == (16, 50)


def test_random_skips_repeat_with_their_seed():
    first, second = (
        draw_skips(ClipParams(), Fraction(30), 9, np.random.default_rng(7)) for _ in range(2)
    )
    assert np.array_equal(first, second)


def test_random_skips_stay_ordered_at_a_very_low_frame_rate():
    skips = draw_skips(ClipParams(), Fraction(1), 100, np.random.default_rng(0))
    assert (skips[:, 0] >= 1).all()
    assert (skips[:, 1] > skips[:, 0]).all()
