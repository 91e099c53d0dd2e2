from fractions import Fraction

import numpy as np
import pytest
from tests.face.conftest import ArraySource

from napari_mespot.errors import NoFaceError
from napari_mespot.face import AlignParams, extract_faces, stream_faces
from napari_mespot.face.detection import Detection, FaceDetector
from napari_mespot.face.geometry import apply_transform, compose, invert, transform_scale
from napari_mespot.face.landmarks import Landmarker, region_of_points
from napari_mespot.progress import Cancelled

FACE = np.stack(np.meshgrid([16.0, 36, 56, 76, 96], [16.0, 36, 56, 76, 96]), -1).reshape(-1, 2)


def still_std(transforms, motion):
    """How much the face still moves in the crop, standard deviation in pixels."""
    rest = compose(transforms[0], motion[0])
    points = apply_transform(invert(rest), FACE)
    seen = [apply_transform(compose(t, m), points) for t, m in zip(transforms, motion, strict=True)]
    return float(np.std(np.array(seen), axis=0).mean())


@pytest.fixture(scope="module")
def moved(film, head_motion):
    motion = head_motion(60)
    return motion, ArraySource(film(motion, noise=3.0))


def test_a_still_face_stays_still(moved):
    motion, source = moved
    faces = extract_faces(source)
    assert faces.found.all()
    assert still_std(faces.transforms, motion) < 0.03
    landmarks = extract_faces(source, AlignParams(method="landmarks"))
    assert still_std(landmarks.transforms, motion) > 2 * still_std(faces.transforms, motion)


def test_at_a_high_frame_rate_it_is_stiller_still(film, head_motion):
    motion = head_motion(80, frame_rate=200.0)
    source = ArraySource(film(motion, noise=3.0), frame_rate=Fraction(200))
    smooth = extract_faces(source)
    raw = extract_faces(source, AlignParams(smoothing_s=0))
    assert still_std(smooth.transforms, motion) < still_std(raw.transforms, motion)
    assert still_std(smooth.transforms, motion) < 0.02


def test_the_crop_is_framed_as_openface_does(moved):
    _, source = moved
    faces = extract_faces(source)
    crop = np.ascontiguousarray(faces.images[0])
    assert crop.shape == (112, 112)
    region = region_of_points(np.array([[18.0, 5.0], [94.0, 110.0]])[[0, 1] * 234])
    points = Landmarker(0.0).measure(crop, region).points
    eyes = points[[33, 133], :2].mean(axis=0), points[[362, 263], :2].mean(axis=0)
    np.testing.assert_allclose(eyes, [[33.0, 29.2], [79.0, 28.9]], atol=4)


def test_chunks_are_the_video_in_order(moved):
    _, source = moved
    whole = extract_faces(source)
    chunks = list(stream_faces(source, AlignParams(), chunk_frames=25))
    assert [(c.first_frame, c.n_frames) for c in chunks] == [(0, 25), (25, 25), (50, 10)]
    np.testing.assert_array_equal(np.concatenate([c.images for c in chunks]), whole.images)
    np.testing.assert_array_equal(np.concatenate([c.transforms for c in chunks]), whole.transforms)
    again = list(whole.chunks(25))
    np.testing.assert_array_equal(again[2].images, chunks[2].images)
    assert (whole.video_id, whole.n_frames, whole.crop_px) == ("clip", 60, 112)


def test_lost_and_found_again(portrait, wall):
    frames = [portrait] * 12 + [wall] * 10 + [portrait] * 12
    stream = stream_faces(ArraySource(frames), AlignParams())
    (chunk,) = stream
    expected = np.array([True] * 12 + [False] * 10 + [True] * 12)
    np.testing.assert_array_equal(chunk.found, expected)
    assert (chunk.confidence[~expected] == 0).all()
    np.testing.assert_array_equal(chunk.images[15], chunk.images[11])
    assert np.abs(apply_transform(chunk.transforms[30], [[150.0, 100.0]])
                  - apply_transform(chunk.transforms[3], [[150.0, 100.0]])).max() < 0.5  # fmt: skip
    assert stream.summary.losses == 1
    assert any("lost 1 time" in text for text in stream.warnings)


def test_a_frame_that_cannot_be_decoded_is_not_found(portrait):
    frames = [None, portrait, portrait, None, portrait]
    (chunk,) = stream_faces(ArraySource(frames), AlignParams())
    np.testing.assert_array_equal(chunk.found, [False, True, True, False, True])
    assert (chunk.images[0] == 0).all()
    np.testing.assert_array_equal(chunk.images[3], chunk.images[2])


def test_no_face_anywhere_is_no_error(wall):
    stream = stream_faces(ArraySource([wall] * 20), AlignParams())
    (chunk,) = stream
    assert not chunk.found.any()
    assert (chunk.images == 0).all()
    assert stream.summary.n_found == 0


def test_an_empty_video_gives_an_empty_sequence():
    faces = extract_faces(ArraySource([]))
    assert faces.n_frames == 0
    assert list(faces.chunks()) == []


