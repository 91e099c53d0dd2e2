"""Injected expressions are where the truth says, and nothing else gives them away."""

from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.fixtures.face_clip import face_frame, write_video

from napari_mespot.errors import AnnotationFormatError, NoFaceError
from napari_mespot.face import AlignParams, extract_faces
from napari_mespot.frames import FrameSource, open_frames
from napari_mespot.learning.injection import inject
from napari_mespot.learning.injection_clip import (
    NeutralClip,
    load_neutral_clip,
    neutral_stretches,
)
from napari_mespot.learning.injection_fields import GRID_MARGIN_PX, draw_field, lid_closure
from napari_mespot.learning.injection_params import InjectionParams
from napari_mespot.learning.injection_plan import draw_plan
from napari_mespot.model import Annotation, Expression, ExpressionKind, Interval, ReviewStatus

PARAMS = InjectionParams()
NOISE = 3.0


def noisy_clip(n_frames=40, rate=30, side=112):
    """A still, smooth picture under noise that is independent from frame to frame."""
    rng = np.random.default_rng(0)
    picture = cv2.GaussianBlur(rng.uniform(0, 255, (side, side)).astype(np.float32), (0, 0), 8)
    picture = 128 + (picture - picture.mean()) * 8
    frames = picture + rng.normal(0, NOISE, (n_frames, side, side))
    transform = np.array([[112 / side, 0.0, 0.0], [0.0, 112 / side, 0.0]])
    return NeutralClip(
        path=Path("noise.mp4"),
        video_id="noise",
        fingerprint="noise",
        frame_rate=Fraction(rate),
        stretch=Interval(0, n_frames - 1),
        frames=np.clip(np.rint(frames), 0, 255).astype(np.uint8),
        transforms=np.repeat(transform[None], n_frames, axis=0),
    )


@pytest.fixture(scope="module")
def face_path(tmp_path_factory):
    rng = np.random.default_rng(1)
    still = face_frame().astype(np.float32)
    frames = [
        np.clip(still + rng.normal(0, 2, still.shape), 0, 255).astype(np.uint8) for _ in range(20)
    ]
    return write_video(tmp_path_factory.mktemp("injection") / "portrait.mp4", frames)


@pytest.fixture(scope="module")
def face_clip(face_path):
    with open_frames(face_path) as source:
        return load_neutral_clip(source)


def test_a_rendition_can_be_used_wherever_a_video_can():
    video = inject(noisy_clip(), PARAMS, seconds=3)
    assert isinstance(video, FrameSource)
    assert video.read_many([5, 2]).shape == (2, 112, 112, 3)
    frames = list(video.iter_luma())
    assert len(frames) == video.n_frames == 90
    assert np.array_equal(frames[7], video.read(7)[..., 1])
    with pytest.raises(IndexError):
        video.read_luma(90)


def test_frames_in_which_nothing_moves_are_the_clips_own():
    clip = noisy_clip()
    video = inject(clip, PARAMS, seconds=6, seed=2)
    own = {frame.tobytes() for frame in clip.frames}
    truth, blinks = video.truth, [blink.interval for blink in video.plan.blinks]
    moving = [e.interval for e in truth.expressions] + blinks
    for index, frame in enumerate(video.iter_luma()):
        if not any(index in interval for interval in moving):
            assert frame.tobytes() in own
    for expression in truth.expressions:
        assert video.read_luma(expression.apex).tobytes() not in own


def test_the_clip_goes_to_and_fro_without_a_jump():
    clip = noisy_clip(n_frames=5)
    assert clip.turned(np.arange(-2, 11)).tolist() == [2, 1, 0, 1, 2, 3, 4, 3, 2, 1, 0, 1, 2]


def test_equal_seeds_give_equal_bytes_and_other_seeds_other_expressions():
    clip = noisy_clip()
    one, same, other = (inject(clip, PARAMS, seconds=4, seed=s) for s in (1, 1, 2))
    assert one.truth == same.truth
    assert one.fingerprint == same.fingerprint != other.fingerprint
    assert all(np.array_equal(a, b) for a, b in zip(one.iter_luma(), same.iter_luma(), strict=True))
    assert one.truth.expressions != other.truth.expressions


