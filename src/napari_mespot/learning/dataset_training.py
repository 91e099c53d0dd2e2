"""From a corpus and a recipe to a checkpoint: split by subject, train, stop, calibrate.

Everything that is chosen here, from weights to thresholds, is chosen on the corpus that is
handed in and on nothing else. Whoever tests a checkpoint hands in a corpus without the test
subject; see :mod:`napari_mespot.learning.loso`.
"""

import hashlib
import zlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from napari_mespot.errors import RecipeError
from napari_mespot.learning.batches import BatchRecipe, ClipBatches
from napari_mespot.learning.corpus import Corpus
from napari_mespot.learning.corpus_calibration import calibrated_on
from napari_mespot.learning.fitting import FitHistory, fit
from napari_mespot.learning.params import AugmentationParams
from napari_mespot.learning.recipe import DatasetRecipe
from napari_mespot.learning.run_folder import begin_run
from napari_mespot.learning.watching import Watch
from napari_mespot.model import ExpressionKind
from napari_mespot.network import Checkpoint, TwoStream3DCNN, describe
from napari_mespot.progress import ProgressCallback

__all__ = ["SubjectSplit", "Trained", "split_subjects", "train_on"]

_UNTOUCHED = AugmentationParams(photometric_probability=0, flip_probability=0, rotation_deg=0)
_SPLITS_TRIED = 50


@dataclass(frozen=True, slots=True)
class SubjectSplit:
    """Who is learned from, and who is watched to see when to stop."""

    training: tuple[str, ...]
    validation: tuple[str, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Trained:
    """A checkpoint and how it came about."""

    checkpoint: Checkpoint
    split: SubjectSplit
    history: FitHistory


def train_on(
    corpus: Corpus,
    recipe: DatasetRecipe,
    run_dir: Path,
    *,
    device: str = "cpu",
    progress: ProgressCallback | None = None,
) -> Trained:
    """Train and calibrate a network on the people of a corpus.

    A run found in `run_dir` goes on where it stopped if it is one of the same recipe and
    corpus; any other is begun anew.

    Parameters
    ----------
    corpus
        All that is learned from, validated on and used to choose thresholds.
    recipe
        Every number.
    run_dir
        Where ``log.csv``, ``validation.csv`` and the resumable state are kept.
    device
        ``"auto"``, ``"cpu"``, ``"cuda"`` or ``"mps"``.
    progress
        Told steps and frames; may raise :class:`~napari_mespot.progress.Cancelled`.

    Raises
    ------
    RecipeError
        If nothing is known of any frame.
    """
    split = split_subjects(corpus, recipe)
    training, validation = (corpus.of_subjects(s) for s in (split.training, split.validation))
    begin_run(run_dir, _fingerprint(corpus, recipe))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(recipe.training.seed)
        network = TwoStream3DCNN(recipe.network)
    history = fit(
        network,
        _batches(training, recipe),
        recipe.training,
        loss=recipe.loss,
        run_dir=run_dir,
        progress=progress,
        watch=_watch(validation, recipe),
        device=device,
    )
    plain = Checkpoint(
        network=network,
        name=recipe.name,
        align=recipe.align,
        contrast=recipe.contrast,
        clips=recipe.clips,
        spotting=recipe.spotting,
    )
    alone = recipe.validation.thresholds_on == "validation" and validation.videos
    checkpoint = calibrated_on(
        validation if alone else corpus,
        plain,
        recipe.calibration,
        device=device,
        progress=progress,
    )
    card = _card(checkpoint, corpus, split, history, recipe)
    return Trained(replace(checkpoint, card=card), split, history)


def split_subjects(corpus: Corpus, recipe: DatasetRecipe) -> SubjectSplit:
    """Choose validation subjects: by the seed, and so that both sides know both kinds if they can.

    Raises
    ------
    RecipeError
        If the corpus is empty.
    """
    people = list(corpus.subjects)
    if not people:
        raise RecipeError("expected people to learn from, got none; check the data set")
    n = recipe.validation.n_subjects(len(people))
    # The people themselves are part of the seed, so that not every fold watches the same ones.
    rng = np.random.default_rng([recipe.training.seed, zlib.crc32("\0".join(people).encode())])
    drawn = [rng.permutation(people).tolist() for _ in range(_SPLITS_TRIED if n else 1)]
    order = next((o for o in drawn if _know_both(corpus, o[:n], o[n:])), drawn[0])
    return SubjectSplit(tuple(sorted(order[n:])), tuple(sorted(order[:n])))


def _know_both(corpus: Corpus, *sides: list[str]) -> bool:
    """Whether every side has labels of every kind that the corpus has any of."""
    kinds = [kind for kind in ExpressionKind if corpus.count(kind)]
    return all(corpus.of_subjects(side).count(kind) for side in sides for kind in kinds)


def _batches(corpus: Corpus, recipe: DatasetRecipe) -> ClipBatches:
    try:
        return ClipBatches(corpus, BatchRecipe.of(recipe))
    except ValueError as error:
        raise RecipeError(
            f"{error}; check with mespot dataset check that the labels say where they were reviewed"
        ) from None


def _watch(validation: Corpus, recipe: DatasetRecipe) -> Watch | None:
    """Return who looks at the validation subjects: random skips as in training, nothing changed."""
    if not validation.videos:
        return None
    clips = replace(
        BatchRecipe.of(recipe), augmentation=_UNTOUCHED, seed=recipe.training.seed + 1_000_003
    )
    try:
        batches = ClipBatches(validation, clips)
    except ValueError:  # nobody has looked at these people's videos
        return None
    return Watch(batches, recipe.validation, recipe.loss)


def _card(
    checkpoint: Checkpoint,
    corpus: Corpus,
    split: SubjectSplit,
    history: FitHistory,
    recipe: DatasetRecipe,
) -> dict[str, Any]:
    size = describe(checkpoint.network, recipe.align.crop_px)
    lowest = min((loss for _, loss in history.looks), default=None)
    return {
        "training_data": f"{len(corpus.videos)} videos of {len(corpus.subjects)} people",
        "subjects": {"training": list(split.training), "validation": list(split.validation)},
        "labels": {kind.value: corpus.count(kind) for kind in ExpressionKind},
        "steps": len(history.losses),
        "best_step": history.best_step,
        "training_loss": round(history.mean_loss(50), 5),
        "validation_loss": None if lowest is None else round(lowest, 5),
        "parameters": size.parameters,
        "macs_per_frame": size.macs_per_frame,
        "torch": torch.__version__,
        "recipe": recipe.model_dump(mode="json"),
    }


def _fingerprint(corpus: Corpus, recipe: DatasetRecipe) -> str:
    """Return a digest of the recipe, the labels, and some frames of every video."""
    digest = hashlib.sha256(recipe.model_dump_json().encode())
    for video in corpus.videos:
        digest.update(repr((video.annotation, video.hard)).encode())
        for frame in {0, len(video.images) // 2, len(video.images) - 1}:
            digest.update(np.ascontiguousarray(video.images[frame]).tobytes())
    return digest.hexdigest()
