"""Videos whose frames are unevenly spaced are spotted by seconds, not by frames."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.reference.network import lively_checkpoint
from tests.reference.spotting import slow_scores

from napari_mespot.clips import ClipParams
from napari_mespot.face import FaceChunk, FaceSequence
from napari_mespot.model import Clock, ExpressionKind, ScoreSignal
from napari_mespot.spotting import (
    DetectionParams,
    KindDetectionParams,
    SmoothingParams,
    find_expressions,
    score_faces,
    smooth,
    spot_faces,
)

MS = Fraction(1, 1000)
OPEN = KindDetectionParams(
    threshold=0.5, low_threshold=0.5, merge_gap_s=0, min_duration_s=0, max_duration_s=1e9
)


def counted(rate: Fraction, n: int) -> Clock:
    """A clock that looks at every frame's time, though the beat is steady."""
    return Clock(rate, ticks=np.arange(n + 1), tick_s=1 / rate)


def faces(n, seed=0):
    images = np.random.default_rng(seed).integers(0, 256, (n, 24, 24), dtype=np.uint8)
    found = np.ones(n, np.bool_)
    return FaceChunk(0, images, found, found.astype(np.float32), np.zeros((n, 2, 3)))


def model(reference="both", per_side=1, me_s=0.2, mae_s=0.5):
    clips = ClipParams(
        skip_me_s=me_s, skip_mae_s=mae_s, reference=reference, references_per_side=per_side
    )
    return lively_checkpoint(1, clips)


def split(chunk, size):
    return [
        FaceChunk(
            start,
            chunk.images[start : start + size],
            chunk.found[start : start + size],
            chunk.confidence[start : start + size],
            chunk.transforms[start : start + size],
        )
        for start in range(0, chunk.n_frames, size)
    ]


@pytest.mark.parametrize("reference", ["past", "future", "both"])
@pytest.mark.parametrize("per_side", [1, 2])
@pytest.mark.parametrize("n_without", [0, 7])
def test_by_time_and_by_count_agree_on_a_steady_beat(reference, per_side, n_without):
    chunk, checkpoint, rate = faces(70), model(reference, per_side), Fraction(10)
    chunk.found[:n_without] = False
    by_count = score_faces(checkpoint, [chunk], n_frames=70, frame_rate=rate)
    by_time = score_faces(
        checkpoint, split(chunk, 9), n_frames=70, frame_rate=rate, clock=counted(rate, 70)
    )
    np.testing.assert_allclose(by_time.values, by_count.values, atol=1e-5)
    np.testing.assert_allclose(
        by_count.values, slow_scores(checkpoint, chunk.images, chunk.found, rate), atol=1e-5
    )


@pytest.mark.parametrize("reference", ["past", "future", "both"])
def test_reference_frames_are_those_shown_at_the_right_seconds(reference):
    """Frames shown for several beats score as if each beat had its own frame."""
    rng = np.random.default_rng(3)
    beats, checkpoint = rng.integers(1, 4, 200), model(reference)
    stamps = np.concatenate([[0], np.cumsum(beats)])
    clock = Clock.of_stamps(100 * stamps[:-1], MS, Fraction(5), last=int(100 * beats[-1]))
    few = faces(200)
    shown = np.repeat(np.arange(200), beats)
    many = FaceChunk(
        0,
        few.images[shown],
        few.found[shown],
        few.confidence[shown],
        few.transforms[shown],
    )
    uneven = score_faces(
        checkpoint, split(few, 8), n_frames=200, frame_rate=clock.rate, clock=clock
    )
    steady = score_faces(checkpoint, [many], n_frames=len(shown), frame_rate=Fraction(10))
    # Where the wanted second is the start of a frame, both take that very frame.
    starts, skips = stamps[:-1], (2, 5)
    sides = {"past": [-1], "future": [1], "both": [-1, 1]}[reference]
    wanted = [starts + side * skip for side in sides for skip in skips]
    exact = np.all([np.isin(w, starts) | (w < 0) for w in wanted], axis=0)
    exact &= np.all([w < stamps[-1] - 3 for w in wanted], axis=0)
    # A skip is never shorter than a frame, the second one longer than the first.
    exact &= np.concatenate([[False, False], beats[:-2] + beats[1:-1] <= 5])
    exact[:-2] &= beats[:-2] + beats[1:-1] <= 5
    assert exact.sum() > 5
    np.testing.assert_allclose(uneven.values[exact], steady.values[starts[exact]], atol=1e-5)


