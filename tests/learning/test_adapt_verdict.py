"""When a checkpoint that has learned a face is used, and what is said when it is not."""

from fractions import Fraction

import numpy as np
import pytest

from napari_mespot.learning.adapt_params import AdaptParams
from napari_mespot.learning.adapt_verdict import Findings, compared, lost_share, still_alarms
from napari_mespot.model import Annotation, Expression, ExpressionKind, Interval, ScoreSignal
from napari_mespot.spotting import SpottingParams

ME, MAE = ExpressionKind.MICRO, ExpressionKind.MACRO
PARAMS = AdaptParams(resamples=200)
TIMES = [Interval(40 * k + 10, 40 * k + 20) for k in range(5)]


def found_in(times, own=()):
    """Six moved faces; what happens at `times` is found."""
    videos = []
    for number in range(6):
        labels = tuple(Expression(t, ME) for t in TIMES)
        name = f"{number}"
        whole = (Interval(0, 239),)
        truth = Annotation(name, 240, Fraction(30), labels, reviewed=whole)
        values = np.full((240, 2), 0.01, np.float32)
        for t in times:
            values[t.onset : t.offset + 1, 0] = 1.0
        videos.append((truth, ScoreSignal(values, np.ones(240, np.bool_), Fraction(30), name)))
    return Findings(videos, SpottingParams(), [tuple(own)])


def verdict(new, *, old=None, forgotten=0.0):
    stills = [(Interval(0, 99),)]
    return compared(old or found_in(TIMES[:3]), new, stills, 0.05, forgotten, PARAMS)


def test_a_clear_gain_is_used_and_said_with_its_interval():
    said = verdict(found_in(TIMES))
    assert said.is_better
    assert said.why.startswith("use the new checkpoint: F1 +0.25, 95 % interval ")
    assert said.after[ME].tp - said.before[ME].tp == 12


@pytest.mark.parametrize(
    ("new", "more", "why"),
    [
        (found_in(TIMES[:3]), {}, "no clear gain"),
        (found_in(TIMES[:1]), {}, "no clear gain"),
        (
            found_in(TIMES, [Expression(Interval(20, 40), ME, score=0.9)]),
            {},
            "finds 1 more where nothing happens",
        ),
        (found_in(TIMES), {"forgotten": 0.05}, "fell by 0.050"),
        (
            found_in(TIMES),
            {"old": found_in(TIMES[:3], [Expression(Interval(150, 190), MAE, score=0.95)])},
            "no longer finds 100% of what the old one is sure of",
        ),
    ],
)
def test_anything_less_keeps_the_old_one_and_says_why(new, more, why):
    said = verdict(new, **more)
    assert not said.is_better
    assert said.why.startswith("keep the old checkpoint: ")
    assert why in said.why


def test_finds_count_where_most_of_them_lies():
    long = Expression(Interval(90, 190), MAE, score=0.9)
    assert still_alarms([(long,)], [(Interval(0, 99),)]) == 0
    assert lost_share([(long,)], [(Expression(Interval(95, 190), MAE),)], 0.85) == 0
    assert lost_share([()], [()], 0.85) == 0
