"""Retraining a checkpoint with a context network: what it learns from, and that it does."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tests.learning.corrected import QUICK, context_checkpoint, shaped

from napari_mespot.errors import CorrectionsError
from napari_mespot.evaluation import frame_figures
from napari_mespot.learning import Corpus
from napari_mespot.learning.context_recipe import ContextRecipe
from napari_mespot.learning.context_stretches import ContextStretch
from napari_mespot.learning.drawn_shape_params import DrawnShapeParams, ModeShares
from napari_mespot.learning.labelled_logits import score_video
from napari_mespot.learning.retrain import retrain
from napari_mespot.learning.retrain_context import ContextLearner, parts_around
from napari_mespot.learning.retrain_learner import learner_of
from napari_mespot.learning.retrain_params import ContextRetrainParams
from napari_mespot.learning.retrain_scores import own_calibration, scored
from napari_mespot.model import Expression, ExpressionKind, Interval, ReviewStatus
from napari_mespot.network.context_input import N_CHANNELS

MAE = ExpressionKind.MACRO
LONGER = QUICK.model_copy(
    update={
        "context": ContextRetrainParams(steps=60, batch_size=8, window_s=6.0, learning_rate=5e-3),
        "replay_videos": 4,
    }
)
NONE = Corpus(())


def state(network):
    return torch.cat([t.flatten().float() for t in network.state_dict().values()])


def auc(checkpoint, learner, corpus):
    videos = scored(corpus.videos, learner.logits(checkpoint, corpus), own_calibration(checkpoint))
    return frame_figures(videos, MAE).roc_auc


@pytest.fixture(scope="module")
def outcome():
    return retrain(shaped(), context_checkpoint(), QUICK, name="new")


def test_the_context_network_is_taught_and_the_streams_stay():
    old = context_checkpoint()
    learner = learner_of(old, LONGER)
    people = shaped().subjects
    learned, others = shaped().of_subjects(people[:2]), shaped().of_subjects(people[2:])
    trained = learner.train(learned, NONE)
    assert torch.equal(state(trained.network), state(old.network))
    assert not torch.equal(state(trained.context), state(old.context))
    assert auc(trained, learner, others) > max(0.9, auc(old, learner, others) + 0.1)


def test_statistics_of_the_norms_stay():
    old = context_checkpoint()
    trained = learner_of(old, QUICK).train(shaped(), NONE)
    for name, buffer in trained.context.named_buffers():
        assert torch.equal(buffer, dict(old.context.named_buffers())[name]), name


def test_logits_are_those_of_spotting_and_faces_are_looked_at_once():
    old, corpus = context_checkpoint(), Corpus(shaped().videos[:1])
    learner = ContextLearner(old, QUICK)
    (name,) = (v.annotation.video_id for v in corpus.videos)
    first = learner.logits(old, corpus)[name]
    np.testing.assert_allclose(first, score_video(old, corpus.videos[0]), atol=1e-5)
    blind = replace(corpus.videos[0], images=np.zeros_like(corpus.videos[0].images))
    again = learner.logits(old, Corpus((blind,)))[name]
    np.testing.assert_array_equal(first, again)


def test_the_outcome_is_whole_and_repeats(outcome):
    lineage = outcome.checkpoint.card["retrained"]
    assert lineage["stage"] == outcome.stage
    assert outcome.checkpoint.context is not None
    again = retrain(shaped(), context_checkpoint(), QUICK, name="new")
    assert again.checkpoint.card == outcome.checkpoint.card
    assert torch.equal(state(again.checkpoint.context), state(outcome.checkpoint.context))


def test_the_old_checkpoint_is_left_alone(outcome):
    old = context_checkpoint()
    before = state(old.context).clone(), state(old.network).clone()
    retrain(shaped(), old, QUICK)
    assert torch.equal(state(old.context), before[0])
    assert torch.equal(state(old.network), before[1])


def test_it_survives_a_file(outcome, tmp_path):
    from napari_mespot.network import load_checkpoint, save_checkpoint

    save_checkpoint(outcome.checkpoint, tmp_path / "new.safetensors")
    loaded = load_checkpoint(tmp_path / "new.safetensors")
    video = shaped().videos[0]
    np.testing.assert_allclose(
        score_video(loaded, video), score_video(outcome.checkpoint, video), atol=1e-5
    )


def test_new_thresholds_alone_change_no_weight_but_the_bias():
    params = QUICK.model_copy(update={"least_for_weights": 1000})
    new = retrain(shaped(), context_checkpoint(), params).checkpoint
    old = context_checkpoint()
    assert torch.equal(state(new.network), state(old.network))
    for name, tensor in new.context.state_dict().items():
        assert name.endswith("output.bias") or torch.equal(tensor, old.context.state_dict()[name])


def test_rejected_predictions_are_shown():
    rejected = Expression(Interval(100, 130), MAE, status=ReviewStatus.REJECTED)
    first = shaped().videos[0]
    marked = replace(first, annotation=replace(first.annotation, expressions=(rejected,)))
    trained = [
        learner_of(context_checkpoint(), QUICK).train(Corpus((video,)), NONE)
        for video in (marked, replace(marked, annotation=replace(first.annotation, expressions=())))
    ]
    assert not torch.equal(*(state(t.context) for t in trained))


def test_videos_without_a_shape_cannot_teach_and_say_so():
    bare = Corpus(tuple(replace(v, shape=None) for v in shaped().videos[:2]))
    with pytest.raises(CorrectionsError, match="shape of the face in reviewed ranges"):
        learner_of(context_checkpoint(), QUICK).train(bare, NONE)


def test_the_people_of_the_first_training_are_drawn_again():
    old = context_checkpoint()
    still = DrawnShapeParams(modes=ModeShares(apart=0, chain=0, talk=0, mixed=0, calm=0, still=1))
    recipe = ContextRecipe(name="still", streams="none", drawn=still)
    other = replace(old, card={"recipe": recipe.model_dump(mode="json")})
    counts = [
        sum(len(v.annotation.expressions) for v in learner_of(one, QUICK).drawn(one).videos)
        for one in (old, other)
    ]
    assert counts[0] > 0
    assert counts[1] == 0


@given(st.lists(st.booleans(), min_size=1, max_size=60), st.integers(0, 8))
def test_parts_hold_all_that_is_wanted_and_nothing_far_from_it(wanted, margin):
    wanted = np.array(wanted)
    n = len(wanted)
    shown = np.zeros((N_CHANNELS, n), np.float16)
    shown[0] = np.arange(n)
    stretch = ContextStretch(
        shown, np.zeros((2, n), np.float32), np.repeat(wanted[None], 2, axis=0)
    )
    parts = list(parts_around(stretch, wanted, margin))
    steps = [int(x) for part in parts for x in part.shown[0]]
    near = {i for i in range(n) if wanted[max(0, i - margin) : i + margin + 1].any()}
    assert set(steps) >= near
    assert set(np.flatnonzero(wanted)) <= set(steps)
    assert len(steps) == len(set(steps)), "no step is in two parts"
    assert all(wanted[max(0, i - margin) : i + margin + 1].any() for i in steps)
