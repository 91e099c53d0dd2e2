"""Learning a face without labels: of what it is made, and that it is the same each time."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch
from tests.fixtures.face_clip import face_frame, write_video
from tests.fixtures.still_face import write_still_face
from tests.learning.corrected import context_checkpoint, small_checkpoint

from napari_mespot.errors import CheckpointError, NoFaceError, NoStillFaceError
from napari_mespot.face.choice import FaceChoice
from napari_mespot.frames import open_frames
from napari_mespot.learning import adapt_material
from napari_mespot.learning.adapt import adapt
from napari_mespot.learning.adapt_candidates import Taught, with_new_weights
from napari_mespot.learning.adapt_params import AdaptParams
from napari_mespot.learning.adapt_sides import divided
from napari_mespot.learning.adapt_watch import watch
from napari_mespot.learning.corpus import Corpus
from napari_mespot.learning.injection_clip import load_neutral_clip
from napari_mespot.learning.retrain_context import ContextLearner
from napari_mespot.learning.retrain_params import ContextRetrainParams, RetrainParams
from napari_mespot.model import ExpressionKind, Interval
from napari_mespot.network.lineage import checkpoint_digest

QUICK = AdaptParams(
    rendition_s=2.0,
    learned_renditions=1,
    judged_renditions=1,
    context=ContextRetrainParams(steps=2, batch_size=2, window_s=2.0),
    replay_videos=1,
    checked_drawn_videos=1,
    resamples=100,
)


def hard_of_hearing():
    """A network that finds nothing anywhere."""
    old = context_checkpoint()
    old.add_bias(-9.0, -9.0)
    return old


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    path = write_still_face(tmp_path_factory.mktemp("still") / "sitter.mp4")
    with open_frames(path) as source:
        return watch(source, hard_of_hearing(), QUICK, name="sitter")


@pytest.fixture(scope="module")
def run(parts):
    """The outcome of one run, and all stretches that renditions were made from, by group."""
    made = []
    load = adapt_material.load_neutral_clip

    def remembered(source, stretch, **more):
        made.append(stretch)
        return load(source, stretch, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(adapt_material, "load_neutral_clip", remembered)
        return adapt(parts, hard_of_hearing(), QUICK), made


def test_renditions_are_made_of_still_stretches_and_kept_ones_lie_apart(parts, run):
    learned, kept = divided(parts, QUICK)
    assert run[1] == [*learned.stills_of(0), *kept.stills_of(0)]
    for stretch in run[1]:
        assert any(still.intersection(stretch) == stretch for still in parts[0].stills)
    assert max(s.offset for s in learned.stills_of(0)) < min(s.onset for s in kept.stills_of(0))


def test_what_brings_nothing_is_not_kept_and_the_first_note_says_so(run):
    outcome = run[0]
    assert not outcome.is_better
    assert outcome.notes[0].startswith("keep the old checkpoint: ")
    assert outcome.checkpoint.name == outcome.parent == "seconds"
    assert checkpoint_digest(outcome.checkpoint) == checkpoint_digest(hard_of_hearing())
    assert set(outcome.before) == set(outcome.after) == set(ExpressionKind)


def test_where_the_face_never_rests_nothing_is_learned(parts):
    busy = [replace(parts[0], stills=())]
    with pytest.raises(NoStillFaceError, match=r"0\.0 s in 2 s of video"):
        adapt(busy, hard_of_hearing(), QUICK)


def test_no_face_and_no_context_network_are_refused(parts):
    with pytest.raises(NoFaceError, match="found none"):
        adapt([], hard_of_hearing(), QUICK)
    with pytest.raises(CheckpointError, match="begin with synthetic-v4"):
        adapt(parts, small_checkpoint(), QUICK)


def test_the_same_seed_gives_the_same_checkpoint(parts, monkeypatch):
    from napari_mespot.learning import adapt as module

    judge = module.compared

    def kind(*arguments):
        return replace(judge(*arguments), is_better=True, why="use the new checkpoint")

    monkeypatch.setattr(module, "compared", kind)
    first, again = (adapt(parts, hard_of_hearing(), QUICK, name="mine") for _ in range(2))
    other = adapt(parts, hard_of_hearing(), QUICK.model_copy(update={"seed": 1}), name="mine")
    assert first.is_better
    assert checkpoint_digest(first.checkpoint) == checkpoint_digest(again.checkpoint)
    assert checkpoint_digest(first.checkpoint) != checkpoint_digest(other.checkpoint)
    made = first.checkpoint.card["adapted"]
    assert made["videos"] == ["sitter.mp4"]
    assert made["parent"]["name"] == "seconds"
    assert made["changed"] == "weights"
    assert made["before"].keys() == made["after"].keys() == {"ME", "MaE"}
    assert any("no person has labelled anything" in note for note in made["notes"])
    old = hard_of_hearing()
    pairs = zip(old.network.parameters(), first.checkpoint.network.parameters(), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)


def test_a_long_video_is_watched_in_parts_spread_over_it(parts, tmp_path):
    few = QUICK.model_copy(update={"searched_s": 0.5})
    with open_frames(write_still_face(tmp_path / "long.mp4", 60)) as source:
        found = watch(source, hard_of_hearing(), few, name="long")
    assert sum(p.faces.n_frames for p in found) == 15
    assert all(np.isfinite(p.evidence.logits).all() for p in found)


def test_the_chosen_one_of_two_faces_is_learned(tmp_path):
    one = face_frame()
    rng = np.random.default_rng(2)
    noise = (rng.normal(0, 1.5, (one.shape[0], 2 * one.shape[1], 3)) for _ in range(40))
    both = np.concatenate([one, one[:, ::-1]], axis=1).astype(np.float32)
    frames = [np.clip(both + n, 0, 255).astype(np.uint8) for n in noise]
    path, middle = write_video(tmp_path / "two.mp4", frames), one.shape[1]
    for rule, is_right in (("left", False), ("right", True)):
        with open_frames(path) as source:
            (part,) = watch(source, hard_of_hearing(), QUICK, name="two", face=FaceChoice(rule))
            place = part.face_at(20)
            assert (place.x > middle) == is_right
            clip = load_neutral_clip(source, Interval(5, 30), choice=place)
            whole = source.read_luma(5)
        match = cv2.matchTemplate(whole, clip.frames[0], cv2.TM_SQDIFF)
        left = int(match.min(axis=0).argmin())
        assert (left + clip.frames.shape[2] / 2 > middle) == is_right


def test_own_expressions_alone_can_be_learned_from(parts):
    checkpoint = hard_of_hearing()
    learner = ContextLearner(checkpoint, RetrainParams(context=QUICK.context, replay_videos=1))
    walked = parts[0].untouched((Interval(0, 59),))
    taught = Taught(Corpus(()), Corpus((walked,)), Corpus(()))
    new = with_new_weights(checkpoint, learner, taught, QUICK, "mine")
    assert new.name == "mine"
    assert checkpoint_digest(new) != checkpoint_digest(checkpoint)
