"""Figures before and after, and how sure the difference is."""

from fractions import Fraction

import numpy as np
import pytest

from napari_mespot.evaluation import match_expressions
from napari_mespot.learning.retrain_card import limits, missing_kinds, verdict
from napari_mespot.learning.retrain_outcome import Gain, paired_gain
from napari_mespot.learning.retrain_params import RetrainParams
from napari_mespot.learning.retrain_split import SplitUnit, divide
from napari_mespot.model import Annotation, Expression, ExpressionKind, Interval

N = 600
PLACES = range(20, N - 20, 60)


def annotation(video, places, subject=""):
    shown = tuple(Expression(Interval(p, p + 9), ExpressionKind.MICRO) for p in places)
    return Annotation(video, N, Fraction(30), shown, (Interval(0, N - 1),), subject)


def gain_of(share_before, share_after, n_videos, *, seed=0, people=1):
    """Compare runs that find a share of what is shown, drawn for each expression."""
    rng = np.random.default_rng(seed)
    truths = [annotation(f"v{i}", PLACES, f"s{i % people}") for i in range(n_videos)]
    runs = [
        [
            match_expressions(
                t, annotation(t.video_id, [p for p in PLACES if rng.random() < share])
            )
            for t in truths
        ]
        for share in (share_before, share_after)
    ]
    return paired_gain(truths, *runs, stretch_s=5.0, resamples=1000, seed=0)


def test_a_clear_gain_lies_above_zero():
    gain = gain_of(0.3, 0.9, 8)
    assert 0 < gain.low < gain.difference < gain.high
    assert (gain.unit, gain.n_units) == (SplitUnit.VIDEO, 8)


def test_a_run_beside_itself_gains_nothing():
    truths = [annotation(f"v{i}", PLACES) for i in range(6)]
    run = [match_expressions(t, annotation(t.video_id, PLACES[::2])) for t in truths]
    gain = paired_gain(truths, run, run, stretch_s=5.0, resamples=200, seed=0)
    assert (gain.difference, gain.low, gain.high) == (0, 0, 0)


def test_equal_runs_are_seldom_told_apart():
    """A 95 % interval may miss 0 on either side once in twenty; on one side once in forty."""
    lows = [gain_of(0.6, 0.6, 6, seed=seed).low for seed in range(60)]
    assert np.mean(np.array(lows) > 0) <= 0.07


@pytest.mark.parametrize(
    ("n_videos", "people", "unit"),
    [(12, 6, SplitUnit.SUBJECT), (6, 2, SplitUnit.VIDEO), (3, 3, SplitUnit.STRETCH)],
)
def test_people_are_drawn_if_there_are_enough(n_videos, people, unit):
    assert gain_of(0.5, 0.5, n_videos, people=people).unit is unit


def gain(low, n=9):
    return Gain(0.1, low, 0.3, SplitUnit.STRETCH, n)


@pytest.mark.parametrize(
    ("found", "fell", "expected", "why"),
    [
        (gain(0.02), 0.0, True, "use the new checkpoint"),
        (gain(-0.02), 0.0, False, "no clear gain"),
        (gain(0.0), 0.0, False, "no clear gain"),
        (gain(0.02), 0.2, False, "fell by 0.200"),
        (gain(0.02, n=3), 0.0, False, "held out were 3 stretches, too few"),
    ],
)
def test_it_is_recommended_only_for_a_clear_gain_that_cost_nothing(found, fell, expected, why):
    is_recommended, text = verdict(found, fell, SplitUnit.SUBJECT, RetrainParams())
    assert is_recommended is expected
    assert why in text


def test_it_says_what_it_has_not_seen():
    said = [verdict(gain(0.02), 0.0, split, RetrainParams())[1] for split in SplitUnit]
    ends = [text.split(" on ")[-1] for text in said]
    assert ends == [f"{what} it has not seen" for what in ("people", "videos", "stretches")]


def test_videos_of_nobody_known_are_no_people():
    truths = [annotation(f"v{i}", PLACES) for i in range(6)]
    run = [match_expressions(t, annotation(t.video_id, PLACES[::2])) for t in truths]
    found = paired_gain(truths, run, run, stretch_s=5.0, resamples=200, seed=0)
    assert (found.unit, found.n_units) == (SplitUnit.VIDEO, 6)
    (line,) = limits(SplitUnit.VIDEO, found, truths)
    assert line.startswith("subject unknown in 6 videos: each counts as a person")
    assert "optimistic" in line
    known = [annotation(f"v{i}", PLACES, f"s{i}") for i in range(6)]
    assert paired_gain(known, run, run, stretch_s=5.0, resamples=200, seed=0).unit is (
        SplitUnit.SUBJECT
    )


def test_what_limits_the_figures_is_told():
    assert "optimistic" in limits(SplitUnit.VIDEO, gain(0.1))[0]
    assert any("9 stretches" in line for line in limits(SplitUnit.SUBJECT, gain(0.1)))


def test_a_kind_that_nobody_labelled_is_named():
    from tests.learning.test_retrain_split import video

    from napari_mespot.learning import Corpus

    outer = divide(Corpus(tuple(video(f"v{i}", f"s{i}", 3, 0) for i in range(4))), 0.4, 2.0, 0)
    assert [line[:6] for line in missing_kinds(outer)] == ["no MaE"]
