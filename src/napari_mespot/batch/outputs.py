"""The files that a spotted video leaves behind."""

import os
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from napari_mespot.batch.plot import draw_tracks
from napari_mespot.errors import AnnotationFormatError, OutputError
from napari_mespot.io import atomic_write, read_table, write_scores, write_table
from napari_mespot.model import Annotation, ReviewStatus
from napari_mespot.spotting.params import DetectionParams

if TYPE_CHECKING:
    from napari_mespot.spotting import SpottingResult

__all__ = ["check_not_reviewed", "prepare_folder", "save_result"]


def prepare_folder(folder: Path) -> None:
    """Make the folder for the results, and see before a long run that it can be written to.

    Raises
    ------
    OutputError
        If it cannot be made or written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"{folder}: expected a folder for the results, got: {error.strerror}; "
            "choose another with --out"
        ) from None
    probe = folder / f".mespot-probe-{os.getpid()}"
    try:
        with atomic_write(probe) as file:
            file.write(b"room for results?")
    except OutputError as error:
        reason = error.__cause__.strerror if isinstance(error.__cause__, OSError) else error
        raise OutputError(
            f"{folder}: expected to write into this folder, got: {reason}; choose another with "
            "--out, or free space there and allow writing"
        ) from None
    finally:
        with suppress(OSError):
            probe.unlink()


def check_not_reviewed(folder: Path, name: str) -> None:
    """See that no table that a person has reviewed would be replaced.

    Raises
    ------
    OutputError
        If there is one.
    """
    table = _table(folder, name)
    if table.is_file() and _holds_review(table):
        raise OutputError(
            f"{table}: expected no table or one of predictions only, got one that a person has "
            "reviewed; move it, or choose another folder with --out"
        )


def save_result(
    result: "SpottingResult",
    folder: Path,
    name: str,
    *,
    detection: DetectionParams | None = None,
    labels: Annotation | None = None,
) -> tuple[Path, ...]:
    """Write the table of intervals, the score tracks and the plot of one video.

    Parameters
    ----------
    result
        What was found.
    folder
        Must exist.
    name
        Of the files, and of the video inside them.
    detection
        The rules that were used, for the thresholds in the plot; None: no plot.
    labels
        What is held to be true, for the plot.

    Returns
    -------
    tuple of Path
        The files written.

    Raises
    ------
    OutputError
        If one of them cannot be written.
    """
    table, scores, plot = (
        _table(folder, name),
        folder / f"{name}.scores.csv",
        folder / f"{name}.png",
    )
    write_table(table, [replace(result.annotation, video_id=name)])
    write_scores(scores, result.signal)
    if detection is None:
        return table, scores
    draw_tracks(plot, result, detection, title=name, labels=labels)
    return table, scores, plot


def _table(folder: Path, name: str) -> Path:
    return folder / f"{name}.intervals.csv"


def _holds_review(table: Path) -> bool:
    """Whether a person has looked at what the table holds."""
    try:
        annotations = read_table(table)
    except AnnotationFormatError:
        return False
    return any(
        a.reviewed or any(e.status is not ReviewStatus.PREDICTED for e in a.expressions)
        for a in annotations
    )
