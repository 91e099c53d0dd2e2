"""The training-free spotters find what is obvious, and nothing where nothing is."""

from fractions import Fraction
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.fixtures.face_clip import face_frame, write_video
from tests.reference.lbp import slow_block_histograms, slow_difference

from napari_mespot.errors import NoFaceError
from napari_mespot.evaluation import match_expressions
from napari_mespot.face import FaceChunk
from napari_mespot.frames import open_frames
from napari_mespot.frames.synthetic import action_unit_field, warp_image
from napari_mespot.frames.synthetic.geometry import CROP_PX
from napari_mespot.model import Annotation, Expression, ExpressionKind, Interval
from napari_mespot.progress import Cancelled
from napari_mespot.spotting.baselines import FlowSpotter, LbpParams, LbpSpotter, VideoSpotter
from napari_mespot.spotting.baselines.lbp import _differences, block_histograms
from napari_mespot.spotting.baselines.peaks import find_peaks

SPOTTERS = [LbpSpotter(), FlowSpotter()]


def by_name(spotter):
    return spotter.name


@cache
def portrait():
    """A face as the alignment would cut it: here the crop of a drawn head at rest."""
    from napari_mespot.frames.synthetic import draw_aligned_face, random_identity

    drawn = draw_aligned_face(random_identity(np.random.default_rng(3)))
    image = np.asarray(drawn, dtype=np.float32)
    grey = image.mean(axis=2) if image.ndim == 3 else image
    grey = grey * (255 if grey.max() <= 1.5 else 1)
    assert grey.shape == (CROP_PX, CROP_PX)
    return grey


def video(rate, n_frames, movements):
    """Crops that show action units: (code, pixels, onset, offset) each, under a little noise."""
    rng = np.random.default_rng(0)
    images = []
    for frame in range(n_frames):
        field = np.zeros((2, CROP_PX, CROP_PX), dtype=np.float32)
        for code, pixels, onset, offset in movements:
            share = (frame - onset + 1) / (offset - onset + 2)
            if 0 < share < 1:
                field += np.float32(pixels * np.sin(np.pi * share) ** 2) * action_unit_field(code)
        moved = warp_image(portrait(), field) + rng.normal(0, 0.5, (CROP_PX, CROP_PX))
        images.append(np.clip(np.rint(moved), 0, 255).astype(np.uint8))
    return np.stack(images)


def chunks(images, found=None, size=37):
    found = np.ones(len(images), dtype=bool) if found is None else found
    for start in range(0, len(images), size):
        part = slice(start, start + size)
        n = len(images[part])
        yield FaceChunk(
            start,
            images[part],
            found[part],
            np.ones(n, dtype=np.float32),
            np.tile(np.eye(2, 3), (n, 1, 1)),
        )


def spot(spotter, images, rate, found=None):
    return spotter.spot_faces(
        chunks(images, found), n_frames=len(images), frame_rate=Fraction(rate), video_id="v"
    )


@pytest.mark.parametrize("spotter", SPOTTERS, ids=by_name)
def test_an_obvious_smile_is_found_as_macro_expression(spotter):
    images = video(30, 240, [(12, 6.0, 100, 150)])
    truth = Annotation(
        "v", 240, Fraction(30), (Expression(Interval(100, 150), ExpressionKind.MACRO, 125),)
    )
    result = spot(spotter, images, 30)
    counts = match_expressions(truth, result.annotation).counts.mae
    assert counts.tp == 1
    assert counts.fp <= 1
    signal = result.smoothed.of_kind(ExpressionKind.MACRO)
    assert abs(int(np.nanargmax(signal)) - 125) <= 12


@pytest.mark.parametrize("rate", [30, 100])
@pytest.mark.parametrize("spotter", SPOTTERS, ids=by_name)
def test_an_obvious_twitch_is_found_as_micro_expression(spotter, rate):
    onset, offset = round(2 * rate), round(2.3 * rate)
    images = video(rate, 5 * rate, [(4, 4.0, onset, offset)])
    truth = Annotation(
        "v",
        len(images),
        Fraction(rate),
        (Expression(Interval(onset, offset), ExpressionKind.MICRO),),
    )
    found = spot(spotter, images, rate).annotation
    assert match_expressions(truth, found).counts.me.tp == 1


