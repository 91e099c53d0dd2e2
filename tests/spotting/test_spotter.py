"""The whole way of one video, from a folder of images to expressions."""

import threading
from fractions import Fraction

import cv2
import numpy as np
import pytest
from skimage.data import astronaut
from tests.reference.network import lively_checkpoint

from napari_mespot.clips import ClipParams
from napari_mespot.errors import CheckpointError, NoFaceError
from napari_mespot.face import FaceCache, extract_faces
from napari_mespot.frames import open_frames
from napari_mespot.model import ScoreSignal
from napari_mespot.progress import Cancelled
from napari_mespot.spotting import (
    DetectionParams,
    KindDetectionParams,
    SmoothingParams,
    SpottingParams,
    find_in_scores,
    spot_faces,
    spot_video,
)

N_FRAMES = 40
WITHOUT_FACE = range(2)
ANYTHING = KindDetectionParams(threshold=0, low_threshold=0, min_duration_s=0, max_duration_s=99)


@pytest.fixture(scope="module")
def checkpoint():
    return lively_checkpoint(2, ClipParams())


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """A folder of images: two of a wall, then a face."""
    folder = tmp_path_factory.mktemp("film")
    face = np.ascontiguousarray(cv2.cvtColor(astronaut(), cv2.COLOR_RGB2GRAY)[:288, 48:400])
    rng = np.random.default_rng(0)
    for i in range(N_FRAMES):
        image = np.full_like(face, 90) if i in WITHOUT_FACE else face
        noisy = np.clip(image + rng.normal(0, 2, image.shape), 0, 255).astype(np.uint8)
        cv2.imwrite(str(folder / f"img{i:03}.png"), noisy)
    return folder


@pytest.fixture
def source(film):
    with open_frames(film, fps=30) as frames:
        yield frames


@pytest.fixture
def wall(tmp_path):
    for i in range(5):
        cv2.imwrite(str(tmp_path / f"img{i}.png"), np.full((240, 320), 90, np.uint8))
    with open_frames(tmp_path, fps=30) as frames:
        yield frames


def test_every_frame_with_a_face_has_scores(source, checkpoint):
    result = spot_video(source, checkpoint)
    scored = np.isfinite(result.signal.values).all(axis=1)
    assert np.array_equal(scored, result.signal.found)
    assert not scored[list(WITHOUT_FACE)].any()
    assert scored[len(WITHOUT_FACE) :].all()
    assert result.signal.video_id == result.annotation.video_id == source.video_id
    assert result.annotation.n_frames == N_FRAMES
    assert result.annotation.frame_rate == Fraction(30)
    assert result.annotation.reviewed == ()
    assert any("no face in 2 of 40 frames" in text for text in result.warnings)


def test_streaming_equals_scoring_the_whole_sequence(source, checkpoint):
    streamed = spot_video(source, checkpoint)
    whole = spot_faces(extract_faces(source, checkpoint.align), checkpoint)
    np.testing.assert_allclose(streamed.signal.values, whole.signal.values, atol=1e-5)
    assert streamed.annotation == whole.annotation


def test_the_checkpoints_rules_hold_unless_others_are_given(source, checkpoint):
    params = SpottingParams(detection=DetectionParams(me=ANYTHING, mae=ANYTHING))
    result = spot_video(source, checkpoint, params=params)
    (whole,) = result.annotation.expressions
    assert whole.offset == 39
    assert {e.source for e in result.annotation.expressions} == {checkpoint.name}
    assert spot_video(source, checkpoint) != result


def test_a_cache_gives_the_same_result(source, checkpoint, tmp_path):
    cache = FaceCache(tmp_path)
    first = spot_video(source, checkpoint, cache=cache)
    second = spot_video(source, checkpoint, cache=cache)
    assert first.signal == second.signal


def test_a_video_without_a_face_is_an_error_of_one_line(wall, checkpoint):
    with pytest.raises(NoFaceError, match="No face in any of the 5 frames") as caught:
        spot_video(wall, checkpoint)
    assert "\n" not in str(caught.value)


