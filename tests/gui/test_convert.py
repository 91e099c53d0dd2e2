"""Rectangle and interval: each gives back the other, whatever napari lets happen to a shape."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from napari_mespot.gui.convert import Lanes
from napari_mespot.model import ExpressionKind, Interval

KINDS = st.sampled_from(ExpressionKind)


@st.composite
def places(draw):
    lanes = Lanes.for_video(draw(st.integers(1, 1_000_000)))
    onset = draw(st.integers(0, lanes.n_frames - 1))
    return lanes, Interval(onset, draw(st.integers(onset, lanes.n_frames - 1)))


@given(places(), KINDS)
def test_there_and_back(place, kind):
    lanes, interval = place
    corners = lanes.rectangle(interval, kind)
    assert lanes.interval(corners) == (interval, kind)
    assert lanes.is_canonical(corners, interval, kind)


@given(places(), KINDS)
def test_as_coarse_numbers_as_napari_keeps(place, kind):
    lanes, interval = place
    assert lanes.interval(lanes.rectangle(interval, kind).astype(np.float32))[0] == interval


@given(places(), KINDS, st.lists(st.floats(-1e6, 1e6), min_size=8, max_size=8))
def test_whatever_was_done_it_is_an_interval_of_the_video(place, kind, moves):
    lanes, interval = place
    corners = lanes.rectangle(interval, kind) + np.reshape(moves, (4, 2))
    found, _ = lanes.interval(corners)
    assert 0 <= found.onset <= found.offset < lanes.n_frames


@given(places(), KINDS, st.permutations(range(4)))
def test_flipped_shapes_are_the_same(place, kind, order):
    lanes, interval = place
    assert lanes.interval(lanes.rectangle(interval, kind)[list(order)]) == (interval, kind)


@given(places(), KINDS, st.floats(-3, 3))
def test_a_shape_has_left_its_lane_when_it_is_wholly_beside_it(place, kind, shift):
    lanes, interval = place
    corners = lanes.rectangle(interval, kind) + np.array([shift * lanes.height, 0])
    if abs(abs(shift) - 0.9) > 1e-6:
        assert lanes.has_left(corners, kind) == (abs(shift) > 0.9)


@given(places(), st.floats(-0.45, 0.45))
def test_a_shape_in_between_goes_to_the_nearest_lane(place, shift):
    lanes, interval = place
    for kind in ExpressionKind:
        corners = lanes.rectangle(interval, kind) + np.array([shift * lanes.height, 0])
        assert lanes.interval(corners)[1] is kind
