"""The session file ``NAME.mespot``: one review with its scores, saved whole, with backups."""

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import InitVar, dataclass, replace
from pathlib import Path
from typing import Any

from napari_mespot.errors import AnnotationFormatError
from napari_mespot.gui.documents import (
    review_from_json,
    review_to_json,
    scores_from_json,
)
from napari_mespot.gui.keeping import duplicate
from napari_mespot.gui.review import Review
from napari_mespot.io import atomic_write
from napari_mespot.io.encoding import encoded
from napari_mespot.io.file_bytes import file_bytes
from napari_mespot.io.packed_scores import pack_scores
from napari_mespot.model import ScoreSignal
from napari_mespot.model.bounds import whole_number

__all__ = ["SESSION_SUFFIX", "SavedSession", "read_session", "write_session"]

SESSION_SUFFIX = ".mespot"
_FORMAT = "napari-mespot session"
_VERSION = 1
_BACKUPS = 5


@dataclass(frozen=True, slots=True)
class SavedSession:
    """What a session file holds.

    Parameters
    ----------
    review
        The work, with the scores of the network if there are any.
    video
        Where the video lay, relative to the session file if it is beside or below it.
    number
        Number of the last step of the journal that it holds.
    coder
        Who works on it.
    scores
        Put into `review`, for a caller who has them apart.
    """

    review: Review
    video: Path
    number: int = 0
    coder: str = ""
    scores: InitVar[ScoreSignal | None] = None

    def __post_init__(self, scores: ScoreSignal | None) -> None:
        if scores is not None:
            object.__setattr__(self, "review", replace(self.review, scores=scores))

    def find_video(self, session: Path) -> Path:
        """Return where the video lies, seen from the session file at `session`."""
        return session.parent / self.video


def write_session(path: Path, session: SavedSession) -> None:
    """Save a session, whole or not at all; the last five files are kept as ``.bak1`` … ``.bak5``.

    The backups move up only once the new file is whole on the disk, so that saves that fail, on
    a full disk for example, push none of them out.

    Raises
    ------
    OutputError
        If it cannot be written; the old file and all backups then stay as they were.
    """
    document = {
        "format": _FORMAT,
        "version": _VERSION,
        "path": _relative(session.video, path),
        "number": session.number,
        "checkpoint": session.review.checkpoint,
        "coder": session.coder,
        "review": review_to_json(session.review),
        "scores": None if session.review.scores is None else pack_scores(session.review.scores),
    }
    payload = encoded(json.dumps(document, ensure_ascii=False, indent=1))
    with atomic_write(path) as file:
        file.write(payload)
        file.flush()
        os.fsync(file.fileno())
        if path.is_file() and path.read_bytes() != payload:
            _rotate(path)


def read_session(path: Path) -> SavedSession:
    """Read a session.

    Raises
    ------
    AnnotationFormatError
        If the file is missing, damaged, or of a later version. The text says whether there is
        a backup to go back to.
    """
    try:
        document = json.loads(file_bytes(path).decode("utf-8", "surrogateescape"))
        return _parsed(document)
    except OSError as error:
        raise AnnotationFormatError(
            f"{path}: expected a session file, got: {error.strerror}; check the path"
        ) from None
    except (ValueError, RecursionError) as error:
        raise AnnotationFormatError(
            f"{path}: expected a session file, got: {error}; {_advice(path)}"
        ) from None


def _parsed(document: Mapping[str, Any]) -> SavedSession:
    if not isinstance(document, dict) or document.get("format") != _FORMAT:
        raise ValueError("a file of another kind")
    if document.get("version") != _VERSION:
        raise ValueError(f"version {document.get('version')}, made by a later napari-mespot")
    try:
        review = review_from_json(document["review"])
        scores = document["scores"]
        return SavedSession(
            review=replace(
                review,
                scores=None if scores is None else scores_from_json(scores, review.video_id),
                checkpoint=str(document["checkpoint"]),
            ),
            video=Path(document["path"]),
            number=whole_number(document["number"]),
            coder=str(document["coder"]),
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"damaged: {type(error).__name__} {error}") from None


def _relative(video: Path, session: Path) -> str:
    """Return the video's path so that a moved folder still works."""
    full, home = video.absolute(), session.parent.absolute()
    return full.relative_to(home).as_posix() if full.is_relative_to(home) else full.as_posix()


def _rotate(path: Path) -> None:
    """Keep the file as the newest backup and drop the oldest; the file itself stays in place.

    The newest backup is made before the others move, for a copy may fail on a full disk. What a
    save that failed later has kept already is not kept twice.
    """
    names = [path.with_name(f"{path.name}.bak{i}") for i in range(1, _BACKUPS + 1)]
    if names[0].is_file() and names[0].read_bytes() == path.read_bytes():
        return
    kept = path.with_name(f".{path.name}.bak.part")
    try:
        duplicate(path, kept)
        for newer, older in zip(names[-2::-1], names[:0:-1], strict=True):
            if newer.is_file():
                newer.replace(older)
        kept.replace(names[0])
    finally:
        with suppress(OSError):
            kept.unlink()


def _advice(path: Path) -> str:
    backup = path.with_name(f"{path.name}.bak1")
    if backup.is_file():
        return f"a backup lies beside it: {backup.name}"
    return "choose another file"
