"""The context network streamed equals the plain one; what comes when does not matter."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.reference.context import lively_context, plain_context_scores
from tests.reference.network import lively_checkpoint

from napari_mespot.clips import ClipParams
from napari_mespot.face import AlignParams, FaceChunk, FaceSequence
from napari_mespot.model import Clock
from napari_mespot.network import ContextParams
from napari_mespot.spotting import (
    context,
    gather_evidence,
    inference,
    score_evidence,
    score_faces,
)

SIDE = 24
SMALL = ContextParams(
    rate_hz=10,
    neutral_s=0.9,
    neutral_step=3,
    still_s=0.4,
    still_deg=4.0,
    fall_per_deg=0.3,
    streams_bias=(0.5, -0.7),
    streams_temperature=(1.2, 0.9),
    channels=6,
    dilations=(1, 2),
)


def checkpoint(params=SMALL):
    clips = ClipParams(skip_me_s=0.2, skip_mae_s=0.5)
    return lively_checkpoint(
        1,
        clips,
        temperature=(1.3, 0.8),
        align=AlignParams(shape_hz=10),
        context=lively_context(2, params),
    )


def faces(n, rate=Fraction(10), found=None, measured=None, seed=0, **more):
    rng = np.random.default_rng(seed)
    found = np.ones(n, bool) if found is None else found
    shape = rng.normal(0, 1, (n, 26)).cumsum(axis=0).astype(np.float32)
    shape[~found if measured is None else ~measured] = np.nan
    images = rng.integers(0, 256, (n, SIDE, SIDE), dtype=np.uint8)
    where = np.tile(np.eye(2, 3), (n, 1, 1))
    return FaceSequence(
        "v", rate, images, found, found.astype(np.float32), where, shape=shape, **more
    )


def scored(model, sequence, chunks=None, **options):
    return score_faces(
        model,
        sequence if chunks is None else chunks,
        n_frames=sequence.n_frames,
        frame_rate=sequence.frame_rate,
        clock=sequence.clock,
        **options,
    )


@given(
    n=st.integers(1, 90),
    rate=st.sampled_from([Fraction(4), Fraction(10), Fraction(12), Fraction(31)]),
    seed=st.integers(0, 99),
    holes=st.floats(0, 0.9),
)
@settings(max_examples=40, deadline=None)
def test_it_equals_the_plain_implementation(n, rate, seed, holes):
    measured = np.random.default_rng(seed).random(n) >= holes
    sequence = faces(n, rate, measured=measured, seed=seed)
    model = checkpoint()
    evidence = gather_evidence(model, sequence)
    plain = plain_context_scores(model, evidence.times, evidence.logits, evidence.shape)
    np.testing.assert_allclose(score_evidence(model, evidence).values, plain, atol=2e-4)


@given(
    data=st.data(),
    sizes=st.lists(st.integers(1, 40), min_size=1, max_size=5),
    rate=st.sampled_from([Fraction(10), Fraction(25)]),
)
@settings(max_examples=40, deadline=None)
def test_streaming_equals_the_whole_whatever_the_chunks(data, sizes, rate):
    n = sum(sizes)
    found = np.array(data.draw(st.lists(st.booleans(), min_size=n, max_size=n)), dtype=bool)
    breaks = tuple(sorted(data.draw(st.sets(st.integers(1, n), max_size=2)) - {n}))
    sequence = faces(n, rate, found=found, breaks=breaks)
    model = checkpoint()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(context, "_BLOCK", 7)
        patch.setattr(inference, "_SCORES_EVERY_S", 0.0)
        parts = []
        streamed = scored(model, sequence, of_sizes(sequence, sizes), on_scores=parts.append)
    np.testing.assert_allclose(np.concatenate([p.values for p in parts]), streamed.values)
    whole = score_evidence(model, gather_evidence(model, sequence))
    np.testing.assert_allclose(streamed.values, whole.values, atol=1e-5)
    assert streamed.breaks == whole.breaks
    assert np.array_equal(streamed.found, found)


def of_sizes(sequence, sizes):
    start = 0
    for size in sizes:
        part = slice(start, start + size)
        yield FaceChunk(
            start,
            sequence.images[part],
            sequence.found[part],
            sequence.confidence[part],
            sequence.transforms[part],
            tuple(b for b in sequence.breaks if part.start <= b < part.stop),
            sequence.shape[part],
        )
        start += size


def test_final_scores_come_before_the_end_of_a_long_video(monkeypatch):
    monkeypatch.setattr(context, "_BLOCK", 10)
    monkeypatch.setattr(inference, "_SCORES_EVERY_S", 0.0)
    sequence, parts = faces(400), []
    scored(checkpoint(), sequence, of_sizes(sequence, [50] * 8), on_scores=parts.append)
    assert len(parts) > 4


def test_uneven_frames_are_read_at_their_own_seconds():
    stamps = np.cumsum(np.random.default_rng(3).integers(30, 200, 80))
    clock = Clock.of_stamps(stamps, Fraction(1, 1000), Fraction(9))
    sequence = faces(80, Fraction(9), times=clock)
    model = checkpoint()
    evidence = gather_evidence(model, sequence)
    plain = plain_context_scores(model, evidence.times, evidence.logits, evidence.shape)
    np.testing.assert_allclose(scored(model, sequence).values, plain, atol=2e-4)


def test_without_a_shape_the_streams_alone_are_read():
    sequence = faces(40)
    bare = FaceSequence(
        "v",
        sequence.frame_rate,
        sequence.images,
        sequence.found,
        sequence.confidence,
        sequence.transforms,
    )
    model = checkpoint()
    evidence = gather_evidence(model, bare)
    logits = evidence.logits / np.array([1.2, 0.9]) + np.array([0.5, -0.7])
    expected = 1 / (1 + np.exp(-logits / np.array([1.3, 0.8])))
    np.testing.assert_allclose(scored(model, bare).values, expected, atol=1e-5)
    assert not np.allclose(expected, scored(model, sequence).values)


def test_a_bias_moves_every_logit_by_as_much():
    sequence = faces(60)
    plain = replace(checkpoint(), temperature=(1.0, 1.0))
    moved = replace(checkpoint(), temperature=(1.0, 1.0))
    moved.add_bias(0.3, -0.4)
    before, after = (scored(c, sequence).values for c in (plain, moved))
    logit = np.log(before / (1 - before)) + np.array([0.3, -0.4])
    np.testing.assert_allclose(after, 1 / (1 + np.exp(-logit)), atol=1e-4)


STREAMS_SAY_MAE = SMALL.model_copy(update={"streams_bias": (-50.0, 20.0), "fall_per_deg": 20.0})


def mae_of_head(*turns):
    """Scores of MaE where the head turns to some degrees, one after the other, and the rest."""
    sequence = faces(60, seed=3)
    sequence.shape[:, 23:] = 0
    sequence.shape[:, 24] = np.resize(turns, 60)
    return scored(checkpoint(STREAMS_SAY_MAE), sequence).values[:, 1]


def test_the_streams_do_not_make_an_mae_of_a_turning_head():
    assert (mae_of_head(0) > 0.99).all()
    assert (mae_of_head(*np.linspace(0, 90, 60)) < 0.99).all()


def test_a_head_that_sways_by_a_little_more_than_still_takes_little_from_the_streams():
    assert (mae_of_head(0, 4.2) > 0.99).all()


def test_an_me_that_both_see_is_surer_than_what_either_says():
    def me_of(params):
        model = replace(checkpoint(params), temperature=(1.0, 1.0))
        return scored(model, faces(60)).values[:, 0]

    silent = SMALL.model_copy(update={"streams_bias": (-50.0, 0.0)})
    both, network = me_of(SMALL), me_of(silent)
    streams = gather_evidence(checkpoint(), faces(60)).logits[:, 0] / 1.2 + 0.5
    odds = network / (1 - network) + np.exp(streams)
    np.testing.assert_allclose(both, odds / (1 + odds), atol=1e-5)


def test_a_checkpoint_without_context_cannot_score_evidence():
    model = lively_checkpoint(1)
    with pytest.raises(ValueError, match="context network"):
        score_evidence(model, gather_evidence(model, faces(8)))


def test_moving_the_whole_video_in_time_changes_nothing():
    sequence = faces(60)
    later = faces(60, times=Clock(Fraction(10), Fraction(7, 3)))
    first, second = (scored(checkpoint(), s).values for s in (sequence, later))
    np.testing.assert_allclose(first, second, atol=1e-5)
