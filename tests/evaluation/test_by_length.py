"""Brief expressions counted by themselves, and errors by length, worked out by hand."""

from fractions import Fraction
from math import inf

from napari_mespot import Annotation, Expression, ExpressionKind, Interval
from napari_mespot.evaluation import (
    SpottingCounts,
    brief_counts,
    match_expressions,
    timing_by_length,
)
from napari_mespot.model import Clock

ME, MAE = ExpressionKind.MICRO, ExpressionKind.MACRO
CLOCK = Clock(Fraction(30))


def one(onset, offset, kind=MAE):
    return Expression(Interval(onset, offset), kind)


def test_fifteen_frames_at_30_fps_are_brief_and_sixteen_are_not():
    labels = Annotation("v", expressions=(one(0, 14), one(30, 45), one(60, 65, ME)))
    found = Annotation("v", expressions=(one(1, 15), one(100, 114), one(200, 215), one(30, 45)))
    matching = match_expressions(labels, found)
    assert matching.counts.overall == SpottingCounts(2, 2, 1)
    # The label at 0 is found by 15 frames, the ME at 60 missed; 100..114 is a brief false alarm.
    assert brief_counts(matching, CLOCK) == SpottingCounts(1, 1, 1)
    assert brief_counts(matching, CLOCK, 10) == SpottingCounts(2, 2, 1)


def test_errors_are_sorted_by_the_length_of_the_label():
    hits = [
        (one(0, 9), one(2, 9), CLOCK),  # 10 frames
        (one(0, 14), one(0, 18), CLOCK),  # 15 frames: up to 0.5 s still
        (one(0, 29), one(3, 26), CLOCK),  # 1 s
        (one(0, 89), one(0, 80), CLOCK),  # 3 s
    ]
    brief, middle, long = timing_by_length(hits)
    assert (brief.above_s, brief.up_to_s, long.up_to_s) == (0, 0.5, inf)
    assert brief.errors.onset.frames == (2, 0)
    assert brief.errors.offset.frames == (0, 4)
    assert middle.errors.offset.milliseconds == (-100.0,)
    assert long.errors.offset.frames == (-9,)
    (whole,) = timing_by_length(hits, ())
    assert whole.errors.onset.frames == (2, 0, 3, 0)


def test_no_hits_give_empty_bands():
    assert [band.errors.onset.frames for band in timing_by_length([])] == [(), (), ()]
