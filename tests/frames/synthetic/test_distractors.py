import numpy as np
import pytest

from napari_mespot.frames.synthetic.distractors import (
    blink_field,
    gaze_field,
    head_turn_field,
    sniff_field,
    speech_field,
    swallow_field,
)

FIELDS = {
    "blink": blink_field(),
    "wink": blink_field("L"),
    "gaze": gaze_field((1, 0.2)),
    "speech": speech_field(np.random.default_rng(0)),
    "swallow": swallow_field(),
    "sniff": sniff_field(),
    "turn": head_turn_field(1, 0),
    "nod": head_turn_field(0.2, -1, held=False),
}


@pytest.mark.parametrize("name", FIELDS)
def test_form_is_that_of_an_action_unit(name):
    field = FIELDS[name]
    assert field.shape == (2, 112, 112)
    assert field.dtype == np.float32
    assert np.hypot(*field).max() == pytest.approx(1, abs=1e-4)


def test_blink_lowers_the_upper_lid_and_gaze_moves_only_the_eyes():
    assert FIELDS["blink"][1, 25, 33] > 0.8
    assert FIELDS["wink"][1, 25, 33] == pytest.approx(0, abs=1e-3)
    gaze = np.hypot(*FIELDS["gaze"])
    assert gaze[28, 33] > 0.95
    assert gaze[40:].max() < 1e-3
    assert gaze[28, 50:60].max() < 0.01


def test_head_turn_moves_the_nose_against_the_cheeks():
    turn = FIELDS["turn"]
    assert turn[0, 52, 56] > 0.5
    assert turn[0, 50, 10] < 0
    shift = FIELDS["nod"]
    assert np.all(shift[1] <= 0)


def test_held_turn_has_no_shift_rotation_or_scale_left():
    field = FIELDS["turn"].astype(float)
    y, x = np.mgrid[:112, :112] - 55.5
    assert abs(field.mean((1, 2))).max() < 1e-3
    assert abs((field[0] * x + field[1] * y).mean()) < 1e-2
    assert abs((field[1] * x - field[0] * y).mean()) < 1e-2


def test_no_direction_is_refused():
    with pytest.raises(ValueError, match="direction of gaze"):
        gaze_field((0, 0))
    with pytest.raises(ValueError, match="Expected a turn"):
        head_turn_field(0, 0)


def test_speech_varies_with_the_seed():
    rng = np.random.default_rng(1)
    assert np.abs(speech_field(rng) - speech_field(rng)).max() > 0.2
