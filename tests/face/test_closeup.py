"""The faces of one interval: the same as the whole video's, and got without reading the rest."""

from fractions import Fraction

import numpy as np
import pytest
from tests.face.conftest import ArraySource

from napari_mespot.errors import NoFaceError
from napari_mespot.face import AlignParams, FaceCache, extract_faces
from napari_mespot.face.closeup import MAX_INTERVAL_FRAMES, interval_faces
from napari_mespot.progress import Cancelled

PARAMS = AlignParams()


@pytest.fixture(scope="module")
def source(film, head_motion, wall):
    frames = film(head_motion(48), noise=1.0)
    frames[20] = None
    frames[:3] = [wall] * 3
    return ArraySource(frames)


@pytest.fixture(scope="module")
def cache(source, tmp_path_factory):
    cache = FaceCache(tmp_path_factory.mktemp("faces"))
    extract_faces(source, PARAMS, cache=cache)
    return cache


def test_the_cache_gives_the_videos_own_faces_without_reading_it(source, cache):
    whole = cache.load(source, PARAMS)
    source.read.clear()
    faces = interval_faces(source, PARAMS, 10, 25, cache)
    assert source.read == []
    assert (faces.first_frame, faces.last_frame, faces.n_frames) == (10, 25, 16)
    assert (faces.video_id, faces.frame_rate, faces.crop_px) == ("clip", Fraction(30), 112)
    np.testing.assert_array_equal(faces.images, whole.images[10:26])
    np.testing.assert_array_equal(faces.transforms, whole.transforms[10:26])
    assert np.flatnonzero(~faces.found).tolist() == [10]


def test_larger_faces_come_from_the_same_alignment(source, cache):
    source.read.clear()
    large = interval_faces(source, PARAMS, 10, 25, cache, crop_px=224)
    assert source.read == list(range(10, 26))
    assert large.images.shape == (16, 224, 224)
    assert np.flatnonzero(~large.found).tolist() == [10]
    np.testing.assert_array_equal(large.images[10], large.images[9])
    small = interval_faces(source, PARAMS, 10, 25, cache).images.astype(float)
    averaged = large.images.reshape(16, 112, 2, 112, 2).mean(axis=(2, 4))
    assert np.abs(averaged - small)[:, 10:-10, 10:-10].mean() < 3
    np.testing.assert_allclose(
        large.transforms[3, :, :2],
        2 * interval_faces(source, PARAMS, 10, 25, cache).transforms[3, :, :2],
    )


@pytest.mark.parametrize("crop_px", [None, 160])
def test_without_a_cache_only_the_stretch_is_read_and_aligned(source, cache, crop_px):
    source.read.clear()
    faces = interval_faces(source, PARAMS, 24, 40, crop_px=crop_px)
    assert source.read == list(range(24, 41))
    assert faces.images.shape == (17, crop_px or 112, crop_px or 112)
    assert faces.found.all()
    if crop_px is None:
        stored = interval_faces(source, PARAMS, 24, 40, cache)
        apart = np.abs(faces.transforms[:, :, 2] - stored.transforms[:, :, 2]).max()
        assert apart < 3  # framed a little differently, but the same face


def test_an_empty_cache_is_left_empty(source, tmp_path):
    cache = FaceCache(tmp_path)
    interval_faces(source, PARAMS, 30, 33, cache)
    assert not list(tmp_path.rglob("*.faces"))


@pytest.mark.parametrize("with_cache", [True, False])
def test_frames_before_the_first_face_show_the_first_face(source, cache, with_cache):
    faces = interval_faces(source, PARAMS, 1, 6, cache if with_cache else None)
    assert faces.found.tolist() == [False, False, True, True, True, True]
    np.testing.assert_array_equal(faces.images[0], faces.images[2])
    assert faces.images[0].mean() > 20


def test_frames_know_their_row(source, cache):
    faces = interval_faces(source, PARAMS, 10, 25, cache)
    assert [faces.row(frame) for frame in (9, 10, 17, 25, 99)] == [0, 0, 7, 15, 15]


def test_a_stretch_without_a_face_is_an_error_of_one_line(source):
    with pytest.raises(NoFaceError, match="frames 0 to 2 of clip") as caught:
        interval_faces(source, PARAMS, 0, 2)
    assert "\n" not in str(caught.value)


def test_stretches_and_sizes_out_of_range_are_refused(source):
    for first, last in ((5, 4), (-1, 3), (40, 48)):
        with pytest.raises(ValueError, match="Expected 0 <= first"):
            interval_faces(source, PARAMS, first, last)
    for crop_px in (8, 225):
        with pytest.raises(ValueError, match="crop_px from 32 to 224"):
            interval_faces(source, PARAMS, 10, 12, crop_px=crop_px)
    long = ArraySource([None] * 2000)
    with pytest.raises(ValueError, match="at most 1000 frames, got 1001"):
        interval_faces(long, PARAMS, 500, 500 + MAX_INTERVAL_FRAMES)


@pytest.mark.parametrize("with_cache", [True, False])
def test_it_can_be_cancelled(source, cache, with_cache):
    def cancel(step):
        if step.done:
            raise Cancelled

    with pytest.raises(Cancelled):
        interval_faces(
            source, PARAMS, 10, 25, cache if with_cache else None, crop_px=200, progress=cancel
        )
