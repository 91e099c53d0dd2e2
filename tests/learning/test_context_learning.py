"""Stretches with targets, mirrored faces, and a context network that learns from them."""

from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.reference.context import lively_context

from napari_mespot.face.shape import SHAPE_SIGNALS
from napari_mespot.learning.context_fitting import ContextPool, fit_context
from napari_mespot.learning.context_params import ContextTrainingParams
from napari_mespot.learning.context_stretches import mirrored_input, stretches_of
from napari_mespot.model import Annotation, Clock, Expression, ExpressionKind, Interval
from napari_mespot.network import ContextNetwork, ContextParams
from napari_mespot.network.context_input import context_input
from napari_mespot.spotting import Evidence

ME, MAE = ExpressionKind.MICRO, ExpressionKind.MACRO
PARAMS = ContextParams(channels=8, dilations=(1, 2, 4))
BROWS = (0, 1, 2, 3)


def evidence(n=300, rate=30, seed=0, events=(), breaks=(), size=4.0):
    rng = np.random.default_rng(seed)
    shape = rng.normal(0, 0.05, (n, 26)).astype(np.float32)
    for first, last in events:
        shape[first : last + 1, BROWS] += size
    logits = rng.normal(-4, 0.3, (n, 2)).astype(np.float32)
    return Evidence("v", Clock(Fraction(rate)), logits, shape, np.ones(n, bool), breaks)


def labels(events, n=300, rate=30, reviewed=True):
    spoken = tuple(
        Expression(Interval(a, b), ME if b - a + 1 <= rate / 2 else MAE) for a, b in events
    )
    ranges = (Interval(0, n - 1),) if reviewed else ()
    return Annotation("v", n, Fraction(rate), spoken, reviewed=ranges)


def test_at_the_grid_s_own_rate_targets_are_those_of_the_frames():
    events = [(30, 40), (100, 160)]
    (stretch,) = stretches_of(evidence(events=events), labels(events), PARAMS)
    expected = np.zeros((2, 300))
    expected[0, 30:41] = 1
    expected[1, 100:161] = 1
    np.testing.assert_array_equal(stretch.targets, expected)
    assert stretch.known.all()


@pytest.mark.parametrize("rate", [12, 60, 200])
def test_at_other_rates_they_lie_at_the_same_seconds(rate):
    n = rate * 10
    events = [(rate * 2, rate * 4)]
    video = evidence(n, rate, events=events)
    (stretch,) = stretches_of(video, labels(events, n, rate), PARAMS)
    steps = np.flatnonzero(stretch.targets[1]) / 30
    assert abs(steps[0] - 2) <= 1 / 30
    assert abs(steps[-1] - 4) <= 1 / 30 + 1 / rate


def test_expressions_that_follow_at_once_have_a_gap_between_them():
    events = [(60, 99), (100, 139)]
    (stretch,) = stretches_of(evidence(events=events), labels(events), PARAMS)
    present = stretch.targets[1]
    assert present[60] == present[139] == 1
    assert not present[98:102].all()
    assert present[70:95].all()
    assert present[105:135].all()


def test_what_nobody_has_reviewed_is_unknown():
    events = [(60, 99)]
    (stretch,) = stretches_of(evidence(events=events), labels(events, reviewed=False), PARAMS)
    assert stretch.known[1].sum() == 40
    assert not stretch.known[0].any()


def test_cuts_part_a_video():
    parts = stretches_of(evidence(breaks=(120,)), labels([]), PARAMS)
    assert [p.n_steps for p in parts] == [120, 180]


def test_labels_of_another_length_are_refused():
    with pytest.raises(ValueError, match="300 frames"):
        stretches_of(evidence(), labels([], n=299), PARAMS)


@given(st.integers(0, 1000))
@settings(max_examples=25, deadline=None)
def test_mirroring_the_input_is_the_input_of_the_mirrored_face(seed):
    shape = np.random.default_rng(seed).normal(size=(40, 26)).astype(np.float32)
    shown = context_input(shape, PARAMS)
    other = context_input(seen_in_a_mirror(shape), PARAMS)
    np.testing.assert_allclose(mirrored_input(shown), other, atol=1e-5)
    np.testing.assert_array_equal(mirrored_input(mirrored_input(shown)), shown)


def seen_in_a_mirror(shape):
    out = shape.copy()
    for i, name in enumerate(SHAPE_SIGNALS):
        if name.endswith("_right"):
            j = SHAPE_SIGNALS.index(name.replace("_right", "_left"))
            out[:, [i, j]] = shape[:, [j, i]]
        if name in ("mouth_to_left", "yaw_deg", "roll_deg"):
            out[:, i] = -shape[:, i]
    return out


def material(seeds):
    out = []
    for seed in seeds:
        rng = np.random.default_rng(seed)
        at = int(rng.integers(40, 200))
        events = [(at, at + 40)]
        out += stretches_of(evidence(seed=seed, events=events), labels(events), PARAMS)
    return out


def test_it_learns_to_see_raised_brows():
    params = ContextTrainingParams(steps=120, batch_size=8, window_s=8, learning_rate=1e-2)
    torch.manual_seed(5)
    network = ContextNetwork(PARAMS)
    losses = fit_context(network, [ContextPool(material(range(20)))], params)
    assert np.mean(losses[-10:]) < 0.3 * np.mean(losses[:10])
    (stretch,) = material([77])
    with torch.inference_mode():
        logits = network(torch.from_numpy(stretch.shown.astype(np.float32))[None])[0].numpy()
    inside, outside = logits[1][stretch.targets[1] > 0], logits[1][stretch.targets[1] == 0]
    assert np.median(inside) > 0 > np.median(outside)
    assert not network.training


def test_the_seed_decides():
    params = ContextTrainingParams(steps=5, batch_size=4, window_s=5)
    networks = [lively_context(1, PARAMS) for _ in range(3)]
    pool = [ContextPool(material(range(4)))]
    for network, seed in zip(networks, (0, 0, 1), strict=True):
        fit_context(network, pool, params.model_copy(update={"seed": seed}))
    first, second, other = (n.members[0].output.weight for n in networks)
    assert torch.equal(first, second)
    assert not torch.equal(first, other)


def test_short_stretches_fill_up_windows_without_being_learned_beyond_their_end():
    (whole,) = stretches_of(evidence(40), labels([], n=40), PARAMS)
    params = ContextTrainingParams(steps=2, batch_size=3, window_s=5)
    assert len(fit_context(lively_context(1, PARAMS), [ContextPool([whole])], params)) == 2


def test_nothing_to_learn_from_is_refused():
    with pytest.raises(ValueError, match="got none"):
        fit_context(lively_context(1, PARAMS), [ContextPool([])], ContextTrainingParams(steps=1))
