"""Streaming scores equal those computed frame by frame, whatever the chunks."""

from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.reference.network import lively_checkpoint, plain_scores
from tests.reference.spotting import slow_scores

from napari_mespot.clips import ClipParams
from napari_mespot.errors import CheckpointError
from napari_mespot.face import FaceChunk, FaceSequence
from napari_mespot.progress import Cancelled
from napari_mespot.spotting import inference, score_faces

RATE = Fraction(10)
SIDE = 24


def checkpoint(me=2, mae=5, reference="past", per_side=1, **changes):
    clips = ClipParams(
        skip_me_s=me / 10,
        skip_mae_s=mae / 10,
        reference=reference,
        references_per_side=per_side,
    )
    return lively_checkpoint(1, clips, temperature=(1.3, 0.8), **changes)


def faces(n, seed=0, side=SIDE):
    return np.random.default_rng(seed).integers(0, 256, (n, side, side), dtype=np.uint8)


def chunk(first, images, found=None):
    n = len(images)
    found = np.ones(n, bool) if found is None else found
    return FaceChunk(first, images, found, found.astype(np.float32), np.zeros((n, 2, 3)))


def chunks(images, found, sizes):
    start = 0
    for size in sizes:
        stop = start + size
        yield chunk(start, images[start:stop], found[start:stop])
        start = stop


def score(model, parts, n_frames, **options):
    return score_faces(model, parts, n_frames=n_frames, frame_rate=RATE, **options)


@given(
    data=st.data(),
    sizes=st.lists(st.integers(1, 20), max_size=4),
    me=st.integers(1, 12),
    further=st.integers(1, 40),
    reference=st.sampled_from(["past", "future", "both"]),
    per_side=st.integers(1, 3),
)
@settings(max_examples=60, deadline=None)
def test_streaming_equals_frame_by_frame(data, sizes, me, further, reference, per_side):
    n = sum(sizes)
    found = np.array(data.draw(st.lists(st.booleans(), min_size=n, max_size=n)), dtype=bool)
    if data.draw(st.booleans()):
        found[:] = True
    images, model = faces(n), checkpoint(me, me + further, reference, per_side)
    signal = score(model, chunks(images, found, sizes), n)
    np.testing.assert_allclose(signal.values, slow_scores(model, images, found, RATE), atol=1e-5)
    assert np.array_equal(signal.found, found)


@pytest.mark.parametrize("per_side", [1, 2])
@pytest.mark.parametrize("reference", ["past", "future", "both"])
def test_the_chunks_do_not_matter(reference, per_side):
    n, model = 150, checkpoint(3, 70, reference, per_side)
    images, found = faces(n), np.ones(n, bool)
    whole = score(model, [chunk(0, images)], n).values
    single = score(model, chunks(images, found, [1] * n), n).values
    np.testing.assert_allclose(single, whole, atol=1e-5)
    np.testing.assert_allclose(whole, slow_scores(model, images, found, RATE), atol=1e-5)


@pytest.mark.parametrize("per_side", [1, 2])
@pytest.mark.parametrize("reference", ["past", "future", "both"])
def test_it_equals_the_plain_implementation(reference, per_side):
    model = checkpoint(2, 7, reference, per_side)
    images = faces(12, side=112)
    plain = plain_scores(model, images, RATE, range(12))
    np.testing.assert_allclose(score(model, [chunk(0, images)], 12).values, plain, atol=1e-4)


def test_pixels_of_a_frame_without_a_face_do_not_matter():
    found = np.array([False, True, True, False, True, True])
    images, model = faces(6), checkpoint(1, 2)
    other = images.copy()
    other[~found] = 7
    first, second = (score(model, [chunk(0, x, found)], 6).values for x in (images, other))
    np.testing.assert_array_equal(first, second)
    assert np.array_equal(np.isnan(first).any(axis=1), ~found)


def test_a_still_face_scores_the_same_in_every_frame():
    images = np.repeat(faces(1), 30, axis=0)
    values = score(checkpoint(), [chunk(0, images)], 30).values
    np.testing.assert_allclose(values, np.broadcast_to(values[0], values.shape), atol=1e-6)


def test_a_face_sequence_is_scored_as_a_whole():
    images, found = faces(9), np.ones(9, bool)
    sequence = FaceSequence("v", RATE, images, found, found.astype(np.float32), np.zeros((9, 2, 3)))
    expected = score(checkpoint(), [chunk(0, images)], 9)
    assert np.allclose(score(checkpoint(), sequence, 9).values, expected.values)


def test_the_signal_knows_its_video_and_clock():
    signal = score(checkpoint(), [chunk(0, faces(3))], 3, video_id="film")
    assert (signal.video_id, signal.frame_rate, signal.n_frames) == ("film", RATE, 3)
    assert signal.values.dtype == np.float32
    assert ((signal.values >= 0) & (signal.values <= 1)).all()


def test_one_frame_and_none():
    assert np.isfinite(score(checkpoint(), [chunk(0, faces(1))], 1).values).all()
    assert score(checkpoint(), [], 0).n_frames == 0


