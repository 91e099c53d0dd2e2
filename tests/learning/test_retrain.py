"""Retraining on drawn people: what it does, what it refuses, what it says."""

import random
from dataclasses import replace

import numpy as np
import pytest
import torch
from tests.learning.corrected import QUICK, drawn, small_checkpoint

from napari_mespot.errors import CorrectionsError
from napari_mespot.learning import Corpus
from napari_mespot.learning.retrain import retrain
from napari_mespot.learning.retrain_candidates import (
    Candidate,
    Parts,
    best_candidate,
    refitted,
)
from napari_mespot.learning.retrain_learner import learner_of
from napari_mespot.learning.retrain_scores import own_calibration
from napari_mespot.learning.retrain_split import SplitUnit, split_corrections
from napari_mespot.model import ExpressionKind, Interval, ReviewStatus
from napari_mespot.network.lineage import checkpoint_digest
from napari_mespot.progress import Cancelled

ME, MAE = ExpressionKind.MICRO, ExpressionKind.MACRO


def relabelled(corpus, change):
    """Change every annotation."""
    return Corpus(tuple(replace(v, annotation=change(v.annotation)) for v in corpus.videos))


def weights(checkpoint):
    return torch.cat([t.flatten().float() for t in checkpoint.network.state_dict().values()])


@pytest.fixture(scope="module")
def outcome():
    return retrain(drawn(), small_checkpoint(), QUICK, name="new")


def test_both_ways_are_tried(outcome):
    assert outcome.stage in {"thresholds", "weights"}
    assert not any("too few to train" in note for note in outcome.notes)


def test_the_outcome_says_what_was_done(outcome):
    lineage = outcome.checkpoint.card["retrained"]
    assert outcome.checkpoint.name == "new"
    assert lineage["parent"]["name"] == outcome.parent == "small"
    assert lineage["parent"]["digest"] == checkpoint_digest(small_checkpoint())
    assert [d["video"] for d in lineage["data"]] == [v.annotation.video_id for v in drawn().videos]
    assert sum(d["ME"] for d in lineage["data"]) == drawn().count(ME)
    assert lineage["data"][0]["reviewed_s"] == 12.0
    assert lineage["seed"] == 0
    assert lineage["held_out_by"] == "subject"
    assert set(lineage["before"]) == set(lineage["after"]) == {"ME", "MaE"}
    assert outcome.notes[0].startswith(("use the new checkpoint", "keep the old checkpoint"))


def test_nothing_is_recommended_without_a_clear_gain(outcome):
    is_clear = outcome.gain.low > 0 and outcome.gain.n_units >= QUICK.least_units
    assert outcome.recommended == (is_clear and outcome.forgetting <= QUICK.largest_forgetting)


def test_the_old_checkpoint_is_left_alone():
    old = small_checkpoint()
    before = weights(old).clone()
    retrain(drawn(), old, QUICK)
    assert torch.equal(weights(old), before)
    assert "retrained" not in old.card


def test_the_same_seed_gives_the_same_checkpoint(outcome):
    torch.manual_seed(99)
    np.random.seed(99)  # noqa: NPY002 - the caller's state must not matter
    random.seed(99)
    again = retrain(drawn(), small_checkpoint(), QUICK, name="new")
    assert torch.equal(weights(again.checkpoint), weights(outcome.checkpoint))
    assert again.checkpoint.card == outcome.checkpoint.card


def test_three_images_per_stream_work_too():
    outcome = retrain(drawn(), small_checkpoint(both=True), QUICK)
    assert outcome.checkpoint.clips.reference == "both"


def test_what_it_recommends_and_measures_survives_a_file(outcome, tmp_path):
    from napari_mespot.network import load_checkpoint, save_checkpoint

    save_checkpoint(outcome.checkpoint, tmp_path / "new.safetensors")
    loaded = load_checkpoint(tmp_path / "new.safetensors")
    assert torch.equal(weights(loaded), weights(outcome.checkpoint))
    assert loaded.card["retrained"]["recommended"] == outcome.recommended


def test_cancelling_is_let_through():
    def stop(progress):
        if progress.stage == "training":
            raise Cancelled

    with pytest.raises(Cancelled):
        retrain(drawn(), small_checkpoint(), QUICK, stop)


def test_three_corrected_intervals_are_refused():
    def few(annotation):
        return replace(annotation, expressions=annotation.expressions[:1])

    some = Corpus(drawn().videos[:3])
    with pytest.raises(CorrectionsError, match=r"at least 10 confirmed expressions.*got 3 in 3"):
        retrain(relabelled(some, few), small_checkpoint(), QUICK)


def test_few_intervals_change_thresholds_alone():
    params = QUICK.model_copy(update={"least_for_weights": 1000})
    outcome = retrain(drawn(), small_checkpoint(), params)
    assert outcome.stage == "thresholds"
    assert outcome.forgetting == 0
    assert any("too few to train weights" in note for note in outcome.notes)
    mine = {k: v for k, v in outcome.checkpoint.network.state_dict().items() if k != "output.bias"}
    for name, tensor in small_checkpoint().network.state_dict().items():
        assert name == "output.bias" or torch.equal(mine[name], tensor)


