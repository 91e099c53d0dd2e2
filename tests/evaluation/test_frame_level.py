"""Frame-level figures equal slow references, and count the right frames."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.reference import evaluation as slow

from napari_mespot import Annotation, ExpressionKind, ScoreSignal
from napari_mespot.evaluation import frame_figures
from napari_mespot.evaluation.frame_level import average_precision, roc_auc

ME, MAE = ExpressionKind.MICRO, ExpressionKind.MACRO
FRAMES = st.lists(
    st.tuples(st.booleans(), st.sampled_from([-np.inf, 0.0, 0.25, 0.5, 0.75, 1.0])),
    min_size=1,
    max_size=30,
)


def signal(mae_scores, **changes) -> ScoreSignal:
    scores = np.array(mae_scores, dtype=np.float32)
    values = np.stack([np.zeros_like(scores), scores], axis=1)
    track = ScoreSignal(values, np.isfinite(scores), Fraction(30))
    return replace(track, **changes)


@given(FRAMES)
def test_roc_auc_equals_the_slow_reference(frames):
    target, scores = zip(*frames, strict=True)
    assume(0 < sum(target) < len(target))
    expected = slow.roc_auc_by_pairs(target, scores)
    assert roc_auc(np.array(target), np.array(scores)) == pytest.approx(expected)


@given(FRAMES)
def test_average_precision_equals_the_slow_reference(frames):
    target, scores = zip(*frames, strict=True)
    assume(sum(target) > 0)
    expected = slow.average_precision_by_thresholds(target, scores)
    assert average_precision(np.array(target), np.array(scores)) == pytest.approx(expected)


def test_figures_over_several_videos(drawn):
    first = (drawn("..MM"), signal([0.1, 0.2, 0.8, 0.9]))
    second = (drawn("MM.."), signal([0.7, 0.6, 0.0, 0.1]))
    figures = frame_figures([first, second], MAE)
    assert figures.roc_auc == figures.average_precision == 1.0
    assert figures.prevalence == 0.5
    assert (figures.n_frames, figures.n_positive, figures.n_scored) == (8, 4, 8)
    nothing = frame_figures([first, second], ME)
    assert np.isnan(nothing.roc_auc)
    assert np.isnan(nothing.average_precision)
    assert nothing.prevalence == 0.0


def test_frames_nobody_has_looked_at_are_left_out(drawn):
    reference = drawn("====....", "..MM....")
    figures = frame_figures([(reference, signal([0, 0, 1, 1, 1, 1, 1, 1]))], MAE)
    assert figures.n_frames == 4
    assert figures.roc_auc == 1.0


def test_a_frame_without_a_score_counts_as_never_spotted(drawn):
    reference = drawn("..MMMM..")
    tracks = [
        signal([0, 0, 1, 1, np.nan, np.nan, 0, 0]),
        signal([1, 1, 0, 0], first_frame=2),
        signal([0, 0, 1, 1]),
    ]
    for track in tracks:
        figures = frame_figures([(reference, track)], MAE)
        assert figures.n_frames == 8
        assert figures.n_positive == 4
    assert frame_figures([(reference, tracks[0])], MAE).roc_auc == 0.5
    assert frame_figures([(reference, tracks[0])], MAE).n_scored == 6


def test_a_rejected_label_is_no_label(drawn):
    assert frame_figures([(drawn("..xx"), signal([0, 0, 1, 1]))], MAE).n_positive == 0


def test_a_track_longer_than_the_video_and_a_video_of_unknown_length(drawn):
    longer = signal([0, 0, 1, 1, 0, 0])
    assert frame_figures([(drawn("..MM"), longer)], MAE).n_frames == 4
    unknown = replace(drawn("..MM"), n_frames=None)
    assert frame_figures([(unknown, longer)], MAE).n_frames == 6
    assert frame_figures([(unknown, signal([0, 0]))], MAE).n_frames == 4


def test_no_video_no_figures():
    figures = frame_figures([], ME)
    assert figures.n_frames == 0
    assert np.isnan(figures.prevalence)
    assert frame_figures([(Annotation("v"), signal([0.5]))], ME).prevalence == 0.0
