from fractions import Fraction
from itertools import islice

import cv2
import numpy as np
import pytest

from napari_mespot.frames.synthetic.dynamics import TimeCourse, blink_course
from napari_mespot.frames.synthetic.head_motion import HeadMotion
from napari_mespot.frames.synthetic.identity import FaceIdentity, GlassesTraits, face_points
from napari_mespot.frames.synthetic.script import (
    Blink,
    FaceScript,
    GazeShift,
    ScriptedExpression,
    ScriptedUnit,
)
from napari_mespot.frames.synthetic.sequence import Scene, SyntheticSequence
from napari_mespot.model import ExpressionKind

STILL = HeadMotion(sway=0, breath_hz=0)
SMALL = Scene(height=240, width=320, scale=1.6, centre=(55.8, 50.0), noise=0, flicker=0)
BROWS = ScriptedExpression(
    ExpressionKind.MICRO,
    TimeCourse(8, 13, 2, 22),
    (ScriptedUnit(1, 3.0), ScriptedUnit(2, 3.0)),
)
SMILE = ScriptedExpression(
    ExpressionKind.MACRO, TimeCourse(8, 16, 4, 28), (ScriptedUnit(6, 2.0), ScriptedUnit(12, 5.0))
)


def sequence(scene=SMALL, motion=STILL, identity=None, **script):
    play = FaceScript(n_frames=40, frame_rate=Fraction(30), motion=motion, **script)
    return SyntheticSequence(identity or FaceIdentity(), play, scene)


def change(first, second):
    return np.abs(first.astype(int) - second.astype(int))


@pytest.mark.parametrize("expression", [BROWS, SMILE])
def test_moves_exactly_from_onset_to_offset_and_most_at_the_apex(expression):
    video = sequence(expressions=(expression,))
    rest = video.frame(0)
    course = expression.course
    sizes = {
        frame: int(change(video.frame(frame), rest).sum())
        for frame in (
            course.onset - 1,
            course.onset + 1,
            course.apex - 2,
            course.apex,
            course.offset - 1,
            course.offset + 1,
        )
    }
    before, begins, grows, apex, ends, after = sizes.values()
    assert before == after == 0
    assert 0 < begins < grows < apex
    assert 0 < ends < apex


def test_measured_motion_is_the_scripted_motion():
    video = sequence(expressions=(SMILE,))
    rest, apex = (cv2.cvtColor(video.frame(f), cv2.COLOR_RGB2GRAY) for f in (0, 16))
    true = (video.points(16) - video.points(0))[[48, 54]]
    start = video.points(0)[[48, 54]].astype(np.float32)[:, None]
    found, ok, _ = cv2.calcOpticalFlowPyrLK(rest, apex, start, None, winSize=(15, 15))
    assert ok.all()
    np.testing.assert_allclose((found - start)[:, 0], true, atol=1.0)
    assert np.hypot(*true.T).min() > 4


def test_true_points_lie_on_the_drawn_face():
    video = sequence()
    np.testing.assert_allclose(
        video.points(0), SMALL.canvas.pixels(face_points(FaceIdentity())), atol=1e-6
    )


def test_head_motion_carries_picture_and_points_together():
    video = sequence(motion=HeadMotion(sway=1.0, breath_hz=0, seed=4))
    first, later = (cv2.cvtColor(video.frame(f), cv2.COLOR_RGB2GRAY) for f in (0, 30))
    index = [27, 30, 33, 36, 39, 42, 45, 48, 54]
    start = video.points(0)[index].astype(np.float32)[:, None]
    found, ok, _ = cv2.calcOpticalFlowPyrLK(first, later, start, None, winSize=(21, 21))
    true = video.points(30)[index] - video.points(0)[index]
    assert ok.all()
    assert np.median(np.hypot(*((found - start)[:, 0] - true).T)) < 0.25
    assert np.hypot(*true.T).max() > 0.5


def test_blink_and_gaze_change_the_eyes_alone():
    video = sequence(
        blinks=(Blink(blink_course(5, 30)),), gazes=(GazeShift(TimeCourse(20, 22, 4, 30), (3, 0)),)
    )
    rest = video.frame(0)
    eyes = video.points(0)[36:48]
    (left, top), (right, bottom) = eyes.min(axis=0) - 14, eyes.max(axis=0) + 14
    for frame in (7, 24):
        rows, columns = np.nonzero(change(video.frame(frame), rest).max(axis=2) > 2)
        assert len(rows) > 30
        assert top < rows.min()
        assert rows.max() < bottom
        assert left < columns.min()
        assert columns.max() < right


def test_frames_do_not_depend_on_the_order_they_are_asked_for():
    scene = Scene(height=240, width=320, scale=1.6, seed=9)
    video = sequence(scene, HeadMotion(), expressions=(BROWS,))
    again = sequence(scene, HeadMotion(), expressions=(BROWS,))
    np.testing.assert_array_equal(video.frame(10), next(islice(again, 10, None)))
    other = sequence(Scene(height=240, width=320, scale=1.6, seed=10), HeadMotion())
    assert change(video.frame(0), other.frame(0)).mean() > 0.3


def test_noise_has_the_scenes_strength():
    clean = sequence().frame(3).astype(float)
    noisy = sequence(
        Scene(height=240, width=320, scale=1.6, centre=(55.8, 50.0), noise=2.0, flicker=0)
    )
    difference = noisy.frame(3) - clean
    assert difference[..., 1].std() == pytest.approx(2.0, rel=0.15)
    assert abs(difference.mean()) < 0.1


def test_glasses_stay_while_the_skin_moves():
    who = FaceIdentity(glasses=GlassesTraits(thickness=2.0))
    video = sequence(identity=who, expressions=(BROWS,))
    x, y = video.points(0)[40:42].mean(axis=0)
    column, row = round(x), round(y + 11 * SMALL.scale)
    frame = video.frame(0)[row - 3 : row + 4, column - 3 : column + 4]
    assert frame.min() < 60
    np.testing.assert_allclose(
        video.frame(13)[row - 1 : row + 2, column - 3 : column + 4].mean(),
        video.frame(0)[row - 1 : row + 2, column - 3 : column + 4].mean(),
        atol=4,
    )


def test_annotation_and_bounds():
    video = sequence(expressions=(BROWS,))
    truth = video.annotation("drawn")
    assert truth.video_id == "drawn"
    assert truth.n_frames == video.n_frames == 40
    assert truth.expressions[0].interval == BROWS.course.interval
    for index in (-1, 40):
        with pytest.raises(IndexError, match="frame from 0 to 39"):
            video.frame(index)
