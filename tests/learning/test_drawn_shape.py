"""Drawn people move as the parameters say, and the truth is where they do."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_mespot.face.shape import SHAPE_SIGNALS, reference_mesh, shape_signals
from napari_mespot.learning.drawn_shape import draw_shape_sequence, mirrored
from napari_mespot.learning.drawn_shape_courses import draw_course, plateau, smooth_noise
from napari_mespot.learning.drawn_shape_disturbances import (
    add_blinks,
    add_hands,
    add_person,
    add_speech,
    draw_head,
)
from napari_mespot.learning.drawn_shape_events import (
    Situation,
    draw_expressions,
    draw_situation,
    form_of,
)
from napari_mespot.learning.drawn_shape_params import (
    ChainParams,
    DrawnExpressionParams,
    DrawnShapeParams,
    EyeParams,
    ModeShares,
)
from napari_mespot.learning.drawn_shape_units import (
    COMBINATIONS,
    FORM_SIGNALS,
    columns_of,
    draw_effect,
)
from napari_mespot.model import ExpressionKind, FrameState

PARAMS = DrawnShapeParams()
MODES = tuple(ModeShares.model_fields)
SEEDS = st.integers(0, 2**32 - 1)


def only(mode, **changes):
    """Parameters that draw one mode only, 20 s long."""
    modes = ModeShares(**{name: float(name == mode) for name in MODES})
    return DrawnShapeParams(modes=modes, length_s=(20, 20), **changes)


def undisturbed(params, seed):
    rng = np.random.default_rng(seed)
    situation = draw_situation(params, rng)
    expressions = draw_expressions(params, situation, rng)
    return situation, expressions, form_of(expressions, len(situation.times))


def situation_of(seconds=20.0, rate=30.0, *, mode="apart", talking=False, calm=False):
    n = round(seconds * rate)
    return Situation(mode, calm, talking, np.arange(n) / rate, rate)


@pytest.mark.parametrize("mode", MODES)
@settings(max_examples=15)
@given(seed=SEEDS)
def test_a_sequence_is_finite_and_its_truth_in_order(mode, seed):
    drawn = draw_shape_sequence(only(mode), np.random.default_rng(seed))
    n = len(drawn.times)
    assert drawn.mode == mode
    assert drawn.shape.shape == (n, len(SHAPE_SIGNALS))
    assert drawn.shape.dtype == drawn.logits.dtype == np.float32
    assert drawn.logits.shape == (n, 2)
    assert np.abs(drawn.shape[:, :-3]).max() < 100
    assert np.abs(drawn.shape[:, -3:]).max() < 150
    assert np.abs(drawn.logits).max() < 40
    assert np.allclose(np.diff(drawn.times), 1 / drawn.frame_rate)
    assert drawn.frame_rate in PARAMS.frame_rates
    assert all(a.offset < b.onset for a, b in pairwise(drawn.expressions))
    for expression in drawn.expressions:
        assert 0 <= expression.onset <= expression.apex <= expression.offset < n
        seconds = expression.interval.n_frames / drawn.frame_rate
        brief = expression.kind is ExpressionKind.MICRO
        assert brief == (seconds <= 0.5 + 1e-9)


@settings(max_examples=30)
@given(seed=SEEDS)
def test_the_same_state_draws_the_same(seed):
    first, again = (draw_shape_sequence(PARAMS, np.random.default_rng(seed)) for _ in range(2))
    assert np.array_equal(first.shape, again.shape)
    assert np.array_equal(first.logits, again.logits)
    assert first.expressions == again.expressions


@settings(max_examples=60)
@given(seed=SEEDS)
def test_undisturbed_signals_move_where_the_truth_says(seed):
    """Outside of all expressions hardly, inside of each by the least that is drawn."""
    _, expressions, (whole, _) = undisturbed(PARAMS, seed)
    moved = np.abs(whole).max(axis=1)
    outside = np.ones(len(whole), bool)
    limit = PARAMS.expressions.visible_px
    for expression in expressions:
        seen = expression.seen
        outside[seen.onset : seen.offset + 1] = False
        limit = max(limit, 0.05 * expression.size_px)
        alone = np.abs(np.outer(expression.course.values, expression.effect)).max(axis=1)
        within = alone[seen.onset - expression.course.first :][: seen.n_frames]
        assert within.max() > 0.25 * expression.size_px
    # Wobble and two falling expressions can add up, hence twice.
    assert (moved[outside] <= 2.3 * limit).all()


@settings(max_examples=30)
@given(seed=SEEDS)
def test_what_the_mesh_misses_is_a_part_of_small_movements(seed):
    params = only("calm")
    half_seen = params.expressions.model_copy(update={"unseen_share": 0.3})
    params = params.model_copy(update={"expressions": half_seen})
    _, expressions, (whole, missed) = undisturbed(params, seed)
    hidden = [e.unseen for e in expressions]
    assert all(0 <= part <= 0.6 for part in hidden)
    if not any(hidden):
        assert not missed.any()
    assert whole.shape == missed.shape


def test_part_of_the_small_expressions_are_seen_by_the_streams_alone():
    params = only("calm")
    half_seen = params.expressions.model_copy(update={"unseen_share": 0.3})
    params = params.model_copy(update={"expressions": half_seen})
    drawn = [e for seed in range(40) for e in undisturbed(params, seed)[1]]
    share = np.mean([e.unseen > 0 for e in drawn if e.size_px < 3.5])
    assert 0.2 < share < 0.4


@settings(max_examples=30)
@given(seed=SEEDS)
def test_a_still_person_shows_no_expression(seed):
    _, expressions, (whole, missed) = undisturbed(only("still"), seed)
    assert expressions == ()
    assert not whole.any()
    assert not missed.any()


def test_expressions_of_a_chain_that_does_not_return_meet():
    chains = ChainParams(unreturned_share=1.0, overlap_s=(0.3, 0.35))
    gaps = []
    for seed in range(60):
        situation, expressions, (whole, _) = undisturbed(only("chain", chains=chains), seed)
        for a, b in pairwise(expressions):
            gaps.append((b.seen.onset - a.seen.offset - 1) / situation.frame_rate)
            assert gaps[-1] >= 0
            if b.seen.onset == a.seen.offset + 1:
                assert np.abs(whole[a.seen.offset : b.seen.onset + 1]).max() > 0.05
    assert np.median(gaps) == 0
    assert np.quantile(gaps, 0.9) < 0.3


@settings(max_examples=30)
@given(seed=SEEDS)
def test_expressions_of_a_chain_follow_within_half_a_second(seed):
    _, expressions, _ = undisturbed(only("chain"), seed)
    gaps = [b.span_s[0] - a.span_s[1] for a, b in pairwise(expressions)]
    # One that no frame shows is left out, which leaves a gap of about its own length.
    assert np.median(gaps) <= 0.5
    assert min(gaps) >= -0.36


def test_without_chains_there_is_rest_between_expressions():
    params = PARAMS.without("chains")
    for seed in range(60):
        situation, expressions, _ = undisturbed(params, seed)
        assert situation.mode != "chain"
        assert all(b.span_s[0] - a.span_s[1] >= 0.4 - 1e-9 for a, b in pairwise(expressions))


def test_held_expressions_last_and_can_be_left_out():
    held = only("apart", expressions=DrawnExpressionParams(brief_share=0.0, held_share=1.0))
    lengths = [
        e.seen.n_frames / situation.frame_rate
        for situation, expressions, _ in (undisturbed(held, seed) for seed in range(60))
        for e in expressions
        if e.span_s[1] < situation.end_s
    ]
    assert 3 < np.median(lengths) < 6
    assert max(lengths) > 6
    short = PARAMS.without("held")
    for seed in range(60):
        _, expressions, _ = undisturbed(short, seed)
        assert all(e.span_s[1] - e.span_s[0] <= 2 + 1e-9 for e in expressions)


def test_a_held_expression_stays_up():
    params = only("apart", expressions=DrawnExpressionParams(brief_share=0, held_share=1, wobble=0))
    parts = [
        np.mean(e.course.values > 0.8)
        for seed in range(40)
        for e in undisturbed(params, seed)[1]
        if e.span_s[1] - e.span_s[0] > 4
    ]
    assert np.median(parts) > 0.4


def test_heads_stand_still_and_nobody_speaks_where_that_is_left_out():
    silent = PARAMS.without("head", "speech")
    for seed in range(30):
        drawn = draw_shape_sequence(silent, np.random.default_rng(seed))
        assert not drawn.shape[:, -3:].any()
        form = np.zeros((300, len(FORM_SIGNALS)))
        talking = situation_of(10, talking=True)
        add_speech(form, talking, silent.speech, np.random.default_rng(seed))
        assert not form.any()
    assert draw_shape_sequence(PARAMS, np.random.default_rng(0)).shape[:, -3:].any()


def test_leaving_out_changes_nothing_else():
    assert PARAMS.without() == PARAMS
    changed = PARAMS.without("head")
    assert changed.model_copy(update={"head": PARAMS.head}) == PARAMS
    with pytest.raises(ValueError, match="one mode or more"):
        only("chain").without("chains")


def test_speech_moves_the_mouth_more_than_the_brows():
    spoken = []
    for seed in range(40):
        form = np.zeros((600, len(FORM_SIGNALS)))
        situation = situation_of(20, talking=True)
        add_speech(form, situation, PARAMS.speech, np.random.default_rng(seed))
        spoken.append(form.std(axis=0))
    moved = np.median(spoken, axis=0)
    assert moved[columns_of("chin_down")] > 0.3
    assert moved[columns_of("chin_down")] > 3 * moved[columns_of("brow_inner")].max()


def test_blinks_close_the_lids_by_some_pixels_and_open_them_again():
    whole = EyeParams(blinks_hz=(0.3, 0.3), half_blink_share=0, blink_s=(0.3, 0.3))
    depths = []
    for seed in range(40):
        form = np.zeros((1200, len(FORM_SIGNALS)))
        add_blinks(form, situation_of(20, 60), whole, np.random.default_rng(seed))
        lids = form[:, columns_of("lids_open")].mean(axis=1)
        assert (lids < 0.3).all()
        assert np.mean(lids == 0) > 0.6
        depths.append(lids.min())
    assert -9 < np.median(depths) < -2


@settings(max_examples=20)
@given(seed=SEEDS)
def test_a_calm_head_moves_less(seed):
    calm, lively = (
        np.mean([draw_head(situation_of(10, calm=calm), PARAMS.head, rng).std() for _ in range(20)])
        for calm in (True, False)
        for rng in [np.random.default_rng(seed)]
    )
    assert calm < lively


def test_lips_do_not_cross_and_lids_do_not_go_below_shut():
    for seed in range(20):
        form = np.full((50, len(FORM_SIGNALS)), -30.0)
        add_person(form, PARAMS.disturbances, np.random.default_rng(seed))
        assert (form[:, columns_of("lips_apart")] >= -0.3).all()
        assert (form[:, columns_of("lids_open")] >= -4.7).all()


def test_a_hand_leaves_the_rest_of_the_sequence_alone():
    hands = PARAMS.disturbances.model_copy(update={"hands_hz": 0.05})
    touched = []
    for seed in range(30):
        form = np.zeros((600, len(FORM_SIGNALS)))
        add_hands(form, situation_of(), hands, np.random.default_rng(seed))
        touched.append(np.mean(form.any(axis=1)))
        assert np.abs(form).max() < 20
    assert 0.01 < np.mean(touched) < 0.3


def test_one_sided_expressions_move_one_side():
    def weak_against_strong(share):
        draws = [draw_effect((12,), np.random.default_rng(seed), share) for seed in range(80)]
        corners = np.sort(np.abs(draws)[:, columns_of("mouth_corner_up")], axis=1)
        return np.median(corners[:, 0] / corners[:, 1])

    assert weak_against_strong(1.0) < 0.25
    assert weak_against_strong(0.0) > 0.65
    stronger = [
        np.argmax(draw_effect((12,), np.random.default_rng(seed), 1.0)[columns_of("cheek")])
        for seed in range(80)
    ]
    assert 20 < sum(stronger) < 60


@pytest.mark.parametrize("units", sorted(set(COMBINATIONS)))
def test_every_combination_moves_the_face(units):
    effect = np.abs(draw_effect(units, np.random.default_rng(0)))
    assert effect.shape == (len(FORM_SIGNALS),)
    assert 0.5 < effect.max() < 40


def test_a_mouth_that_goes_left_takes_its_corners_along():
    for seed in range(20):
        effect = draw_effect((30,), np.random.default_rng(seed))
        right, left = effect[columns_of("mouth_corner_out")]
        to_left = effect[FORM_SIGNALS.index("mouth_to_left")]
        assert np.sign(left) == np.sign(to_left) == -np.sign(right)


def test_units_go_where_their_names_say():
    def mean(units, name):
        draws = [draw_effect(units, np.random.default_rng(seed), 0.0) for seed in range(20)]
        return np.mean(draws, axis=0)[columns_of(name)].mean()

    assert mean((1, 2), "brow_outer") > 2
    assert mean((4,), "brow_gap") < -1.5
    assert mean((12,), "mouth_corner_up") > 2
    assert mean((15,), "mouth_corner_up") < -2
    assert mean((26,), "chin_down") > 3
    assert mean((43,), "lids_open") < -2


def in_a_mirror(meshes):
    """The mesh that a mirror shows: x goes the other way, and right points become left ones."""
    mesh = reference_mesh()
    flipped = mesh * [-1, 1, 1] + [2 * mesh[:, 0].mean(), 0, 0]
    distances = np.linalg.norm(flipped[:, None] - mesh[None], axis=-1)
    return (meshes * [-1, 1, 1])[..., distances.argmin(axis=1), :]


@settings(max_examples=20)
@given(seed=SEEDS)
def test_mirrored_signals_are_those_of_the_mirrored_face(seed):
    rng = np.random.default_rng(seed)
    meshes = reference_mesh() + rng.normal(0, 1, (5, 468, 3))
    signals = shape_signals(meshes)
    expected = shape_signals(in_a_mirror(meshes))
    assert np.allclose(mirrored(signals), expected, atol=2e-3)
    assert np.array_equal(mirrored(mirrored(signals)), signals)


def test_the_truth_as_an_annotation_is_reviewed_throughout():
    drawn = draw_shape_sequence(only("apart"), np.random.default_rng(1))
    annotation = drawn.annotation
    assert annotation.n_frames == len(drawn.times)
    assert float(annotation.frame_rate) == pytest.approx(drawn.frame_rate)
    first = drawn.expressions[0]
    assert annotation.state_at(first.onset, first.kind) is FrameState.PRESENT
    assert annotation.state_at(0, ExpressionKind.MACRO) is FrameState.ABSENT


def test_brief_small_expressions_on_a_calm_face_lift_the_logit_of_me():
    inside, outside = [], []
    for seed in range(60):
        drawn = draw_shape_sequence(only("calm"), np.random.default_rng(seed))
        known = np.zeros(len(drawn.times), bool)
        for e in drawn.expressions:
            known[e.onset : e.offset + 1] = True
            if e.interval.n_frames <= 0.4 * drawn.frame_rate:
                inside.append(drawn.logits[e.onset : e.offset + 1, 0].max())
        outside.append(np.median(drawn.logits[~known, 0]))
    assert np.median(inside) > np.median(outside) + 1.0


def test_the_logit_of_mae_tells_movement_and_echo_of_it():
    inside, outside, still = [], [], []
    for seed in range(60):
        drawn = draw_shape_sequence(only("apart"), np.random.default_rng(seed))
        known = np.zeros(len(drawn.times), bool)
        for e in drawn.expressions:
            known[e.onset : e.offset + 1] = True
        inside.append(drawn.logits[known, 1].mean())
        outside.append(drawn.logits[~known, 1].mean())
        quiet = draw_shape_sequence(
            only("still").without("head", "speech"), np.random.default_rng(seed)
        )
        still.append(np.median(quiet.logits[:, 1]))
    assert np.mean(inside) > np.mean(outside) + 1 > np.mean(still) + 1


@pytest.mark.parametrize("rate", [12.0, 29.97, 60.0, 240.0])
def test_any_frame_rate_can_be_drawn(rate):
    params = only("mixed", frame_rates=(rate,))
    drawn = draw_shape_sequence(params, np.random.default_rng(2))
    assert drawn.frame_rate == rate
    assert len(drawn.times) == round(20 * rate)
    assert float(drawn.annotation.frame_rate) == pytest.approx(rate, rel=1e-4)


@settings(max_examples=40)
@given(seconds=st.floats(0.01, 3), rate=st.sampled_from([12.0, 30.0, 240.0]), seed=SEEDS)
def test_very_short_sequences_are_drawn_too(seconds, rate, seed):
    params = DrawnShapeParams(length_s=(seconds, seconds), frame_rates=(rate,))
    drawn = draw_shape_sequence(params, np.random.default_rng(seed))
    assert len(drawn.times) == max(1, round(seconds * rate))
    assert np.isfinite(drawn.logits).all()
    assert np.abs(drawn.shape).max() < 200


@settings(max_examples=60)
@given(seed=SEEDS, onset=st.floats(-1, 9), length=st.floats(0.15, 8))
def test_a_course_rises_once_and_is_zero_outside(seed, onset, length):
    times = np.arange(300) / 30
    course = draw_course(times, (onset, onset + length), np.random.default_rng(seed))
    inside = (times >= onset) & (times <= onset + length)
    assert len(course.values) == inside.sum()
    assert onset < course.apex_s < onset + length
    assert ((course.values >= 0) & (course.values <= 1)).all()
    if len(course.values) > 2:
        signs = np.sign(np.diff(course.values))
        signs = signs[signs != 0]
        assert (np.diff(signs) <= 0).all()


def test_a_plateau_stays_at_one():
    course = plateau(np.arange(100) / 10, (2.0, 8.0), 1.0, 2.0)
    assert course.frames == slice(20, 81)
    assert np.allclose(course.values[10:41], 1)
    assert course.values[[0, -1]].tolist() == [0, 0]


@pytest.mark.parametrize("scale", [1, 3, 17, 90, 400])
def test_smooth_noise_is_as_slow_as_asked_and_of_unit_size(scale):
    noise = smooth_noise(np.random.default_rng(0), 20000, scale, 4)
    assert noise.std() == pytest.approx(1, abs=0.15)
    # Of noise under a Gaussian, values `2 * scale` apart agree by 1 / e.
    alike = (noise[2 * scale :] * noise[: -2 * scale]).mean()
    assert alike == pytest.approx(np.exp(-1), abs=0.2)
    few = [smooth_noise(np.random.default_rng(seed), 2, scale) for seed in range(200)]
    assert np.std(few) == pytest.approx(1, abs=0.2)
    assert np.abs(few).max() < 5


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"length_s": (0, 3)}, "above 0"),
        ({"frame_rates": ()}, "at least 1"),
        ({"frame_rates": (0.0,)}, "frame_rates"),
        ({"modes": dict.fromkeys(MODES, 0)}, "one mode or more"),
        ({"expressions": {"brief_share": 0.7, "held_share": 0.4}}, "<= 1"),
        ({"eyes": {"blinks_hz": (-1, 1)}}, "0 or above"),
        ({"chains": {"gap_s": (1, 0.5)}}, "from low to high"),
    ],
)
def test_parameters_that_make_no_sense_are_refused(values, message):
    with pytest.raises(ValueError, match=message):
        DrawnShapeParams(**values)


def test_parameters_survive_json():
    params = PARAMS.without("chains", "held", "head", "speech")
    assert DrawnShapeParams.model_validate_json(params.model_dump_json()) == params
