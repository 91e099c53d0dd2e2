"""Nothing of a test subject reaches training, early stopping or the choice of thresholds.

The test subject is poisoned: other frames, other labels, or no files at all. What was trained
without that person must stay the same to the last byte. That these tests can fail is seen by
poisoning somebody who is learned from, or watched.
"""

import pickle
from dataclasses import replace

import pytest
from tests.fixtures.face_files import labelled_faces

from napari_mespot.errors import FrameReadError
from napari_mespot.learning import (
    AugmentationParams,
    CalibrationParams,
    KindCalibrationParams,
    TrainingParams,
)
from napari_mespot.learning.folds import LosoFold, loso_folds
from napari_mespot.learning.loso import run_fold
from napari_mespot.learning.params import ValidationParams
from napari_mespot.learning.recipe import DataParams, DatasetRecipe
from napari_mespot.model import Expression, ExpressionKind, Interval
from napari_mespot.network.params import NetworkParams


def _tried(cutoff_hz, shortest_s, longest_s):
    return KindCalibrationParams(
        cutoffs_hz=(cutoff_hz,),
        low_shares=(0.5,),
        merge_gaps_s=(0.1,),
        min_duration_s=shortest_s,
        max_duration_s=longest_s,
    )


RECIPE = DatasetRecipe(
    name="small",
    data=DataParams(),
    network=NetworkParams(channels=(4, 8, 8), stem_filters=4),
    augmentation=AugmentationParams(rotation_deg=0),
    training=TrainingParams(steps=8, batch_size=8, save_every_steps=4),
    validation=ValidationParams(subjects=1, every_steps=2, batches=1, patience=2),
    calibration=CalibrationParams(me=_tried(5.0, 0.1, 0.6), mae=_tried(1.5, 0.4, 4.0)),
)
PEOPLE = ("anna", "ben", "cleo", "dora")
TESTED = "ben"
WRONG = (
    Expression(Interval(0, 60), ExpressionKind.MICRO),
    Expression(Interval(70, 109), ExpressionKind.MACRO),
)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("faces")
    return [labelled_faces(folder, person) for person in PEOPLE]


@pytest.fixture(scope="module")
def clean(files, tmp_path_factory):
    return trained(files, tmp_path_factory.mktemp("clean"))


def fold_of(files, out) -> LosoFold:
    (fold,) = loso_folds(files, RECIPE, out, subjects=[TESTED])
    return fold


def trained(files, out):
    """Bytes of the checkpoint, what came of the fold, and its folder."""
    fold = fold_of(files, out)
    outcome = run_fold(fold)
    return (fold.folder / "checkpoint.safetensors").read_bytes(), outcome, fold.folder


def with_other(files, person, **changes):
    """The same files, with other frames or labels for one person."""
    folder = files[0].faces.folder
    return [
        labelled_faces(folder, person, **changes) if f.faces.subject_id == person else f
        for f in files
    ]


def test_frames_of_the_test_subject_reach_nothing_that_is_chosen(files, clean, tmp_path):
    checkpoint, outcome, _ = trained(with_other(files, TESTED, seed=99), tmp_path)
    assert checkpoint == clean[0]
    assert outcome.curves == clean[1].curves
    assert outcome.thresholds == clean[1].thresholds
    scores = (tmp_path / TESTED / f"{TESTED}_1.scores.csv").read_text()
    assert scores != (clean[2] / f"{TESTED}_1.scores.csv").read_text()


def test_labels_of_the_test_subject_are_no_part_of_the_fold(files, tmp_path):
    fold = fold_of(files, tmp_path)
    poisoned = fold_of(with_other(files, TESTED, expressions=WRONG), tmp_path)
    assert poisoned == fold
    assert pickle.dumps(poisoned) == pickle.dumps(fold)
    assert {f.annotation.subject_id for f in fold.training} == set(PEOPLE) - {TESTED}


def test_training_ends_before_the_test_subjects_files_are_opened(files, clean, tmp_path):
    fold = fold_of(files, tmp_path)
    nowhere = tuple(replace(file, folder=tmp_path / "gone") for file in fold.test)
    with pytest.raises(FrameReadError, match="aligned faces"):
        run_fold(replace(fold, test=nowhere))
    assert (fold.folder / "checkpoint.safetensors").read_bytes() == clean[0]


@pytest.mark.parametrize("person", [p for p in PEOPLE if p != TESTED])
def test_whoever_is_learned_from_does_reach_the_checkpoint(files, clean, tmp_path, person):
    frames, *_ = trained(with_other(files, person, seed=99), tmp_path / "frames")
    labels, *_ = trained(with_other(files, person, expressions=WRONG), tmp_path / "labels")
    assert frames != clean[0]
    assert labels != clean[0]


def test_whoever_is_watched_is_somebody_else(clean):
    watched = set(clean[1].validation)
    assert len(watched) == 1
    assert watched < set(PEOPLE) - {TESTED}


def test_a_fold_with_the_test_subject_among_the_others_cannot_be_made(files, tmp_path):
    fold = fold_of(files, tmp_path)
    with pytest.raises(ValueError, match="other people"):
        replace(fold, training=tuple(files))
    renamed = replace(fold.training[0].annotation, subject_id=TESTED)
    with pytest.raises(ValueError, match="other people"):
        replace(fold, training=(replace(fold.training[0], annotation=renamed),))