def test_of_two_faces_the_larger_is_kept_and_named(portrait):
    import cv2

    part = portrait[:, 60:300]
    small = cv2.resize(part, None, fx=0.8, fy=0.8, interpolation=cv2.INTER_AREA)
    frame = np.full((300, 480), 110, np.uint8)
    frame[6:294, 220:460] = part
    frame[40:270, 10:202] = small
    frames = [np.roll(frame, (0, k // 2), axis=(0, 1)) for k in range(30)]
    stream = stream_faces(ArraySource(frames), AlignParams(check_interval_s=0.1))
    (chunk,) = stream
    assert chunk.found.all()
    middle = [apply_transform(invert(t), [[56.0, 56.0]])[0, 0] for t in chunk.transforms]
    assert min(middle) > 300
    (text,) = [text for text in stream.warnings if "faces in frame" in text]
    assert text.startswith("2 faces in frame 0: kept the largest")
    assert "\n" not in text


def test_what_only_looks_like_a_face_does_not_hide_the_real_one(portrait, wall, monkeypatch):
    """The detector sees a large face on the wall as well; the landmarks do not confirm it."""
    frame = np.hstack([wall, portrait[:, 60:300]])
    detect = FaceDetector.detect

    def seeing_more(self, image, *, tiles=False):
        box = np.array([100.0, 60.0, 300.0, 260.0])
        eyes = np.tile([[150.0, 120.0], [250.0, 120.0]], (3, 1))
        return [Detection(box, eyes, 0.99), *detect(self, image, tiles=tiles)]

    monkeypatch.setattr(FaceDetector, "detect", seeing_more)
    stream = stream_faces(ArraySource([frame] * 3), AlignParams())
    (chunk,) = stream
    assert chunk.found.all()
    assert apply_transform(invert(chunk.transforms[0]), [[56.0, 56.0]])[0, 0] > 400
    assert stream.warnings == ()


def test_a_small_face_in_a_large_frame_is_found(portrait):
    import cv2

    small = cv2.resize(portrait, None, fx=0.8, fy=0.8, interpolation=cv2.INTER_AREA)
    frame = np.full((900, 1600), 120, np.uint8)
    frame[600 : 600 + small.shape[0], 1250 : 1250 + small.shape[1]] = small
    (chunk,) = stream_faces(ArraySource([frame] * 3), AlignParams())
    assert chunk.found.all()
    assert transform_scale(chunk.transforms[0]) > 1.3


def test_a_sudden_jump_is_followed(portrait):
    frames = [portrait] * 10 + [np.roll(portrait, (25, 40), axis=(0, 1))] * 10
    (chunk,) = stream_faces(ArraySource(frames), AlignParams())
    assert chunk.found.all()
    before, *_, after = (apply_transform(invert(t), FACE) for t in chunk.transforms)
    np.testing.assert_allclose(after - before, np.broadcast_to([40.0, 25.0], FACE.shape), atol=0.1)


@pytest.mark.parametrize("crop_px", [56, 224])
def test_other_crop_sizes_show_the_same_part(portrait, crop_px):
    import cv2

    (usual,) = stream_faces(ArraySource([portrait] * 2), AlignParams())
    (other,) = stream_faces(ArraySource([portrait] * 2), AlignParams(crop_px=crop_px))
    assert other.images.shape[1:] == (crop_px, crop_px)
    how = cv2.INTER_AREA if crop_px > 112 else cv2.INTER_CUBIC
    resized = cv2.resize(other.images[0], (112, 112), interpolation=how)
    assert np.abs(resized.astype(float) - usual.images[0]).mean() < 4


def test_outside_the_frame_the_crop_is_black(portrait):
    cut = np.ascontiguousarray(portrait[:, 140:])
    (chunk,) = stream_faces(ArraySource([cut]), AlignParams())
    assert chunk.found.all()
    outside = apply_transform(chunk.transforms[0], [[-3.0, 100.0]])[0]
    assert (chunk.images[0][:, : max(0, int(outside[0]))] == 0).all()


def test_progress_is_told_and_can_cancel(portrait):
    told = []
    source = ArraySource([portrait] * 10)
    list(stream_faces(source, AlignParams(), chunk_frames=4, progress=told.append))
    assert [(p.done, p.total) for p in told] == [(0, 10), (4, 10), (8, 10), (10, 10)]

    def cancel(progress):
        if progress.done >= 4:
            raise Cancelled

    source = ArraySource([portrait] * 500)
    with pytest.raises(Cancelled):
        list(stream_faces(source, AlignParams(), chunk_frames=4, progress=cancel))
    assert len(source.read) < 60


def test_closing_a_stream_stops_reading(portrait):
    source = ArraySource([portrait] * 500)
    with stream_faces(source, AlignParams(), chunk_frames=4) as stream:
        next(stream)
    assert len(source.read) < 60


def test_an_error_of_the_source_comes_through(portrait):
    class Broken(ArraySource):
        def iter_luma(self, start=0, stop=None):
            yield self.frames[0]
            raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        list(stream_faces(Broken([portrait] * 5), AlignParams()))


def test_missing_models_say_what_to_do(portrait, tmp_path, monkeypatch):
    monkeypatch.setenv("MESPOT_FACE_MODELS", str(tmp_path))
    with pytest.raises(NoFaceError, match="MESPOT_FACE_MODELS") as caught:
        list(stream_faces(ArraySource([portrait]), AlignParams()))
    assert "\n" not in str(caught.value)
