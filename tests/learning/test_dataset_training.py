"""Training on a corpus: who is watched, what is kept, and what is begun anew."""

from dataclasses import replace

import numpy as np
import pytest
from tests.fixtures.face_files import labelled_faces
from tests.learning.test_leakage import RECIPE

from napari_mespot.errors import RecipeError
from napari_mespot.learning import Corpus, split_subjects, train_on
from napari_mespot.learning.calibration import Platt
from napari_mespot.learning.corpus_calibration import settled_scores
from napari_mespot.learning.dataset_faces import open_corpus
from napari_mespot.learning.folds import loso_folds
from napari_mespot.model import Expression, ExpressionKind, Interval
from napari_mespot.network import save_checkpoint
from napari_mespot.spotting import DetectionParams, SmoothingParams, find_expressions, smooth

ONLY_MAE = (Expression(Interval(50, 79), ExpressionKind.MACRO),)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("faces")
    return [labelled_faces(folder, person) for person in ("anna", "ben", "cleo", "dora")]


def with_(recipe, **changes):
    """The recipe with values of its tables changed."""
    parts = {k: getattr(recipe, k).model_copy(update=v) for k, v in changes.items()}
    return recipe.model_copy(update=parts)


def weights(trained, path):
    save_checkpoint(trained.checkpoint, path)
    return path.read_bytes()


def test_another_recipe_or_corpus_does_not_go_on_with_an_old_state(files, tmp_path):
    corpus = open_corpus(files)
    other = with_(RECIPE, training={"learning_rate": 0.02})
    expected = weights(train_on(corpus, other, tmp_path / "fresh"), tmp_path / "a.safetensors")
    train_on(corpus, RECIPE, tmp_path / "used")
    assert (tmp_path / "used" / "state.pt").is_file()
    again = train_on(corpus, other, tmp_path / "used")
    assert weights(again, tmp_path / "b.safetensors") == expected
    assert again.history.looks == train_on(corpus, other, tmp_path / "used").history.looks
    fewer = Corpus(corpus.videos[:3])
    expected = weights(train_on(fewer, other, tmp_path / "fewer"), tmp_path / "c.safetensors")
    assert (
        weights(train_on(fewer, other, tmp_path / "used"), tmp_path / "d.safetensors") == expected
    )


def test_a_kind_without_labels_keeps_the_rules_of_the_recipe(files, tmp_path):
    people = ("anna", "ben")
    folder = files[0].faces.folder
    corpus = open_corpus([labelled_faces(folder, p, expressions=ONLY_MAE) for p in people])
    trained = train_on(corpus, RECIPE, tmp_path)
    spotting = trained.checkpoint.spotting
    assert spotting.detection.me == RECIPE.spotting.detection.me
    assert trained.checkpoint.temperature[0] == 1.0
    assert spotting.detection.mae != RECIPE.spotting.detection.mae
    assert trained.checkpoint.card["labels"] == {"ME": 0, "MaE": 2}


def test_nothing_is_found_where_nobody_looked(files):
    """What is found there would count as a false alarm when thresholds are chosen."""
    (video,) = open_corpus(files[:1]).videos
    half = replace(video, annotation=replace(video.annotation, reviewed=(Interval(0, 84),)))
    logits = np.full((len(video.images), 2), 4.0)
    _, signal = settled_scores((half, logits), (Platt(), Platt()))
    assert np.flatnonzero(signal.found).tolist() == list(range(85))
    found = find_expressions(smooth(signal, SmoothingParams()), DetectionParams())
    assert found
    assert max(expression.offset for expression in found) == 84
    _, whole = settled_scores((video, logits), (Platt(), Platt()))
    assert whole.found.all()


def test_both_sides_know_both_kinds_if_they_can(files):
    folder = files[0].faces.folder
    without = [labelled_faces(folder, p, expressions=ONLY_MAE) for p in ("eve", "finn", "gus")]
    corpus = open_corpus([*files[:2], *without])
    for seed in range(8):
        split = split_subjects(corpus, with_(RECIPE, training={"seed": seed}))
        assert set(split.training) | set(split.validation) == set(corpus.subjects)
        assert not set(split.training) & set(split.validation)
        for side in (split.training, split.validation):
            assert corpus.of_subjects(side).count(ExpressionKind.MICRO) >= 1


def test_nobody_is_watched_if_told_so_or_alone(files, tmp_path):
    corpus = open_corpus(files[:2])
    none = with_(RECIPE, validation={"subjects": 0})
    trained = train_on(corpus, none, tmp_path)
    assert trained.split.validation == ()
    assert len(trained.history.losses) == RECIPE.training.steps
    assert trained.history.best_step is None
    assert split_subjects(open_corpus(files[:1]), RECIPE).validation == ()
    with pytest.raises(RecipeError, match="people"):
        train_on(Corpus(()), RECIPE, tmp_path)


def test_every_fold_has_a_folder_of_its_own(tmp_path):
    people = ("a b", "A", "a", "s15", "../up", "end.")
    files = [labelled_faces(tmp_path, p) for p in people]
    folds = loso_folds(files, RECIPE, tmp_path / "folds")
    keys = [fold.key.casefold() for fold in folds]
    assert len(set(keys)) == len(people)
    assert "s15" in keys
    assert all(fold.folder.parent == tmp_path / "folds" for fold in folds)
    with pytest.raises(RecipeError, match="zoe"):
        loso_folds(files, RECIPE, tmp_path, subjects=["zoe"])