@pytest.mark.parametrize("spotter", SPOTTERS, ids=by_name)
def test_a_still_face_under_noise_gives_nothing(spotter):
    assert spot(spotter, video(30, 120, []), 30).annotation.expressions == ()


@pytest.mark.parametrize("spotter", SPOTTERS, ids=by_name)
def test_frames_without_a_face_have_no_evidence_and_no_apex(spotter):
    images = video(30, 160, [(12, 6.0, 60, 110)])
    found = np.ones(160, dtype=bool)
    found[80:95] = False
    result = spot(spotter, images, 30, found)
    assert np.isnan(result.signal.values[80:95]).all()
    assert np.isfinite(result.signal.values[found]).all()
    assert all(found[e.apex] for e in result.annotation.expressions)


@pytest.mark.parametrize("spotter", SPOTTERS, ids=by_name)
@pytest.mark.parametrize("n_frames", [1, 5])
def test_videos_shorter_than_an_expression_give_nothing(spotter, n_frames):
    result = spot(spotter, video(30, n_frames, []), 30)
    assert result.annotation.expressions == ()
    assert result.signal.n_frames == n_frames


@pytest.mark.parametrize("spotter", SPOTTERS, ids=by_name)
def test_a_real_video_goes_through_and_can_be_cancelled(spotter, tmp_path):
    path = write_video(tmp_path / "face.mp4", [face_frame()] * 20)
    assert isinstance(spotter, VideoSpotter)
    with open_frames(path) as source:
        result = spotter(source)
        assert result.signal.n_frames == source.n_frames
        assert result.signal.found.all()
        assert result.annotation.expressions == ()

        def stop(_):
            raise Cancelled

        with pytest.raises(Cancelled):
            spotter(source, stop)


@pytest.mark.parametrize("spotter", SPOTTERS, ids=by_name)
def test_a_video_without_a_face_is_refused(spotter, tmp_path):
    path = write_video(tmp_path / "wall.mp4", [np.full((64, 64, 3), 90, np.uint8)] * 12)
    with open_frames(path) as source, pytest.raises(NoFaceError, match="No face in any"):
        spotter(source)


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 1000),
    radius=st.integers(1, 3),
    blocks=st.integers(1, 4),
    levels=st.sampled_from([2, 5, 256]),
)
def test_fast_patterns_equal_the_obvious_ones(seed, radius, blocks, levels):
    rng = np.random.default_rng(seed)
    images = rng.integers(0, levels, (2, 20, 23)).astype(np.uint8)
    params = LbpParams(radius_px=radius, blocks=blocks)
    fast = block_histograms(images, params)
    slow = np.stack([slow_block_histograms(image, params) for image in images])
    assert fast == pytest.approx(slow, abs=1e-6)


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 1000),
    n_frames=st.integers(1, 30),
    k=st.integers(1, 6),
    size=st.integers(1, 12),
)
def test_streamed_differences_equal_the_obvious_ones(seed, n_frames, k, size):
    features = np.random.default_rng(seed).random((n_frames, 5, 7)).astype(np.float32)
    features[:, :, 0] = 0
    pieces = (features[i : i + size] for i in range(0, n_frames, size))
    fast = _differences(pieces, [k, 2 * k], 3, n_frames)
    assert fast[0] == pytest.approx(slow_difference(features, k, 3), abs=1e-5)
    assert fast[1] == pytest.approx(slow_difference(features, 2 * k, 3), abs=1e-5)


@given(
    evidence=st.lists(st.integers(0, 20), min_size=1, max_size=60),
    threshold=st.integers(0, 20),
    apart=st.integers(0, 8),
)
def test_peaks_are_above_the_threshold_apart_and_the_highest_around(evidence, threshold, apart):
    values = np.array(evidence, dtype=float)
    peaks = find_peaks(values, threshold, apart)
    assert list(peaks) == sorted(peaks)
    assert all(b - a > apart for a, b in pairwise(peaks))
    for peak in peaks:
        around = values[max(0, peak - apart) : peak + apart + 1]
        assert values[peak] == around.max() > threshold
    if values.max() > threshold:
        assert values[list(peaks)].max() == values.max()
