"""The shipped videos: they are what their labels say, and our own eyes find the face in them."""

import cv2
import numpy as np
import pytest

from napari_mespot.errors import FrameReadError
from napari_mespot.face import extract_faces
from napari_mespot.face.detection import FaceDetector
from napari_mespot.face.landmarks import Landmarker, region_of_detection
from napari_mespot.frames import open_frames
from napari_mespot.frames.synthetic import sample
from napari_mespot.frames.synthetic.sample import SAMPLE_RATES, sample_path, sample_sequence
from napari_mespot.io import read_table
from napari_mespot.model import ExpressionKind

# Corners of the eyes and the mouth, and the base of the nose: of 68, and of the 468.
CORNERS = {36: 33, 39: 133, 42: 362, 45: 263, 33: 2, 48: 61, 54: 291}


@pytest.fixture(autouse=True)
def one_thread():
    """Nets this small are slower on several threads, the more so beside other work."""
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    yield
    cv2.setNumThreads(before)


def truth(rate):
    path = sample_path(rate)
    (annotation,) = read_table(path.with_name(f"{path.stem}.intervals.csv"))
    return annotation


@pytest.mark.parametrize("rate", SAMPLE_RATES)
def test_labels_are_the_script_that_was_played(rate):
    assert truth(rate) == sample_sequence(rate).annotation(f"synthetic_face_{rate}fps")


@pytest.mark.parametrize("rate", SAMPLE_RATES)
def test_labels_are_of_usual_expressions(rate):
    micro, macro = (truth(rate).of_kind(kind) for kind in ExpressionKind)
    assert len(micro) >= 3
    assert len(macro) >= 2
    assert all(0.1 < e.interval.n_frames / rate < 0.5 for e in micro)
    assert all(0.5 <= e.interval.n_frames / rate <= 4.0 for e in macro)
    assert len({e.action_units for e in (*micro, *macro)}) >= 5


@pytest.mark.parametrize("rate", SAMPLE_RATES)
def test_file_shows_the_frames_that_are_drawn(rate):
    sequence = sample_sequence(rate)
    with open_frames(sample_path(rate)) as source:
        assert source.n_frames == sequence.n_frames
        assert source.frame_rate == rate
        assert (source.height, source.width) == (480, 640)
        apex = truth(rate).expressions[0].apex
        difference = source.read(apex).astype(int) - sequence.frame(apex)
        assert np.abs(difference).mean() < 3
    assert sample_path(rate).stat().st_size < 3.5e6


@pytest.mark.parametrize("rate", SAMPLE_RATES)
def test_detector_and_landmarks_find_the_face_all_the_time(rate):
    detector, landmarker = FaceDetector(0.5), Landmarker(0.5)
    sequence = sample_sequence(rate)
    every = rate // 30  # at 200 fps neighbouring frames are all but the same
    errors = []
    with open_frames(sample_path(rate)) as source:
        for index, luma in enumerate(source.iter_luma()):
            if index % every:
                continue
            (face,) = detector.detect(luma)
            assert face.score > 0.8, f"frame {index}"
            if index % (20 * every) == 0:
                found = landmarker.measure(luma, region_of_detection(face))
                assert found is not None, f"frame {index}"
                true = sequence.points(index)[list(CORNERS)]
                errors.append(found.points[list(CORNERS.values()), :2] - true)
    apart = np.hypot(*np.moveaxis(np.array(errors), -1, 0)) / sequence.scene.scale
    assert np.median(apart) < 2.5


@pytest.mark.parametrize("rate", SAMPLE_RATES)
def test_aligned_face_moves_when_the_labels_say_so(rate):
    with open_frames(sample_path(rate)) as source:
        faces = extract_faces(source)
    assert faces.found.all()
    crops = faces.images[:].astype(np.float32)
    for expression in truth(rate).expressions:
        before = max(expression.onset - 2, 0)
        step = expression.apex - expression.onset
        still = np.abs(crops[before - step] - crops[before]).mean()
        moving = np.abs(crops[expression.apex] - crops[before]).mean()
        assert moving > 1.3 * still, expression


def test_sample_is_missed_with_one_line(monkeypatch, tmp_path):
    monkeypatch.setattr(sample.resources, "files", lambda _: tmp_path / "a" / "b")
    with pytest.raises(FrameReadError, match="reinstall"):
        sample_path(30)


@pytest.mark.parametrize("look_up", [sample_path, sample_sequence])
def test_other_rates_are_refused(look_up):
    with pytest.raises(ValueError, match="Expected a rate"):
        look_up(25)
