"""A walk along a clip's own time shows what the truth says, and nothing else gives it away."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import cv2
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.fixtures.moving_skin import GROWTH, moving_clip

from napari_mespot.errors import AnnotationFormatError
from napari_mespot.frames import FrameSource
from napari_mespot.learning.own_motion import walk, walk_motion
from napari_mespot.learning.own_motions import OwnMotion, own_motions
from napari_mespot.learning.walk_params import WalkParams
from napari_mespot.learning.walk_path import draw_walks, walk_rows
from napari_mespot.model import Annotation, Expression, ExpressionKind, Interval, ReviewStatus

ME, MAE = ExpressionKind.MICRO, ExpressionKind.MACRO
PARAMS = WalkParams()
LABEL = Expression(Interval(20, 40), MAE, apex=29, action_units="12")


def labelled(*labels, n_frames=None):
    return Annotation("skin", n_frames, Fraction(30), labels)


@pytest.fixture(scope="module")
def motion():
    (found,) = own_motions(moving_clip(), labelled(LABEL), PARAMS)
    return found


def test_the_still_face_and_the_growth_are_measured(motion):
    # Frame 20 shows the still face once more, so that the label comes a frame early.
    assert motion.clip.stretch.onset + motion.base in {18, 19}
    assert motion.n_frames >= 15
    rows = np.arange(motion.base, motion.base + len(motion.sizes_px))
    true = np.interp(rows + motion.clip.stretch.onset, np.arange(20, 20 + len(GROWTH)), GROWTH)
    assert motion.sizes_px == pytest.approx(true, abs=0.15, rel=0.12)
    assert np.all(np.diff(motion.sizes_px) >= 0)
    assert motion.row_at(0.0) == motion.base
    assert motion.sizes_px[round(motion.row_at(3.4)) - motion.base] == pytest.approx(3.4, abs=0.5)


@pytest.mark.parametrize("late", [0, 4, 8])
def test_a_label_may_be_late(late):
    label = replace(LABEL, interval=Interval(21 + late, 40), apex=30)
    (found,) = own_motions(moving_clip(), labelled(label), PARAMS)
    assert found.clip.stretch.onset + found.base in {19, 20, 21}


def test_a_label_may_be_early_and_the_clip_may_begin_later():
    label = replace(LABEL, interval=Interval(116, 140), apex=129)
    (found,) = own_motions(moving_clip(first=100), labelled(label), PARAMS)
    assert found.clip.stretch.onset + found.base == 115
    assert found.largest_px > 5


def test_a_blink_of_movement_before_the_onset_ends_the_still_stretch():
    """What moves 15 frames before is not taken for rest."""
    clip = moving_clip(n_still=20, growth=(3.0, 3.0, *(0.0,) * 10, *GROWTH))
    label = replace(LABEL, interval=Interval(33, 50), apex=41)
    (found,) = own_motions(clip, labelled(label), PARAMS)
    assert found.clip.stretch.onset >= 22


@pytest.mark.parametrize(
    "labels",
    [
        (),
        (replace(LABEL, status=ReviewStatus.REJECTED),),
        (replace(LABEL, status=ReviewStatus.PREDICTED),),
        (replace(LABEL, extras=(("confidence", "doubtful"),)),),
        (LABEL, Expression(Interval(2, 16), MAE)),
        (replace(LABEL, interval=Interval(3, 12), apex=10),),
        (replace(LABEL, interval=Interval(0, 12), apex=10),),
        (replace(LABEL, interval=Interval(300, 312), apex=310),),
    ],
    ids=["none", "rejected", "predicted", "doubtful", "chained", "no room", "at 0", "elsewhere"],
)
def test_onsets_that_do_not_begin_from_rest_are_refused(labels):
    with pytest.raises(AnnotationFormatError, match="expected a labelled onset"):
        walk(moving_clip(), labelled(*labels), PARAMS, seconds=2)


def test_a_cut_is_no_movement():
    clip = moving_clip(growth=(0.0, 0.0))
    turned = np.concatenate([clip.frames, clip.frames[:8, ::-1, ::-1]])
    clip = replace(
        clip,
        frames=turned,
        stretch=Interval(0, len(turned) - 1),
        transforms=np.repeat(clip.transforms[:1], len(turned), axis=0),
    )
    label = replace(LABEL, interval=Interval(22, 29), apex=28)
    assert own_motions(clip, labelled(label), PARAMS) == ()


def test_a_rendition_can_be_used_wherever_a_video_can():
    video = walk(moving_clip(), labelled(LABEL), PARAMS, seconds=3)
    assert isinstance(video, FrameSource)
    assert video.read_many([5, 2]).shape == (2, 112, 112, 3)
    frames = list(video.iter_luma())
    assert len(frames) == video.n_frames == 90
    assert np.array_equal(frames[7], video.read(7)[..., 1])
    with pytest.raises(IndexError):
        video.read_luma(90)


def test_the_truth_is_where_pictures_differ_from_rest(motion):
    video = walk_motion(motion, PARAMS, seconds=12, seed=2)
    own = {frame.tobytes() for frame in motion.neutral.frames}
    assert {e.kind for e in video.truth.expressions} == {ME, MAE}
    shown = np.zeros(video.n_frames, dtype=bool)
    for expression in video.truth.expressions:
        shown[expression.onset : expression.offset + 1] = True
        assert expression.action_units == "12"
    for index, frame in enumerate(video.iter_luma()):
        assert (frame.tobytes() in own) == (not shown[index])
        assert (video.rows[index] > motion.base) == shown[index]


def test_the_skin_moves_as_far_as_is_planned(motion):
    """Measured against the pictures that the clip was made from, without noise."""
    video = walk_motion(motion, PARAMS, seconds=20, seed=5)
    still = motion.neutral.frames.mean(axis=0)
    for planned in video.walks:
        apex = video.read_luma(planned.expression.apex).astype(np.float32)
        sizes = np.asarray(GROWTH[:10])
        clip = moving_clip()
        near = [np.abs(apex - f.astype(np.float32)).mean() for f in clip.frames[20:30]]
        best = float(sizes[int(np.argmin(near))])
        assert best == pytest.approx(planned.size_px, abs=0.8)
        assert np.abs(apex - still).mean() > 1.2 * np.abs(clip.frames[3] - still).mean()


def test_noise_does_not_tell_where_one_walks(motion):
    """Blending would make the noise weaker between the frames of the clip."""
    video = walk_motion(motion, PARAMS, seconds=10, seed=4)

    def noise(frame):
        fine = frame - cv2.GaussianBlur(frame, (0, 0), 1)
        return np.median(np.abs(fine))

    frames = [f.astype(np.float32) for f in video.iter_luma()]
    usual = np.mean([noise(f.astype(np.float32)) for f in motion.neutral.frames])
    levels = np.array([noise(f) for f in frames])
    assert levels == pytest.approx(usual, rel=0.1)


def test_equal_seeds_give_equal_bytes_and_other_seeds_other_walks(motion):
    one, same, other = (walk_motion(motion, PARAMS, seconds=4, seed=s) for s in (1, 1, 2))
    assert one.truth == same.truth
    assert one.fingerprint == same.fingerprint != other.fingerprint
    assert all(np.array_equal(a, b) for a, b in zip(one.iter_luma(), same.iter_luma(), strict=True))
    assert one.truth.expressions != other.truth.expressions


def test_frames_can_be_read_in_any_order(motion):
    video = walk_motion(motion, PARAMS, seconds=6, seed=3)
    order = [150, 3, 77, 78, 150, 0]
    again = walk_motion(motion, PARAMS, seconds=6, seed=3)
    frames = {i: again.read_luma(i) for i in sorted(order)}
    assert all(np.array_equal(video.read_luma(i), frames[i]) for i in order)


def test_seeds_take_the_onsets_of_a_clip_in_turn():
    clip = moving_clip(n_still=20, growth=(*GROWTH, *(0.0,) * 20, *GROWTH))
    second = Expression(Interval(53, 70), MAE, apex=62, action_units="1+2")
    labels = labelled(LABEL, second)
    found = own_motions(clip, labels, PARAMS)
    assert [m.label.action_units for m in found] == ["12", "1+2"]
    for seed in range(3):
        video = walk(clip, labels, PARAMS, seconds=6, seed=seed)
        units = {e.action_units for e in video.truth.expressions}
        assert units == {("12", "1+2")[seed % 2]}


def test_small_movements_are_walked_as_me_only():
    clip = moving_clip(growth=(0.0, 0.3, 0.8, 1.2, 1.5, 1.5))
    label = replace(LABEL, interval=Interval(20, 25), apex=25)
    video = walk(clip, labelled(label), PARAMS, seconds=30)
    assert {e.kind for e in video.truth.expressions} == {ME}
    assert all(w.size_px < 2 for w in video.walks)


def bare_motion(base, growth):
    """A motion without pictures: enough to plan."""
    sizes = np.concatenate([[0.0], np.cumsum(growth)])
    return OwnMotion(replace(moving_clip(8, ()), frame_rate=Fraction(30)), base, sizes, LABEL)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    seconds=st.floats(1, 40),
    rate=st.sampled_from([15, 25, 30, 60, 200]),
    base=st.integers(5, 60),
    growth=st.lists(st.floats(0, 3), min_size=1, max_size=20),
)
def test_walks_keep_to_the_clip(seed, seconds, rate, base, growth):
    assume(sum(growth) >= PARAMS.me_size_px[0])
    motion = bare_motion(base, growth)
    rng, n_frames = np.random.default_rng(seed), round(seconds * rate)
    walks = draw_walks(motion, PARAMS, rng, n_frames, Fraction(rate))
    rows = walk_rows(motion, walks, rng, n_frames, Fraction(rate))
    assert rows.shape == (n_frames,)
    assert rows.min() >= 0
    assert rows.max() <= base + len(growth)
    step = 30 / rate
    away = np.zeros(n_frames, dtype=bool)
    gap = round(PARAMS.min_gap_s * rate)
    for before, after in pairwise(walks):
        assert before.expression.interval.gap(after.expression.interval) >= gap
    for planned in walks:
        e = planned.expression
        away[e.onset : e.offset + 1] = True
        assert planned.size_at(e.apex) == pytest.approx(planned.size_px)
        assert planned.size_at(e.onset) > 0 < planned.size_at(e.offset)
        assert planned.size_at(e.onset - 1) == planned.size_at(e.offset + 1) == 0
        assert planned.size_px <= motion.largest_px
        # One leaves from rest and comes back to it.
        assert base - rows[e.onset - 1] <= 2 * step
        assert rows[e.offset + 1] == base
    assert np.all(rows[~away] <= base)
    assert np.all(rows[away] > base)
    still = ~away[1:] & ~away[:-1]
    assert np.all(np.abs(np.diff(rows))[still] <= step + 1e-9)
    if step == 1:
        assert np.all(rows[~away] == np.round(rows[~away]))


def test_other_frame_rates_show_the_same_movement_in_finer_steps(motion):
    video = walk_motion(motion, PARAMS, seconds=4, frame_rate=Fraction(200), seed=7)
    assert video.n_frames == 800
    limits = PARAMS.me_duration_s
    for e in video.truth.of_kind(ME):
        assert limits[0] - 0.01 <= e.interval.n_frames / 200 <= limits[1] + 0.01
    whole = video.rows == np.round(video.rows)
    assert not whole.all()
    usual = np.std(motion.neutral.frames[0] - motion.neutral.frames[5].astype(np.float32))
    # Rest at 200 fps is as noisy as in the clip, between its frames too.
    first = next(i for i in range(800) if not whole[i] and video.rows[i] < motion.base - 3)
    other = motion.neutral.frames[int(video.rows[first]) + 3].astype(np.float32)
    assert np.std(video.read_luma(first) - other) == pytest.approx(usual, rel=0.12)
