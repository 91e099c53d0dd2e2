from fractions import Fraction

import pytest

from napari_mespot.frames.synthetic.dynamics import TimeCourse, blink_course
from napari_mespot.frames.synthetic.script import (
    Blink,
    FaceScript,
    GazeShift,
    ScriptedExpression,
    ScriptedUnit,
    Speech,
)
from napari_mespot.model import ExpressionKind, FrameState, Interval, ReviewStatus

SMILE = ScriptedExpression(
    ExpressionKind.MACRO,
    TimeCourse(20, 30, 5, 50),
    (ScriptedUnit(6, 3.0), ScriptedUnit(12, 6.0, "L"), ScriptedUnit(25, 2.0)),
    "positive",
)


def script(**changes):
    return FaceScript(**{"n_frames": 90, "frame_rate": Fraction(30)} | changes)


def test_annotation_is_what_is_played():
    truth = script(expressions=(SMILE,)).annotation("clip")
    (expression,) = truth.expressions
    assert expression.interval == Interval(20, 50)
    assert expression.apex == 30
    assert expression.kind is ExpressionKind.MACRO
    assert expression.action_units == "6+L12+25"
    assert expression.status is ReviewStatus.LABELLED
    assert expression.source == "synthetic"
    assert truth.frame_rate == 30
    assert truth.reviewed == (Interval(0, 89),)
    assert truth.state_at(19, ExpressionKind.MACRO) is FrameState.ABSENT
    assert truth.state_at(20, ExpressionKind.MACRO) is FrameState.PRESENT


def test_units_move_within_the_interval_only():
    play = script(expressions=(SMILE,))
    assert play.unit_pixels(19) == {}
    assert play.unit_pixels(51) == {}
    assert 0 < play.unit_pixels(20)[12, "L"] < 1
    assert play.unit_pixels(30) == {(6, "B"): 3.0, (12, "L"): 6.0, (25, "B"): 2.0}
    assert play.state(30).lips_apart > 2.0
    assert play.state(19).lips_apart == 0


def test_the_same_unit_in_two_expressions_adds_up():
    play = script(expressions=(SMILE, SMILE))
    assert play.unit_pixels(30)[6, "B"] == 6.0


def test_distractors_change_the_state_and_not_the_truth():
    play = script(
        blinks=(Blink(blink_course(10, 30)), Blink(TimeCourse(60, 62, 0, 66), closed=0.5)),
        gazes=(GazeShift(TimeCourse(40, 43, 10, 57), (2.0, -1.0)),),
        speech=(Speech(Interval(70, 85)),),
    )
    assert play.annotation("clip").expressions == ()
    assert play.state(12).lids == (1.0, 1.0)
    assert play.state(62).lids == (0.5, 0.5)
    assert play.state(50).gaze == (2.0, -1.0)
    assert any(play.state(frame).lips_apart > 0.3 for frame in range(70, 86))
    assert play.state(69).lips_apart == play.state(86).lips_apart == 0
    assert play.unit_pixels(50) == {}


def test_impossible_scripts_are_refused():
    with pytest.raises(ValueError, match="below n_frames=40"):
        script(n_frames=40, expressions=(SMILE,))
    with pytest.raises(ValueError, match="more than 0 pixels"):
        ScriptedUnit(12, 0.0)
    with pytest.raises(ValueError, match="Expected an action unit"):
        ScriptedUnit(99, 1.0)
