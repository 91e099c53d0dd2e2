"""Small movements made of confirmed MaE: real frames, known times, used only where they may be."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from tests.fixtures.still_face import write_actor
from tests.learning.corrected import QUICK, context_checkpoint, drawn, shaped, small_checkpoint

from napari_mespot.face import AlignParams, FaceCache
from napari_mespot.learning import Corpus
from napari_mespot.learning.corrections import CorrectedVideo, Walk, load_corrections, walks_in
from napari_mespot.learning.retrain_learner import learner_of
from napari_mespot.learning.retrain_walks import walks_text
from napari_mespot.model import ExpressionKind, Interval, ReviewStatus

ME, MAE = ExpressionKind.MICRO, ExpressionKind.MACRO


@pytest.fixture(scope="module")
def actor(tmp_path_factory):
    """A still face that is moved twice, as a corrected video."""
    path, labels = write_actor(tmp_path_factory.mktemp("actor"))
    return CorrectedVideo(labels, path)


@pytest.fixture(scope="module")
def loaded(actor, tmp_path_factory):
    cache = FaceCache(tmp_path_factory.mktemp("cache"))
    return load_corrections([actor], AlignParams(), walked=True, cache=cache)


def test_confirmed_expressions_give_small_movements_with_known_times(actor, loaded):
    labels = {e.interval for e in actor.annotation.expressions}
    assert loaded.walks
    for walk in loaded.walks:
        assert (walk.video_id, walk.label in labels) == ("actor", True)
        truth = walk.faces.annotation
        assert truth.of_kind(ME)
        assert truth.reviewed == (Interval(0, len(walk.faces.images) - 1),)
        assert walk.faces.found.all()
        assert truth.video_id != "actor"
    # The skin does move at those times, and rests otherwise.
    faces = loaded.walks[0].faces
    images = np.asarray(faces.images, np.float32)
    away = np.abs(images - np.median(images, axis=0)).mean(axis=(1, 2))
    shown = faces.targets()[0].any(axis=1)
    assert np.median(away[shown]) > np.median(away[~shown])
    assert "small movements to learn from were made of" in loaded.notes[-1]


@pytest.mark.parametrize("status", [ReviewStatus.REJECTED, ReviewStatus.PREDICTED])
def test_what_nobody_confirmed_gives_none_and_that_is_said(actor, tmp_path, status):
    labels = tuple(replace(e, status=status) for e in actor.annotation.expressions)
    other = replace(actor, annotation=replace(actor.annotation, expressions=labels))
    found = load_corrections([other], AlignParams(), walked=True, cache=FaceCache(tmp_path))
    assert found.walks == ()
    assert found.notes == (walks_text(()),)
    assert "no confirmed MaE begins from a still face" in found.notes[0]


def test_unless_asked_for_nothing_is_made_or_said(actor, tmp_path):
    found = load_corrections([actor], AlignParams(), cache=FaceCache(tmp_path))
    assert (found.walks, found.notes) == ((), ())


def test_walks_of_what_is_kept_aside_are_kept_aside():
    one, other = drawn().videos[:2]
    first, last = (v.annotation.expressions[0].interval for v in (one, other))
    walks = (
        Walk(drawn().videos[2], one.annotation.video_id, first),
        Walk(drawn().videos[3], other.annotation.video_id, last),
    )
    assert walks_in(walks, Corpus((one,))).videos == (drawn().videos[2],)
    cut = replace(one, annotation=replace(one.annotation, expressions=()))
    assert walks_in(walks, Corpus((cut,))).videos == ()


@pytest.mark.parametrize("seconds", [False, True])
def test_either_learner_learns_from_them_by_their_share(seconds):
    checkpoint = context_checkpoint() if seconds else small_checkpoint()
    videos = (shaped() if seconds else drawn()).videos
    learned, walked = Corpus(videos[:2]), Corpus(videos[2:3])

    def taught(share, walks):
        params = QUICK.model_copy(update={"walk_share": share})
        trained = learner_of(checkpoint, params).train(learned, walks)
        network = trained.context if seconds else trained.network
        return torch.cat([t.flatten().float() for t in network.state_dict().values()])

    without = taught(0.5, Corpus(()))
    assert torch.equal(without, taught(0.0, Corpus(())))
    assert torch.equal(without, taught(0.0, walked))
    assert not torch.equal(without, taught(0.5, walked))