def test_progress_comes_from_this_thread_and_reaches_the_end(source, checkpoint):
    steps, threads = [], set()

    def note(step):
        steps.append(step.done)
        threads.add(threading.current_thread())

    spot_video(source, checkpoint, progress=note)
    assert steps == sorted(steps)
    assert steps[-1] == N_FRAMES
    assert threads == {threading.current_thread()}


def test_scores_are_handed_out_while_they_come(source, checkpoint, tmp_path):
    cache = FaceCache(tmp_path)
    whole_video, whole_faces = [], []
    result = spot_video(source, checkpoint, cache=cache, on_scores=whole_video.append)
    faces = extract_faces(source, checkpoint.align, cache=cache)
    spot_faces(faces, checkpoint, on_scores=whole_faces.append)
    for stretches in (whole_video, whole_faces):
        assert stretches[0].first_frame == 0
        values = np.concatenate([part.values for part in stretches])
        np.testing.assert_allclose(values, result.signal.values, atol=1e-5)


@pytest.mark.parametrize("after", [0, 1])
def test_cancelling_leaves_no_thread(source, checkpoint, after):
    before = set(threading.enumerate())

    def cancel(step):
        if step.done >= after:
            raise Cancelled

    with pytest.raises(Cancelled):
        spot_video(source, checkpoint, progress=cancel)
    assert set(threading.enumerate()) == before
    assert spot_video(source, checkpoint).signal.found.any()  # the source still works


def test_an_error_leaves_no_thread(source, checkpoint):
    before = set(threading.enumerate())
    with pytest.raises(CheckpointError):
        spot_video(source, checkpoint, device="cuda:88")
    assert set(threading.enumerate()) == before


def test_scores_read_from_elsewhere_go_the_same_way():
    values = np.zeros((90, 2), np.float32)
    values[30:40, 0] = 0.9
    values[20:60, 1] = 0.9
    signal = ScoreSignal(values, np.ones(90, bool), Fraction(30), "v")
    params = SpottingParams(smoothing=SmoothingParams(cutoff_me_hz=14, cutoff_mae_hz=14))
    result = find_in_scores(signal, params, source="table", warnings=["a note"])
    found = [(e.kind.value, e.onset, e.offset) for e in result.annotation.expressions]
    assert [kind for kind, _, _ in found] == ["MaE", "ME"]
    np.testing.assert_allclose([ends for _, *ends in found], [[20, 59], [30, 39]], atol=1)
    assert result.warnings == ("a note",)


def test_what_lasts_long_is_found_and_told_in_a_line():
    values = np.zeros((900, 2), np.float32)
    for first in (100, 300, 500, 700):
        values[first : first + 150, 1] = 0.9
    values[30:40, 0] = 0.9
    signal = ScoreSignal(values, np.ones(900, bool), Fraction(30), "v")
    params = SpottingParams(smoothing=SmoothingParams(cutoff_me_hz=14, cutoff_mae_hz=14))
    result = find_in_scores(signal, params)
    assert [e.kind.value for e in result.annotation.expressions] == ["ME", *["MaE"] * 4]
    (line,) = result.warnings
    assert line.startswith("4 MaE marked as long, over 4.5 s: frames ")
    assert "and 1 more" in line


def test_all_that_is_too_short_is_told_in_a_line():
    values = np.zeros((300, 2), np.float32)
    for first in range(20, 220, 40):
        values[first, 0] = 0.9
    values[250:260, 0] = 0.9
    signal = ScoreSignal(values, np.ones(300, bool), Fraction(30), "v")
    params = SpottingParams(smoothing=SmoothingParams(cutoff_me_hz=15, cutoff_mae_hz=15))
    result = find_in_scores(signal, params)
    assert len(result.annotation.expressions) == 1
    (line,) = result.warnings
    assert line.startswith("5 left out as too short: frames 20–20 (0.90), 60–60 (0.90), ")
    assert "180–180 (0.90); look there" in line
