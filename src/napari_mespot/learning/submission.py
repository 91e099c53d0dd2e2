"""Submissions to the MEGC challenge: train on one set, spot an unseen one (paper, section 4.2)."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal

from napari_mespot.io.megc import write_megc
from napari_mespot.learning.dataset_faces import FaceFile
from napari_mespot.model import Annotation

__all__ = ["TestPart", "part_of", "videos_of", "write_submission"]

TestPart = Literal["samm", "cas", "all"]

_SAMM = re.compile(r"\d{3}_\d{1,2}")
_FILES: dict[TestPart, str] = {"samm": "samm_pred.csv", "cas": "cas_pred.csv"}


def part_of(video_id: str) -> TestPart:
    """Return which part of the test set a video belongs to: ``001_2`` to SAMM, others to CAS."""
    return "samm" if _SAMM.fullmatch(video_id) else "cas"


def videos_of(files: Sequence[FaceFile], part: TestPart) -> tuple[FaceFile, ...]:
    """Return the videos that a network of a submission spots."""
    return tuple(f for f in files if part in {"all", part_of(f.video_id)})


def write_submission(
    out: Path, hypotheses: Iterable[Annotation], year: int = 2022
) -> tuple[Path, ...]:
    """Write ``samm_pred.csv`` and ``cas_pred.csv``, each if there are videos of its part.

    Parameters
    ----------
    out
        The folder.
    hypotheses
        What was spotted, one annotation per video.
    year
        Of the challenge, 2022 or 2023: the columns are called otherwise.

    Returns
    -------
    tuple of Path
        The files written.

    Raises
    ------
    OutputError
        If a file cannot be written.
    """
    found = tuple(hypotheses)
    written = []
    for part, name in _FILES.items():
        own = [annotation for annotation in found if part_of(annotation.video_id) == part]
        if own:
            write_megc(out / name, own, year)
            written.append(out / name)
    return tuple(written)
