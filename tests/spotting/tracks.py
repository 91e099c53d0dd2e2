"""Tracks of both kinds as they come, and as they should never come."""

from fractions import Fraction

import numpy as np
from hypothesis import strategies as st

from napari_mespot.model import Clock, ScoreSignal
from napari_mespot.spotting import DetectionParams, KindDetectionParams

LEVELS = (0.0, 0.2, 0.25, 0.4, 0.5, 0.6, 0.75, 1.0)
SECONDS = (0.0, 0.1, 0.2, 0.3, 0.5, 1.0, 3.0)


def signal(scores, rate=10, mae=None, first_frame=0, clock=None, breaks=()):
    """Scores of ME, and of MaE or none."""
    scores = np.asarray(scores, dtype=np.float32)
    other = 0 * scores if mae is None else np.asarray(mae, dtype=np.float32)
    values = np.stack([scores, other], axis=1)
    found = ~np.isnan(values).any(axis=1)
    rate = Fraction(rate) if clock is None else clock.rate
    return ScoreSignal(
        values, found, rate, first_frame=first_frame, times=clock, breaks=tuple(breaks)
    )


@st.composite
def kind_rules(draw):
    levels = sorted(draw(st.tuples(*[st.sampled_from(LEVELS)] * 2)))
    durations = sorted(draw(st.tuples(*[st.sampled_from(SECONDS)] * 2)))
    shift = st.sampled_from([0.0, 0.0, -0.3, -0.1, 0.1, 0.25])
    return KindDetectionParams(
        threshold=levels[1],
        low_threshold=levels[0],
        merge_gap_s=draw(st.sampled_from(SECONDS)),
        min_duration_s=durations[0],
        max_duration_s=durations[1] + 0.1,
        onset_shift_s=draw(shift),
        offset_shift_s=draw(shift),
    )


def rules():
    """Rules of both kinds."""
    depths = st.sampled_from([0.1, 0.25, 0.5, 1.0])
    return st.builds(DetectionParams, me=kind_rules(), mae=kind_rules(), cut_depth=depths)


@st.composite
def signals(draw, longest=40):
    """Scores with gaps and breaks, evenly spaced or not, smooth or not."""
    n = draw(st.integers(0, longest))
    level = st.one_of(st.sampled_from([*LEVELS, np.nan]), st.floats(0, 1, width=32))
    me, mae = (draw(st.lists(level, min_size=n, max_size=n)) for _ in range(2))
    if draw(st.booleans()):  # no score means none of either kind, as with a lost face
        me = [np.nan if np.isnan(b) else a for a, b in zip(me, mae, strict=True)]
    breaks = draw(st.sets(st.integers(0, longest), max_size=3))
    rate, clock = draw(st.sampled_from([1, 7, 10, 30, 200])), None
    if n and draw(st.booleans()):
        steps = draw(st.lists(st.integers(1, 30), min_size=n, max_size=n))
        ticks = np.concatenate([[0], np.cumsum(steps)])
        clock = Clock(Fraction(rate), ticks=ticks, tick_s=Fraction(1, 100))
    first = draw(st.sampled_from([0, 0, 5])) if clock is None else 0
    return signal(me, rate, mae, first, clock, breaks)