@given(
    st.lists(st.integers(1, 30), min_size=1, max_size=60),
    st.sampled_from(["past", "future", "both"]),
    st.integers(1, 20),
    st.integers(1, 3),
)
@settings(max_examples=40, deadline=None)
def test_every_frame_has_a_score_whatever_the_spacing(steps, reference, size, per_side):
    n = len(steps)
    clock = Clock(Fraction(10), ticks=np.concatenate([[0], np.cumsum(steps)]), tick_s=10 * MS)
    checkpoint, chunk = model(reference, per_side), faces(n)
    given_out = []
    whole = score_faces(checkpoint, [chunk], n_frames=n, frame_rate=clock.rate, clock=clock)
    parts = score_faces(
        checkpoint,
        split(chunk, size),
        n_frames=n,
        frame_rate=clock.rate,
        clock=clock,
        on_scores=given_out.append,
    )
    assert np.isfinite(whole.values).all()
    np.testing.assert_allclose(parts.values, whole.values, atol=1e-5)
    assert whole.clock == clock
    assert np.concatenate([p.values for p in given_out]).shape == whole.values.shape


def signal(scores, clock, mae=None):
    scores = np.asarray(scores, np.float32)
    values = np.stack([scores, scores if mae is None else mae], axis=1)
    return ScoreSignal(values, np.isfinite(scores), clock.rate, times=clock)


@given(
    st.lists(st.floats(0, 1, width=32) | st.just(np.nan), min_size=2, max_size=80),
    st.sampled_from([Fraction(10), Fraction(30), Fraction(30000, 1001)]),
    st.sampled_from([0.5, 1.0, 3.0, 8.0]),
)
def test_smoothing_by_time_and_by_count_agree(scores, rate, hertz):
    params = SmoothingParams(cutoff_me_hz=hertz, cutoff_mae_hz=hertz / 2)
    by_count = smooth(signal(scores, Clock(rate)), params).values
    by_time = smooth(signal(scores, counted(rate, len(scores))), params).values
    np.testing.assert_allclose(by_time, by_count, atol=1e-5)


def test_the_cut_off_is_in_hertz_of_real_time():
    rng = np.random.default_rng(0)
    steps = rng.choice([8, 10, 10, 12, 16], 4_000)
    stamps = np.concatenate([[0], np.cumsum(steps)])
    clock = Clock.of_stamps(stamps, MS, Fraction(90))
    times = stamps / 1000
    for hertz, kept in ((0.3, (0.37, 0.41)), (4, (0.15, 0.25)), (25, (0, 0.06))):
        wave = 0.5 + 0.4 * np.sin(2 * np.pi * hertz * times)
        out = smooth(signal(wave, clock), SmoothingParams(cutoff_me_hz=4)).values[400:-400, 0]
        assert kept[0] <= np.abs(out - 0.5).max() <= kept[1]


def test_nothing_is_smeared_over_seconds_without_pictures():
    stamps = [*range(0, 2000, 40), *range(12_000, 14_000, 40)]
    clock = Clock.of_stamps(stamps, MS, Fraction(7))
    scores = np.repeat([0.0, 1.0], 50)
    out = smooth(signal(scores, clock), SmoothingParams(cutoff_me_hz=2)).values[:, 0]
    np.testing.assert_allclose(out, scores, atol=1e-6)


