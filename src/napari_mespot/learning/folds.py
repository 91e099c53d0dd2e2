"""Leave one subject out: each fold as a value that can travel to a worker.

A fold holds the labels of everybody but the subject it tests. What is not in the value cannot
be learned from.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from napari_mespot.errors import RecipeError
from napari_mespot.learning.dataset_faces import FaceFile, LabelledFile
from napari_mespot.learning.recipe import DatasetRecipe

__all__ = ["LosoFold", "loso_folds"]

_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,60}")


@dataclass(frozen=True)
class LosoFold:
    """Train on some people, spot in the videos of another.

    Parameters
    ----------
    subject
        Who is tested.
    training
        Faces and labels of everybody else.
    test
        Faces of the one who is tested, without labels.
    recipe
        Every number of the training.
    folder
        Where checkpoint, logs and predictions go.
    device
        Where the network is trained.

    Raises
    ------
    ValueError
        If the subject who is tested is among those learned from.
    """

    subject: str
    training: tuple[LabelledFile, ...]
    test: tuple[FaceFile, ...]
    recipe: DatasetRecipe
    folder: Path
    device: str = "cpu"

    def __post_init__(self) -> None:
        learned = {f.faces.subject_id for f in self.training}
        learned |= {f.annotation.subject_id for f in self.training}
        tested = {f.subject_id for f in self.test} | {self.subject}
        if learned & tested:
            raise ValueError(f"Expected other people than {sorted(tested)} in training")

    @property
    def key(self) -> str:
        """Name of the fold, fit for a file."""
        return self.folder.name


def loso_folds(
    files: Sequence[LabelledFile],
    recipe: DatasetRecipe,
    out: Path,
    *,
    subjects: Iterable[str] | None = None,
    device: str = "cpu",
) -> tuple[LosoFold, ...]:
    """Return one fold per subject.

    Parameters
    ----------
    files
        The whole data set.
    recipe
        Every number of the training.
    out
        Each fold has a folder in it, named after the subject.
    subjects
        Who is tested; None: everybody, in turn.
    device
        Where the network is trained.

    Raises
    ------
    RecipeError
        If there are fewer than two people, or one who is asked for is not there.
    """
    people = sorted({file.faces.subject_id for file in files})
    if len(people) < 2:
        raise RecipeError(
            f"expected at least two people to leave one out, got {len(people)}; "
            "check the data set, or train on all with mespot train"
        )
    wanted = people if subjects is None else list(dict.fromkeys(subjects))
    unknown = [subject for subject in wanted if subject not in people]
    if unknown:
        raise RecipeError(
            f"expected subjects of the data set ({', '.join(people)}), got {', '.join(unknown)}; "
            "check --subjects"
        )
    names = _folder_names(people)
    return tuple(
        LosoFold(
            subject,
            training=tuple(f for f in files if f.faces.subject_id != subject),
            test=tuple(f.faces for f in files if f.faces.subject_id == subject),
            recipe=recipe,
            folder=out / names[subject],
            device=device,
        )
        for subject in wanted
    )


def _folder_names(people: Sequence[str]) -> dict[str, str]:
    """Return a folder name for everybody: the subject's own, if a file can be called so."""
    lowered = [person.casefold() for person in people]

    def name(person: str) -> str:
        fits = _PLAIN.fullmatch(person) and not person.endswith(".")
        if fits and lowered.count(person.casefold()) == 1:
            return person
        digest = hashlib.sha256(person.encode("utf-8", "surrogatepass")).hexdigest()[:10]
        return f"{re.sub('[^A-Za-z0-9_-]+', '_', person)[:40]}-{digest}"

    return {person: name(person) for person in people}
