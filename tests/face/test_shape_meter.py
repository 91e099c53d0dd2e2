from dataclasses import replace
from fractions import Fraction
from itertools import islice, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.face.conftest import ArraySource, move

from napari_mespot.face import (
    SHAPE_SIGNALS,
    AlignParams,
    FaceCache,
    FaceChunk,
    FaceSequence,
    extract_faces,
    stream_faces,
)
from napari_mespot.face.shape_meter import frames_due
from napari_mespot.frames import open_frames
from napari_mespot.frames.synthetic import sample_path
from napari_mespot.model import Clock

SHAPED = AlignParams(shape_hz=30)
LIPS, CORNER = SHAPE_SIGNALS.index("lips_apart"), SHAPE_SIGNALS.index("mouth_corner_up_left")


def due(clock, hz, n):
    return np.flatnonzero(list(islice(frames_due(clock, hz), n)))


def crops(faces):
    return np.asarray(faces.images)


@pytest.mark.parametrize(
    ("rate", "every"),
    [(12, 1), (25, 1), (Fraction(30000, 1001), 1), (30, 1), (40, 1), (60, 2), (120, 4), (200, 7)],
)
def test_about_thirty_times_a_second(rate, every):
    np.testing.assert_array_equal(due(Clock(Fraction(rate)), 30, 100), np.arange(0, 100, every))


@settings(max_examples=50)
@given(st.lists(st.integers(1, 400), min_size=2, max_size=80), st.sampled_from([5, 10, 30]))
def test_uneven_frames_are_taken_by_time(spacings, hz):
    stamps = np.cumsum([0, *spacings])
    clock = Clock.of_stamps(stamps, Fraction(1, 1000), Fraction(30))
    n = len(stamps)
    frames, seconds = due(clock, hz, n), clock.seconds_of(np.arange(n + 1))
    assert frames[0] == 0
    for before, now in pairwise(frames):
        wanted = seconds[before] + 1 / hz
        if not clock.is_even:
            # The nearest of all that follow.
            later = seconds[before + 1 : n]
            least = np.abs(later - wanted).min()
            assert abs(seconds[now] - wanted) == pytest.approx(least, abs=1e-9)


def test_a_phone_that_wavers_about_30_is_measured_in_every_frame():
    stamps = np.cumsum(np.random.default_rng(0).integers(28, 39, 300))
    clock = Clock.of_stamps(stamps, Fraction(1, 1000), Fraction(30))
    assert not clock.is_even
    assert len(due(clock, 30, 300)) == 300


@pytest.fixture(scope="module")
def still(film, head_motion):
    """A face that does not change, on a head that moves."""
    return film(head_motion(30), noise=2.0)


def test_the_crops_are_the_same_with_and_without(still):
    plain, shaped = extract_faces(ArraySource(still)), extract_faces(ArraySource(still), SHAPED)
    assert plain.shape is None
    assert shaped.shape.shape == (30, 26)
    assert shaped.shape.dtype == np.float32
    assert np.isfinite(shaped.shape).all()
    np.testing.assert_array_equal(crops(plain), crops(shaped))
    np.testing.assert_array_equal(plain.transforms, shaped.transforms)
    np.testing.assert_array_equal(plain.confidence, shaped.confidence)


def test_head_motion_is_not_taken_for_expressions(still):
    shape = extract_faces(ArraySource(still), SHAPED).shape
    assert shape[:, :23].std(axis=0).max() < 0.5
    assert np.median(shape[:, :23].std(axis=0)) < 0.25


def test_size_of_the_crop_does_not_count(still):
    small = AlignParams(shape_hz=30, crop_px=64)
    np.testing.assert_array_equal(
        extract_faces(ArraySource(still), small).shape,
        extract_faces(ArraySource(still), SHAPED).shape,
    )


