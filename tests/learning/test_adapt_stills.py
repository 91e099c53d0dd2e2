"""Where a face rests: nothing found there, the head still, the skin still."""

from fractions import Fraction

import numpy as np
import pytest
from tests.fixtures.moving_skin import skin_picture, smooth_field, warped

from napari_mespot.face import FaceSequence
from napari_mespot.learning.adapt_params import AdaptParams
from napari_mespot.learning.adapt_stills import still_stretches
from napari_mespot.model import Expression, ExpressionKind, Interval

PARAMS = AdaptParams()
N = 120


def resting(*, moved=(), turned=(), **more):
    """Four seconds of a face; in some frames its skin is moved, or its head turned."""
    picture, noise = skin_picture(), np.random.default_rng(0)
    raised = warped(picture, smooth_field().backward(4.0))
    shown = [(raised if i in moved else picture) + noise.normal(0, 1, (112, 112)) for i in range(N)]
    shape = np.zeros((N, 26), np.float32)
    shape[list(turned), -2] = 15.0
    return FaceSequence(
        video_id="one",
        frame_rate=Fraction(30),
        images=np.clip(np.rint(shown), 0, 255).astype(np.uint8),
        confidence=np.ones(N, np.float32),
        transforms=np.repeat(np.eye(2, 3)[None], N, axis=0),
        **{"shape": shape, "found": np.ones(N, np.bool_), **more},
    )


def frames_of(stills):
    return {frame for still in stills for frame in still.frames}


def test_a_face_that_does_nothing_rests_throughout():
    assert len(frames_of(still_stretches(resting(), (), PARAMS))) >= N - 6


@pytest.mark.parametrize("what", ["moved", "turned"])
def test_where_skin_or_head_move_it_does_not_rest(what):
    stills = still_stretches(resting(**{what: range(50, 70)}), (), PARAMS)
    assert any(still.offset < 50 for still in stills)
    assert any(still.onset > 69 for still in stills)
    # Frames before and after a movement are never in one stretch with it.
    for still in stills:
        assert len({frame in range(50, 70) for frame in still.frames}) == 1
    if what == "turned":
        assert not frames_of(stills) & set(range(50, 70))


def test_what_the_checkpoint_finds_is_no_rest_nor_is_what_is_near():
    found = Expression(Interval(50, 69), ExpressionKind.MACRO, score=0.8)
    assert not frames_of(still_stretches(resting(), (found,), PARAMS)) & set(range(43, 77))


def test_a_stretch_ends_at_a_cut_and_where_no_face_is_seen():
    seen = np.ones(N, np.bool_)
    seen[90:] = False
    stills = still_stretches(resting(breaks=(60,), found=seen), (), PARAMS)
    assert not any(59 in s.frames and 60 in s.frames for s in stills)
    assert max(frames_of(stills)) < 90


def test_short_ones_are_left_out_and_long_ones_divided():
    short = PARAMS.model_copy(update={"longest_still_s": 1.0})
    assert all(s.n_frames <= 33 for s in still_stretches(resting(), (), short))
    assert still_stretches(resting(), (), PARAMS.model_copy(update={"still_s": 5.0})) == ()


def test_without_a_shape_nobody_knows_whether_the_head_is_still():
    assert still_stretches(resting(shape=None), (), PARAMS) == ()