@pytest.mark.parametrize("content", ["untouched", "blinks"])
def test_controls_have_no_labels(content):
    video = inject(noisy_clip(), PARAMS, seconds=12, content=content)
    assert video.truth.expressions == ()
    assert bool(video.plan.blinks) == (content == "blinks")


def test_noise_does_not_tell_where_the_skin_moves():
    """Warping alone would smooth the noise; what is left of it must not drop in expressions."""
    clip = noisy_clip(n_frames=60)
    video = inject(clip, PARAMS, seconds=10, seed=4)
    expressions = [planned for planned in video.plan.expressions if planned.size_px > 2]
    assert expressions
    for planned in expressions:
        frame = video.read_luma(planned.expression.apex).astype(np.float32)
        fine = frame - cv2.GaussianBlur(frame, (0, 0), 2)
        back = video.plan.backward(planned.expression.apex)
        margin = GRID_MARGIN_PX
        inside = np.hypot(*back[:, margin:-margin, margin:-margin]) > 0.5
        still = clip.frames[0].astype(np.float32)
        usual = (still - cv2.GaussianBlur(still, (0, 0), 2)).std()
        assert fine[inside].std() == pytest.approx(usual, rel=0.12)


def test_simulated_frames_have_the_clips_noise_at_every_moment():
    """Blending neighbours would make the noise weaker between the frames of the clip."""
    clip = noisy_clip(n_frames=60)
    video = inject(clip, PARAMS, seconds=2, frame_rate=Fraction(200), content="untouched")
    frames = np.stack(list(video.iter_luma())).astype(np.float64)
    fine = np.stack([f - cv2.GaussianBlur(f, (0, 0), 2) for f in frames])
    real = clip.frames.astype(np.float64)
    usual = np.std([f - cv2.GaussianBlur(f, (0, 0), 2) for f in real])
    levels = fine.std(axis=(1, 2))
    assert levels == pytest.approx(usual, rel=0.06)
    # Neighbours differ by noise of their own, as they would in a camera.
    step = np.diff(frames, axis=0).std()
    assert step == pytest.approx(np.sqrt(2) * NOISE * 0.9, rel=0.15)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32), seconds=st.floats(2, 60), rate=st.sampled_from([25, 30, 200]))
def test_plans_keep_to_their_limits(seed, seconds, rate):
    n_frames = round(seconds * rate)
    plan = draw_plan(PARAMS, np.random.default_rng(seed), n_frames, Fraction(rate))
    truth = plan.truth("x")
    gap = round(PARAMS.min_gap_s * rate)
    for before, after in zip(truth.expressions, truth.expressions[1:], strict=False):
        assert before.interval.gap(after.interval) >= gap
    for planned in plan.expressions:
        e = planned.expression
        limits = PARAMS.me_duration_s if e.kind is ExpressionKind.MICRO else PARAMS.mae_duration_s
        assert limits[0] - 0.5 / rate <= e.interval.n_frames / rate <= limits[1] + 0.5 / rate
        assert planned.strength(e.apex) == pytest.approx(1)
        assert planned.strength(e.onset) > 0 < planned.strength(e.offset)
        assert planned.strength(e.onset - 1) == planned.strength(e.offset + 1) == 0
        assert planned.size_px * planned.field.slope <= PARAMS.steepest + 1e-6
    for blink in plan.blinks:
        assert all(not blink.interval.overlap(e.interval) for e in truth.expressions)


def test_fields_move_the_skin_by_the_size_they_are_given():
    rng = np.random.default_rng(0)
    for _ in range(30):
        field = draw_field(rng, 0.3)
        length = np.hypot(*field.forward)
        assert length[length >= length.max() / 2].mean() == pytest.approx(1)
        size = min(2.0, 0.6 / field.slope)
        back = field.backward(size)
        # A point that comes from p + back(p) has gone by the field at the place it came from.
        x, y = np.meshgrid(*(np.arange(back.shape[1], dtype=np.float32),) * 2)
        gone = [
            cv2.remap(size * part, x + back[0], y + back[1], cv2.INTER_LINEAR)
            for part in field.forward
        ]
        assert np.abs(np.stack(gone) + back).max() < 0.05


