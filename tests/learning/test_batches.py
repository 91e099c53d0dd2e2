from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from napari_mespot.clips import ClipParams
from napari_mespot.learning import (
    AugmentationParams,
    BatchRecipe,
    ClipBatches,
    Corpus,
    LabelledFaces,
    Range,
    SamplingParams,
    SequenceParams,
    draw_corpus,
    draw_sequence,
)
from napari_mespot.learning.timeline import Stretch, draw_scene, sequence_expressions
from napari_mespot.model import Annotation, Expression, ExpressionKind, Interval, ReviewStatus

N = 200
WHOLE = (Interval(0, N - 1),)
UNTOUCHED = AugmentationParams(photometric_probability=0, flip_probability=0, rotation_deg=0)


def video(*expressions, reviewed=WHOLE, **changes):
    """Frames that can be told apart; ME at 20..29, MaE at 60..109 unless told otherwise."""
    shown = expressions or (
        Expression(Interval(20, 29), ExpressionKind.MICRO),
        Expression(Interval(60, 109), ExpressionKind.MACRO),
    )
    images = np.random.default_rng(0).integers(0, 256, (N, 24, 24), dtype=np.uint8)
    annotation = Annotation("film", N, Fraction(30), shown, reviewed, "s1")
    return LabelledFaces(images, annotation, **changes)


def recipe(**changes):
    return BatchRecipe(ClipParams(), augmentation=UNTOUCHED, batch_size=64, seed=7, **changes)


def test_a_batch_has_two_streams_of_a_frame_and_its_reference_frame():
    clips, targets, known = ClipBatches(Corpus((video(),)), recipe())[0]
    assert clips.shape == (64, 2, 2, 24, 24)
    assert clips.dtype == torch.float32
    assert targets.shape == known.shape == (64, 2)
    assert torch.equal(clips[:, 0, 1], clips[:, 1, 1])  # both streams end in the same frame


def test_a_batch_can_have_a_reference_frame_on_either_side():
    both = replace(recipe(), clips=ClipParams(reference="both"))
    clips, _, _ = ClipBatches(Corpus((video(),)), both)[0]
    assert clips.shape == (64, 2, 3, 24, 24)
    assert torch.equal(clips[:, 0, 1], clips[:, 1, 1])


def test_a_batch_depends_on_seed_and_step_alone():
    batches = ClipBatches(Corpus((video(),)), recipe())
    first = batches[3]
    batches[9]
    assert all(torch.equal(a, b) for a, b in zip(first, batches[3], strict=True))
    assert not torch.equal(first[0], batches[4][0])
    other = ClipBatches(Corpus((video(),)), replace(recipe(), seed=8))
    assert not torch.equal(first[0], other[3][0])


def shares(batches):
    targets = torch.cat([batches[step][1] for step in range(20)])
    return targets.mean(dim=0).tolist()


def test_each_kind_has_its_share_of_a_balanced_batch():
    me, mae = shares(ClipBatches(Corpus((video(),)), recipe()))
    assert me == pytest.approx(0.3, abs=0.06)
    assert mae == pytest.approx(0.3, abs=0.06)


def test_frames_come_as_they_are_if_not_balanced():
    plain = recipe(sampling=SamplingParams(balanced=False))
    me, mae = shares(ClipBatches(Corpus((video(),)), plain))
    assert me == pytest.approx(10 / N, abs=0.03)
    assert mae == pytest.approx(50 / N, abs=0.05)


def test_skips_vary_unless_they_are_told_not_to():
    same = video()
    same.images[:] = same.images[:1]
    same.images[:, 0] = np.arange(N, dtype=np.uint8)[:, np.newaxis]  # only a stamp differs

    def spread(sampling):
        clips, _, _ = ClipBatches(Corpus((same,)), recipe(sampling=sampling))[0]
        change = (clips[:, 0, 1, 0] - clips[:, 0, 0, 0]).abs().mean(dim=1)
        return float(change.std())

    assert spread(SamplingParams()) > 1.5 * spread(SamplingParams(random_skips=False))