def test_twice_is_the_same(still):
    first, second = (extract_faces(ArraySource(still), SHAPED).shape for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_in_a_larger_picture_the_shape_is_the_same(portrait):
    turn = np.array([[1.5, 0.2, 20.0], [-0.2, 1.5, 60.0]])
    large = np.zeros((500, 620), np.float32)
    large[:288, :352] = portrait
    large = np.clip(move(large, turn), 0, 255).astype(np.uint8)
    here = extract_faces(ArraySource([portrait] * 3), SHAPED).shape
    there = extract_faces(ArraySource([large] * 3), SHAPED).shape
    np.testing.assert_allclose(there[0, :23], here[0, :23], atol=1.5)


def test_at_a_high_rate_the_frames_between_are_not_measured(portrait):
    source = ArraySource([portrait] * 40, frame_rate=Fraction(200))
    faces = extract_faces(source, SHAPED)
    known = np.isfinite(faces.shape).all(axis=1)
    np.testing.assert_array_equal(np.flatnonzero(known), np.arange(0, 40, 7))
    assert np.isnan(faces.shape[~known]).all()


def test_without_a_face_nothing_is_measured(portrait, wall):
    frames = [wall] * 3 + [portrait] * 8 + [None] + [portrait] * 4
    faces = extract_faces(ArraySource(frames), SHAPED)
    np.testing.assert_array_equal(np.isfinite(faces.shape).all(axis=1), faces.found)
    assert faces.found.sum() == 12


def test_where_no_mesh_is_good_enough_nothing_is_known(portrait):
    # The score of the mesh model is below 1 everywhere: framing finds no face either.
    faces = extract_faces(
        ArraySource([portrait] * 3), AlignParams(shape_hz=30, min_landmark_score=1)
    )
    assert np.isnan(faces.shape).all()


def test_a_stream_gives_what_the_whole_gives(still, tmp_path):
    source, cache = ArraySource(still), FaceCache(tmp_path)
    whole = extract_faces(source, SHAPED)
    written = list(stream_faces(source, SHAPED, chunk_frames=7, cache=cache))
    source.read.clear()
    stored = cache.load(source, SHAPED)
    again = list(stream_faces(source, SHAPED, chunk_frames=11, cache=cache))
    assert source.read == []
    for chunks in (written, again, list(whole.chunks(9))):
        np.testing.assert_array_equal(np.concatenate([c.shape for c in chunks]), whole.shape)
    np.testing.assert_array_equal(stored.shape, whole.shape)
    np.testing.assert_array_equal(crops(stored), crops(whole))
    # Without shapes it is another file.
    assert cache.load(source, AlignParams()) is None
    assert extract_faces(source, cache=cache).shape is None


def test_closing_early_ends_the_thread(still):
    import threading

    stream = stream_faces(ArraySource(still), SHAPED, chunk_frames=2)
    next(stream)
    stream.close()
    assert not [t for t in threading.enumerate() if t.name.startswith("mespot")]


def test_the_sample_smiles():
    with open_frames(sample_path(30)) as source:
        part = _First(source, 200)
        shape = extract_faces(part, SHAPED).shape
    rest, smile = shape[60:120].mean(axis=0), shape[150:162].mean(axis=0)
    assert (smile - rest)[CORNER] > 1.5


def test_a_shape_of_another_length_is_refused(still):
    faces = extract_faces(ArraySource(still), SHAPED)
    with pytest.raises(ValueError, match="Expected the shape of 30 frames"):
        replace(faces, shape=faces.shape[:-1])
    chunk = next(iter(faces.chunks(8)))
    with pytest.raises(ValueError, match="Expected the shape of 8 frames"):
        replace(chunk, shape=faces.shape)
    assert isinstance(chunk, FaceChunk)
    assert isinstance(faces, FaceSequence)


def test_what_was_written_before_there_were_shapes_keeps_its_name():
    assert "shape_hz" not in AlignParams().model_dump()
    assert AlignParams.model_validate(AlignParams().model_dump()) == AlignParams()
    assert AlignParams.model_validate_json(SHAPED.model_dump_json()) == SHAPED


class _First:
    """The first frames of a video."""

    def __init__(self, source, n_frames):
        self._source, self.n_frames = source, n_frames
        self.video_id, self.frame_rate = source.video_id, source.frame_rate
        self.clock, self.fingerprint = source.clock, source.fingerprint

    def iter_luma(self, start=0, stop=None):
        return self._source.iter_luma(start, min(stop or self.n_frames, self.n_frames))