@pytest.mark.parametrize("per_side", [1, 2])
@pytest.mark.parametrize("reference", ["past", "future", "both"])
def test_a_video_cut_short_ends_at_its_last_chunk(reference, per_side):
    images, model = faces(8), checkpoint(reference=reference, per_side=per_side)
    signal = score(model, [chunk(0, images)], 12)
    expected = slow_scores(model, images, np.ones(8, bool), RATE)
    np.testing.assert_allclose(signal.values[:8], expected, atol=1e-5)
    assert np.isnan(signal.values[8:]).all()
    assert not signal.found[8:].any()


def test_without_a_face_nothing_is_scored():
    signal = score(checkpoint(), [chunk(0, faces(20), np.zeros(20, bool))], 20)
    assert np.isnan(signal.values).all()


@pytest.mark.parametrize("parts", [[chunk(3, faces(2))], [chunk(0, faces(9))]])
def test_chunks_that_do_not_follow_are_refused(parts):
    with pytest.raises(ValueError, match="consecutive chunks within 5 frames"):
        score(checkpoint(), parts, 5)


def test_the_temperature_calibrates():
    images = faces(5)
    cold, warm = (
        score(lively_checkpoint(1, temperature=(t, t)), [chunk(0, images)], 5).values.astype(float)
        for t in (1.0, 4.0)
    )
    logit = np.log(cold / (1 - cold))
    np.testing.assert_allclose(np.log(warm / (1 - warm)), logit / 4, atol=1e-3)


def test_progress_counts_up_and_can_cancel():
    steps = []
    images, found = faces(10), np.ones(10, bool)
    score(checkpoint(), chunks(images, found, [4, 4, 2]), 10, progress=steps.append)
    assert [(step.done, step.total) for step in steps] == [(0, 10), (4, 10), (8, 10), (10, 10)]

    def cancel(step):
        if step.done == 4:
            raise Cancelled

    with pytest.raises(Cancelled):
        score(checkpoint(), chunks(images, found, [4, 4, 2]), 10, progress=cancel)


def test_a_device_that_is_not_there_is_refused():
    with pytest.raises(CheckpointError, match="not available"):
        score(checkpoint(), [], 0, device="cuda:77")


def test_the_callers_torch_settings_are_left_alone():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        score(checkpoint(), [chunk(0, faces(3))], 3)
        assert torch.get_num_threads() == 2
        assert torch.ones(1, requires_grad=True).mul(2).requires_grad
    finally:
        torch.set_num_threads(before)


def streamed(model, parts, n_frames):
    stretches = []
    whole = score(model, parts, n_frames, video_id="film", on_scores=stretches.append)
    return whole, stretches


@pytest.fixture
def every_chunk(monkeypatch):
    monkeypatch.setattr(inference, "_SCORES_EVERY_S", 0.0)


@pytest.mark.parametrize("reference", ["past", "future", "both"])
@pytest.mark.parametrize("seen", [60, 45])
def test_streamed_scores_are_the_signal(every_chunk, reference, seen):
    found = np.ones(seen, bool)
    found[[0, 1, 2, 3, 20, 21, 40]] = False
    sizes = [1, 7, 16, 3, seen - 27]
    whole, stretches = streamed(
        checkpoint(2, 9, reference), chunks(faces(seen), found, sizes), n_frames=60
    )
    assert [part.first_frame for part in stretches] == [
        0,
        *np.cumsum([part.n_frames for part in stretches])[:-1],
    ]
    assert len(stretches) > 3
    assert all(part.n_frames and part.video_id == "film" for part in stretches)
    np.testing.assert_array_equal(np.concatenate([part.values for part in stretches]), whole.values)
    np.testing.assert_array_equal(np.concatenate([part.found for part in stretches]), whole.found)
    silent = score(
        checkpoint(2, 9, reference), chunks(faces(seen), found, sizes), 60, video_id="film"
    )
    assert silent == whole


def test_scores_come_as_soon_as_they_are_final(every_chunk):
    arrived = []

    def watched(size):
        for part in chunks(faces(60), np.ones(60, bool), [size] * (60 // size)):
            arrived.append(sum(stretch.n_frames for stretch in stretches))
            yield part

    stretches = []
    score(checkpoint(2, 9, "past"), watched(10), 60, on_scores=stretches.append)
    assert arrived == [0, 10, 20, 30, 40, 50]
    arrived.clear()
    stretches.clear()
    score(checkpoint(2, 9, "future"), watched(10), 60, on_scores=stretches.append)
    assert arrived == [0, 1, 11, 21, 31, 41]


def test_scores_come_at_most_a_few_times_a_second():
    whole, stretches = streamed(checkpoint(), chunks(faces(50), np.ones(50, bool), [1] * 50), 50)
    assert 2 <= len(stretches) < 25
    assert sum(part.n_frames for part in stretches) == whole.n_frames == 50


def test_scores_can_be_cancelled_and_an_empty_video_has_none():
    def cancel(_):
        raise Cancelled

    with pytest.raises(Cancelled):
        score(checkpoint(), [chunk(0, faces(4))], 4, on_scores=cancel)
    assert score(checkpoint(), [], 0, on_scores=cancel).n_frames == 0
