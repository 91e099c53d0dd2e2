"""Corrected videos with their faces: these stay in their file, cuts and shapes come with them."""

import mmap
from fractions import Fraction

import numpy as np
import pytest
from tests.fixtures.face_clip import face_frame, write_face_video, write_video

from napari_mespot.face import AlignParams, FaceCache
from napari_mespot.learning.corrections import CorrectedVideo, load_corrections
from napari_mespot.model import Annotation, Expression, ExpressionKind, Interval

N = 24


def corrected(path, n=N):
    shown = (Expression(Interval(5, 10), ExpressionKind.MICRO),)
    whole = (Interval(0, n - 1),)
    return CorrectedVideo(Annotation(path.stem, n, Fraction(30), shown, whole), path)


def maps_a_file(images):
    """Whether an array, or what it is a view of, is a map of a file."""
    while images is not None and not isinstance(images, mmap.mmap):
        images = getattr(images, "base", None)
    return images is not None


@pytest.fixture
def clip(tmp_path):
    return write_face_video(tmp_path / "anna.mp4", N)


def test_faces_are_mapped_and_not_held(clip, tmp_path):
    cache = FaceCache(tmp_path / "cache")
    video = corrected(clip)
    for _ in ("aligned", "from the cache"):
        (loaded,) = load_corrections([video], AlignParams(), cache=cache).corpus.videos
        assert maps_a_file(loaded.images)
        assert loaded.images.shape == (N, 112, 112)
        assert loaded.images.std() > 0
        assert not loaded.images.flags.writeable


def test_without_a_cache_that_can_be_written_faces_are_there_all_the_same(clip, tmp_path):
    (tmp_path / "file").write_text("no folder")
    cache = FaceCache(tmp_path / "file")
    (loaded,) = load_corrections([corrected(clip)], AlignParams(), cache=cache).corpus.videos
    assert loaded.images.shape == (N, 112, 112)
    assert loaded.images.std() > 0


def test_cuts_and_shapes_of_faces_come_with_them(tmp_path):
    face = face_frame()
    other = np.ascontiguousarray(face[:, ::-1] // 2 + 100)
    clip = write_video(tmp_path / "cut.mp4", [face] * 30 + [other] * 30)
    align = AlignParams(shape_hz=30.0)
    corrections = load_corrections([corrected(clip, 60)], align, cache=FaceCache(tmp_path))
    (loaded,) = corrections.corpus.videos
    assert loaded.breaks == loaded.faces.breaks
    assert len(loaded.breaks) == 1
    assert abs(loaded.breaks[0] - 30) <= 1
    assert loaded.shape is not None
    assert np.isfinite(loaded.shape).all(axis=1).sum() > 20