def test_one_person_is_divided_by_video_and_told():
    corpus = relabelled(drawn(), lambda a: replace(a, subject_id="anna"))
    outcome = retrain(corpus, small_checkpoint(), QUICK)
    assert outcome.split is SplitUnit.VIDEO
    assert any("one person" in note and "optimistic" in note for note in outcome.notes)


def test_one_video_is_cut_in_time_and_told():
    first = drawn().videos[0]
    images = np.concatenate([v.images for v in drawn().videos])
    shifted = [
        replace(
            e,
            interval=Interval(e.onset + i * 360, e.offset + i * 360),
            apex=None if e.apex is None else e.apex + i * 360,
        )
        for i, v in enumerate(drawn().videos)
        for e in v.annotation.expressions
    ]
    annotation = replace(
        first.annotation,
        n_frames=len(images),
        expressions=tuple(shifted),
        reviewed=(Interval(0, len(images) - 1),),
    )
    corpus = Corpus((replace(first, images=images, annotation=annotation),))
    outcome = retrain(corpus, small_checkpoint(), QUICK)
    assert outcome.split is SplitUnit.STRETCH
    assert any("one video" in note and "optimistic" in note for note in outcome.notes)


def test_a_missing_kind_is_told_and_its_rules_stay():
    corpus = relabelled(drawn(), lambda a: replace(a, expressions=a.of_kind(MAE)))
    params = QUICK.model_copy(update={"least_expressions": 4})
    outcome = retrain(corpus, small_checkpoint(), params)
    assert any(note.startswith("no ME in the corrections") for note in outcome.notes)
    assert outcome.checkpoint.spotting.detection.me == small_checkpoint().spotting.detection.me


def test_predictions_that_nobody_settled_teach_nothing():
    def undecided(annotation):
        return replace(
            annotation,
            expressions=tuple(
                replace(e, status=ReviewStatus.PREDICTED) for e in annotation.expressions
            ),
        )

    with pytest.raises(CorrectionsError, match="got 0"):
        retrain(relabelled(drawn(), undecided), small_checkpoint(), QUICK)


def test_what_is_kept_aside_reaches_nothing_but_the_figures(outcome):
    """Of candidates, that is: the file that is written learns from everything."""
    _, _, outer = split_corrections(drawn(), QUICK)
    aside = set(outer.second.subjects)
    rng = np.random.default_rng(0)

    def spoilt(video):
        """Other pictures, and labels elsewhere; as many of each kind, so that parts stay."""
        if video.subject_id not in aside:
            return video
        shown = tuple(
            replace(e, interval=Interval(360 - 1 - e.offset, 360 - 1 - e.onset), apex=None)
            for e in video.annotation.expressions
        )
        annotation = replace(video.annotation, expressions=shown)
        images = rng.integers(0, 255, video.images.shape, dtype=np.uint8)
        return replace(video, images=images, annotation=annotation)

    def chosen(corpus):
        old = small_checkpoint()
        learner = learner_of(old, QUICK)
        parts = Parts(*split_corrections(corpus, QUICK), (), QUICK)
        logits = learner.logits(old, corpus)
        weights_too = best_candidate(old, logits, learner, parts, with_weights=True)
        alone = best_candidate(old, logits, learner, parts, with_weights=False)
        return weights_too, alone

    corpus = Corpus(tuple(spoilt(v) for v in drawn().videos))
    for one, other in zip(chosen(drawn()), chosen(corpus), strict=True):
        assert torch.equal(weights(one.checkpoint), weights(other.checkpoint))
        assert one.calibration == other.calibration
        assert (one.stage, one.checked_f1) == (other.stage, other.checked_f1)
    assert retrain(corpus, small_checkpoint(), QUICK).before != outcome.before


def test_the_file_has_learned_from_everything_and_says_so():
    old = small_checkpoint()
    params = QUICK.model_copy(update={"thresholds": (0.5,)})
    corpus = drawn()
    parts = Parts(*split_corrections(corpus, params), (), params)
    learner = learner_of(old, params)
    with_weights = Candidate("weights", old, {}, own_calibration(old), 1.0)
    written = refitted(with_weights, old, learner, corpus, parts)
    assert torch.equal(weights(written.checkpoint), weights(learner.train(corpus, Corpus(()))))
    assert not torch.equal(
        weights(written.checkpoint), weights(learner.train(parts.learned, Corpus(())))
    )
    assert set(written.logits) == {v.annotation.video_id for v in corpus.videos}


def test_what_was_changed_and_what_the_figures_are_of_is_told(outcome):
    changed = outcome.notes[1]
    assert changed.startswith("changed: ")
    assert ("weights of the network" in changed) == (outcome.stage == "weights")
    part = "24" if outcome.stage == "weights" else "48"
    assert outcome.notes[2].startswith(f"these figures are of what {part} of 72 reviewed seconds")
    assert list(outcome.notes) == outcome.checkpoint.card["retrained"]["notes"]
