"""The files that a spotted video leaves behind."""

import hashlib
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from napari_mespot.batch.plot import draw_tracks
from napari_mespot.errors import AnnotationFormatError, OutputError
from napari_mespot.io import (
    atomic_write,
    read_table,
    result_facts,
    write_result_table,
    write_scores,
)
from napari_mespot.io.atomic import replace_together
from napari_mespot.io.result_table import is_result_table
from napari_mespot.model import Annotation, ReviewStatus
from napari_mespot.model.part_files import part_path
from napari_mespot.spotting.params import DetectionParams

if TYPE_CHECKING:
    from napari_mespot.spotting import SpottingResult

__all__ = ["check_untouched", "prepare_folder", "save_result"]


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


def check_untouched(folder: Path, name: str) -> None:
    """See that no table would be replaced but one that was left as this program wrote it.

    Whatever a person has made is kept: a review, a frame or a note typed into the table, a
    table that a spreadsheet saved again, one that cannot be read.

    Raises
    ------
    OutputError
        If there is such a table.
    """
    table = _table(folder, name)
    try:
        data = table.read_bytes()
    except FileNotFoundError:
        return
    except OSError as error:
        what = f"one that cannot be read ({error.strerror})"
    else:
        what = "" if result_facts(data) is not None else _holding(table)
    if not what:
        return
    raise OutputError(
        f"{table}: expected no table, or one that is still as mespot spot wrote it, got {what}; it "
        "is kept and nothing is written: move it, or choose another folder with --out"
    )


def save_result(
    result: "SpottingResult",
    folder: Path,
    name: str,
    *,
    detection: DetectionParams | None = None,
    labels: Annotation | None = None,
    made_from: Mapping[str, str] | None = None,
) -> tuple[Path, ...]:
    """Write the table of intervals, the score tracks and the plot of one video.

    All are written before the first takes its place, so that new results never lie beside old
    ones. Whether a person has changed the table is looked at again right before: spotting may
    have taken hours.

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
    made_from
        What the table says of video, checkpoint and settings.

    Returns
    -------
    tuple of Path
        The files written.

    Raises
    ------
    OutputError
        If one of them cannot be written, or the table is no longer ours; nothing is changed.
    """
    table, scores, plot = (
        _table(folder, name),
        folder / f"{name}.scores.csv",
        folder / f"{name}.png",
    )
    places = {part_path(path): path for path in (scores, plot, table)}
    part = {path: part for part, path in places.items()}
    if detection is None:
        del places[part[plot]]
    try:
        write_scores(part[scores], result.signal)
        digest = hashlib.sha256(part[scores].read_bytes()).hexdigest()
        facts = {**(made_from or {}), "scores": digest}
        write_result_table(part[table], [replace(result.annotation, video_id=name)], facts)
        if detection is not None:
            draw_tracks(part[plot], result, detection, title=name, labels=labels)
        check_untouched(folder, name)
        replace_together(places)
    finally:
        for path in places:
            path.unlink(missing_ok=True)
    return (table, scores) if detection is None else (table, scores, plot)


def _table(folder: Path, name: str) -> Path:
    return folder / f"{name}.intervals.csv"


def _holding(table: Path) -> str:
    """Say what a table holds that is not as we wrote it; nothing if it says nothing."""
    try:
        annotations = read_table(table, notice=lambda text: None)
    except AnnotationFormatError:
        return "one that was changed and cannot be read as a table of intervals"
    if any(
        a.reviewed or any(e.status is not ReviewStatus.PREDICTED for e in a.expressions)
        for a in annotations
    ):
        return "one that a person has reviewed"
    if any(a.expressions for a in annotations) or is_result_table(table.read_bytes()):
        return "one that was changed since, or that another version or program wrote"
    return ""