def test_one_sided_units_move_one_side_only():
    rng = np.random.default_rng(3)
    seen = set()
    for _ in range(200):
        field = draw_field(rng, 1.0)
        middle = GRID_MARGIN_PX + 56
        left, right = (np.hypot(*part).sum() for part in np.split(field.forward, [middle], axis=2))
        if field.code.startswith("R"):
            assert left > 4 * right
        elif field.code.startswith("L"):
            assert right > 4 * left
        seen.add(field.code[0])
    assert {"R", "L"} <= seen


def test_shut_lids_press_the_eye_together_and_leave_the_mouth_alone():
    back = lid_closure(np.random.default_rng(0))
    margin = GRID_MARGIN_PX
    assert back[1, margin + 30, margin + 33] < -3
    assert np.abs(back[:, margin + 60 :]).max() < 1e-3


def test_an_injected_smile_shows_in_the_aligned_face_and_not_in_the_alignment(face_clip):
    params = PARAMS.model_copy(update={"me_per_minute": 0.0, "mae_per_minute": 15.0})
    video = inject(face_clip, params, seconds=4, seed=5)
    (planned,) = video.plan.expressions
    expression = planned.expression
    faces = extract_faces(video, AlignParams())
    assert faces.found.all()
    images = faces.images[:].astype(np.float32)
    rest = images[: expression.onset].mean(axis=0)
    margin = GRID_MARGIN_PX
    back = video.plan.backward(expression.apex)[:, margin:-margin, margin:-margin]
    moved = np.hypot(*back) > 1
    change = np.abs(images[expression.apex] - rest)
    noise = np.abs(images[expression.onset - 1] - rest)
    assert change[moved].mean() > 2 * noise[moved].mean()
    drift = np.abs(np.diff(faces.transforms[:, :, 2], axis=0)).max()
    assert drift < 0.5


def test_neutral_stretches_are_reviewed_and_free_of_expressions():
    def labelled(onset, offset, status):
        return Expression(Interval(onset, offset), ExpressionKind.MICRO, status=status)

    annotation = Annotation(
        "v",
        300,
        Fraction(20),
        (
            labelled(50, 59, ReviewStatus.ACCEPTED),
            labelled(150, 160, ReviewStatus.REJECTED),
            labelled(190, 195, ReviewStatus.UNCERTAIN),
        ),
        reviewed=(Interval(0, 219),),
    )
    stretches = neutral_stretches(annotation, 300)
    assert stretches == (Interval(65, 184), Interval(0, 44), Interval(201, 219))


def test_without_reviewed_ranges_nothing_is_known_to_be_neutral():
    with pytest.raises(AnnotationFormatError, match="review a neutral stretch"):
        neutral_stretches(Annotation("v", 300, Fraction(20)), 300)


def test_only_the_wished_stretch_is_read(face_path, face_clip):
    with open_frames(face_path) as source:
        part = load_neutral_clip(source, Interval(4, 15))
    assert part.stretch == Interval(4, 15)
    # Other frames may frame the face a pixel wider or narrower; the pictures are the same.
    whole, inner = face_clip.frames[4:16], part.frames[:, 3:-6, 3:-6]
    height, width = inner.shape[1:]
    assert any(
        np.array_equal(whole[:, y : y + height, x : x + width], inner)
        for y in range(7)
        for x in range(7)
    )
    assert face_clip.stretch == Interval(0, 19)


def test_a_video_without_a_face_is_refused_in_one_line(tmp_path):
    path = write_video(tmp_path / "wall.mp4", [np.full((64, 64, 3), 90, np.uint8)] * 12)
    with open_frames(path) as source, pytest.raises(NoFaceError, match="8 or more neutral frames"):
        load_neutral_clip(source)


@pytest.mark.parametrize(
    "wrong",
    [
        {"me_size_px": (2.0, 1.0)},
        {"me_duration_s": (0.0, 0.4)},
        {"apex_share": (0.3, 1.0)},
        {"me_per_second": 1.0},
    ],
)
def test_params_that_make_no_sense_are_refused(wrong):
    with pytest.raises(ValueError, match=r"Expected|Extra"):
        InjectionParams.model_validate(wrong)


def test_params_survive_being_written_down():
    params = InjectionParams(me_per_minute=3.0, unilateral_share=1.0)
    assert InjectionParams.model_validate_json(params.model_dump_json()) == params
