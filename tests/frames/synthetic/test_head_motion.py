from math import radians

import numpy as np
import pytest

from napari_mespot.frames.synthetic.head_motion import HeadMotion, HeadPose, Turn


def test_still_head_stays():
    motion = HeadMotion(sway=0, breath_hz=0)
    assert motion.pose(0.0) == motion.pose(7.3) == HeadPose()


def test_drift_is_slow_small_and_repeatable():
    motion = HeadMotion(seed=2)
    shifts = np.array([motion.pose(t).shift for t in np.arange(0, 30, 0.005)])
    assert np.abs(shifts).max() < 5
    assert shifts.std(axis=0).max() > 0.5
    assert np.abs(np.diff(shifts, axis=0)).max() < 0.05
    assert motion.pose(3.2) == HeadMotion(seed=2).pose(3.2)
    assert motion.pose(3.2) != HeadMotion(seed=3).pose(3.2)


def test_turn_goes_and_comes_back():
    turn = Turn(2.0, 1.5, yaw=radians(8))
    motion = HeadMotion(sway=0, breath_hz=0, turns=(turn,))
    assert motion.pose(1.9).yaw == 0
    assert motion.pose(2.75).yaw == pytest.approx(radians(8))
    assert motion.pose(3.6).yaw == 0
    assert 0 < motion.pose(2.2).yaw < radians(8)


def test_pose_moves_about_its_pivot():
    pose = HeadPose(shift=(2.0, -1.0), roll=0.1, scale=1.02)
    matrix = pose.matrix((50.0, 90.0))
    np.testing.assert_allclose(matrix @ [50.0, 90.0, 1.0], [52.0, 89.0])
    moved = matrix @ [60.0, 90.0, 1.0]
    assert np.hypot(*(moved - [52.0, 89.0])) == pytest.approx(10.2)
