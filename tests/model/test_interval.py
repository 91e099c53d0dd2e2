"""Interval equals the set of its frames (the definition of the MEGC's metric)."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_mespot import Interval
from napari_mespot.model import merged

ENDS = st.tuples(st.integers(0, 30), st.integers(0, 30)).map(sorted)
INTERVALS = ENDS.map(lambda ends: Interval(*ends))


def frames(interval: Interval) -> set[int]:
    return set(range(interval.onset, interval.offset + 1))


@given(INTERVALS, INTERVALS)
def test_algebra_is_that_of_sets(a, b):
    assert set(a.frames) == frames(a)
    assert a.n_frames == len(frames(a))
    assert a.overlap(b) == len(frames(a) & frames(b))
    assert a.iou(b) == len(frames(a) & frames(b)) / len(frames(a) | frames(b))
    hull = frames(a.hull(b))
    assert hull == set(range(min(frames(a) | frames(b)), max(frames(a) | frames(b)) + 1))
    assert a.gap(b) == len(hull - frames(a) - frames(b))
    both = a.intersection(b)
    assert (frames(both) if both else set()) == frames(a) & frames(b)


@given(INTERVALS, st.integers(-2, 35))
def test_membership_and_clipping(a, frame):
    assert (frame in a) == (frame in frames(a))
    clipped = a.clipped(frame)
    assert (frames(clipped) if clipped else set()) == frames(a) & set(range(frame))


@given(st.lists(INTERVALS, max_size=6))
def test_merging_keeps_the_frames_and_leaves_gaps(intervals):
    joined = merged(intervals)
    assert set().union(*map(frames, joined)) == set().union(*map(frames, intervals))
    assert all(a.offset + 1 < b.onset for a, b in itertools.pairwise(joined))


@given(INTERVALS, INTERVALS)
def test_it_is_a_value(a, b):
    assert (a == b) == (frames(a) == frames(b))
    assert (a < b) == ((a.onset, a.offset) < (b.onset, b.offset))
    assert hash(a) == hash(Interval(a.onset, a.offset))


@pytest.mark.parametrize("ends", [(-1, 3), (3, 2)])
def test_impossible_intervals_are_refused(ends):
    with pytest.raises(ValueError, match="Expected"):
        Interval(*ends)


def test_fractional_frames_are_refused():
    with pytest.raises(TypeError):
        Interval(1.0, 2)  # type: ignore[arg-type]


def test_numpy_frames_become_plain_integers():
    import numpy as np

    interval = Interval(np.int64(1), np.int32(2))
    assert type(interval.onset) is type(interval.offset) is int