@given(
    st.lists(st.sampled_from([0.0, 0.4, 0.6, 1.0, np.nan]), min_size=1, max_size=60),
    st.sampled_from([0.0, 0.1, 0.2, 0.5]),
    st.sampled_from([-0.3, 0.0, 0.1]),
)
def test_rules_by_time_and_by_count_agree(scores, seconds, shift):
    params = OPEN.model_copy(
        update={
            "low_threshold": 0.3,
            "merge_gap_s": seconds,
            "min_duration_s": seconds,
            "max_duration_s": 2.5,
            "onset_shift_s": shift,
            "offset_shift_s": -shift,
        }
    )
    rules = DetectionParams(me=params, mae=params)
    for rate in (Fraction(10), Fraction(20)):
        by_count = find_expressions(signal(scores, Clock(rate)), rules)
        by_time = find_expressions(signal(scores, counted(rate, len(scores))), rules)
        assert by_time == by_count


def test_lengths_are_judged_by_the_time_frames_are_shown():
    # 10 frames in 0.4 s, 10 frames in 4 s, 10 frames in 0.4 s: three runs of equal frame count.
    steps = np.repeat([40, 400, 40], 20)
    clock = Clock.of_stamps(np.concatenate([[0], np.cumsum(steps[:-1])]), MS, Fraction(6))
    scores = np.tile(np.repeat([0.0, 1.0], 10), 3)
    rules = DetectionParams(
        me=OPEN.model_copy(update={"max_duration_s": 0.5}),
        mae=OPEN.model_copy(update={"min_duration_s": 0.5, "max_duration_s": 4.0}),
    )
    found = find_expressions(signal(scores, clock), rules)
    assert [(e.kind.value, e.onset, e.offset) for e in found] == [
        ("ME", 10, 19),
        ("MaE", 30, 39),
        ("ME", 50, 59),
    ]


def test_gaps_are_closed_by_the_time_they_last():
    steps = np.repeat([40, 400], 20)
    clock = Clock.of_stamps(np.concatenate([[0], np.cumsum(steps[:-1])]), MS, Fraction(6))
    scores = np.ones(40)
    scores[[8, 9, 28, 29]] = 0
    rules = DetectionParams(me=OPEN.model_copy(update={"merge_gap_s": 0.1}), mae=OPEN)
    found = find_expressions(signal(scores, clock, np.zeros(40, np.float32)), rules)
    spans = [(e.onset, e.offset) for e in found if e.kind is ExpressionKind.MICRO]
    assert spans == [(0, 27), (30, 39)]


def test_a_late_start_changes_no_frame():
    chunk, checkpoint, rate = faces(60), model(), Fraction(30)
    sequence = FaceSequence(
        "a", rate, chunk.images, chunk.found, chunk.confidence, chunk.transforms
    )
    plain = spot_faces(sequence, checkpoint)
    late = spot_faces(replace(sequence, times=Clock(rate, Fraction(5, 2))), checkpoint)
    assert np.array_equal(plain.signal.values, late.signal.values)
    assert np.array_equal(plain.smoothed.values, late.smoothed.values)
    assert plain.annotation.expressions == late.annotation.expressions
    assert late.annotation.clock == Clock(rate, Fraction(5, 2))


@pytest.mark.parametrize("reference", ["past", "both"])
def test_stretches_between_cuts_are_by_time_too(reference):
    chunk, checkpoint, rate = replace(faces(70), breaks=(20, 45)), model(reference), Fraction(10)
    chunk.found[45:50] = False
    by_count = score_faces(checkpoint, [chunk], n_frames=70, frame_rate=rate)
    by_time = score_faces(
        checkpoint, [chunk], n_frames=70, frame_rate=rate, clock=counted(rate, 70)
    )
    assert by_time.breaks == by_count.breaks == (20, 45)
    np.testing.assert_allclose(by_time.values, by_count.values, atol=1e-5)
