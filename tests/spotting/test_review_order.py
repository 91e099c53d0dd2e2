from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.spotting.simulated_review import per_minute
from tests.spotting.test_uncertainty import MAE, ME, RULES, N, scores, spotted

from napari_mespot.model import Annotation, Interval
from napari_mespot.spotting.review_order import ScoredVideo, find_stretches, rank_stretches
from napari_mespot.spotting.uncertainty_params import UncertaintyParams


def video(*bumps, name="v", subject="", reviewed=(), n=N) -> ScoredVideo:
    signal = scores(*bumps, n=n)
    annotation = spotted(signal, reviewed=reviewed)
    return ScoredVideo(replace(annotation, video_id=name, subject_id=subject), signal, RULES)


def test_a_stretch_is_watched_with_what_is_around_it():
    (stretch,) = find_stretches(video((ME, 100, 112, 0.18)))
    (doubt,) = stretch.doubts
    assert stretch.interval == Interval(doubt.interval.onset - 9, doubt.interval.offset + 9)
    assert stretch.frame == doubt.frame
    assert stretch.cost_s == pytest.approx(4 + 3 * stretch.interval.n_frames / 30)
    assert stretch.gain_per_minute == pytest.approx(60 * doubt.gain / stretch.cost_s)


def test_it_ends_with_the_video():
    first, last = find_stretches(video((ME, 0, 12, 0.18), (ME, N - 13, N - 1, 0.18)))
    assert first.interval.onset == 0
    assert last.interval.offset == N - 1


def test_places_that_lie_together_are_one_stretch():
    (stretch,) = find_stretches(video((ME, 100, 112, 0.18), (MAE, 115, 160, 0.39)))
    assert [d.kind for d in stretch.doubts] == [MAE, ME] or len(stretch.doubts) == 2
    assert stretch.gain == pytest.approx(sum(d.gain for d in stretch.doubts))
    assert stretch.doubts[0].gain >= stretch.doubts[1].gain


@given(st.lists(st.tuples(st.integers(0, 560), st.floats(0.1, 0.3)), max_size=25))
def test_stretches_share_no_frame_and_hold_their_places(places):
    bumps = [(ME, start, start + 12, height) for start, height in places]
    params = UncertaintyParams(max_stretch_s=2)
    stretches = find_stretches(video(*bumps), params)
    for one, other in pairwise(stretches):
        assert one.interval.offset < other.interval.onset
    for stretch in stretches:
        assert all(doubt.frame in stretch.interval for doubt in stretch.doubts)
        assert stretch.interval.offset < N


@given(st.lists(st.tuples(st.integers(0, 560), st.floats(0.1, 0.3)), max_size=12))
def test_reviewing_all_that_is_proposed_settles_everything(places):
    now = video(*[(ME, start, start + 12, height) for start, height in places])
    for _ in range(len(places) + 1):
        ranked = rank_stretches([now], top=1)
        if not ranked:
            break
        annotation = now.annotation.with_reviewed(ranked[0].interval)
        now = replace(now, annotation=annotation)
    assert not rank_stretches([now])


def test_the_best_comes_first_and_a_neighbour_later():
    near = (ME, 145, 157, 0.181)  # as good as the best, and a second behind it
    far = (ME, 400, 412, 0.17)
    ranked = rank_stretches([video((ME, 100, 112, 0.182), near, far)])
    assert [s.frame for s in ranked] == [106, 406, 151]


def test_videos_and_subjects_take_turns_where_they_are_alike():
    bumps = [(ME, 100 * i, 100 * i + 12, 0.18) for i in range(1, 4)]
    videos = [
        video(*bumps, name="a", subject="x"),
        video(*bumps, name="b", subject="x"),
        video(*bumps, name="c", subject="y"),
    ]
    ranked = rank_stretches(videos)
    assert {s.video_id for s in ranked[:3]} == {"a", "b", "c"}
    assert {s.subject_id for s in ranked[:2]} == {"x", "y"}
    assert len(ranked) == 9


def test_the_top_is_the_beginning_of_the_whole_order():
    rng = np.random.default_rng(1)
    videos = [
        video(*[(ME, int(p), int(p) + 12, 0.18) for p in rng.integers(0, 580, 6)], name=f"v{n}")
        for n in range(3)
    ]
    ranked = rank_stretches(videos)
    assert rank_stretches(videos, top=4) == ranked[:4]
    assert rank_stretches(videos, top=0) == ()


def test_a_video_without_a_frame_rate_is_a_mistake():
    with pytest.raises(ValueError, match="frame rate"):
        find_stretches(ScoredVideo(Annotation("v", N), None, RULES))


def test_errors_are_found_faster_than_in_other_orders():
    rates = {name: np.mean(values) for name, values in per_minute(range(5), 20).items()}
    ours = rates["ours"]
    assert ours > 2.5 * rates["random places"]
    assert ours > 2.5 * rates["whole videos in order"]
    assert ours > 1.1 * rates["candidates in order"]
    assert ours > 1.1 * rates["uncertain first"]
    assert ours > 0.95 * rates["without spreading"]
