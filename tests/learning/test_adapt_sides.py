"""What is learned from and what judges share no frame."""

from fractions import Fraction
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from napari_mespot.face import FaceSequence
from napari_mespot.learning.adapt_params import AdaptParams
from napari_mespot.learning.adapt_sides import divided
from napari_mespot.learning.adapt_watch import WatchedPart
from napari_mespot.model import Clock, Expression, ExpressionKind, Interval
from napari_mespot.spotting import Evidence

PARAMS = AdaptParams()
N = 600


def part(stills=(), found=(), name="one"):
    n = np.ones(N, np.bool_)
    faces = FaceSequence(
        name, Fraction(30), np.zeros((N, 2, 2), np.uint8), n, n.astype(np.float32),
        np.repeat(np.eye(2, 3)[None], N, axis=0),
    )  # fmt: skip
    evidence = Evidence(name, Clock(Fraction(30)), np.zeros((N, 2), np.float32), None, n)
    sure = tuple(Expression(i, ExpressionKind.MACRO, score=0.95) for i in found)
    return WatchedPart(Path("v.mp4"), name, 0, faces, evidence, sure, tuple(stills))


@st.composite
def several(draw):
    parts = []
    for number in range(draw(st.integers(1, 3))):
        edges = draw(st.lists(st.integers(0, N - 1), min_size=0, max_size=12, unique=True))
        pairs = zip(sorted(edges)[::2], sorted(edges)[1::2], strict=False)
        own = [Interval(a, b) for a, b in pairs if b > a]
        parts.append(part(own[::2], own[1::2], f"{number}"))
    return parts


@given(several())
def test_all_that_is_kept_lies_later_and_a_gap_lies_between(parts):
    learned, kept = divided(parts, PARAMS)
    before = [(i, f) for i, s in (*learned.ranges, *learned.stills) for f in (s.onset, s.offset)]
    after = [(i, f) for i, s in (*kept.ranges, *kept.stills) for f in (s.onset, s.offset)]
    if before and after:
        assert max(before) < min(after)
        (i, last), (j, first) = max(before), min(after)
        assert i < j or first - last > PARAMS.gap_s * 30 * 0.9
    for side in (learned, kept):
        for i, still in side.stills:
            assert any(outer.intersection(still) == still for outer in parts[i].stills)
            assert still.n_frames >= PARAMS.still_s * 30


def test_one_long_stretch_is_divided_by_the_share():
    learned, kept = divided([part([Interval(0, 239)])], PARAMS)
    assert learned.stills_of(0) == (Interval(0, 135),)
    assert kept.stills_of(0) == (Interval(152, 239),)


def test_own_expressions_are_divided_too_where_the_face_never_rests():
    moves = [Interval(100 * k + 10, 100 * k + 50) for k in range(5)]
    learned, kept = divided([part(found=moves)], PARAMS)
    assert sum(learned.ranges[0][1].intersection(m) == m for m in moves) == 3
    assert sum(kept.ranges[0][1].intersection(m) == m for m in moves) >= 1


def test_nothing_gives_nothing():
    assert all(not side.stills and not side.ranges for side in divided([part()], PARAMS))
    assert all(not side.ranges for side in divided([], PARAMS))