@given(st.integers(0, 5))
def test_what_nobody_looked_at_is_never_drawn(step):
    undecided = Expression(Interval(70, 80), ExpressionKind.MICRO, status=ReviewStatus.PREDICTED)
    seen = video(undecided, reviewed=(Interval(50, 99),))
    seen.images[:50] = seen.images[100:] = 255
    only = replace(
        recipe(),
        clips=ClipParams(skip_me_s=1 / 30, random_skip_me={"low_s": 1 / 30, "high_s": 1 / 30}),
    )
    clips, targets, known = ClipBatches(Corpus((seen,)), only)[step]
    assert clips[:, 0, 1].std(dim=(1, 2)).min() > 0.1  # the white frames have no contrast
    assert not targets.any()
    assert known.any(dim=1).all()


def test_rejected_predictions_and_named_stretches_are_hard_negatives():
    rejected = Expression(Interval(5, 9), ExpressionKind.MICRO, status=ReviewStatus.REJECTED)
    seen = video(rejected, hard=(Interval(100, 104),))
    hard = np.flatnonzero(seen.hard_frames()).tolist()
    assert hard == [*range(5, 10), *range(100, 105)]
    often = recipe(sampling=SamplingParams(share_me=0, share_mae=0, share_hard=1))
    seen.images[hard] = 0
    clips, targets, _ = ClipBatches(Corpus((seen,)), often)[0]
    assert not clips[:, 0, 1].any()  # every frame drawn is one of them
    assert not targets.any()


def test_nothing_known_is_told():
    with pytest.raises(ValueError, match="something is known"):
        ClipBatches(
            Corpus(
                (
                    video(
                        Expression(
                            Interval(1, 2), ExpressionKind.MICRO, status=ReviewStatus.PREDICTED
                        ),
                        reviewed=(),
                    ),
                )
            ),
            recipe(),
        )


def test_a_corpus_is_split_by_subject():
    a, b = video(), LabelledFaces(video().images, replace(video().annotation, subject_id="s2"))
    corpus = Corpus((a, b))
    assert corpus.subjects == ("s1", "s2")
    assert corpus.without_subjects(["s1"]).videos == (b,)
    assert (corpus.of_subjects(["s1"]) + corpus.of_subjects(["s2"])).videos == (a, b)
    assert corpus.count(ExpressionKind.MACRO) == 2


def test_labels_of_another_length_are_refused():
    with pytest.raises(ValueError, match="200 frames"):
        LabelledFaces(video().images, replace(video().annotation, n_frames=300))


def test_a_scene_looks_the_same_whatever_frames_are_asked_for(repertoire, small_params):
    rng = np.random.default_rng(2)
    shown = sequence_expressions(small_params, rng, 30, 120, Range(low=0.1, high=0.5))
    scene = draw_scene(repertoire, shown, small_params, rng, Stretch(30, 0, 119))
    frames = np.arange(120)
    for movement in scene.movements:
        assert np.allclose(movement.course(frames)[::7], movement.course(frames[::7]))


def test_a_drawn_corpus_has_other_people_for_another_seed(small_params):
    params = SequenceParams(
        faces=2, fields=10, frame_rates=(30,), sequences=3, duration_s=1, neutral_share=1.0
    )
    corpus = draw_corpus(small_params, params)
    assert len(corpus.videos) == 3
    assert not any(v.annotation.expressions for v in corpus.videos)
    other = draw_corpus(small_params, params.model_copy(update={"seed": 5}))
    assert not np.array_equal(corpus.videos[0].images, other.videos[0].images)


@pytest.mark.parametrize("rate", [30, 200])
def test_a_sequence_says_where_its_expressions_are(repertoire, small_params, rate):
    params = SequenceParams(duration_s=6, gap_s=Range(low=0.3, high=0.6))
    drawn = draw_sequence(repertoire, small_params, params, np.random.default_rng(5), rate)
    assert drawn.images.shape == (6 * rate, 112, 112)
    assert drawn.annotation.n_frames == 6 * rate
    assert drawn.frame_rate == rate
    assert len(drawn.annotation.expressions) >= 2
    for shown in drawn.annotation.expressions:
        short = shown.interval.n_frames / rate <= 0.5
        assert (
            short == (shown.kind is ExpressionKind.MICRO) or shown.interval.n_frames <= 0.52 * rate
        )
