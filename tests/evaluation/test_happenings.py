"""Shares of frames by what happens, worked out by hand."""

import math
from fractions import Fraction

import numpy as np
import pytest

from napari_mespot import Annotation, Expression, ExpressionKind, Interval, ScoreSignal
from napari_mespot.evaluation import event_auc, frame_shares, watched_frames

ME, MAE = ExpressionKind.MICRO, ExpressionKind.MACRO
LIMITS = {ME: 0.3, MAE: 0.5}


def signal(me, mae, first_frame=0):
    values = np.array([me, mae], dtype=np.float32).T
    found = np.isfinite(values).all(axis=1)
    return ScoreSignal(values, found, Fraction(30), "v", first_frame=first_frame)


#         frame     0    1    2    3    4    5    6    7    8    9
SCORES_ME = np.array([0.0, 0.0, 0.3, 0.0, 0.0, 0.0, 0.0, np.nan, 0.0, 0.0])
SCORES_MAE = np.array([0.4, 0.6, 0.1, 0.9, 0.9, 0.2, 0.5, np.nan, 0.1, 0.7])
LABELS = Annotation(
    "v",
    expressions=(
        Expression(Interval(1, 3), MAE),
        Expression(Interval(4, 5), ME, extras=(("confidence", "doubtful"),)),
    ),
)
RANGES = [
    ("blink", Interval(0, 1)),
    ("blink", Interval(9, 20)),
    ("head", Interval(3, 7)),
    ("nothing", Interval(4, 5)),
]


def test_frames_are_counted_once_and_outside_of_labels():
    watched = watched_frames(LABELS, signal(SCORES_ME, SCORES_MAE), LIMITS, RANGES)
    shares = {s.what: (s.n_frames, s.n_reached) for s in frame_shares([watched])}
    assert shares == {
        "event": (3, 3),  # frames 1, 2 (by ME, at its threshold) and 3
        "blink": (2, 1),  # frames 0 and 9; frame 1 is of a label
        "head": (2, 1),  # frames 6 and 7, of which 7 has no score
        "nothing": (0, 0),  # only in a doubtful label
    }
    assert next(iter(shares)) == "event"
    by_name = {s.what: s.share for s in frame_shares([watched, watched])}
    assert by_name["blink"] == 0.5
    assert math.isnan(by_name["nothing"])


def test_frame_auc_leaves_doubtful_labels_out():
    watched = watched_frames(LABELS, signal(SCORES_ME, SCORES_MAE), LIMITS)
    # Events score .6, .3 and .9; the rest .4, .5, none, .1 and .7: 4 + 2 + 5 of 15 pairs.
    assert event_auc([watched]) == pytest.approx(11 / 15)
    assert math.isnan(event_auc([]))


def test_a_signal_that_starts_late_is_compared_frame_by_frame():
    whole = watched_frames(LABELS, signal(SCORES_ME, SCORES_MAE), LIMITS, RANGES)
    late = watched_frames(LABELS, signal(SCORES_ME[2:], SCORES_MAE[2:], 2), LIMITS, RANGES)
    assert np.array_equal(late.happens["event"], whole.happens["event"][2:])
    assert np.array_equal(late.rest, whole.rest[2:])
